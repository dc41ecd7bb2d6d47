"""Which mail each step promises, and to whom: written apart from the code that sends them."""

from collections.abc import Iterator

from reviewhub.accounts.models import Person
from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import db
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState
from reviewhub.submissions.models import Submission

Mail = tuple[str, str, int, int]  # event, kind and number of what it is about, recipient

TO_SUBMITTER = {
    "submit": "submissions/submit",
    "start_review": "reviews/start_review",
    "decline": "submissions/decline",
    "request_changes": "reviews/request_changes",
    "approve": "reviews/approve",
    "reject": "reviews/reject",
    "withdraw": "reviews/withdraw",
    "lapse": "reviews/lapse",
    "revive": "submissions/revive",
    "appeal": "reviews/appeal",
    "rescreen": "submissions/rescreen",
}
TO_REVIEWER = {
    "invite": "reviews/invite",
    "ask_again": "reviews/invite",
    "accept": "reviews/accept",
    "expire": "reviews/expire",
    "submit": "reviews/submit",
    "give_up": "reviews/submit",
    "return_": "reviews/return_",
    "cancel": "reviews/cancel",
    "surpass": "reviews/cancel",
}


def told_by(event: AuditEvent) -> Iterator[Mail]:
    """The mails that a step of the history has to have promised."""
    if event.object_type == Submission.__tablename__:
        yield from _to_submitter(event)
    elif event.object_type == Assignment.__tablename__:
        yield from _to_reviewer(event)


def _to_submitter(event: AuditEvent) -> Iterator[Mail]:
    submission = db.session.get_one(Submission, event.object_id)
    named = TO_SUBMITTER.get(event.verb)
    if event.verb == "submit" and event.data.get("entered_by_editor"):
        named = "submissions/record_for"
    if named and submission.submitter_id is not None:
        yield (named, event.object_type, event.object_id, submission.submitter_id)


def _to_reviewer(event: AuditEvent) -> Iterator[Mail]:
    named = TO_REVIEWER.get(event.verb)
    if event.old_state == AssignmentState.PROPOSED and event.verb == "cancel":
        return  # somebody who was never asked needs no word
    assignment = db.session.get_one(Assignment, event.object_id)
    person_id = assignment.person_id
    if event.verb == "cancel" and assignment.called_off_at is not None:
        named = "reviews/call_off"  # somebody else was faster
    if event.verb == "expire" and db.session.get_one(Person, person_id).bouncing_since:
        return  # it ended because no mail reaches them
    if named:
        yield (named, event.object_type, event.object_id, person_id)
