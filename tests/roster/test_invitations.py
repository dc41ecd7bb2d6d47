"""An invitation to the roster: nobody is a member before they say yes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reviewhub.accounts import links
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Link, Person
from reviewhub.core.errors import WrongState
from reviewhub.roster import invitations as queries
from reviewhub.roster.imports import Candidate
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application
from reviewhub.roster.operations import invitations
from reviewhub.roster.queries import eligible_members, membership_of
from reviewhub.roster.tasks import tick
from reviewhub.roster.workflow import ApplicationState, MembershipState
from tests.constraints import refused_by

SAID = {
    "name": "Ana Listed", "organisation_name": "Institute of Lists", "internal": False,
    "country": "KEN", "languages": ["en"], "topics": {"14": 3}, "years_experience": 8,
    "statement": "Knows the field.", "competing_interests": "", "capacity": 3, "government": "KEN",
}  # fmt: skip
YES = {"competing_interests": "none", "accept_terms": "y", "consent_data": "y"}


@pytest.fixture
def invited(manager: Person, by: Callable[[Person], Actor], clock: Any, db: Any) -> Invitation:
    """Ana, whom a list names."""
    row = Candidate(2, "ana@host.example", SAID)
    outcome = invitations.invite([row], by=by(manager), locale="fr")
    assert outcome.new == 1
    return db.scalars(sa.select(Invitation)).one()  # type: ignore[no-any-return]  # any row


@pytest.fixture
def address(invited: Invitation, db: Any) -> str:
    """The page behind the link in the mail."""
    link = db.scalars(sa.select(Link).where(Link.capability == Capability.INVITATION)).one()
    return f"/roster/invitations/{invited.id}?key={links.token(link)}"


def test_one_click_makes_whoever_was_invited_a_member(
    app: Any, db: Any, invited: Invitation, address: str, manager: Person
) -> None:
    person_id = invited.person_id
    assert membership_of(person_id) is None
    assert all(row.person_id != person_id for row in eligible_members())
    client = app.test_client()
    assert "Institute of Lists" in client.get(address).text
    assert membership_of(person_id) is None, "opening it changes nothing"
    assert client.post(address, data={**YES, "consent_data": ""}).status_code == 200
    assert membership_of(person_id) is None, "not without consent"

    assert client.post(address, data=YES).status_code == 302
    membership = membership_of(person_id)
    assert membership is not None
    assert (membership.state, membership.capacity) == (MembershipState.ACTIVE, 3)
    assert membership.government == "KEN"
    application = db.get(Application, membership.application_id)
    assert application.state == ApplicationState.APPROVED
    assert application.decided_by_id == manager.id
    assert db.get(Person, person_id).confirmed_at is not None
    assert db.scalars(sa.select(Invitation)).all() == []
    assert client.post(address, data=YES).status_code == 404, "once"


def test_a_no_takes_away_what_was_noted_and_is_remembered(
    app: Any, db: Any, invited: Invitation, address: str, manager: Person, by: Any
) -> None:
    client = app.test_client()
    no = address.replace("?", "/decline?")
    assert client.post(no).status_code == 302
    assert db.get(Invitation, invited.id).answers == {}
    assert "You have said no" in client.get(address).text
    assert client.post(address, data=YES).status_code == 409
    row = Candidate(7, "ana@host.example", SAID)
    [refusal] = invitations.invite([row], by=by(manager), locale="en").refused
    assert (refusal.row, "said no" in refusal.reason) == (7, True)


def test_silence_takes_away_what_was_noted_and_the_address_may_be_asked_again(
    app: Any, db: Any, clock: Any, invited: Invitation, address: str, manager: Person, by: Any
) -> None:
    number = invited.id
    clock.advance(days=29)
    assert tick() == 0
    clock.advance(days=1)
    assert app.test_client().get(address).status_code == 404
    assert tick() == 1
    assert queries.find(number) is None
    row = Candidate(2, "ana@host.example", SAID)
    assert invitations.invite([row], by=by(manager), locale="en").new == 1


def test_who_applied_meanwhile_is_decided_on_as_an_applicant(
    invited: Invitation, make_application: Any
) -> None:
    make_application(person_id=invited.person_id)
    who = Actor(person_id=invited.person_id)
    with pytest.raises(WrongState, match="open application"):
        invitations.accept(invited, by=who, competing_interests="none")


def test_an_invitation_is_one_each_and_leaves_time_to_answer(
    db: Any, clock: Any, invited: Invitation
) -> None:
    given = {"person_id": invited.person_id, "invited_by_id": invited.invited_by_id}
    later = clock() + timedelta(days=1)
    with refused_by(db, "uq_roster_invitations_one_each"):
        db.add(Invitation(lapses_at=later, **given))
    with refused_by(db, "ck_roster_invitations_time_to_answer"):
        db.add(Invitation(**{**given, "person_id": invited.invited_by_id}, lapses_at=clock()))
