"""Two rows for one person: what would move, what stands in the way, and making them one.

The old account stays as a closed row, so that its address leads to the one that is kept, and no
later mail makes the same person twice. It can't be undone: afterwards nobody can say which of the
two something came from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import DeclaredConflict, Link, Person
from reviewhub.accounts.operations import note_affiliation
from reviewhub.accounts.roles import LABELS
from reviewhub.admin import emails
from reviewhub.admin.people import clashes
from reviewhub.admin.people.holdings import HOLDINGS, Merge, column_of
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db, in_savepoint, locked
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _l
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import ON_THE_WAY, RESENDABLE, UNSENT

# What a preview counts by itself; everything else is a trace in records that stay.
COUNTED = {
    "submissions.submitter_id": _l("Suggestions"),
    "assignments.person_id": _l("Reviews and invitations"),
    "roster_applications.person_id": _l("Applications to the roster"),
    "roster_memberships.person_id": _l("Membership of the roster"),
    "roster_invitations.person_id": _l("Invitations to the roster"),
    "identities.person_id": _l("Ways to sign in from elsewhere"),
    "declared_conflicts.person_id": _l("Declared conflicts"),
    "notices.person_id": _l("Notices"),
    "receipts.person_id": _l("Receipts and certificates"),
}


@dataclass(frozen=True)
class Preview:
    """What a merger would do: counts by what they count, the traces, new roles, and obstacles."""

    moves: tuple[tuple[str, int], ...]
    traces: int
    roles: tuple[str, ...]
    clashes: tuple[str, ...]


def preview(kept: Person, other: Person) -> Preview:
    """What would move from the other account to the one that is kept, and what forbids it."""
    moves = tuple((str(label), _count(name, other)) for name, label in COUNTED.items())
    moving = [
        name
        for name, holding in HOLDINGS.items()
        if holding.merge is Merge.MOVE and name not in COUNTED
    ]
    return Preview(
        moves=tuple(move for move in moves if move[1]),
        traces=sum(_count(name, other) for name in moving),
        roles=tuple(str(LABELS[role]) for role in sorted(other.roles - kept.roles)),
        clashes=tuple(clashes.between(kept, other)),
    )


def merge(kept: Person, other: Person, *, by: Actor) -> None:
    """Make the other account a part of the one that is kept. Raises WrongState where they clash.

    What the hub knew of either may be a conflict of the one person: it looks at that next.
    """
    for id in sorted({kept.id, other.id}):  # in one order, so that two mergers never wait in a ring
        locked(Person, id)
    found = clashes.between(kept, other)
    if found:
        raise WrongState(found[0])
    _forget_each_other(kept, other)
    for name in HOLDINGS:
        _move(name, other.id, kept.id)
    _redirect_mail(kept)
    db.session.expire_all()
    _fill(kept, other)
    note_affiliation(kept)
    _close(other, kept)
    db.session.flush()
    record(kept, "merge", actor_id=by.acting_person_id, role="admin", was=other.id)
    emails.merge(kept, other)


# -- private --


def _count(name: str, person: Person) -> int:
    column = column_of(name)
    query = sa.select(sa.func.count()).select_from(column.table).where(column == person.id)
    return db.session.scalar(query) or 0


def _forget_each_other(kept: Person, other: Person) -> None:
    """Nobody is in conflict with themselves."""
    both = (kept.id, other.id)
    db.session.execute(
        sa.delete(DeclaredConflict).where(
            DeclaredConflict.person_id.in_(both), DeclaredConflict.other_person_id.in_(both)
        )
    )


def _move(name: str, old: int, new: int) -> None:
    column, how = column_of(name), HOLDINGS[name].merge
    mine = column == old
    if how is Merge.MOVE:
        db.session.execute(sa.update(column.table).where(mine).values({column.name: new}))
    elif how is Merge.DROP:
        db.session.execute(sa.delete(column.table).where(mine))
    elif how is Merge.LINK:
        _move_links(old, new)
    else:
        for row in _rows(column, old):
            _move_or_drop(column, row, new)


def _rows(column: "sa.Column[int]", old: int) -> Iterator["sa.ColumnElement[bool]"]:
    """A condition for each row of the old account."""
    keys = list(column.table.primary_key.columns)
    for values in db.session.execute(sa.select(*keys).where(column == old)).all():
        yield sa.and_(*(key == value for key, value in zip(keys, values, strict=True)))


def _move_or_drop(column: "sa.Column[int]", row: "sa.ColumnElement[bool]", new: int) -> None:
    try:
        with in_savepoint():
            db.session.execute(sa.update(column.table).where(row).values({column.name: new}))
    except IntegrityError:
        db.session.execute(sa.delete(column.table).where(row))


def _move_links(old: int, new: int) -> None:
    """What older mails say opens nothing any more; what is written from now on does."""
    theirs = list(db.session.scalars(sa.select(Link).where(Link.person_id == old)))
    present = {
        (link.capability, link.object_id)
        for link in db.session.scalars(sa.select(Link).where(Link.person_id == new))
    }
    for link in theirs:
        link.epoch += 1
        of_account = link.capability in {Capability.ACCOUNT, Capability.MAIL}
        if of_account or (link.capability, link.object_id) in present:
            link.person_id, link.revoked_at = None, clock.now()
        else:
            link.person_id = new
    db.session.flush()


def _redirect_mail(kept: Person) -> None:
    """What has not gone out goes to the address that is kept."""
    db.session.execute(
        sa.update(Message)
        .where(
            Message.recipient_id == kept.id,
            Message.state.in_({*UNSENT, *ON_THE_WAY, *RESENDABLE}),
        )
        .values(address=kept.email)
    )


def _fill(kept: Person, other: Person) -> None:
    """What only the other account knew."""
    kept.name = kept.name or other.name
    kept.country = kept.country or other.country
    kept.organisation_id = kept.organisation_id or other.organisation_id


def _close(other: Person, kept: Person) -> None:
    other.password_hash = None
    other.suspended_at = other.suspended_at or clock.now()
    other.merged_into_id = kept.id
    other.erase_at = None
