"""An editor enters what a reviewer sent by mail; the reviewer can put it right."""

from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import forms, operations, policy, queries
from reviewhub.reviews.explained import names_of
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.loading import answers_of, asked_of, mine, page_of
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.forms import Form

METHODS = ["GET", "POST"]
STATES = frozenset({A.INVITED, A.EXPIRED, A.ACCEPTED, A.RETURNED})


@bp.route("/assignments/<int:assignment_id>/record-for", methods=METHODS)
@allow(BY_OBJECT)
def record_for(assignment_id: int) -> str | Response:
    """The answer to an invitation, or a whole review, that came by mail."""
    seat, submission = _seat(assignment_id)
    is_answer = seat.state in {A.INVITED, A.EXPIRED}
    form = _answer_form() if is_answer else _review_form(submission)
    home = url_for("reviews.panel", ref=submission.ref)
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                (_record_answer if is_answer else _record_review)(seat, form)
            db.session.commit()
            flash(_("It is entered, and they are told."), "success")
            return redirect(url_for("admin.item", ref=submission.ref))
        except InvalidInput as error:
            form.refuse(error)
    body = render_template(
        "reviews/record_for.html", submission=submission, seat=seat, form=form, home=home,
        asked=asked_of(submission), is_answer=is_answer,
        name=names_of([seat.person_id])[seat.person_id][0],
    )  # fmt: skip
    return make_response(body, 422 if form.is_submitted() else 200)


@bp.post("/assignments/<int:assignment_id>/correct")
@allow(BY_OBJECT)
def correct(assignment_id: int) -> Response:
    """ "That is not what I meant": the question, or the form, is open again."""
    assignment, _submission = mine(assignment_id)
    operations.correct(assignment, by=actor())
    db.session.commit()
    flash(_("It is open again. Say what you meant."), "success")
    return redirect(page_of(assignment))


def _seat(assignment_id: int) -> tuple[Assignment, Submission]:
    """A seat that waits, for an editor without a part in the item; to others it does not exist."""
    seat = queries.find(assignment_id)
    submission = submissions.get(seat.submission_id) if seat else None
    if seat is None or submission is None:
        raise _unknown()
    if not policy.may_see_panel(actor(), submission):
        raise _unknown()
    if Role.EDITOR not in policy.roles_towards(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    if seat.state not in STATES or seat.round.closed_at is not None:
        raise WrongState(_("This has moved on: the step is no longer open."))
    return seat, submission


def _unknown() -> NotFound:
    return NotFound(_("There is no such seat, or it is not for this account."))


def _answer_form() -> Form:
    form = forms.RecordForm()
    reasons = forms.reasons(catalogue(), "invitation_decline")
    form.reason.choices = [SelectChoice(code, label) for code, label in reasons]
    return form


def _review_form(submission: Submission) -> Form:
    return forms.recorded_review_form(asked_of(submission), catalogue())()


def _record_answer(seat: Assignment, form: Any) -> None:
    by, received_on = actor(), form.received_on.data
    if form.answer.data == "accept":
        no_conflict = form.no_conflict.data
        operations.record_yes(seat, by=by, no_conflict=no_conflict, received_on=received_on)
        return
    operations.record_no(
        seat, by=by, reason=form.reason.data, note=form.note.data, received_on=received_on
    )


def _record_review(seat: Assignment, form: Any) -> None:
    answers = answers_of(form)
    received_on = answers.pop("received_on")
    operations.record_review(seat, by=actor(), answers=answers, received_on=received_on)
