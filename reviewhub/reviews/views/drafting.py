"""The drafted letter in the form of a decision: what is in the box, and what is shown beside it.

Nothing that an editor typed is ever replaced without being shown once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wtforms import Field

from reviewhub.reviews.letters import Draft

LOOK, REPLACE = "look", "replace"  # show a fresh draft; put it in the place of the text


@dataclass
class LetterDesk:
    """What a page shows of a letter. `names` are for the desk alone."""

    draft: Draft
    names: Mapping[int, str]
    asked: str = ""
    wants_second: bool = False
    seconds: int = 0
    fresh: str = ""  # a new draft, where the box holds an editor's own text
    before: str = ""  # the text whose place the draft has taken

    @property
    def only_drafts(self) -> bool:
        """Whether this request asks for a draft and decides nothing."""
        return self.asked in {LOOK, REPLACE}

    def fill(self, box: Field, *, is_sent: bool) -> None:
        """Put the draft in the box where nobody has written anything else."""
        written = box.data or ""
        if not is_sent or (self.only_drafts and not written.strip()):
            box.data = self.draft.text
        elif self.asked == REPLACE:
            self.before = written if written != self.draft.text else ""
            box.data = self.draft.text
        elif self.asked == LOOK and written != self.draft.text:
            self.fresh = self.draft.text
