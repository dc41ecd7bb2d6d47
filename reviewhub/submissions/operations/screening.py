"""An editor's first look: declining, taking that back, and taking up what was withdrawn."""

from datetime import datetime, timedelta

from reviewhub.accounts.actor import Actor
from reviewhub.audit.operations import record
from reviewhub.audit.queries import history
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean
from reviewhub.submissions import duplicates, emails, moves
from reviewhub.submissions.completeness import require_answers
from reviewhub.submissions.models import Decision, DecisionKind, Submission
from reviewhub.submissions.operations.owners import start_screening
from reviewhub.submissions.policy import roles_towards
from reviewhub.submissions.progress import set_counts, wait_for
from reviewhub.submissions.workflow import State
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue

SENTENCE = (10, 2000)  # characters of what the submitter is told, least and most


def decline(submission: Submission, *, by: Actor, reason: str, note: str) -> Decision:
    """Not taken up for review: a reason of the hub's list, and a sentence for the submitter.

    Raises InvalidInput for an unknown reason or a missing sentence.
    """
    if reason not in {entry["code"] for entry in catalogue().reasons["rejection"]}:
        raise InvalidInput(_("Choose a reason."), field="reason")
    note = _sentence(note)
    move = Workflow.decline(submission, roles_towards(by, submission))
    decision = Decision(
        submission_id=submission.id,
        kind=DecisionKind.REJECTED,
        reason=reason,
        text=note,
        decided_by_id=by.acting_person_id,
        at_screening=True,
    )
    db.session.add(decision)
    db.session.flush()
    record(submission, move, actor_id=by.acting_person_id, note=note, reason=reason)
    wait_for(submission, None, None)
    emails.decline(submission, decision)
    return decision


def rescreen(submission: Submission, *, by: Actor, note: str) -> None:
    """Take a refusal at screening back. Raises InvalidInput without a reason for the history."""
    note = _sentence(note)
    move = Workflow.rescreen(submission, roles_towards(by, submission))
    moves.supersede_decision(submission)
    record(submission, move, actor_id=by.acting_person_id, note=note)
    start_screening(submission, keep_editor=True)
    emails.rescreen(submission)


def revive(submission: Submission, *, by: Actor, note: str = "") -> None:
    """Take up a withdrawn suggestion again, in a new round.

    Raises WrongState after the policy's days, and what `submit` raises for answers and duplicates.
    """
    roles = roles_towards(by, submission)
    if submission.state is State.WITHDRAWN and clock.now() > revive_until(submission):
        raise WrongState(_("This was withdrawn too long ago. Please suggest it anew."))
    require_answers(submission)
    move = Workflow.revive(submission, roles)
    duplicates.refuse_same(submission, asker=by)
    submission.reviewed_at = None
    submission.publish_at = None
    submission.round += 1
    moves.supersede_decision(submission)
    record(submission, move, actor_id=by.acting_person_id, note=clean(note))
    set_counts(submission, expected=0, received=0, panel_result="")
    start_screening(submission, keep_editor=True)
    emails.revive(submission)
    emails.new(submission)


def revive_until(submission: Submission) -> datetime:
    """Until when a withdrawn suggestion can be taken up again."""
    events = history("submissions", submission.id, limit=1000)
    left = [event.at for event in events if event.new_state == State.WITHDRAWN]
    since = left[-1] if left else submission.updated_at
    return since + timedelta(days=int(catalogue().policy["revive_days"]))


def _sentence(note: str) -> str:
    note = clean(note)
    if not SENTENCE[0] <= len(note) <= SENTENCE[1]:
        raise InvalidInput(
            _(
                "Write %(least)d to %(most)d characters: they are kept with the decision.",
                least=SENTENCE[0],
                most=SENTENCE[1],
            ),
            field="note",
        )
    return note
