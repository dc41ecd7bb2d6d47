"""A reviewer's question to the submitter: an editor passes it on or answers; the panel reads it.

Nobody is named on the way: the submitter is asked by the editor, and the panel is not told who
wanted to know. Where the policy hides the submitter, their answer too goes through the editor.
"""

from datetime import timedelta

from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import clean
from reviewhub.reviews import seat_emails
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.guards import refuse_compromised
from reviewhub.reviews.policy import is_reviewer, may_read_item, roles_towards
from reviewhub.reviews.queries import reread, rules_of
from reviewhub.reviews.questions import ReviewerQuestion, questions_of
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.models import Submission
from reviewhub.submissions.queries import lock

QUESTION = (10, 2000)  # characters, least and most; likewise below
REPLY = (1, 5000)
MOST_OPEN = 3  # questions of one reviewer that wait at the same time
FIRST_CALL = timedelta(days=3)  # after which the editor is called on
NEXT_CALLS = timedelta(days=7)
MOST_CALLS = 3
ASKING = frozenset({A.ACCEPTED, A.RETURNED})


def raise_question(assignment: Assignment, *, by: Actor, text: str) -> ReviewerQuestion:
    """A question to the submitter, for an editor to pass on. The same one again changes nothing.

    Raises WrongState once there is nothing to review, or while too many wait already.
    """
    lock(assignment.submission_id)
    reread(assignment)
    text = _within(text, QUESTION, "question")
    if not is_reviewer(by, assignment):
        raise NotAllowed(_("You may not do this here."))
    if assignment.state not in ASKING or assignment.round.closed_at is not None:
        raise WrongState(_("Nothing can be asked about this any more."))
    before = questions_of(assignment.round_id)
    own = [one for one in before if one.assignment_id == assignment.id and not one.reply]
    for one in own:
        if one.text == text:
            return one
    if len(own) >= MOST_OPEN:
        raise WrongState(_("Your questions wait for their answers. Ask on when one has come."))
    question = ReviewerQuestion(
        assignment=assignment, round_id=assignment.round_id, number=len(before) + 1, text=text,
        asked_at=clock.now(), next_at=clock.now() + FIRST_CALL,
    )  # fmt: skip
    db.session.add(question)
    db.session.flush()
    _record(question, "raise_question", by, "reviewer")
    seat_emails.raise_question(question)
    return question


def forward_question(question: ReviewerQuestion, *, by: Actor, text: str) -> None:
    """Ask the submitter, in the editor's own name and words.

    Raises WrongState where that was done, or where another question waits for its answer.
    """
    submission = _open(question, by)
    if question.forwarded_id is not None:
        raise WrongState(_("This question has been passed on already."))
    asked = submissions.ask(submission, by=by, text=text)
    question.forwarded = asked
    question.next_at = asked.answer_by
    _record(question, "forward_question", by, "editor")


def reply_to_question(question: ReviewerQuestion, *, by: Actor, text: str) -> None:
    """Tell the panel: the editor's answer, or what of the submitter's they may read."""
    text = _within(text, REPLY, "reply")
    _open(question, by)
    _reply(question, text)
    _record(question, "reply_to_question", by, "editor")


def pass_back(question: ReviewerQuestion) -> bool:
    """Let the panel read the submitter's answer where the rules let them; whether it did."""
    lock(question.assignment.submission_id)
    db.session.refresh(question)
    forwarded = question.forwarded
    if question.replied_at is not None or forwarded is None or not forwarded.answer:
        return False
    if rules_of(question.assignment.round).hides_submitter:
        return False
    _reply(question, forwarded.answer)
    _record(question, "reply_to_question", SYSTEM, "system")
    return True


def remind_question(question: ReviewerQuestion) -> bool:
    """Call on the editor for a question that waits; a few times, and not for a closed panel."""
    lock(question.assignment.submission_id)
    db.session.refresh(question)
    now = clock.now()
    if question.next_at is None or now < question.next_at:
        return False
    if question.assignment.round.closed_at is not None or question.reminders >= MOST_CALLS:
        question.next_at = None
        return False
    question.reminders += 1
    question.next_at = now + NEXT_CALLS
    seat_emails.remind_question(question)
    return True


def _open(question: ReviewerQuestion, by: Actor) -> Submission:
    """The submission, locked, of a question that has no answer yet."""
    submission = lock(question.assignment.submission_id)
    db.session.refresh(question)
    refuse_compromised(submission, by)
    if Role.EDITOR not in roles_towards(by, submission):
        raise NotAllowed(_("You may not do this here."))
    if question.replied_at is not None:
        raise WrongState(_("This question has been answered already."))
    return submission


def _reply(question: ReviewerQuestion, text: str) -> None:
    question.reply, question.replied_at, question.next_at = text, clock.now(), None
    db.session.flush()
    for one in question.assignment.round.assignments:
        if one.state in ASKING and may_read_item(one):
            seat_emails.reply_to_question(question, one)


def _record(question: ReviewerQuestion, verb: str, by: Actor, role: str) -> None:
    record(
        question.assignment, verb, actor_id=by.acting_person_id, role=role, number=question.number
    )


def _within(text: str, limits: tuple[int, int], field: str) -> str:
    text = clean(text)
    if not limits[0] <= len(text) <= limits[1]:
        raise InvalidInput(
            _("This must have %(least)d to %(most)d characters.", least=limits[0], most=limits[1]),
            field=field,
        )
    return text
