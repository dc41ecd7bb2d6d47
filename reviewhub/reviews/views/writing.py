"""Saving and sending a review. Whatever happens to session, link or token, the text comes back.

Where the request proves whose it is, what was typed is kept as the draft. Where it does not, it is
handed back in the page, with the ways to go on: signing in, or a new link by mail.
"""

from collections.abc import Callable

from flask import current_app, flash, jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.wrappers import Response
from wtforms import Field, RadioField
from wtforms.validators import ValidationError

from reviewhub.accounts import access, limits, links
from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.actor import Capability
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError, InvalidInput, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import operations, queries
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.operations.drafts import Overtaken, Seen
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.loading import answers_of, mine, page_of, render, review_form
from reviewhub.submissions.models import Submission
from reviewhub.web.forms import Form
from reviewhub.web.scripts import by_script

METHODS = ["GET", "POST"]
Step = Callable[[Assignment, Submission, Form], str | Response]
# What the page says about itself, apart from the answers.
OWN_FIELDS = frozenset({"csrf_token", "key", "link", "draft_version", "draft_tab"})


@bp.post("/assignments/<int:assignment_id>/save")
@allow(BY_OBJECT)
def save(assignment_id: int) -> str | Response:
    """Keep the draft; answers JSON to the script, and the page to a browser without one."""
    return _keeping(assignment_id, _save)


@bp.route("/assignments/<int:assignment_id>/submit", methods=METHODS)
@allow(BY_OBJECT)
def submit(assignment_id: int) -> str | Response:
    """Send the review. What is missing is said beside the question, and the draft is kept."""
    if request.method == "GET":
        return redirect(page_of(mine(assignment_id)[0]))
    return _keeping(assignment_id, _submit)


@bp.post("/assignments/<int:assignment_id>/renew")
@allow(BY_OBJECT)
@limits.mails
def renew(assignment_id: int) -> Response:
    """A new link, to the address that was asked: for whoever holds one that opened this once.

    What is answered tells nothing: neither who that is, nor whether there is such a review.
    """
    old = request.form.get("old", "")
    if links.opened(old, Capability.ASSIGNMENT, assignment_id):
        operations.renew(queries.get(assignment_id))
        db.session.commit()
    return make_response(render_template("reviews/renewed.html"))


def _keeping(assignment_id: int, do: Step) -> str | Response:
    """Do it for the reviewer; to whom it can't be done for, what was typed is handed back."""
    access.use_key(request.form.get("link", ""))
    try:
        assignment, submission = mine(assignment_id)
    except NotFound as error:
        return _hand_back(error)
    form = review_form(submission)
    if not _is_meant(assignment):
        return _ask_again(assignment, submission, form)
    try:
        return do(assignment, submission, form)
    except Overtaken as error:
        db.session.rollback()
        return _show_both(assignment_id, error)
    except WrongState as error:
        db.session.rollback()
        return _hand_back(error)


def _save(assignment: Assignment, _submission: Submission, form: Form) -> Response:
    review = operations.save(assignment, answers=answers_of(form), seen=_seen())
    db.session.commit()
    if by_script():
        fields = {"draft_version": str(review.draft_version)}
        return jsonify(saved_at=review.saved_at.isoformat(), fields=fields)
    flash(_("Your draft is saved."), "success")
    return redirect(page_of(assignment))


def _submit(assignment: Assignment, submission: Submission, form: Form) -> str | Response:
    answers, seen = answers_of(form), _seen()
    if form.was_sent_and_is_valid():
        try:
            operations.submit(assignment, by=actor(), answers=answers, seen=seen)
            db.session.commit()
            flash(_("Thank you. Your review has arrived."), "success")
            return redirect(page_of(assignment))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
            assignment, submission = mine(assignment.id)
    review = operations.save(assignment, answers=answers, seen=seen)
    db.session.commit()
    kept = Seen(review.draft_version, seen.tab)
    return render("write", assignment, submission, form=form, seen=kept)


def _seen() -> Seen:
    """What the page that sends this knew. A page without a number knew of no draft."""
    version, tab = request.form.get("draft_version", ""), request.form.get("draft_tab", "")
    is_number = version.isascii() and version.isdigit() and len(version) < 10
    return Seen(int(version) if is_number else 0, tab)


def _is_meant(assignment: Assignment) -> bool:
    """Whether a page of ours sends this: the key of a link is proof, a session needs the token."""
    if actor().holds_link_to(Capability.ASSIGNMENT, assignment.id):
        return True
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return True
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _ask_again(assignment: Assignment, submission: Submission, form: Form) -> Response:
    """The token has expired: the same page with a new one, and what was typed in it."""
    sentence = _("This page had been open for too long. Your text is still here: save it again.")
    if by_script():
        return make_response(jsonify(error=sentence, fields={"csrf_token": generate_csrf()}), 400)
    seen = _seen()
    body = render("write", assignment, submission, form=form, seen=seen, sentence=sentence)
    return make_response(body, 400)


def _show_both(assignment_id: int, error: Overtaken) -> Response:
    """What this page holds, and what the other one saved: neither is written over unseen."""
    if by_script():
        return make_response(jsonify(error=str(error), overtaken=True), error.status)
    assignment, submission = mine(assignment_id)
    form = review_form(submission)
    review = assignment.review
    assert review is not None  # or nothing could have been overtaken
    body = render(
        "write",
        assignment,
        submission,
        form=form,
        seen=Seen(review.draft_version, _seen().tab),
        sentence=str(error),
        saved=review_form(submission, review.draft),
        differences=differences,
    )
    return make_response(body, error.status)


def differences(saved: Form, here: Form) -> list[tuple[str, str]]:
    """What the saved draft says where this page says something else: each question, its answer."""
    return [
        (str(field.label.text), _shown(field))
        for field in saved
        if field.name != "csrf_token" and (field.data or "") != (here[field.name].data or "")
    ]


def _shown(field: Field) -> str:
    """An answer as it reads: a choice by its label, no answer as a word."""
    if isinstance(field, RadioField):
        found = next(
            (label for value, label, *_more in field.iter_choices() if value == field.data), ""
        )
        return str(found or _("no answer"))
    return str(field.data or _("no answer"))


def _hand_back(error: DomainError) -> Response:
    """What was typed, to be kept by whoever typed it, and how to go on."""
    if by_script():
        return make_response(jsonify(error=str(error)), error.status)
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in OWN_FIELDS and value
    ]
    body = render_template(
        "reviews/handed_back.html",
        sentence=str(error),
        typed=typed,
        may_go_on=isinstance(error, NotFound),
        old=request.args.get("key", ""),
    )
    return make_response(body, error.status)


# A token that has expired must not cost what was typed: these look at it themselves.
LOOK_AT_TOKENS = (save, submit)
