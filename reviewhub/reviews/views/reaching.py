"""Around a reviewer's page: the same on another device, the date for a calendar, a mail that
reached somebody else.
"""

from flask import flash, make_response, redirect, render_template
from werkzeug.wrappers import Response

from reviewhub.accounts import limits
from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.reviews import calendar, operations
from reviewhub.reviews.operations.drafts import WRITABLE
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.loading import mine, page_of, render
from reviewhub.web.forms import Form

METHODS = ["GET", "POST"]


@bp.post("/assignments/<int:assignment_id>/send-link")
@allow(BY_OBJECT)
@limits.mails
def send_link(assignment_id: int) -> Response:
    """ "Send me this on my computer": the link once more, to the reviewer's own address."""
    assignment, _submission = mine(assignment_id)
    operations.renew(assignment)
    db.session.commit()
    flash(
        _("The link is on its way to your mail. It opens the same page on any device."), "success"
    )
    return redirect(page_of(assignment))


@bp.route("/assignments/<int:assignment_id>/disown", methods=METHODS)
@allow(BY_OBJECT)
def disown(assignment_id: int) -> str | Response:
    """ "That is not me": a forwarded link is closed, and the reviewer gets one of their own."""
    assignment, submission = mine(assignment_id)
    form, by_link = Form(), bool(link_key())
    if not form.was_sent_and_is_valid():
        return render("disown", assignment, submission, form=form, by_link=by_link)
    operations.disown(assignment, by=actor())
    db.session.commit()
    if by_link:
        return render_template("reviews/disowned.html")
    flash(_("The link in the older mails is closed. A new one is on its way to you."), "success")
    return redirect(page_of(assignment))


@bp.get("/assignments/<int:assignment_id>/review.ics")
@allow(BY_OBJECT)
def due_date(assignment_id: int) -> Response:
    """The due date for one's own calendar; once there is nothing due, what takes it out again."""
    assignment, submission = mine(assignment_id)
    if assignment.due_at is None:
        raise NotFound(_("There is no date here yet: it is set when you say yes."))
    text = calendar.entry(
        assignment,
        title=submission.title,
        rules=rules_of(assignment.round),
        written_at=clock.now(),
        called_off=assignment.state not in WRITABLE,
    )
    response = make_response(text)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename={calendar.FILE}"
    response.headers["Cache-Control"] = "private, no-store"
    return response
