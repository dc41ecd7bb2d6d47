"""What goes to a submitter with an editor's words: the sources of lines, and what reviewers wrote.

A row says which reviewers stand behind which line, by number alone, and holds of their own words
what an editor released. Names stand here only where the policy shows all identities.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.submissions.models import Decision


class Letter(Model):
    """What went with the text of one decision, or of one wish for changes (without a decision).

    `sources` is line number to reviewers' numbers; `released` has number and text of each comment;
    `people` is number to person, and empty unless all identities are visible.
    """

    __tablename__ = "letters"
    __table_args__ = (sa.UniqueConstraint("decision_id", name="uq_letters_decision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"))
    sources: Mapped[dict[str, Any]] = mapped_column(default=dict)
    released: Mapped[list[Any]] = mapped_column(default=list)
    people: Mapped[dict[str, Any]] = mapped_column(default=dict)
    written_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    written_at: Mapped[datetime] = mapped_column(default=clock.now)


@dataclass(frozen=True)
class Voice:
    """One reviewer in a letter: a number, a name where names are shown, and what was released."""

    number: int
    name: str = ""
    text: str = ""


@dataclass(frozen=True)
class LetterView:
    """A letter as its reader gets it: lines with the numbers behind them, and the voices."""

    lines: tuple[tuple[str, tuple[int, ...]], ...]
    voices: tuple[Voice, ...]

    @property
    def names(self) -> list[str]:
        """The reviewers' names, where the policy shows them."""
        return [voice.name for voice in self.voices if voice.name]


def letter_of(decision: Decision) -> Letter | None:
    """What went with a decision, if anything did."""
    return db.session.scalar(sa.select(Letter).where(Letter.decision_id == decision.id))


def letter_for_changes(submission_id: int) -> Letter | None:
    """What went with the latest wish for changes."""
    return db.session.scalar(
        sa.select(Letter)
        .where(Letter.submission_id == submission_id, Letter.decision_id.is_(None))
        .order_by(Letter.id.desc())
        .limit(1)
    )


def view_of(text: str, letter: Letter | None) -> LetterView:
    """The text line by line, with what the letter says of it."""
    sources = letter.sources if letter else {}
    lines = tuple(
        (line, tuple(sources.get(str(place), ())))
        for place, line in enumerate(text.splitlines())
        if line.strip()
    )
    return LetterView(lines, voices_of(letter, cited={n for _line, ns in lines for n in ns}))


def voices_of(letter: Letter | None, *, cited: set[int] | None = None) -> tuple[Voice, ...]:
    """Whoever speaks in a letter or stands behind a line of it, by number."""
    if letter is None:
        return ()
    texts = {one["number"]: one["text"] for one in letter.released}
    people = {int(number): person_id for number, person_id in letter.people.items()}
    names = _names(people)
    numbers = sorted({*texts, *people, *(cited or ())})
    return tuple(Voice(n, names.get(n, ""), texts.get(n, "")) for n in numbers)


def _names(people: Mapping[int, int]) -> dict[int, str]:
    if not people:
        return {}
    found = db.session.scalars(sa.select(Person).where(Person.id.in_(people.values())))
    by_id = {person.id: person.name for person in found}  # an address is no name
    return {number: by_id.get(person_id, "") for number, person_id in people.items()}
