"""Changing memberships: joining, renewing, ending, coming back."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from reviewhub.accounts import operations as accounts
from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.roster import emails, policy
from reviewhub.roster.answers import Profile, check_profile
from reviewhub.roster.models import Application, Gender, Membership, MembershipTopic
from reviewhub.roster.operations import absences
from reviewhub.roster.operations.moving import role_in
from reviewhub.roster.queries import membership_of
from reviewhub.roster.workflow import MembershipState
from reviewhub.roster.workflow import MembershipWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue


def join(
    application: Application, *, by: Actor, internal: bool, government: str = ""
) -> Membership:
    """The membership of an approved applicant: new, or their ended one taken up again."""
    membership = membership_of(application.person_id)
    if membership is None:
        membership = Membership(person_id=application.person_id, term_ends_on=_new_term())
        _take_over(membership, application, internal, government)
        db.session.add(membership)
        db.session.flush()
        record(membership, "join", actor_id=by.acting_person_id, role=Role.ROSTER_MANAGER)
    else:
        _return(membership, by)
        _take_over(membership, application, internal, government)
    _fill_person(application, internal)
    return membership


def edit(membership: Membership, profile: Profile, *, by: Actor) -> None:
    """Change what a member can judge and how much; the history keeps what was and what is.

    Raises InvalidInput for a value that the hub does not know.
    """
    role = role_in(membership, by)
    check_profile(profile)
    before = describe(membership)
    membership.languages = list(profile.languages)
    membership.regions = list(profile.regions)
    membership.themes = list(profile.themes)
    membership.backgrounds = list(profile.backgrounds)
    membership.capacity = profile.capacity
    membership.competing_interests = profile.competing_interests
    membership.government = profile.government
    if profile.internal is not None and role == Role.ROSTER_MANAGER:
        membership.internal = profile.internal
    if profile.gender is not None and role == Role.MEMBER:  # and the history is not told
        membership.gender = Gender(profile.gender) if profile.gender else None
    _know(membership, profile.topics)
    after = describe(membership)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed.keys() & {"internal", "government"}:
        accounts.note_affiliation(people.get(membership.person_id))
    if changed:
        record(membership, "edit", actor_id=by.acting_person_id, role=role, changed=changed)


def resume(membership: Membership, *, by: Actor) -> None:
    """End an absence, call off the next planned one, or (a roster manager) take somebody back."""
    role = role_in(membership, by)
    if membership.state != MembershipState.ENDED:
        absences.end_present(membership, by=by)
        return
    _return(membership, by)
    if role == Role.ROSTER_MANAGER:
        emails.resume(membership)


def ask_return(membership: Membership, *, by: Actor) -> None:
    """Somebody whose membership has ended would like to come back: the roster managers hear of it.

    Whether they do is a manager's to say, since a manager may have ended it.
    """
    if not policy.is_member(by, membership):
        raise NotAllowed(_("Only the member can ask for this."))
    if membership.state != MembershipState.ENDED:
        raise WrongState(_("This membership has not ended."))
    if membership.return_asked_at is not None:
        raise WrongState(_("You have asked already. A roster manager will answer by mail."))
    membership.return_asked_at = clock.now()
    record(membership, "ask_return", actor_id=by.acting_person_id, role=Role.MEMBER)
    emails.ask_return(membership)


def renew(membership: Membership, *, by: Actor) -> None:
    """Another term, from the end of this one. Raises WrongState before it is time."""
    role = role_in(membership, by)
    if not may_renew(membership):
        raise WrongState(_("The term can be renewed when its end is near."))
    before = membership.term_ends_on
    membership.term_ends_on = _years_after(before, catalogue().policy["term_years"])
    membership.reminders = 0
    record(
        membership, "renew", actor_id=by.acting_person_id, role=role,
        changed={"term_ends_on": [before.isoformat(), membership.term_ends_on.isoformat()]},
    )  # fmt: skip


def may_renew(membership: Membership) -> bool:
    """Whether the term ends within the days of the first reminder."""
    opens = membership.term_ends_on - timedelta(days=_days_before()[0])
    return membership.state != MembershipState.ENDED and clock.today() >= opens


def end(membership: Membership, *, by: Actor, note: str = "") -> None:
    """The member resigns, or a roster manager removes them."""
    role = role_in(membership, by)
    _end(membership, by, note)
    emails.end(membership, how="resigned" if role == Role.MEMBER else "removed")
    if role == Role.MEMBER:
        emails.leave(membership)


# -- by the clock; each looks again, so that coming twice is harmless --


def move_term(membership: Membership) -> bool:
    """Remind of the term's end as often as the policy says, and end it when it is over.

    Reminders that came due while no clock ran are sent as one; where all of them did, the term goes
    on for as long as the last one leaves. Returns whether something was due.
    """
    today = clock.today()
    if membership.state == MembershipState.ENDED:
        return False
    if membership.term_ends_on < today and membership.reminders == 0 and _days_before():
        membership.term_ends_on = today + timedelta(days=_days_before()[-1])
        membership.reminders = len(_days_before())
        record(membership, "extend_term", changed={"to": membership.term_ends_on.isoformat()})
        emails.renew(membership)
        return True
    if membership.term_ends_on < today:
        _end(membership, SYSTEM)
        emails.end(membership, how="term")
        return True
    left = (membership.term_ends_on - today).days
    step = sum(left <= days for days in _days_before())
    if membership.reminders >= step:
        return False
    membership.reminders = step
    emails.renew(membership)
    return True


def reminder_days() -> tuple[int, ...]:
    """How many days before a term's end its member is reminded, the earliest first."""
    return _days_before()


def describe(membership: Membership) -> dict[str, Any]:
    """What a member says of themselves, as plain values."""
    known = catalogue()
    return {
        "languages": list(membership.languages),
        "topics": {known.term(row.term_id).code: row.level for row in membership.topics},
        "regions": list(membership.regions),
        "themes": list(membership.themes),
        "backgrounds": list(membership.backgrounds),
        "capacity": membership.capacity,
        "competing_interests": membership.competing_interests,
        "government": membership.government,
        "internal": membership.internal,
    }


# -- private --


def _take_over(
    membership: Membership, application: Application, internal: bool, government: str
) -> None:
    membership.application_id = application.id
    membership.internal = internal
    membership.government = government
    membership.languages = list(application.languages)
    membership.years_experience = application.years_experience
    membership.statement = application.statement
    membership.competing_interests = application.competing_interests
    membership.capacity = application.capacity
    _know(membership, application.topics)


def _know(membership: Membership, topics: Mapping[str, int]) -> None:
    """Make the topics these; rows that stay are kept, so that none is written twice."""
    wanted = {}
    for code, level in topics.items():
        term = catalogue().find("topics", code)
        if term is not None:  # a topic that left the hub's list since is dropped
            wanted[term.id] = level
    kept = {row.term_id: row for row in membership.topics if row.term_id in wanted}
    for term_id, row in kept.items():
        row.level = wanted[term_id]
    fresh = [
        MembershipTopic(term_id=term_id, level=level)
        for term_id, level in wanted.items()
        if term_id not in kept
    ]
    membership.topics = [*kept.values(), *fresh]


def _fill_person(application: Application, internal: bool) -> None:
    person = people.get(application.person_id)
    organisation = accounts.organisation(application.organisation_name, internal=internal)
    if person.organisation_id != organisation.id:
        person.organisation_id = organisation.id
        accounts.note_affiliation(person)
    person.country = application.country
    person.name = person.name or application.name


def _return(membership: Membership, by: Actor) -> None:
    """From ended back to active, for a full term."""
    moved = Workflow.resume(membership, policy.roles_of_member(by, membership))
    membership.ended_at = membership.return_asked_at = None
    membership.term_ends_on = _new_term()
    membership.reminders = 0
    record(membership, moved, actor_id=by.acting_person_id)


def _end(membership: Membership, by: Actor, note: str = "") -> None:
    moved = Workflow.end(membership, policy.roles_of_member(by, membership))
    membership.ended_at = clock.now()
    absences.close(membership)
    record(membership, moved, actor_id=by.acting_person_id, note=note)


def _new_term() -> date:
    return _years_after(clock.today(), catalogue().policy["term_years"])


def _years_after(day: date, years: int) -> date:
    """The same day of the year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _days_before() -> tuple[int, ...]:
    return tuple(sorted((-days for days in catalogue().policy["term_reminders"]), reverse=True))
