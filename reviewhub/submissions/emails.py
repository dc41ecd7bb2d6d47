"""What is said about submissions: one function per mail, called in the transaction of its cause."""

from datetime import date
from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core import clock
from reviewhub.core.i18n import _l, force_locale
from reviewhub.notifications.kinds import Kind
from reviewhub.notifications.outbox import Target, page, tell
from reviewhub.submissions.messages import Question
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.replies import to_submitter
from reviewhub.submissions.trail import trail, trail_text
from reviewhub.taxonomy.queries import catalogue

# What each mail is about, in two or three words, for staff who look through the outbox.
ABOUT = {
    "answer": _l("Answer of the submitter"),
    "ask": _l("Question to the submitter"),
    "confirm": _l("Suggestion to be confirmed"),
    "decline": _l("Not taken to review"),
    "escalate": _l("Suggestion passed on"),
    "new": _l("New suggestion"),
    "record_answer": _l("Answer entered for the submitter"),
    "record_for": _l("Entered for the writer"),
    "remind_answer": _l("Reminder of a question"),
    "remind_changes": _l("Reminder of changes"),
    "remind_confirm": _l("Reminder to confirm"),
    "remind_screening": _l("Reminder of the screening"),
    "rescreen": _l("To be screened again"),
    "revise": _l("Changes received"),
    "revive": _l("Taken up again"),
    "submit": _l("Suggestion received"),
}

# Which of them can wait, and what they are about for whoever chooses.
CAN_WAIT = {"new": Kind.ARRIVALS, "revise": Kind.ARRIVALS}


def confirm(submission: Submission, person: Person) -> None:
    """To a guest: press the button to send it. Asked for again, it goes out once a day."""
    _tell(
        "confirm", person, submission, _submitters_page(submission, person, "confirm"),
        occurrence=clock.today().isoformat(),
    )  # fmt: skip


def remind_confirm(submission: Submission) -> None:
    """To a guest, once: the suggestion still waits for the button."""
    person = _submitter(submission)
    target = _submitters_page(submission, person, "confirm")
    _tell("remind_confirm", person, submission, target, until=_due_day(submission))


def submit(submission: Submission) -> None:
    """To the submitter: it has arrived; where to follow it."""
    _tell_submitter("submit", submission, occurrence=f"round {submission.round}")


def record_for(submission: Submission) -> None:
    """To somebody who wrote a mail: it was entered for them; where to follow it."""
    _tell_submitter("record_for", submission)


def new(submission: Submission) -> None:
    """To whoever screens it: a suggestion has come in."""
    _tell_owner("new", submission, occurrence=f"round {submission.round}")


def revise(submission: Submission, changed: list[str]) -> None:
    """To the editor: the changed version is here; which fields changed."""
    _tell_owner(
        "revise", submission, occurrence=f"round {submission.round}",
        note=submission.response_note, changed=changed,
    )  # fmt: skip


def decline(submission: Submission, decision: Decision) -> None:
    """To the submitter: not included, why, and the way to a second look."""
    person = _submitter(submission)
    reason = catalogue().reason_label("rejection", decision.reason, person.locale).text
    _tell_submitter(
        "decline", submission, occurrence=f"decision {decision.id}", reason=reason,
        note=decision.text, appeal_days=int(catalogue().policy["appeal_days"]),
        may_appeal=submission.appeals == 0,
    )  # fmt: skip


def rescreen(submission: Submission) -> None:
    """To the submitter: the refusal was taken back."""
    _tell_submitter("rescreen", submission, occurrence=clock.now().isoformat())


def revive(submission: Submission) -> None:
    """To the submitter: what was withdrawn is under way again."""
    _tell_submitter("revive", submission, occurrence=f"round {submission.round}")


def remind_screening(submission: Submission) -> None:
    """To whoever screens it: it is late."""
    _tell_owner(
        "remind_screening", submission,
        occurrence=f"{_due_day(submission)}:{submission.progress.reminders}",
    )  # fmt: skip


def escalate(submission: Submission) -> None:
    """To the new owner: nobody has screened it, so it is theirs now."""
    _tell_owner(
        "escalate", submission, occurrence=f"{_due_day(submission)}:{submission.progress.owner_id}"
    )


def remind_changes(submission: Submission) -> None:
    """To the submitter: the changed version is due soon."""
    _tell_submitter(
        "remind_changes", submission, endpoint="revise", wanted=submission.changes_wanted,
        occurrence=f"{_due_day(submission)}:{submission.progress.reminders}",
    )  # fmt: skip


def ask(submission: Submission, question: Question) -> None:
    """To the submitter: an editor asks something; by when to answer."""
    _tell_submitter(
        "ask", submission, endpoint="answer", occurrence=f"question {question.number}",
        question=question.text, by=question.answer_by.date().isoformat(),
    )  # fmt: skip


def remind_answer(submission: Submission, question: Question) -> None:
    """To the submitter: the question still waits."""
    _tell_submitter(
        "remind_answer", submission, endpoint="answer", occurrence=f"question {question.number}",
        question=question.text, by=question.answer_by.date().isoformat(),
    )  # fmt: skip


def record_answer(submission: Submission, question: Question, received_on: date) -> None:
    """To the submitter: what an editor entered for them, and how to put it right."""
    _tell_submitter(
        "record_answer", submission, endpoint="answer", occurrence=f"question {question.number}",
        question=question.text, answer=question.answer, received_on=received_on.isoformat(),
    )  # fmt: skip


def answer(submission: Submission, question: Question, *, is_corrected: bool = False) -> None:
    """To whoever asked: the answer, and once more where an entered one was put right."""
    occurrence = f"question {question.number}{' corrected' if is_corrected else ''}"
    _tell(
        "answer", accounts.get(question.asked_by_id), submission,
        page("admin.item", ref=submission.ref), occurrence=occurrence,
        question=question.text, answer=question.answer,
    )  # fmt: skip


def _tell_submitter(
    event: str, submission: Submission, *, occurrence: str = "", endpoint: str = "show", **more: Any
) -> None:
    person = _submitter(submission)
    with force_locale(person.locale):
        events = history("submissions", submission.id)
        way = trail(submission, events, live_decision(submission.id), is_submitter=True)
        more["trail"] = trail_text(way)
    more["reply_to"] = to_submitter(submission)
    target = _submitters_page(submission, person, endpoint)
    _tell(event, person, submission, target, occurrence=occurrence, **more)


def _tell_owner(event: str, submission: Submission, *, occurrence: str, **more: Any) -> None:
    if submission.progress.owner_id is None:
        return  # a hub without staff: the queue shows it to whoever comes first
    person = accounts.get(submission.progress.owner_id)
    target = page("admin.item", ref=submission.ref)
    _tell(event, person, submission, target, occurrence=occurrence, **more)


def _tell(
    event: str,
    person: Person,
    submission: Submission,
    target: Target,
    *,
    occurrence: str = "",
    **more: Any,
) -> None:
    tell(
        f"submissions/{event}", accounts.recipient(person), submission,
        target=target, occurrence=occurrence, kind=CAN_WAIT.get(event), title=submission.title,
        ref=submission.ref,
        due=_due_day(submission), **more,
    )  # fmt: skip


def _submitters_page(submission: Submission, person: Person, endpoint: str) -> Target:
    link = links.ensure(Capability.SUBMISSION, submission.id, person_id=person.id)
    return page(f"submissions.{endpoint}", ref=submission.ref, link_id=link.id)


def _submitter(submission: Submission) -> Person:
    assert submission.submitter_id is not None  # mails go out once somebody is known
    return accounts.get(submission.submitter_id)


def _due_day(submission: Submission) -> str:
    due_at = submission.progress.due_at
    return due_at.date().isoformat() if due_at else ""
