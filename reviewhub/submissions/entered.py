"""What an editor entered for somebody who had written it in a mail: who, for whom, received when.

The row stands beside what was entered, whatever that is: an answer to a question, to an
invitation, or a whole review. The person is told, and can correct it.
"""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from reviewhub.accounts.models import Person
from reviewhub.audit.operations import Recorded
from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _

LONGEST_AGO = 366  # days that a mail may have waited to be entered


class EnteredFor(Model):
    """One entry: the verb of `object_type` and `object_id`, made for a person by another one."""

    __tablename__ = "entered_for"
    __table_args__ = (
        sa.CheckConstraint("entered_by_id <> person_id", name="for_somebody_else"),
        sa.Index("ix_entered_for_object", "object_type", "object_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(sa.String(40))
    object_id: Mapped[int]
    verb: Mapped[str] = mapped_column(sa.String(20))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    received_on: Mapped[date]
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)
    corrected_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    entered_by: Mapped[Person] = relationship(foreign_keys=[entered_by_id], lazy="raise_on_sql")


def enter_for(
    about: Recorded, verb: str, *, person_id: int, by_id: int, received_on: date
) -> EnteredFor:
    """Keep who entered it, for whom, and when it had come. Raises InvalidInput for the date."""
    age = (clock.today() - received_on).days
    if not 0 <= age <= LONGEST_AGO:
        raise InvalidInput(
            _("Please give the day on which it came: today, or within the last year."),
            field="received_on",
        )
    entry = EnteredFor(
        object_type=about.__tablename__, object_id=about.id, verb=verb, person_id=person_id,
        entered_by_id=by_id, received_on=received_on,
    )  # fmt: skip
    db.session.add(entry)
    db.session.flush()
    return entry


def last_entry(about: Recorded) -> EnteredFor | None:
    """The newest entry about this, unless its person has put it right since."""
    found = entries_about(about.__tablename__, [about.id]).get(about.id)
    return found if found is not None and found.corrected_at is None else None


def entries_about(object_type: str, object_ids: Collection[int]) -> dict[int, EnteredFor]:
    """The newest entry about each of these, with its two people."""
    rows = db.session.scalars(
        sa.select(EnteredFor)
        .where(EnteredFor.object_type == object_type, EnteredFor.object_id.in_(object_ids))
        .options(joinedload(EnteredFor.person), joinedload(EnteredFor.entered_by))
        .order_by(EnteredFor.id)
    )
    return {row.object_id: row for row in rows}
