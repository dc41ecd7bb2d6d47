"""The editor's verbs: declining, taking that back, correcting the filing, taking up again."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed
from reviewhub.core.i18n import _
from reviewhub.submissions import operations, policy, queries
from reviewhub.submissions.completeness import missing_for_review
from reviewhub.submissions.forms import (
    DeclineForm,
    ReasonForm,
    RefileForm,
    ReviveForm,
    fields_of,
)
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.refiling import refiling_of
from reviewhub.submissions.operations.screening import revive_until
from reviewhub.submissions.views.blueprint import bp, for_editor, held, seen
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow
from reviewhub.web.forms import Form


@bp.route("/submissions/<ref>/decline", methods=["GET", "POST"])
@allow(BY_OBJECT)
def decline(ref: str) -> Any:
    """Refuse a suggestion at screening."""
    submission = for_editor(ref, locked=request.method == "POST")
    form = DeclineForm()
    if form.was_sent_and_is_valid():
        operations.decline(submission, by=actor(), reason=form.reason.data, note=form.note.data)
        return _done(submission, _("Declined. The submitter is told why."))
    return _page("decline", form, submission)


@bp.route("/submissions/<ref>/rescreen", methods=["GET", "POST"])
@allow(BY_OBJECT)
def rescreen(ref: str) -> Any:
    """Take a refusal at screening back."""
    submission = for_editor(ref, locked=request.method == "POST")
    form = ReasonForm()
    if form.was_sent_and_is_valid():
        operations.rescreen(submission, by=actor(), note=form.note.data)
        return _done(submission, _("Taken back. It waits for screening again."))
    return _page("rescreen", form, submission)


@bp.route("/submissions/<ref>/refile", methods=["GET", "POST"])
@allow(BY_OBJECT)
def refile(ref: str) -> Any:
    """Correct title, description and filing."""
    submission = for_editor(ref, locked=request.method == "POST")
    form = RefileForm(
        data={**fields_of(refiling_of(submission)), "version": str(submission.version)},
        has_files=bool(queries.files_of(submission.id)),
    )
    if form.was_sent_and_is_valid():
        return _try(form, submission, lambda: _refile(form, submission))
    return _page("refile", form, submission)


@bp.route("/submissions/<ref>/revive", methods=["GET", "POST"])
@allow(BY_OBJECT)
def revive(ref: str) -> Any:
    """Take up a withdrawn suggestion again."""
    submission = held(ref) if request.method == "POST" else seen(ref)
    if not policy.roles_towards(actor(), submission) & {Role.SUBMITTER, Role.EDITOR}:
        raise NotAllowed(_("You may not do this here."))
    form = ReviveForm()
    if form.was_sent_and_is_valid():
        operations.revive(submission, by=actor(), note=form.note.data)
        return _done(submission, _("Taken up again. An editor looks at it next."))
    return _page("revive", form, submission, until=revive_until(submission))


def _refile(form: RefileForm, submission: Submission) -> Response:
    changes = operations.refile(
        submission, form.refiling(), by=actor(), version=form.seen_version(),
        note=form.note.data or "",
    )  # fmt: skip
    return _done(submission, _("Saved.") if changes else _("Nothing was changed."))


def _try(form: Form, submission: Submission, do: Callable[[], Response]) -> Response:
    """Do it, or show beside the field why not."""
    try:
        return do()
    except InvalidInput as error:
        db.session.rollback()
        form.refuse(error)
        return _page("refile", form, queries.get(submission.id))


def _done(submission: Submission, sentence: str) -> Response:
    db.session.commit()
    flash(sentence, "success")
    if policy.is_submitter(actor(), submission):
        return redirect(url_for(".show", ref=submission.ref, key=link_key() or None))
    return redirect(url_for("admin.item", ref=submission.ref))


def _page(verb: str, form: Form, submission: Submission, **more: Any) -> Response:
    """The verb's page; where the verb is not open now, the page says so and has no button."""
    roles = policy.roles_towards(actor(), submission)
    is_open = (
        policy.may_refile(actor(), submission)
        if verb == "refile"
        else verb in Workflow.offered(submission, roles)
    )
    body = render_template(
        f"submissions/{verb}.html", form=form, submission=submission, is_open=is_open,
        missing=missing_for_review(submission) if verb == "refile" else [],
        publishers=queries.publishers() if verb == "refile" else [],
        is_submitter=Role.SUBMITTER in roles, **more,
    )  # fmt: skip
    return make_response(body, 422 if form.is_submitted() else 200)
