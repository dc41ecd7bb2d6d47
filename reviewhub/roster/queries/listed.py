"""What the roster knows already of the addresses that stand in a list, in a few statements."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core.db import db
from reviewhub.roster import invitations
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.queries.applications import OPEN
from reviewhub.roster.workflow import MembershipState


@dataclass(frozen=True)
class Known:
    """Where somebody stands towards the roster."""

    is_closed: bool = False
    is_member: bool = False
    has_left: bool = False
    has_applied: bool = False
    invitation: Invitation | None = None


NOBODY = Known()


def known(addresses: Collection[str]) -> dict[str, Known]:
    """Where those of these people stand whom the hub knows, by address."""
    rows = db.session.execute(
        sa.select(Person.email, Person.id, Person.merged_into_id).where(Person.email.in_(addresses))
    )
    by_address = {email: merged_into or id for email, id, merged_into in rows}
    ids = set(by_address.values())
    closed = _ids(sa.select(Person.id).where(Person.suspended_at.is_not(None), Person.id.in_(ids)))
    applied = _ids(
        sa.select(Application.person_id).where(
            Application.state.in_(OPEN), Application.person_id.in_(ids)
        )
    )
    rows_of_members = db.session.execute(
        sa.select(Membership.person_id, Membership.state).where(Membership.person_id.in_(ids))
    )
    members = dict(rows_of_members.all())
    invited = invitations.of_people(ids)
    return {
        email: Known(
            is_closed=id in closed,
            is_member=members.get(id, MembershipState.ENDED) != MembershipState.ENDED,
            has_left=members.get(id) == MembershipState.ENDED,
            has_applied=id in applied,
            invitation=invited.get(id),
        )
        for email, id in by_address.items()
    }


def _ids(query: sa.Select[int]) -> set[int]:
    return set(db.session.scalars(query))
