"""A reviewer's pages: from the mail to the sent review, with the link alone or signed in."""

from flask import flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from reviewhub.accounts import links
from reviewhub.accounts.access import BY_OBJECT, SIGNED_IN, actor, allow, viewer
from reviewhub.accounts.actor import Capability
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotFound
from reviewhub.core.i18n import _
from reviewhub.reviews import forms, operations, policy, queries
from reviewhub.reviews.files import shown_files
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.loading import is_sent, mine, page_of, render, unknown
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.attachments import store
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.downloads import send_upload

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
def show(assignment_id: int) -> str | Response:
    """One page, by where the assignment is: the two answers, the form, or what was sent."""
    try:
        assignment, submission = mine(assignment_id)
    except NotFound:
        return _closed(assignment_id)
    page = _PAGES.get(assignment.state, "over")
    if page == "write" and assignment.state is A.SURPLUS and is_sent(assignment):
        page = "sent"
    return render(page, assignment, submission)


@bp.route("/assignments/<int:assignment_id>/accept", methods=METHODS)
@allow(BY_OBJECT)
def accept(assignment_id: int) -> str | Response:
    """ "I can, and I have no conflict": one confirmed POST."""
    assignment, _submission = mine(assignment_id)
    if request.method == "GET" or assignment.state is A.ACCEPTED:
        return redirect(page_of(assignment))
    operations.accept(assignment, by=actor())
    db.session.commit()
    flash(_("Thank you. The resource and the form are below."), "success")
    return redirect(page_of(assignment))


@bp.route("/assignments/<int:assignment_id>/decline", methods=METHODS)
@allow(BY_OBJECT)
def decline(assignment_id: int) -> str | Response:
    """ "I can't", with a reason."""
    assignment, submission = mine(assignment_id)
    form = forms.DeclineForm()
    form.reason.choices = forms.reasons(catalogue(), "invitation_decline")
    if form.was_sent_and_is_valid():
        operations.decline(assignment, by=actor(), reason=form.reason.data, note=form.note.data)
        db.session.commit()
        flash(_("Thank you for telling us. Somebody else is asked now."), "success")
        return redirect(page_of(assignment))
    return render("decline", assignment, submission, form=form)


@bp.post("/assignments/<int:assignment_id>/follow")
@allow(BY_OBJECT)
def follow(assignment_id: int) -> Response:
    """Hear, or no longer hear, what becomes of the resource."""
    assignment, _submission = mine(assignment_id)
    wants = "stop" not in request.form
    operations.follow(assignment, by=actor(), wants=wants)
    db.session.commit()
    done = _("We tell you what becomes of it.") if wants else _("You hear no more of it.")
    flash(done, "success")
    return redirect(page_of(assignment))


@bp.route("/assignments/<int:assignment_id>/recuse", methods=METHODS)
@allow(BY_OBJECT)
def recuse(assignment_id: int) -> str | Response:
    """A conflict that was noticed later."""
    assignment, submission = mine(assignment_id)
    form = forms.RecuseForm()
    if form.was_sent_and_is_valid():
        operations.recuse(assignment, by=actor(), note=form.note.data)
        db.session.commit()
        flash(_("Thank you for saying so. Somebody else is asked now."), "success")
        return redirect(page_of(assignment))
    return render("recuse", assignment, submission, form=form)


@bp.route("/assignments/<int:assignment_id>/extend", methods=METHODS)
@allow(BY_OBJECT)
def extend(assignment_id: int) -> str | Response:
    """More time: at once within the policy's days, by the editor's leave beyond them."""
    assignment, submission = mine(assignment_id)
    form = forms.MoreTimeForm()
    if form.was_sent_and_is_valid():
        try:
            done = _more_time(assignment, form.days.data, form.note.data)
            db.session.commit()
            flash(done, "success")
            return redirect(page_of(assignment))
        except InvalidInput as error:
            form.refuse(error)
    return render("extend", assignment, submission, form=form)


@bp.get("/assignments/<int:assignment_id>/files/<int:file_id>")
@allow(BY_OBJECT)
def file(assignment_id: int, file_id: int) -> Response:
    """A file of the item, for a reviewer who has declared no conflict."""
    assignment, submission = mine(assignment_id)
    if not policy.may_read_item(assignment):
        raise NotFound(_("There is no such file here."))
    shown = shown_files(submission.id, hides_submitter=rules_of(assignment.round).hides_submitter)
    found = next((one for one in shown if one.id == file_id), None)
    if found is None or not found.path:
        raise NotFound(_("There is no such file here."))
    return send_upload(store(), found.path, name=found.name, media_type=found.media_type)


def _more_time(assignment: Assignment, days: int, note: str) -> str:
    """Take the days, or ask for them; what was done, in a sentence."""
    left = rules_of(assignment.round).extension_days - assignment.extended_days
    if days <= left:
        operations.extend(assignment, by=actor(), days=days)
        return _("You have more time.")
    operations.ask_for_time(assignment, by=actor(), days=days, note=note)
    return _("The editor is asked. You hear from us by mail; until then, the date stays.")


def _closed(assignment_id: int) -> Response:
    """A new link is offered to whoever holds one that opened this once. Raises NotFound else."""
    key = request.args.get("key", "")
    if not links.opened(key, Capability.ASSIGNMENT, assignment_id):
        raise unknown()
    body = render_template("reviews/closed.html", assignment_id=assignment_id, old=key)
    return make_response(body, 404)
