"""Who reads what somebody answers to a mail: the editor who handles the item, where that may be."""

from reviewhub.accounts.models import Person
from reviewhub.core.db import db
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue


def to_reviewers(submission: Submission) -> str:
    """Where a reviewer's answer goes; nothing means the hub's own address."""
    editor_id = submission.progress.editor_id
    editor = db.session.get(Person, editor_id) if editor_id else None
    if editor is None or editor.suspended_at or editor.bouncing_since:
        return ""
    return "" if editor.id == submission.submitter_id else editor.email


def to_submitter(submission: Submission) -> str:
    """Where the submitter's answer goes: not to an editor who must not know whose item it is."""
    if catalogue().policy.get("anonymity") == "triple":
        return ""
    return to_reviewers(submission)
