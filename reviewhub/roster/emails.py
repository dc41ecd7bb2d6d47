"""What is said about applications and memberships, one function per mail."""

from datetime import date, timedelta
from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.operations import account_link
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.i18n import _l
from reviewhub.notifications.kinds import Kind
from reviewhub.notifications.mails import mail
from reviewhub.notifications.outbox import Target, page, tell
from reviewhub.roster import policy
from reviewhub.roster.availability import Period
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application, Membership
from reviewhub.taxonomy.queries import catalogue

WELCOMED_FOR = timedelta(days=14)  # for so long the link to a first password is good

# -- to the applicant --


@mail(_l("Application to be confirmed"), after=("roster_applications.apply",))
def confirm(application: Application) -> None:
    """To the applicant: confirm the address; the only mail before they do."""
    _tell_applicant(
        "confirm", application, endpoint="roster.confirm",
        days=catalogue().policy["guest_draft_days"],
        answer_days=catalogue().policy["application_days"],
    )  # fmt: skip


@mail(_l("Application received"), after=("roster_applications.submit",))
def submit(application: Application) -> None:
    """To the applicant: it has arrived, and by when there will be an answer."""
    _tell_applicant("submit", application, by=_iso(application))


@mail(_l("Question to an applicant"), after=("roster_applications.ask",))
def ask(application: Application) -> None:
    """To the applicant: a question of a roster manager, and by when to answer."""
    _tell_applicant(
        "ask", application, occurrence=_round(application),
        question=application.question, by=_iso(application),
    )  # fmt: skip


@mail(_l("Reminder of an application"), when=_l("a question to an applicant is without an answer"))
def remind(application: Application) -> None:
    """To the applicant: the question is still open, and there is a new date for it."""
    _tell_applicant(
        "remind", application, occurrence=f"{_iso(application)}:{application.reminders}",
        question=application.question, by=_iso(application),
    )  # fmt: skip


@mail(_l("Application lapsed"), when=_l("an applicant has not answered in the end"))
def lapse(application: Application) -> None:
    """To the applicant: the question stayed open, so it is closed; they may apply again."""
    _tell_applicant("lapse", application)


@mail(_l("Onto the roster"), after=("roster_applications.approve", "roster_invitations.accept"))
def approve(application: Application, membership: Membership) -> None:
    """To the applicant: welcome, how invitations work, until when the term runs, and the link to
    a password for whoever has none."""
    person = accounts.get(application.person_id)
    first_time = {} if person.has_account else _way_to_an_account(person)
    _tell_applicant(
        "approve", application, endpoint="roster.me", named=False, capacity=membership.capacity,
        ends=membership.term_ends_on.isoformat(), note=application.decision_text, **first_time,
    )  # fmt: skip


@mail(_l("Application declined"), after=("roster_applications.decline",))
def decline(application: Application) -> None:
    """To the applicant: the reason, and from when they may apply again."""
    person = accounts.get(application.person_id)
    reason = catalogue().reason_label("application_decline", application.reason, person.locale)
    again = application.may_reapply_on
    _tell_applicant(
        "decline", application, reason=reason.text, note=application.decision_text,
        again=again.isoformat() if again else "",
    )  # fmt: skip


@mail(_l("Invitation to the roster"), after=("roster_invitations.invite",))
def invite(invitation: Invitation) -> None:
    """To somebody whom a list names: what it is about, and the page to say yes or no on."""
    person = accounts.get(invitation.person_id)
    link = links.ensure(
        Capability.INVITATION, invitation.id, person_id=person.id, expires_at=invitation.lapses_at
    )
    tell(
        "roster/invite", accounts.recipient(person), invitation,
        target=page(
            "roster.accept_invitation", invitation_id=invitation.id, link_id=link.id
        ),
        until=invitation.lapses_at.date().isoformat(),
    )  # fmt: skip


# -- to roster managers --


@mail(_l("New application"), after=("roster_applications.submit",), can_wait=Kind.ARRIVALS)
def new(application: Application) -> None:
    """To the roster managers: there is an application to assess."""
    needed = policy.standing(application).needed
    for manager in _managers(application):
        _tell_staff("new", manager, application, needed=needed)


@mail(_l("Answer of an applicant"), after=("roster_applications.answer",))
def answer(application: Application, *, asked_by: int | None) -> None:
    """To whoever asked, or every roster manager: the applicant has answered."""
    managers = _managers(application)
    for manager in [one for one in managers if one.id == asked_by] or managers:
        _tell_staff(
            "answer", manager, application, occurrence=_round(application),
            answer=application.answer,
        )  # fmt: skip


@mail(_l("Assessment wanted"), after=("roster_applications.assess",))
def assess(application: Application, *, votes: int, differs: bool) -> None:
    """To the manager who has to vote next: others have, and how is shown after one's own vote."""
    if application.owner_id is not None:
        _tell_staff(
            "assess", accounts.get(application.owner_id), application,
            occurrence=clock.now().isoformat(), votes=votes, differs=differs,
        )  # fmt: skip


@mail(_l("Managers disagree"), after=("roster_applications.assess",))
def break_tie(application: Application, *, votes: int) -> None:
    """To the administrators: the managers' votes can't decide it any more, so one of them does."""
    for admin in policy.tie_breakers(application):
        _tell_staff(
            "break_tie", admin, application, occurrence=clock.now().isoformat(), votes=votes
        )


@mail(_l("Application withdrawn"), after=("roster_applications.withdraw",), can_wait=Kind.DESK)
def withdraw(application: Application) -> None:
    """To the roster managers: there is nothing to assess any more."""
    for manager in _managers(application):
        _tell_staff("withdraw", manager, application)


@mail(_l("Application overdue"), when=_l("an application is past its promised date"))
def overdue(application: Application) -> None:
    """To whoever has still to act: the promised date has passed."""
    occurrence = f"{_iso(application)}:{application.reminders}"
    for manager in _who_has_to_act(application):
        _tell_staff("overdue", manager, application, occurrence=occurrence)


@mail(_l("Application passed on"), when=_l("reminders of an application had no effect"))
def escalate(application: Application) -> None:
    """To the administrators: reminders did not help; once per promised date."""
    names = ", ".join(person.shown_name for person in policy.deciders(application))
    for admin in accounts.with_role(Role.ADMIN):
        _tell_staff("escalate", admin, application, occurrence=_iso(application), managers=names)


# -- about a membership --


@mail(
    _l("Membership paused"),
    after=(
        "roster_memberships.pause",
        "roster_memberships.plan_pause",
        "roster_memberships.extend_pause",
    ),
)
def pause(membership: Membership, period: Period) -> None:
    """To the member: a roster manager has noted that they are away."""
    first, last = period.first.isoformat(), period.last.isoformat() if period.last else ""
    _tell_member(
        "pause", membership, occurrence=f"{_round(membership)}:{first}:{last}",
        first=first if period.first > clock.today() else "", until=last,
    )  # fmt: skip


@mail(
    _l("Available again"),
    after=("roster_memberships.call_off_pause", "roster_memberships.resume"),
    when=_l("a pause is over"),
)
def resume(membership: Membership) -> None:
    """To the member: invitations can come again."""
    _tell_member(
        "resume", membership, occurrence=_round(membership),
        capacity=membership.capacity, ends=membership.term_ends_on.isoformat(),
    )  # fmt: skip


@mail(_l("A term that ends soon"), when=_l("a term ends soon"))
def renew(membership: Membership) -> None:
    """To the member: the term ends soon; one click renews it."""
    ends = membership.term_ends_on.isoformat()
    occurrence = f"{ends}:{membership.reminders}"
    _tell_member("renew", membership, occurrence=occurrence, ends=ends)


@mail(_l("Membership ended"), after=("roster_memberships.end",), when=_l("a term is over"))
def end(membership: Membership, *, how: str) -> None:
    """To the member: it is over; `how` is "resigned", "removed" or "term"."""
    _tell_member("end", membership, occurrence=_round(membership), how=how)


@mail(_l("A member has left"), after=("roster_memberships.end",), can_wait=Kind.DESK)
def leave(membership: Membership) -> None:
    """To the roster managers: a member has resigned, and what that leaves to cover."""
    _tell_managers("leave", membership)


@mail(_l("Would like to return"), after=("roster_memberships.ask_return",))
def ask_return(membership: Membership) -> None:
    """To the roster managers: somebody would like to come back; one click takes them."""
    _tell_managers("ask_return", membership)


# -- private --


def _tell_applicant(
    verb: str,
    application: Application,
    *,
    endpoint: str = "roster.show",
    named: bool = True,
    occurrence: str = "",
    **context: Any,
) -> None:
    """`named` is whether the address has the application's number, beside the link's key."""
    person = accounts.get(application.person_id)
    link = links.ensure(Capability.APPLICATION, application.id, person_id=person.id)
    values = {"ref": application.ref} if named else {}
    tell(
        f"roster/{verb}", accounts.recipient(person), application,
        target=page(endpoint, link_id=link.id, **values), occurrence=occurrence,
        ref=application.ref, name=application.name, **context,
    )  # fmt: skip


def _way_to_an_account(person: Person) -> dict[str, Any]:
    """What a mail says about choosing the first password, and the link that it leads by."""
    link = account_link(person, WELCOMED_FOR)
    return {"days": WELCOMED_FOR.days, "links": {"accounts.choose_password": link.id}}


def _tell_staff(
    verb: str, person: Person, application: Application, *, occurrence: str = "", **context: Any
) -> None:
    tell(
        f"roster/{verb}", accounts.recipient(person), application,
        target=page("roster.show", ref=application.ref), occurrence=occurrence,
        ref=application.ref, name=application.name,
        organisation=application.organisation_name, by=_iso(application), **context,
    )  # fmt: skip


def _tell_member(
    verb: str, membership: Membership, *, occurrence: str = "", **context: Any
) -> None:
    person = accounts.get(membership.person_id)
    tell(
        f"roster/{verb}", accounts.recipient(person), membership, target=_own_page(membership),
        occurrence=occurrence, name=person.shown_name, **context,
    )  # fmt: skip


def _tell_managers(verb: str, membership: Membership) -> None:
    """About a member, to the other roster managers; where there is none, to the administrators."""
    name = accounts.get(membership.person_id).shown_name
    staff = accounts.with_role(Role.ROSTER_MANAGER)
    for manager in staff or accounts.with_role(Role.ADMIN):
        if manager.id != membership.person_id:
            tell(
                f"roster/{verb}", accounts.recipient(manager), membership,
                target=page("roster.member", membership_id=membership.id),
                occurrence=_round(membership), name=name,
            )  # fmt: skip


def _own_page(membership: Membership) -> Target:
    """The member's page, opened by the link of their application where they have one."""
    if membership.application_id is None:
        return page("roster.me")
    link = links.ensure(
        Capability.APPLICATION, membership.application_id, person_id=membership.person_id
    )
    return page("roster.me", link_id=link.id)


def _managers(application: Application) -> list[Person]:
    """Who decides; where the hub has no roster manager, its administrators hear of it."""
    return policy.deciders(application) or accounts.with_role(Role.ADMIN)


def _who_has_to_act(application: Application) -> list[Person]:
    """The managers who have yet to vote; whoever sends the decision, where the votes agree; an
    administrator, where they can't."""
    standing = policy.standing(application)
    if standing.is_tied:
        return policy.tie_breakers(application)
    if standing.verdict is not None and application.owner_id is not None:
        return [accounts.get(application.owner_id)]
    managers = _managers(application)
    return [one for one in managers if one.id not in standing.sides] or managers


def _round(changed: Application | Membership) -> str:
    """Tells this change from the ones before it, so that each has a mail of its own."""
    db.session.flush()
    return str(changed.version)


def _iso(application: Application) -> str:
    day: date | None = application.due_at.date() if application.due_at else None
    return day.isoformat() if day else ""
