"""A reviewer's question, and the editor who passes it on: each a page with one field."""

from collections.abc import Callable

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import forms, operations, policy, questions
from reviewhub.reviews.explained import names_of
from reviewhub.reviews.operations.questions import ASKING
from reviewhub.reviews.questions import ReviewerQuestion
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.loading import mine, page_of, render
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import OPEN
from reviewhub.web.forms import Form

METHODS = ["GET", "POST"]


@bp.route("/assignments/<int:assignment_id>/question", methods=METHODS)
@allow(BY_OBJECT)
def raise_question(assignment_id: int) -> str | Response:
    """A reviewer's question to the submitter, through the editor."""
    assignment, submission = mine(assignment_id)
    if assignment.state not in ASKING:
        raise WrongState(_("Nothing can be asked about this any more."))
    form = forms.RaiseForm()
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                operations.raise_question(assignment, by=actor(), text=form.question.data)
            db.session.commit()
            flash(_("Your question is with the editor. You hear from us by mail."), "success")
            return redirect(page_of(assignment))
        except InvalidInput as error:
            form.refuse(error)
    body = render("raise_question", assignment, submission, form=form)
    return make_response(body, 422 if form.is_submitted() else 200)


@bp.route("/reviewer-questions/<int:question_id>/forward", methods=METHODS)
@allow(BY_OBJECT)
def forward_question(question_id: int) -> str | Response:
    """Pass it on to the submitter, in words of one's own."""
    question, submission = _found(question_id)
    form = forms.ForwardForm(question=question.text)
    return _step(
        "forward_question", question, submission, form,
        lambda: operations.forward_question(question, by=actor(), text=form.question.data),
        _("Your question is on its way to the submitter."),
    )  # fmt: skip


@bp.route("/reviewer-questions/<int:question_id>/reply", methods=METHODS)
@allow(BY_OBJECT)
def reply_to_question(question_id: int) -> str | Response:
    """Answer it oneself, or pass the submitter's answer on."""
    question, submission = _found(question_id)
    answer = question.forwarded.answer if question.forwarded else ""
    form = forms.ReplyForm(reply=answer)
    return _step(
        "reply_to_question", question, submission, form,
        lambda: operations.reply_to_question(question, by=actor(), text=form.reply.data),
        _("The panel is told."),
    )  # fmt: skip


def _found(question_id: int) -> tuple[ReviewerQuestion, Submission]:
    """The question, for an editor without a part in the item; to others it does not exist."""
    question = questions.find(question_id)
    submission = submissions.get(question.assignment.submission_id) if question else None
    if question is None or submission is None:
        raise _unknown()
    if not policy.may_see_panel(actor(), submission):
        raise _unknown()
    if Role.EDITOR not in policy.roles_towards(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    if submission.state not in OPEN:
        raise WrongState(_("Nothing can be asked about this any more."))
    if question.replied_at is not None:
        raise WrongState(_("This question has been answered already."))
    return question, submission


def _unknown() -> NotFound:
    return NotFound(_("There is no such question, or it is not for this account."))


def _step(
    page: str,
    question: ReviewerQuestion,
    submission: Submission,
    form: Form,
    do: Callable[[], object],
    done: str,
) -> str | Response:
    home = url_for("admin.item", ref=submission.ref)
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                do()
            db.session.commit()
            flash(str(done), "success")
            return redirect(home)
        except InvalidInput as error:
            form.refuse(error)
    person_id = question.assignment.person_id
    body = render_template(
        f"reviews/{page}.html", submission=submission, question=question, form=form, home=home,
        name=names_of([person_id])[person_id][0],
    )  # fmt: skip
    return make_response(body, 422 if form.is_submitted() else 200)
