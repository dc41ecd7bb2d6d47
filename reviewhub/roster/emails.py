"""What is said about applications and memberships, one function per mail."""

from datetime import date
from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.notifications.outbox import Target, page, tell
from reviewhub.roster import policy
from reviewhub.roster.models import Application, Membership
from reviewhub.taxonomy.queries import catalogue

# -- to the applicant --


def confirm(application: Application) -> None:
    """Shows that the address is the applicant's: the only mail before they confirm."""
    _tell_applicant(
        "confirm", application, endpoint="roster.confirm",
        days=catalogue().policy["guest_draft_days"],
    )  # fmt: skip


def submit(application: Application) -> None:
    """It has arrived, and by when there will be an answer."""
    _tell_applicant("submit", application, by=_iso(application))


def ask(application: Application) -> None:
    """A question of the roster manager, and by when to answer."""
    _tell_applicant(
        "ask", application, occurrence=_round(application),
        question=application.question, by=_iso(application),
    )  # fmt: skip


def remind(application: Application) -> None:
    """The question is still open, and there is a new date for it."""
    _tell_applicant(
        "remind", application, occurrence=f"{_iso(application)}:{application.reminders}",
        question=application.question, by=_iso(application),
    )  # fmt: skip


def lapse(application: Application) -> None:
    """The question stayed open, so the application is closed; they may apply again."""
    _tell_applicant("lapse", application)


def approve(application: Application, membership: Membership) -> None:
    """Welcome, how invitations work, and until when the term runs."""
    _tell_applicant(
        "approve", application, capacity=membership.capacity,
        ends=membership.term_ends_on.isoformat(), note=application.decision_text,
    )  # fmt: skip


def decline(application: Application) -> None:
    """The reason, and from when they may apply again."""
    person = accounts.get(application.person_id)
    reason = catalogue().reason_label("application_decline", application.reason, person.locale)
    again = application.may_reapply_on
    _tell_applicant(
        "decline", application, reason=reason.text, note=application.decision_text,
        again=again.isoformat() if again else "",
    )  # fmt: skip


# -- to roster managers --


def new(application: Application) -> None:
    """There is an application to assess."""
    for manager in _managers(application):
        _tell_staff("new", manager, application)


def answer(application: Application, *, asked_by: int | None) -> None:
    """The applicant has answered: to whoever asked, else to every manager."""
    managers = _managers(application)
    for manager in [one for one in managers if one.id == asked_by] or managers:
        _tell_staff(
            "answer", manager, application, occurrence=_round(application),
            answer=application.answer,
        )  # fmt: skip


def withdraw(application: Application) -> None:
    """Nothing to assess any more."""
    for manager in _managers(application):
        _tell_staff("withdraw", manager, application)


def overdue(application: Application) -> None:
    """The promised date has passed."""
    occurrence = f"{_iso(application)}:{application.reminders}"
    for manager in _managers(application):
        _tell_staff("overdue", manager, application, occurrence=occurrence)


def escalate(application: Application) -> None:
    """Reminders did not help: the administrators are told, once per promised date."""
    names = ", ".join(person.shown_name for person in policy.deciders(application))
    for admin in accounts.with_role(Role.ADMIN):
        _tell_staff("escalate", admin, application, occurrence=_iso(application), managers=names)


# -- about a membership --


def pause(membership: Membership) -> None:
    """A roster manager has paused the membership."""
    until = membership.paused_to
    _tell_member(
        "pause", membership, occurrence=_round(membership),
        until=until.isoformat() if until else "",
    )  # fmt: skip


def resume(membership: Membership) -> None:
    """Invitations can come again."""
    _tell_member(
        "resume", membership, occurrence=_round(membership),
        capacity=membership.capacity, ends=membership.term_ends_on.isoformat(),
    )  # fmt: skip


def renew(membership: Membership) -> None:
    """The term ends soon; one click renews it."""
    ends = membership.term_ends_on.isoformat()
    occurrence = f"{ends}:{membership.reminders}"
    _tell_member("renew", membership, occurrence=occurrence, ends=ends)


def end(membership: Membership, *, how: str) -> None:
    """The membership is over: `how` is "resigned", "removed" or "term"."""
    _tell_member("end", membership, occurrence=_round(membership), how=how)


def leave(membership: Membership) -> None:
    """To roster managers: a member has resigned, and what that leaves to cover."""
    name = accounts.get(membership.person_id).shown_name
    for manager in accounts.with_role(Role.ROSTER_MANAGER):
        if manager.id != membership.person_id:
            tell(
                "roster/leave", accounts.recipient(manager), membership,
                target=page("roster.member", membership_id=membership.id),
                occurrence=_round(membership), name=name,
            )  # fmt: skip


# -- private --


def _tell_applicant(
    verb: str,
    application: Application,
    *,
    endpoint: str = "roster.show",
    occurrence: str = "",
    **context: Any,
) -> None:
    person = accounts.get(application.person_id)
    link = links.ensure(Capability.APPLICATION, application.id, person_id=person.id)
    tell(
        f"roster/{verb}", accounts.recipient(person), application,
        target=page(endpoint, ref=application.ref, link_id=link.id), occurrence=occurrence,
        ref=application.ref, name=application.name, **context,
    )  # fmt: skip


def _tell_staff(
    verb: str, person: Person, application: Application, *, occurrence: str = "", **context: Any
) -> None:
    tell(
        f"roster/{verb}", accounts.recipient(person), application,
        target=page("roster.show", ref=application.ref), occurrence=occurrence,
        ref=application.ref, name=application.name, organisation=application.organisation_name,
        by=_iso(application), **context,
    )  # fmt: skip


def _tell_member(
    verb: str, membership: Membership, *, occurrence: str = "", **context: Any
) -> None:
    person = accounts.get(membership.person_id)
    tell(
        f"roster/{verb}", accounts.recipient(person), membership, target=_own_page(membership),
        occurrence=occurrence, name=person.shown_name, **context,
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


def _round(changed: Application | Membership) -> str:
    """Tells this change from the ones before it, so that each has a mail of its own."""
    db.session.flush()
    return str(changed.version)


def _iso(application: Application) -> str:
    day: date | None = application.due_at.date() if application.due_at else None
    return day.isoformat() if day else ""
