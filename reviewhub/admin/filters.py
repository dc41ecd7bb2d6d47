"""What the desk's list is asked for: all of it is in the address, to be shared and kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.core.text import clean_line
from reviewhub.submissions.workflow import OPEN, State
from reviewhub.taxonomy.catalogue import Catalogue

# A draft is its author's alone until it is sent.
SHOWN = tuple(state for state in State if state is not State.DRAFT)
LONGEST_TEXT = 200
_REF = re.compile(r"RH-[0-9-]*", re.IGNORECASE)


class Whose(StrEnum):
    """Whose items the list shows."""

    ACTION = "action"
    MINE = "mine"
    UNOWNED = "unowned"
    ALL = "all"


class Sort(StrEnum):
    """What comes first."""

    DUE = "due"  # the earliest date
    SINCE = "since"  # the longest in its present state
    NEWEST = "newest"  # the latest number


@dataclass(frozen=True)
class Filter:
    """What an address asks for; every combination is a link."""

    whose: Whose = Whose.ALL
    state: State | None = None
    overdue: bool = False
    topic_id: int | None = None
    text: str = ""
    sort: Sort = Sort.DUE
    topic_code: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any], actor: Actor, hub: Catalogue) -> Self:
        """The filter in an address; whatever it does not understand is left out.

        Without any, an editor sees what needs them.
        """
        state = next((state for state in SHOWN if state == given.get("state")), None)
        text = clean_line(given.get("q", ""))[:LONGEST_TEXT]
        overdue = given.get("due") == "overdue"
        topic = hub.find("topics", given.get("topic", ""))
        whose = next((whose for whose in Whose if whose == given.get("whose")), None)
        if whose is None:
            chosen = state is not None or topic is not None or overdue or bool(text)
            whose = Whose.ALL if chosen or not actor.has(Role.EDITOR) else Whose.ACTION
        sort = next((sort for sort in Sort if sort == given.get("sort")), Sort.DUE)
        code = topic.code if topic else ""
        return cls(whose, state, overdue, topic.id if topic else None, text, sort, code)

    @property
    def is_closed(self) -> bool:
        """Whether the list is of items that are done with."""
        return self.state is not None and self.state not in OPEN

    @property
    def order(self) -> Sort:
        """What comes first: nothing is due any more where all is closed, nor in a search."""
        return Sort.NEWEST if self.is_closed or self.text else self.sort

    @property
    def may_sort(self) -> bool:
        """Whether another order makes sense."""
        return not self.is_closed and not self.text

    @property
    def is_plain(self) -> bool:
        """Whether nothing narrows the list but whose it is."""
        return not (self.state or self.overdue or self.topic_code or self.text)

    @property
    def ref(self) -> str:
        """The reference that is searched for, or its beginning; empty where words are."""
        return self.text.upper() if _REF.fullmatch(self.text) else ""

    @property
    def parts(self) -> dict[str, str]:
        """The address's query, part by part, without what it would be anyhow."""
        parts = {
            "whose": self.whose, "state": self.state, "due": "overdue" if self.overdue else "",
            "topic": self.topic_code, "q": self.text,
            "sort": self.sort if self.sort is not Sort.DUE else "",
        }  # fmt: skip
        return {name: str(value) for name, value in parts.items() if value}

    @property
    def query(self) -> str:
        """The address's query as it is written: the same filter has the same one."""
        return urlencode(self.parts)

    def but(self, **changes: Any) -> str:
        """The query of the same filter with something changed."""
        return replace(self, **changes).query
