"""Inviting people to the roster by a list, and their yes or no."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import operations as accounts
from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.roster import emails, policy
from reviewhub.roster.imports import Candidate, Refusal, answers_of
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import memberships
from reviewhub.roster.queries import applications as queries
from reviewhub.roster.queries import listed
from reviewhub.roster.queries.listed import Known
from reviewhub.roster.workflow import ApplicationWorkflow as Workflow

OPEN_FOR = timedelta(days=30)
MANAGER = frozenset({Role.ROSTER_MANAGER})


@dataclass(frozen=True)
class Outcome:
    """What became of some rows: `changed` are told by their number and the columns that differ."""

    new: int = 0
    unchanged: int = 0
    on_roster: int = 0
    changed: tuple[tuple[int, str], ...] = ()
    refused: tuple[Refusal, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.new + other.new,
            self.unchanged + other.unchanged,
            self.on_roster + other.on_roster,
            self.changed + other.changed,
            self.refused + other.refused,
        )


def invite(
    candidates: Sequence[Candidate], *, by: Actor, locale: str, dry_run: bool = False
) -> Outcome:
    """Invite everybody of the list who is not known to the roster yet; the others stay as they are.

    Who was invited before and has not answered gets what the list says now, and no second mail.
    A `dry_run` tells what would happen, and writes nothing.
    """
    if Role.ROSTER_MANAGER not in by.roles or by.acting_person_id is None:
        raise NotAllowed(_("Only a roster manager can invite people."))
    known = listed.known([candidate.email for candidate in candidates])
    outcome = Outcome()
    for candidate in candidates:
        found = known.get(candidate.email, listed.NOBODY)
        verdict = _verdict(candidate, found)
        outcome += verdict
        if dry_run:
            continue
        if verdict.new:
            person = accounts.know(candidate.email, locale=locale)
            _ask(person, candidate.said, by)
        elif verdict.changed and found.invitation is not None:
            _change(found.invitation, candidate.said, by, verdict.changed[0][1])
    return outcome


def accept(invitation: Invitation, *, by: Actor, competing_interests: str) -> Membership:
    """Yes: the person has read what the list says, consents, and is a member from now on.

    What it says becomes their application, which whoever invited them has approved beforehand.
    """
    _refuse_others(invitation, by)
    _refuse_over(invitation)
    person = people.get(invitation.person_id)
    if queries.open_of(person.id) is not None:
        raise WrongState(_("There is an open application of yours already. It is decided first."))
    if not competing_interests:
        raise InvalidInput(_("Please answer this."), field="competing_interests")
    accounts.confirm(person)
    said = {**invitation.answers, "competing_interests": competing_interests}
    application = _application(person, said, invitation)
    membership = memberships.join(
        application,
        by=Actor(person_id=invitation.invited_by_id, roles=MANAGER),
        internal=application.internal,
        government=said.get("government", ""),
    )
    emails.approve(application, membership)
    record(invitation, "accept", actor_id=person.id, role=Role.APPLICANT)
    _forget(invitation)
    return membership


def decline(invitation: Invitation, *, by: Actor) -> None:
    """No: what the list said goes; the address stays, so that no later list asks again."""
    _refuse_others(invitation, by)
    _refuse_over(invitation)
    invitation.answers = {}
    invitation.declined_at = clock.now()
    record(invitation, "decline", actor_id=invitation.person_id, role=Role.APPLICANT)


def lapse(invitation: Invitation) -> bool:
    """Nobody answered in time: what the list said goes; returns whether it was time."""
    if invitation.declined_at is not None or invitation.lapses_at > clock.now():
        return False
    record(invitation, "lapse")
    _forget(invitation)
    return True


# -- private --


def _verdict(candidate: Candidate, found: Known) -> Outcome:
    """What becomes of one row."""
    refusal = _why_not(found)
    if refusal:
        return Outcome(refused=(Refusal(candidate.row, "email", refusal),))
    if found.is_member:
        return Outcome(on_roster=1)
    if found.invitation is None:
        return Outcome(new=1)
    before, after = found.invitation.answers, candidate.said
    changed = [name for name in after if before.get(name) != after[name]]
    if not changed:
        return Outcome(unchanged=1)
    return Outcome(changed=((candidate.row, ", ".join(changed)),))


def _why_not(found: Known) -> str:
    if found.is_closed:
        return str(_("The account with this address is closed."))
    if found.has_applied:
        return str(_("This person has applied: decide on the application."))
    if found.has_left:
        return str(_("This person has left the roster: take them back on their own page."))
    if found.invitation is not None and found.invitation.declined_at is not None:
        return str(_("This person was invited before and said no."))
    return ""


def _change(invitation: Invitation, said: Mapping[str, Any], by: Actor, columns: str) -> None:
    invitation.answers = dict(said)
    record(
        invitation, "change", actor_id=by.acting_person_id, role=Role.ROSTER_MANAGER,
        columns=columns,
    )  # fmt: skip


def _ask(person: Person, said: Mapping[str, Any], by: Actor) -> None:
    now, by_id = clock.now(), by.acting_person_id
    assert by_id is not None  # invite
    invitation = Invitation(
        person_id=person.id, invited_by_id=by_id, invited_at=now, lapses_at=now + OPEN_FOR,
        answers=dict(said),
    )  # fmt: skip
    db.session.add(invitation)
    db.session.flush()
    record(invitation, "invite", actor_id=by_id, role=Role.ROSTER_MANAGER)
    emails.invite(invitation)


def _application(person: Person, said: Mapping[str, Any], invitation: Invitation) -> Application:
    now = clock.now()
    answers = asdict(answers_of(said))
    application = Application(
        ref=secrets.token_hex(8), person_id=person.id, locale=person.locale, consented_at=now,
        **{**answers, "languages": list(answers["languages"])},
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    application.ref = f"RA-{clock.today().year}-{application.id:06d}"
    move = Workflow.submit(application, frozenset({Role.APPLICANT}))
    application.submitted_at = now
    record(application, move, actor_id=person.id)
    application.decided_at, application.decided_by_id = now, invitation.invited_by_id
    move = Workflow.approve(application, MANAGER)
    record(application, move, actor_id=invitation.invited_by_id)
    db.session.flush()
    return application


def _forget(invitation: Invitation) -> None:
    links.revoke(Capability.INVITATION, invitation.id)
    db.session.delete(invitation)
    db.session.flush()


def _refuse_others(invitation: Invitation, by: Actor) -> None:
    if not policy.is_invited(by, invitation):
        raise NotAllowed(_("Only the person who is invited can answer this."))


def _refuse_over(invitation: Invitation) -> None:
    if invitation.declined_at is not None:
        raise WrongState(_("You have said no to this invitation. You may apply at any time."))
    if invitation.lapses_at <= clock.now():
        raise WrongState(_("This invitation is over. You may apply at any time."))
