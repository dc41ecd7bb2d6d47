"""Changing applications: from the ten answers to the decision."""

import secrets
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from babel.dates import format_date
from sqlalchemy.exc import IntegrityError

from reviewhub.accounts import operations as accounts
from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.models import Person
from reviewhub.audit.operations import record
from reviewhub.audit.queries import history
from reviewhub.core import clock, config, files
from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _, get_locale
from reviewhub.core.workflow import Move, Transition
from reviewhub.notifications.queries import told_at
from reviewhub.roster import emails, policy
from reviewhub.roster.answers import Answers, check_answers
from reviewhub.roster.assessments import Vote
from reviewhub.roster.criteria import answer_due
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import assessing, memberships
from reviewhub.roster.queries import applications as queries
from reviewhub.roster.queries import membership_of
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.roster.workflow import ApplicationWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue

CV_KINDS = ("pdf", "docx", "odt")
CV_MAX_BYTES = 5 * 1024 * 1024
MOST_DRAFTS = 3
MOST_QUESTION_REMINDERS = 2
# At the promised date and weekly after it; the step after the last goes to the administrators.
OVERDUE_REMINDERS = 4
WEEK = timedelta(days=7)
LONGEST_WAIT = timedelta(days=731)  # after a refusal, or a slip of the pen would bar somebody


def apply(answers: Answers, *, email: str, by: Actor, locale: str) -> Application:
    """Take ten answers. A signed-in applicant is on the desk at once; a guest confirms by mail.

    Raises InvalidInput for an answer that can't be used, WrongState for somebody who has an
    open application, is a member, or was declined not long ago. What is known about an address
    is not told to a guest, only to whoever confirms it.
    """
    check_answers(answers)
    person = _applicant(email, by, locale)
    application = _drafted(answers, person, locale)
    record(application, "apply", actor_id=person.id, role="applicant")
    if by.person_id is None:
        emails.confirm(application)
    else:
        submit(application, by=by)
    return application


def confirm(application: Application, *, by: Actor) -> None:
    """The applicant has followed the link in their mail: the address is theirs."""
    if not policy.is_applicant(by, application):
        raise NotAllowed(_("Only the applicant can confirm this."))
    accounts.confirm(people.get(application.person_id))
    submit(application, by=by)


def submit(application: Application, *, by: Actor) -> None:
    """On the desk, with a date by which there will be an answer."""
    refuse_if_closed(application.person_id)
    try:
        with in_savepoint():
            move = Workflow.submit(application, policy.roles_towards(by, application))
            application.submitted_at = clock.now()
            _promise(application)
            assessing.wait_for_next(application)
            db.session.flush()
    except IntegrityError as error:  # a second application of theirs was a moment faster
        raise WrongState(_has_open_application()) from error
    record(application, move, actor_id=by.acting_person_id)
    for other in queries.drafts_of(application.person_id):
        _move(Workflow.lapse, other, SYSTEM)
    emails.submit(application)
    emails.new(application)


def ask(application: Application, *, by: Actor, question: str, until: date) -> None:
    """One question to the applicant; the clock waits for the answer until the end of that day."""
    today = clock.today()
    if not today < until <= today + timedelta(days=90):
        raise InvalidInput(_("Choose a day within the next 90 days."), field="until")
    _move(Workflow.ask, application, by, question)
    application.question, application.answer = question, ""
    application.due_at = datetime.combine(until, time(23, 59), UTC)
    application.reminders = 0
    emails.ask(application)


def answer(application: Application, *, by: Actor, answer: str) -> None:
    """Back on the desk. A manager may enter an answer that came by mail."""
    asked_by = _who_asked(application)
    _move(Workflow.answer, application, by, answer)
    application.answer = answer
    _promise(application)
    assessing.wait_for_next(application)
    emails.answer(application, asked_by=asked_by)


def approve(
    application: Application,
    *,
    by: Actor,
    note: str = "",
    internal: bool | None = None,
    government: str = "",
) -> Membership:
    """The applicant joins the roster, or returns to it. Raises WrongState unless the votes say so.

    `internal` overrules what the applicant said of their organisation; `government` is the country
    whose civil servant they are, if they are one.
    """
    if government and catalogue().find("countries", government) is None:
        raise InvalidInput(_("Choose from the list."), field="government")
    if _is_member(application.person_id):
        raise WrongState(_("This person is on the roster already."))
    _decide(Workflow.approve, application, by, note, vote=Vote.APPROVE)
    membership = memberships.join(
        application,
        by=by,
        internal=application.internal if internal is None else internal,
        government=government,
    )
    emails.approve(application, membership)
    return membership


def decline(
    application: Application, *, by: Actor, reason: str, note: str, may_reapply_on: date
) -> None:
    """Not now, for a reason of the hub's list; open again from a day on. Raises WrongState unless
    the votes say so."""
    known = {one["code"]: one for one in catalogue().reasons["application_decline"]}
    if reason not in known:
        raise InvalidInput(_("Choose a reason from the list."), field="reason")
    if known[reason]["text_required"] and not note:
        raise InvalidInput(_("Say in a sentence what the reason is."), field="note")
    if may_reapply_on < clock.today():
        raise InvalidInput(_("Choose a day that has not passed."), field="may_reapply_on")
    latest = clock.today() + max(LONGEST_WAIT, timedelta(days=catalogue().policy["reapply_days"]))
    if may_reapply_on > latest:
        raise InvalidInput(_("Choose a day within the next two years."), field="may_reapply_on")
    _decide(
        Workflow.decline, application, by, note,
        vote=Vote.DECLINE, reason=reason, again=may_reapply_on,
    )  # fmt: skip
    emails.decline(application)


def withdraw(application: Application, *, by: Actor) -> None:
    """The applicant takes it back."""
    was_on_desk = application.state != ApplicationState.DRAFT
    _move(Workflow.withdraw, application, by)
    if was_on_desk:
        emails.withdraw(application)


# -- by the clock; each looks again, so that coming twice is harmless --


def lapse(application: Application) -> bool:
    """Close a draft that nobody confirmed in the policy's days; returns whether it did.

    They count from when the mail with the button really went out.
    """
    if application.state != ApplicationState.DRAFT:
        return False
    days = catalogue().policy["guest_draft_days"]
    asked_at = told_at("roster/confirm", application, written=application.created_at)
    if asked_at is None or asked_at >= clock.now() - timedelta(days=days):
        return False
    _move(Workflow.lapse, application, SYSTEM)
    return True


def remind(application: Application) -> bool:
    """A question past its date: two reminders, each with a week more, then it lapses.

    Returns whether something was due.
    """
    if application.state != ApplicationState.MORE_INFORMATION or not _is_due(application):
        return False
    if application.reminders < MOST_QUESTION_REMINDERS:
        application.reminders += 1
        application.due_at = clock.now() + WEEK
        emails.remind(application)
    else:
        _move(Workflow.lapse, application, SYSTEM)
        emails.lapse(application)
    return True


def chase(application: Application) -> bool:
    """A promised date has passed: tell the managers, weekly, and in the end the administrators.

    Weeks without a running clock are skipped, not caught up. Returns whether a mail was due.
    """
    if application.state != ApplicationState.SUBMITTED or not _is_due(application):
        return False
    assert application.due_at is not None  # _is_due
    step = min((clock.now() - application.due_at) // WEEK, OVERDUE_REMINDERS) + 1
    if application.reminders >= step:
        return False
    application.reminders = step
    assessing.wait_for_next(application)  # whoever it was may have left, or be away
    if step > OVERDUE_REMINDERS:
        emails.escalate(application)
    else:
        emails.overdue(application)
    return True


def overdue_steps() -> list[timedelta]:
    """How long after the promised date each reminder is due."""
    return [number * WEEK for number in range(OVERDUE_REMINDERS + 1)]


# -- the guards of applying --


def refuse_if_closed(person_id: int) -> None:
    """Raise WrongState where this person can't apply now, with the way on in the sentence."""
    if _is_member(person_id):
        raise WrongState(_("You are on the roster already: change your answers on your own page."))
    if queries.open_of(person_id) is not None:
        raise WrongState(_has_open_application())
    again = queries.may_reapply_on(person_id)
    if again is not None and clock.today() < again:
        raise WrongState(
            _("Your last application was declined. You may apply again from %(day)s on.",
              day=format_date(again, "d MMM y", locale=get_locale()))
        )  # fmt: skip


def keep_cv(name: str, content: bytes) -> dict[str, Any]:
    """Keep an uploaded CV and return what the application remembers of it.

    Raises InvalidInput for a file that is empty, larger than 5 MB, or of another kind.
    """
    try:
        if content and files.sniff(content) not in CV_KINDS:
            raise InvalidInput(_("Send the CV as PDF, DOCX or ODT."))
        return asdict(files.keep(cv_store(), name, content, limit=CV_MAX_BYTES))
    except InvalidInput as error:
        raise InvalidInput(error.sentence, field="cv_file") from error


def sweep_cvs() -> int:
    """Remove CVs that no application names, of forms that were sent in vain; returns how many."""
    before = clock.now() - files.UNNAMED_FOR
    return files.sweep(cv_store(), queries.named_cvs, before=before)


def cv_store() -> Path:
    """The folder that CVs are kept in."""
    return config.current().var / "uploads" / "cv"


# -- private --


def _applicant(email: str, by: Actor, locale: str) -> Person:
    if by.person_id is not None:
        refuse_if_closed(by.person_id)
        return people.get(by.person_id)
    person = accounts.know(email, locale=locale)
    if len(queries.drafts_of(person.id)) >= MOST_DRAFTS:
        raise WrongState(
            _("Several applications wait for this address to be confirmed. Open the mail we sent.")
        )
    return person


def _drafted(answers: Answers, person: Person, locale: str) -> Application:
    values = {**asdict(answers), "languages": list(answers.languages)}
    application = Application(
        ref=secrets.token_hex(8), person_id=person.id, locale=locale,
        consented_at=clock.now(), **values,
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    application.ref = f"RA-{clock.today().year}-{application.id:06d}"
    db.session.flush()
    return application


def _promise(application: Application) -> None:
    application.due_at = answer_due(clock.now())
    application.reminders = 0


def _is_due(application: Application) -> bool:
    return application.due_at is not None and application.due_at <= clock.now()


def _decide(
    transition: Transition,
    application: Application,
    by: Actor,
    note: str,
    *,
    vote: Vote,
    reason: str = "",
    again: date | None = None,
) -> None:
    roles = _roles(application, by)
    if transition.is_open_to(application, roles):  # or the sentence is the workflow's own
        assessing.require_votes(application, by, vote)
    move = transition(application, roles)
    application.owner_id = None
    application.decided_at = clock.now()
    application.decided_by_id = by.acting_person_id
    application.decision_text = note
    application.reason, application.may_reapply_on = reason, again
    record(application, move, actor_id=by.acting_person_id, note=note, reason=reason)


def _move(transition: Transition, application: Application, by: Actor, note: str = "") -> Move:
    move = transition(application, _roles(application, by))
    record(application, move, actor_id=by.acting_person_id, note=note)
    return move


def _roles(application: Application, by: Actor) -> Any:
    if policy.is_conflicted(by, application):
        raise NotAllowed(assessing.conflict_sentence())
    return policy.roles_towards(by, application)


def _is_member(person_id: int) -> bool:
    membership = membership_of(person_id)
    return membership is not None and membership.state != MembershipState.ENDED


def _has_open_application() -> str:
    return str(_("There is an open application of yours already: there can be one at a time."))


def _who_asked(application: Application) -> int | None:
    asked = [
        event for event in history(application.__tablename__, application.id) if event.verb == "ask"
    ]
    return asked[-1].actor_id if asked else None
