"""A reviewer's pages: from the mail to the sent review, with the link alone or signed in."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, SIGNED_IN, actor, allow, link_key, viewer
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotFound
from reviewhub.core.i18n import _
from reviewhub.reviews import forms, operations, policy, queries
from reviewhub.reviews.form import Questions, questions
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.attachments import store
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.downloads import send_upload
from reviewhub.web.forms import Form

METHODS = ["GET", "POST"]
_PAGES = {
    A.INVITED: "answer",
    A.EXPIRED: "answer",
    A.ACCEPTED: "write",
    A.RETURNED: "write",
    A.SURPLUS: "write",
    A.SUBMITTED: "sent",
}


@bp.get("/reviews")
@allow(SIGNED_IN)
def index() -> str:
    """The viewer's own assignments."""
    person = viewer()
    assert person is not None  # the guard lets nobody else in
    return render_template("reviews/index.html", rows=queries.assignments_of(person.id))


@bp.get("/assignments/<int:assignment_id>")
@allow(BY_OBJECT)
def show(assignment_id: int) -> str:
    """One page, by where the assignment is: the two answers, the form, or what was sent."""
    assignment, submission = _mine(assignment_id)
    page = _PAGES.get(assignment.state, "over")
    if page == "write" and assignment.state is A.SURPLUS and _sent(assignment):
        page = "sent"
    return _render(page, assignment, submission)


@bp.route("/assignments/<int:assignment_id>/accept", methods=METHODS)
@allow(BY_OBJECT)
def accept(assignment_id: int) -> str | Response:
    """ "I can, and I have no conflict": one confirmed POST."""
    assignment, _submission = _mine(assignment_id)
    if request.method == "GET" or assignment.state is A.ACCEPTED:
        return redirect(_address(assignment))
    operations.accept(assignment, by=actor())
    db.session.commit()
    flash(_("Thank you. The resource and the form are below."), "success")
    return redirect(_address(assignment))


@bp.route("/assignments/<int:assignment_id>/decline", methods=METHODS)
@allow(BY_OBJECT)
def decline(assignment_id: int) -> str | Response:
    """ "I can't", with a reason."""
    assignment, submission = _mine(assignment_id)
    form = forms.DeclineForm()
    form.reason.choices = forms.reasons(catalogue(), "invitation_decline")
    if form.was_sent_and_is_valid():
        operations.decline(assignment, by=actor(), reason=form.reason.data, note=form.note.data)
        db.session.commit()
        flash(_("Thank you for telling us. Somebody else is asked now."), "success")
        return redirect(_address(assignment))
    return _render("decline", assignment, submission, form=form)


@bp.route("/assignments/<int:assignment_id>/recuse", methods=METHODS)
@allow(BY_OBJECT)
def recuse(assignment_id: int) -> str | Response:
    """A conflict that was noticed later."""
    assignment, submission = _mine(assignment_id)
    form = forms.RecuseForm()
    if form.was_sent_and_is_valid():
        operations.recuse(assignment, by=actor(), note=form.note.data)
        db.session.commit()
        flash(_("Thank you for saying so. Somebody else is asked now."), "success")
        return redirect(_address(assignment))
    return _render("recuse", assignment, submission, form=form)


@bp.route("/assignments/<int:assignment_id>/extend", methods=METHODS)
@allow(BY_OBJECT)
def extend(assignment_id: int) -> str | Response:
    """More time."""
    assignment, submission = _mine(assignment_id)
    form = forms.ExtendForm()
    if form.was_sent_and_is_valid():
        try:
            operations.extend(assignment, by=actor(), days=form.days.data)
            db.session.commit()
            flash(_("You have more time."), "success")
            return redirect(_address(assignment))
        except InvalidInput as error:
            form.refuse(error)
    return _render("extend", assignment, submission, form=form)


@bp.post("/assignments/<int:assignment_id>/save")
@allow(BY_OBJECT)
def save(assignment_id: int) -> Response:
    """Keep the draft; answers JSON to the script, and the page to a browser without one."""
    assignment, submission = _mine(assignment_id)
    review = operations.save(assignment, answers=_answers(_form(submission)))
    db.session.commit()
    if request.accept_mimetypes.best == "application/json":
        return jsonify(saved_at=review.saved_at.isoformat())
    flash(_("Your draft is saved."), "success")
    return redirect(_address(assignment))


@bp.route("/assignments/<int:assignment_id>/submit", methods=METHODS)
@allow(BY_OBJECT)
def submit(assignment_id: int) -> str | Response:
    """Send the review. What is missing is said beside the question, and the draft is kept."""
    assignment, submission = _mine(assignment_id)
    if request.method == "GET":
        return redirect(_address(assignment))
    form = _form(submission)
    answers = _answers(form)
    if form.was_sent_and_is_valid():
        try:
            operations.submit(assignment, by=actor(), answers=answers)
            db.session.commit()
            flash(_("Thank you. Your review has arrived."), "success")
            return redirect(_address(assignment))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
            assignment, submission = _mine(assignment_id)
    operations.save(assignment, answers=answers)
    db.session.commit()
    return _render("write", assignment, submission, form=form)


@bp.get("/assignments/<int:assignment_id>/files/<int:file_id>")
@allow(BY_OBJECT)
def file(assignment_id: int, file_id: int) -> Response:
    """A file of the item, for a reviewer who has declared no conflict."""
    assignment, submission = _mine(assignment_id)
    if not policy.may_read_item(assignment):
        raise NotFound(_("There is no such file here."))
    found = submissions.file(submission.id, file_id)
    return send_upload(store(), found.path, name=found.name, media_type=found.media_type)


def _mine(assignment_id: int) -> tuple[Assignment, Submission]:
    """The assignment, for the reviewer who was asked; to everybody else it does not exist."""
    assignment = queries.find(assignment_id)
    if assignment is None or not policy.is_reviewer(actor(), assignment):
        raise NotFound(
            _("This page is not for this account, or its link has been closed or renewed.")
        )
    return assignment, submissions.get(assignment.submission_id)


def _render(
    page: str, assignment: Assignment, submission: Submission, *, form: Form | None = None
) -> str:
    rules = rules_of(assignment.round)
    sees_others = policy.may_see_others(assignment, allowed_by_rules=rules.reviewers_see_each_other)
    if page == "write" and form is None:
        form = _form(submission, _draft(assignment))
    return render_template(
        f"reviews/{page}.html",
        assignment=assignment,
        submission=submission,
        form=form,
        asked=_questions(submission),
        rules=rules,
        review=assignment.review,
        files=submissions.files_of(submission.id) if policy.may_read_item(assignment) else [],
        others=queries.others_reviews(assignment) if sees_others else [],
        extension_left=rules.extension_days - assignment.extended_days,
        now=clock.now(),
    )


def _sent(assignment: Assignment) -> bool:
    return assignment.review is not None and assignment.review.submitted_at is not None


def _questions(submission: Submission) -> Questions:
    return questions(catalogue().review_form, submission)


def _form(submission: Submission, draft: dict[str, Any] | None = None) -> Form:
    kind = forms.review_form(_questions(submission), catalogue())
    return kind(data=draft) if draft is not None else kind()


def _draft(assignment: Assignment) -> dict[str, Any]:
    return dict(assignment.review.draft) if assignment.review else {}


def _answers(form: Form) -> dict[str, Any]:
    return {
        name: value
        for name, value in form.data.items()
        if name != "csrf_token" and value not in {None, ""}
    }


def _address(assignment: Assignment) -> str:
    return url_for(".show", assignment_id=assignment.id, key=link_key() or None)
