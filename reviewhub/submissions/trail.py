"""The way of a submission as a value: where it has been, where it is, what comes next.

Pages draw it with macros/trail.html; mails carry it as text. It names no reviewer: who acts is
said by role only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reviewhub.audit.models import AuditEvent
from reviewhub.core.i18n import _, get_locale, ngettext
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.words import day
from reviewhub.submissions.workflow import LABELS, OPEN, State
from reviewhub.taxonomy.queries import catalogue

MAIN = (State.SUBMITTED, State.IN_REVIEW, State.REVIEWED, State.APPROVED, State.PUBLISHED)
# Whatever lies beside the main way is a turn off it.
TURNS = frozenset(State) - {State.DRAFT, *MAIN}


@dataclass(frozen=True)
class Step:
    """One station: `state` is done, now, next, or turned (a side exit)."""

    name: str
    label: str
    at: datetime | None
    state: str
    note: str | None = None


@dataclass(frozen=True)
class Next:
    """What happens next, who does it and by when; `yours` when the reader has to act."""

    label: str
    who: str
    by: datetime | None = None
    yours: bool = False


@dataclass(frozen=True)
class Trail:
    """Steps in order, and what comes after them."""

    steps: tuple[Step, ...]
    next: Next | None


def trail(
    submission: Submission,
    history: Iterable[AuditEvent],
    decision: Decision | None,
    *,
    is_submitter: bool = False,
) -> Trail:
    """The way of a submission, from its history (oldest first) and its live decision.

    `is_submitter` says "you" where the submitter acts, and offers what only they may do.
    """
    reached, turned_at = _reached(submission, history)
    present = submission.state
    steps = [
        Step(state.value, str(LABELS[state]), reached[state], "done")
        for state in MAIN
        if state in reached and state is not present
    ]
    if present in TURNS:
        note = _note(submission, decision)
        steps.append(Step(present.value, str(LABELS[present]), turned_at, "turned", note))
    else:
        steps += _ahead(submission, decision, reached)
    return Trail(tuple(steps), _next(submission, decision, turned_at, is_submitter))


def trail_text(way: Trail) -> str:
    """The same for a mail: one line beginning with "- " per step that was made."""
    lines = [
        f"- {step.label}: {day(step.at)}" if step.at else f"- {step.label}"
        for step in way.steps
        if step.state != "next"
    ]
    return "\n".join([*lines, *_next_line(way.next)])


def _next_line(step: Next | None) -> list[str]:
    if step is None:
        return []
    if step.by is None:
        return [_("- Next: %(what)s (%(who)s)", what=step.label, who=step.who)]
    return [
        _("- Next: %(what)s (%(who)s, by %(day)s)", what=step.label, who=step.who, day=day(step.by))
    ]


def _reached(
    submission: Submission, history: Iterable[AuditEvent]
) -> tuple[dict[State, datetime | None], datetime | None]:
    """When each main state was reached on the present way, and when it turned off."""
    reached: dict[State, datetime | None] = {}
    turned_at: datetime | None = None
    for event in history:
        if event.new_state is None or event.new_state not in set(State):
            continue
        state = State(event.new_state)
        if state in MAIN:
            later = MAIN[MAIN.index(state) + 1 :]
            reached = {s: at for s, at in reached.items() if s not in later} | {state: event.at}
        else:
            turned_at = event.at
    # Imported and very long histories: the row itself knows the two dates that matter.
    if submission.submitted_at is not None:
        reached.setdefault(State.SUBMITTED, submission.submitted_at)
    if submission.reviewed_at is not None:
        reached.setdefault(State.REVIEWED, submission.reviewed_at)
    if submission.state in MAIN:
        last = MAIN.index(submission.state)
        for state in MAIN[: last + 1]:
            reached.setdefault(state, None)
        reached = {state: at for state, at in reached.items() if MAIN.index(state) <= last}
    return reached, turned_at


def _ahead(
    submission: Submission, decision: Decision | None, reached: dict[State, datetime | None]
) -> list[Step]:
    """The present main step, and those still to come."""
    present = submission.state
    steps: list[Step] = []
    if present in MAIN:
        note = _note(submission, decision)
        steps.append(Step(present.value, str(LABELS[present]), reached[present], "now", note))
    rest = MAIN[MAIN.index(present) + 1 :] if present in MAIN else MAIN
    return [*steps, *(Step(state.value, str(LABELS[state]), None, "next") for state in rest)]


def _note(submission: Submission, decision: Decision | None) -> str | None:
    progress = submission.progress
    if submission.state is State.IN_REVIEW and progress.reviews_expected:
        return ngettext(
            "%(received)d of %(num)d review",
            "%(received)d of %(num)d reviews",
            progress.reviews_expected,
            received=progress.reviews_received,
        )
    if submission.state is State.REJECTED and decision is not None and decision.reason:
        return str(catalogue().reason_label("rejection", decision.reason, get_locale() or "en"))
    return None


def _next(
    submission: Submission,
    decision: Decision | None,
    turned_at: datetime | None,
    is_submitter: bool,
) -> Next | None:
    submitter = _("you") if is_submitter else _("the submitter")
    found = _next_of_submitter(submission, decision, turned_at)
    if found is not None:
        return replace(found, who=submitter, yours=is_submitter)
    due_at = submission.progress.due_at
    editor, reviewers = _("an editor"), _("the reviewers")
    known = {
        State.SUBMITTED: Next(_("look whether it fits the library"), editor, due_at),
        State.IN_REVIEW: Next(_("read and judge it"), reviewers, due_at),
        State.REVIEWED: Next(_("decide from the reviews"), editor, due_at),
        State.APPROVED: _going_public(submission),
    }
    if submission.state in known:
        return known[submission.state]
    # An open state that needs no words of its own waits for an editor, as everything open does.
    return Next(_("take the next step"), editor, due_at) if submission.state in OPEN else None


def _going_public(submission: Submission) -> Next:
    if submission.publish_at is not None:
        return Next(_("appear in the library"), _("by itself"), submission.publish_at)
    return Next(_("put it into the library"), _("an editor"), submission.progress.due_at)


def _next_of_submitter(
    submission: Submission, decision: Decision | None, turned_at: datetime | None
) -> Next | None:
    state = submission.state
    if state is State.DRAFT:
        return _next_of_draft(submission)
    if state is State.CHANGES_REQUESTED:
        return Next(_("send a changed version"), "", submission.progress.due_at)
    if state is State.REJECTED and decision is not None and submission.appeals == 0:
        by = decision.decided_at + timedelta(days=int(catalogue().policy["appeal_days"]))
        return Next(_("ask for a second look, if there is reason to"), "", by)
    if state is State.WITHDRAWN and turned_at is not None and submission.submitted_at is not None:
        by = turned_at + timedelta(days=int(catalogue().policy["revive_days"]))
        return Next(_("take it up again, if wanted"), "", by)
    return None


def _next_of_draft(submission: Submission) -> Next:
    if submission.consented_at is None:
        return Next(_("finish the suggestion and send it"), "")
    by = submission.consented_at + timedelta(days=int(catalogue().policy["guest_draft_days"]))
    return Next(_("confirm the address, with the link in the mail"), "", by)
