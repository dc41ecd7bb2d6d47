"""What is said about submissions: one function per mail, called in the transaction of its cause."""

from typing import Any

from reviewhub.accounts import links
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.audit.queries import history
from reviewhub.core import clock
from reviewhub.core.i18n import force_locale
from reviewhub.notifications.outbox import Target, page, tell
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.trail import trail, trail_text
from reviewhub.taxonomy.queries import catalogue


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


def _tell_submitter(
    event: str, submission: Submission, *, occurrence: str = "", endpoint: str = "show", **more: Any
) -> None:
    person = _submitter(submission)
    with force_locale(person.locale):
        events = history("submissions", submission.id)
        way = trail(submission, events, live_decision(submission.id), is_submitter=True)
        more["trail"] = trail_text(way)
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
        target=target, occurrence=occurrence, title=submission.title, ref=submission.ref,
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
