"""What starts its review without an editor's look: by the policy, or because no editor is free."""

import sqlalchemy as sa

from reviewhub.accounts.actor import SYSTEM
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core.db import db
from reviewhub.reviews.operations.screening import start_review
from reviewhub.reviews.queries import rules_in_force
from reviewhub.reviews.rules import Screening
from reviewhub.submissions.completeness import has_files, missing_for_review
from reviewhub.submissions.models import Licence, Submission
from reviewhub.submissions.policy import runs_itself
from reviewhub.submissions.queries import lock
from reviewhub.submissions.workflow import State


def screen(submission: Submission) -> bool:
    """Start the review where nobody has to look first; returns whether it did.

    What lacks something that publication needs waits for whoever may fill it in; filling it in
    has this look again.
    """
    submission = lock(submission.id)
    submission.progress.screen_at = None
    if submission.state is not State.SUBMITTED or not _passes(submission):
        return False
    _list_as_link(submission)
    if missing_for_review(submission):
        return False
    start_review(submission, by=SYSTEM)
    return True


def _list_as_link(submission: Submission) -> None:
    """Where no editor says on what ground it may be listed, a link is listed as a link.

    A file is kept here, and that somebody has to allow.
    """
    if submission.licence is None and submission.url and not has_files(submission):
        submission.licence = Licence.LINK_ONLY
        changes = {"licence": [None, Licence.LINK_ONLY.value]}
        record(submission, "refile", role=Role.SYSTEM, changes=changes)


def _passes(submission: Submission) -> bool:
    rules = rules_in_force()
    if rules.screening is Screening.NONE:
        return True
    if rules.screening is Screening.TRUSTED and _is_trusted(submission, rules.trusted_after):
        return True
    return runs_itself(submission)


def _is_trusted(submission: Submission, published: int) -> bool:
    """Whether so many suggestions of this submitter stand in the library already."""
    found = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Submission)
        .where(
            Submission.submitter_id == submission.submitter_id,
            Submission.state == State.PUBLISHED,
        )
    )
    return (found or 0) >= published
