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
from reviewhub.notifications.mails import mail
from reviewhub.notifications.outbox import Target, page, tell
from reviewhub.submissions.messages import Question
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.replies import to_submitter
from reviewhub.submissions.trail import trail, trail_text
from reviewhub.taxonomy.queries import catalogue


@mail(
    _l("Suggestion to be confirmed"),
    when=_l("a guest asks for the link, or sends without a confirmed address"),
)
def confirm(submission: Submission, person: Person) -> None:
    """To a guest: press the button to send it. Asked for again, it goes out once a day."""
    _tell(
        "confirm", person, submission, _submitters_page(submission, person, "confirm"),
        occurrence=clock.today().isoformat(),
    )  # fmt: skip


@mail(_l("Reminder to confirm"), when=_l("the guest has not pressed the button"))
def remind_confirm(submission: Submission) -> None:
    """To a guest, once: the suggestion still waits for the button."""
    person = _submitter(submission)
    target = _submitters_page(submission, person, "confirm")
    _tell("remind_confirm", person, submission, target, until=_due_day(submission))


@mail(_l("Suggestion received"), after=("submissions.submit",))
def submit(submission: Submission) -> None:
    """To the submitter: it has arrived; where to follow it."""
    _tell_submitter("submit", submission, occurrence=f"round {submission.round}")


@mail(_l("Entered for the writer"), after=("submissions.record_for",))
def record_for(submission: Submission) -> None:
    """To somebody who wrote a mail: it was entered for them; where to follow it."""
    _tell_submitter("record_for", submission)


@mail(
    _l("New suggestion"),
    after=("submissions.submit", "submissions.revive", "submissions.record_for"),
    can_wait=Kind.ARRIVALS,
)
def new(submission: Submission) -> None:
    """To whoever screens it: a suggestion has come in."""
    _tell_owner("new", submission, occurrence=f"round {submission.round}")


@mail(_l("Changes received"), after=("submissions.submit",), can_wait=Kind.ARRIVALS)
def revise(submission: Submission, changed: list[str]) -> None:
    """To the editor: the changed version is here; which fields changed."""
    _tell_owner(
        "revise", submission, occurrence=f"round {submission.round}",
        note=submission.response_note, changed=changed,
    )  # fmt: skip


@mail(_l("Not taken to review"), after=("submissions.decline",))
def decline(submission: Submission, decision: Decision) -> None:
    """To the submitter: not included, why, and the way to a second look."""
    person = _submitter(submission)
    reason = catalogue().reason_label("rejection", decision.reason, person.locale).text
    _tell_submitter(
        "decline", submission, occurrence=f"decision {decision.id}", reason=reason,
        note=decision.text, appeal_days=int(catalogue().policy["appeal_days"]),
        may_appeal=submission.appeals == 0,
    )  # fmt: skip


@mail(_l("To be screened again"), after=("submissions.rescreen",))
def rescreen(submission: Submission) -> None:
    """To the submitter: the refusal was taken back."""
    _tell_submitter("rescreen", submission, occurrence=clock.now().isoformat())


@mail(_l("Taken up again"), after=("submissions.revive",))
def revive(submission: Submission) -> None:
    """To the submitter: what was withdrawn is under way again."""
    _tell_submitter("revive", submission, occurrence=f"round {submission.round}")


@mail(_l("Reminder of the screening"), when=_l("a suggestion is not screened by its date"))
def remind_screening(submission: Submission) -> None:
    """To whoever screens it: it is late."""
    _tell_owner(
        "remind_screening", submission,
        occurrence=f"{_due_day(submission)}:{submission.progress.reminders}",
    )  # fmt: skip


@mail(_l("Suggestion passed on"), after=("submissions.escalate",))
def escalate(submission: Submission) -> None:
    """To the new owner: nobody has screened it, so it is theirs now."""
    _tell_owner(
        "escalate", submission, occurrence=f"{_due_day(submission)}:{submission.progress.owner_id}"
    )


@mail(_l("Reminder of changes"), when=_l("the changed version is due soon"))
def remind_changes(submission: Submission) -> None:
    """To the submitter: the changed version is due soon."""
    _tell_submitter(
        "remind_changes", submission, endpoint="revise", wanted=submission.changes_wanted,
        occurrence=f"{_due_day(submission)}:{submission.progress.reminders}",
    )  # fmt: skip


@mail(_l("Question to the submitter"), after=("submissions.ask",))
def ask(submission: Submission, question: Question) -> None:
    """To the submitter: an editor asks something; by when to answer."""
    _tell_submitter(
        "ask", submission, endpoint="answer", occurrence=f"question {question.number}",
        question=question.text, by=question.answer_by.date().isoformat(),
    )  # fmt: skip


@mail(_l("Reminder of a question"), when=_l("a question to the submitter is without an answer"))
def remind_answer(submission: Submission, question: Question) -> None:
    """To the submitter: the question still waits."""
    _tell_submitter(
        "remind_answer", submission, endpoint="answer", occurrence=f"question {question.number}",
        question=question.text, by=question.answer_by.date().isoformat(),
    )  # fmt: skip


@mail(_l("Answer entered for the submitter"), after=("submissions.record_answer",))
def record_answer(submission: Submission, question: Question, received_on: date) -> None:
    """To the submitter: what an editor entered for them, and how to put it right."""
    _tell_submitter(
        "record_answer", submission, endpoint="answer", occurrence=f"question {question.number}",
        question=question.text, answer=question.answer, received_on=received_on.isoformat(),
    )  # fmt: skip


@mail(_l("Answer of the submitter"), after=("submissions.answer", "submissions.correct_answer"))
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
        target=target, occurrence=occurrence, title=submission.title,
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
