"""From screening to review: a round is opened under the policy of the day."""

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError, InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.nudges import nudge
from reviewhub.core.workflow import Transition
from reviewhub.matching.panel import propose
from reviewhub.matching.reasons import Proposal
from reviewhub.reviews import emails
from reviewhub.reviews.candidates import candidates_for, item_of
from reviewhub.reviews.clocks import panel_due_at
from reviewhub.reviews.models import ReviewPolicy, ReviewRound
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.operations.panels import FILL_PANELS
from reviewhub.reviews.operations.policies import adopt_policy
from reviewhub.reviews.policy import roles_towards
from reviewhub.reviews.queries import latest_policy, latest_round
from reviewhub.reviews.rules import Rules
from reviewhub.submissions import moves, progress
from reviewhub.submissions.completeness import missing_for_review
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations import ask_for_clean_copies
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import LABELS, SubmissionWorkflow
from reviewhub.taxonomy.queries import catalogue


def preview(submission: Submission) -> Proposal:
    """The panel that would be invited if the review started now."""
    rules = Rules.read(_policy_for(submission).rules)
    submitter = accounts.get(submission.submitter_id) if submission.submitter_id else None
    return propose(
        item_of(submission, submitter),
        candidates_for(submission, None),
        rules.panel_rule(),
        today=clock.today(),
    )


def round_to_be(submission: Submission) -> ReviewRound:
    """The round that would open now: not in the database, and nobody asked in it."""
    return ReviewRound(
        submission_id=submission.id,
        policy=_policy_for(submission),
        tie_breakers=0,
        fresh_panel=submission.appeals > 0,
        kept_off=[],
        wanted=[],
    )


def why_not(submission: Submission, transition: Transition, *, by: Actor) -> str:
    """Why starting the review, or declining, would be refused now; empty if it would not be."""
    try:
        refuse_compromised(submission, by)
        if not transition.is_open_to(submission, roles_towards(by, submission)):
            return _("This step is not open: its state is “%(state)s”.",
                     state=LABELS[submission.state])  # fmt: skip
        if transition is SubmissionWorkflow.start_review:
            _require_complete(submission)
    except DomainError as error:
        return str(error)
    return ""


def start_review(submission: Submission, *, by: Actor) -> ReviewRound:
    """Screening is over: open a round, and have a task find and invite the panel.

    Raises InvalidInput, naming them, while answers that publication needs are missing.
    """
    submission = lock(submission.id)
    refuse_compromised(submission, by)
    _require_complete(submission)
    moves.start_review(submission, by=by)
    current = _open_round(submission)
    rules = Rules.read(current.policy.rules)
    progress.set_counts(submission, expected=rules.panel_size, received=0)
    progress.wait_for(
        submission, owner_id=submission.progress.editor_id, due_at=panel_due_at(rules)
    )
    if rules.hides_submitter:
        ask_for_clean_copies(submission)
    emails.start_review(submission)
    nudge(FILL_PANELS)
    return current


def _require_complete(submission: Submission) -> None:
    missing = missing_for_review(submission)
    if missing:
        names = ", ".join(str(label) for label in missing)
        raise InvalidInput(_("Before reviewers are asked, please fill in: %(names)s.", names=names))


def _open_round(submission: Submission) -> ReviewRound:
    before = latest_round(submission.id)
    current = ReviewRound(
        submission_id=submission.id,
        number=before.number + 1 if before else 1,
        policy=_policy_for(submission),
        fill_at=clock.now(),
        fresh_panel=submission.appeals > 0,
    )
    db.session.add(current)
    db.session.flush()
    return current


def _policy_for(submission: Submission) -> ReviewPolicy:
    """The policy bound to the item by its first round; before that, the one in force."""
    first = db.session.scalar(
        sa.select(ReviewRound)
        .where(ReviewRound.submission_id == submission.id)
        .order_by(ReviewRound.number)
        .limit(1)
    )
    if first is not None:
        return first.policy
    return latest_policy() or adopt_policy(catalogue().policy)
