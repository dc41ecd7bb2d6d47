"""Asking the submitter a question, and answering it: each a page with one field."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key
from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.submissions import messages, operations, policy
from reviewhub.submissions.forms import AnswerForm, AskForm, RecordAnswerForm
from reviewhub.submissions.messages import Question
from reviewhub.submissions.models import Submission
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import home, load
from reviewhub.submissions.workflow import OPEN

METHODS = ["GET", "POST"]


@bp.route("/submissions/<ref>/ask", methods=METHODS)
@allow(BY_OBJECT)
def ask(ref: str) -> str | Response:
    """An editor's question to the submitter."""
    submission = load(ref)
    if not policy.may_be_asking(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    if submission.state not in OPEN:
        raise WrongState(_("Nothing can be asked about this any more."))
    form = AskForm()
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                operations.ask(submission, by=actor(), text=form.question.data)
            db.session.commit()
            flash(_("Your question is on its way to the submitter."), "success")
            return redirect(home(submission))
        except InvalidInput as error:
            form.refuse(error)
    body = render_template(
        "submissions/ask.html",
        submission=submission,
        form=form,
        home=home(submission),
        thread=messages.thread(submission, actor()),
    )
    return make_response(body, 422 if form.is_submitted() else 200)


@bp.route("/submissions/<ref>/answer", methods=METHODS)
@allow(BY_OBJECT)
def answer(ref: str) -> str | Response:
    """The submitter's answer. Following the link in the mail alone changes nothing."""
    submission = load(ref)
    if not policy.is_submitter(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    form = AnswerForm()
    question = _asked(submission, form)
    if question is None:
        if request.method == "POST":
            raise WrongState(_("There is no question here that waits for an answer."))
        flash(_("There is no question here that waits for an answer."))
        return redirect(url_for(".show", ref=ref, key=link_key() or None))
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                operations.answer(submission, question, by=actor(), text=form.answer.data)
            db.session.commit()
            flash(_("Thank you. Your answer has been sent."), "success")
            return redirect(url_for(".show", ref=ref, key=link_key() or None))
        except InvalidInput as error:
            form.refuse(error)
    form.number.data = str(question.number)
    if request.method == "GET":
        form.answer.data = question.answer  # where an editor entered it, to be put right
    body = render_template(
        "submissions/answer.html",
        submission=submission,
        form=form,
        question=question,
        home=url_for(".show", ref=ref, key=link_key() or None),
    )
    return make_response(body, 422 if form.is_submitted() else 200)


@bp.route("/submissions/<ref>/record-answer", methods=METHODS)
@allow(BY_OBJECT)
def record_answer(ref: str) -> str | Response:
    """An editor enters the answer that the submitter sent by mail."""
    submission = load(ref)
    if not policy.may_be_asking(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    form = RecordAnswerForm()
    question = messages.thread(submission, actor()).unanswered
    if question is None or submission.state not in OPEN:
        raise WrongState(_("There is no question here that waits for an answer."))
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                operations.record_answer(
                    submission, question, by=actor(), text=form.answer.data,
                    received_on=form.received_on.data,
                )  # fmt: skip
            db.session.commit()
            flash(_("It is entered, and they are told."), "success")
            return redirect(home(submission))
        except InvalidInput as error:
            form.refuse(error)
    body = render_template(
        "submissions/record_answer.html", submission=submission, form=form, question=question,
        home=home(submission),
    )  # fmt: skip
    return make_response(body, 422 if form.is_submitted() else 200)


def _asked(submission: Submission, form: AnswerForm) -> Question | None:
    """The question that the form is about, or the newest one that can be answered."""
    number = form.number.data if form.is_submitted() else ""
    if number.isascii() and number.isdigit() and len(number) < 6:
        return messages.question(submission.id, int(number))
    return messages.thread(submission, actor()).open
