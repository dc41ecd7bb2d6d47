"""An editor's first look: declining and taking it back, correcting, taking up again."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.core.db import db, in_savepoint
from reviewhub.core.errors import InvalidInput, NotAllowed
from reviewhub.core.i18n import _
from reviewhub.submissions import operations, policy, queries
from reviewhub.submissions.completeness import missing_for_review
from reviewhub.submissions.forms import DeclineForm, ReasonForm, RefileForm, StepForm
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.refiling import refiling_of
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import home, load, load_for, same_version
from reviewhub.submissions.views.suggesting import as_form
from reviewhub.submissions.workflow import BUTTONS
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow

METHODS = ["GET", "POST"]


@bp.route("/submissions/<ref>/decline", methods=METHODS)
@allow(BY_OBJECT)
def decline(ref: str) -> str | Response:
    """Not taken to review."""
    submission = load_for(ref, Workflow.decline)
    return _step(
        submission,
        "decline",
        DeclineForm(),
        lambda form: operations.decline(
            submission, by=actor(), reason=form.reason.data, note=form.note.data
        ),
        _("Not taken to review. The submitter has been told."),
    )


@bp.route("/submissions/<ref>/rescreen", methods=METHODS)
@allow(BY_OBJECT)
def rescreen(ref: str) -> str | Response:
    """Take a refusal at screening back."""
    submission = load_for(ref, Workflow.rescreen)
    return _step(
        submission,
        "rescreen",
        ReasonForm(),
        lambda form: operations.rescreen(submission, by=actor(), note=form.note.data),
        _("It waits for screening again."),
    )


@bp.route("/submissions/<ref>/revive", methods=METHODS)
@allow(BY_OBJECT)
def revive(ref: str) -> str | Response:
    """Take up what was withdrawn."""
    submission = load_for(ref, Workflow.revive)
    return _step(
        submission,
        "revive",
        StepForm(),
        lambda form: operations.revive(submission, by=actor(), note=form.note.data),
        _("It is under way again."),
    )


@bp.route("/submissions/<ref>/refile", methods=METHODS)
@allow(BY_OBJECT)
def refile(ref: str) -> str | Response:
    """Correct title, description and filing before publication."""
    submission = load(ref)
    if not policy.may_refile(actor(), submission):
        raise NotAllowed(_("The filing can't be corrected here by you, or not any more."))
    form = RefileForm()
    if form.was_sent_and_is_valid():
        try:
            with in_savepoint():
                changes = operations.refile(
                    submission,
                    form.refiling(),
                    by=actor(),
                    version=_number(form.version.data),
                    note=form.note.data,
                )
            db.session.commit()
            flash(_("Corrected.") if changes else _("Nothing was different."), "success")
            return redirect(url_for("admin.item", ref=ref))
        except InvalidInput as error:
            form.refuse(error)
    elif not form.is_submitted():
        form = RefileForm(data=_as_refiling(submission))
    body = render_template(
        "submissions/refile.html",
        submission=submission,
        form=form,
        missing=missing_for_review(submission),
        publishers=queries.publishers(),
    )
    return make_response(body, 422 if form.is_submitted() else 200)


def _as_refiling(submission: Submission) -> dict[str, Any]:
    now = refiling_of(submission)
    return as_form(now.answers) | {
        "version": str(submission.version),
        "title_en": now.title_en,
        "themes": list(now.themes),
        "languages": list(now.languages),
        "breadth": now.breadth.value if now.breadth else "",
        "licence": now.licence.value if now.licence else "",
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _step(
    submission: Submission, verb: str, form: StepForm, do: Callable[[Any], object], done: str
) -> str | Response:
    """Show the verb's page, or do it and go back to where the item is looked at."""
    if form.was_sent_and_is_valid():
        try:
            same_version(submission, form.version.data)
            with in_savepoint():
                do(form)
            db.session.commit()
            flash(done, "success")
            return redirect(home(submission))
        except InvalidInput as error:
            form.refuse(error)
    form.version.data = str(submission.version)
    body = render_template(
        [f"submissions/{verb}.html", "layout/step.html"],
        submission=submission,
        form=form,
        home=home(submission),
        step=BUTTONS.get(verb),
    )
    return make_response(body, 422 if form.is_submitted() else 200)
