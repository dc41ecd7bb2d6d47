"""Following a suggestion: its page, confirming it, its files, changing it, one's own list."""

from typing import Any

from flask import (
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as people
from reviewhub.accounts.access import BY_OBJECT, SIGNED_IN, actor, allow, link_key, viewer
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.forms import ActionForm
from reviewhub.audit.queries import history
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.submissions import attachments, operations, policy, queries
from reviewhub.submissions.answers import answers_of
from reviewhub.submissions.forms import ReviseForm, sent_files, unsent_of
from reviewhub.submissions.models import Submission, SubmissionFile
from reviewhub.submissions.operations.drafts import unsent
from reviewhub.submissions.sheet import sheet
from reviewhub.submissions.trail import trail
from reviewhub.submissions.views.blueprint import bp, held, seen
from reviewhub.submissions.workflow import LABELS, State
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow


@bp.get("/submissions/<ref>")
@allow(BY_OBJECT)
def show(ref: str) -> Any:
    """Where a suggestion stands, for its submitter; staff go to their own page of it."""
    submission = seen(ref)
    if not policy.is_submitter(actor(), submission):
        return redirect(url_for("admin.item", ref=ref))
    decision = queries.live_decision(submission.id)
    events = history("submissions", submission.id)
    return render_template(
        "submissions/show.html",
        submission=submission,
        label=LABELS[submission.state],
        way=trail(submission, events, decision, is_submitter=True),
        decision=decision,
        sheet=sheet(submission),
        files=queries.files_of(submission.id),
        verbs=Workflow.offered(submission, policy.roles_towards(actor(), submission)),
        may_confirm=_may_confirm(submission),
    )


@bp.route("/submissions/<ref>/confirm", methods=["GET", "POST"])
@allow(BY_OBJECT)
def confirm(ref: str) -> Any:
    """The button behind the link in a guest's mail."""
    submission = held(ref) if request.method == "POST" else seen(ref)
    if submission.state is not State.DRAFT:
        flash(_("This has been sent already. Here is how it stands."))
        return redirect(_tracking(ref))
    form = ActionForm()
    if form.was_sent_and_is_valid():
        operations.confirm(submission, by=actor())
        db.session.commit()
        flash(_("Thank you. Your suggestion has arrived."), "success")
        return redirect(_tracking(ref))
    return render_template(
        "submissions/confirm.html", form=form, submission=submission,
        may_confirm=_may_confirm(submission),
    )  # fmt: skip


@bp.get("/submissions/<ref>/files/<int:file_id>")
@allow(BY_OBJECT)
def file(ref: str, file_id: int) -> Response:
    """A file that came with a suggestion, to be kept, never to be run."""
    return serve(queries.file(seen(ref).id, file_id))


def serve(file: SubmissionFile) -> Response:
    """An answer with the file, for whoever has been let in already."""
    response = send_from_directory(
        attachments.store().resolve(), file.path, mimetype=file.media_type,
        as_attachment=True, download_name=file.name, max_age=0,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.route("/submissions/<ref>/revise", methods=["GET", "POST"])
@allow(BY_OBJECT)
def revise(ref: str) -> Any:
    """The changed version of a suggestion, with what was asked on top."""
    submission = held(ref) if request.method == "POST" else seen(ref)
    if not policy.may_edit(actor(), submission) or submission.submitted_at is None:
        flash(_("Nothing is asked of you here at present."))
        return redirect(_tracking(ref))
    form = _revise_form(submission)
    if request.method == "POST":
        return _post(form, submission)
    return _page(form, submission)


@bp.post("/submissions/<ref>/revise/save")
@allow(BY_OBJECT)
def save_revision(ref: str) -> Response:
    """Keep what is in the form of a changed version."""
    submission = held(ref)
    operations.save(submission, _revise_form(submission).unsent(), by=actor())
    db.session.commit()
    return jsonify(saved_at=clock.now().isoformat())


@bp.get("/suggestions")
@allow(SIGNED_IN)
def mine() -> str:
    """What the viewer suggested, newest first."""
    person = viewer()
    assert person is not None  # the guard lets nobody else in
    page = queries.of_person(person.id, after=request.args.get("after", ""))
    return render_template("submissions/mine.html", page=page, labels=LABELS)


def _post(form: ReviseForm, submission: Submission) -> Any:
    by = actor()
    holds = form.validate()
    for sent in sent_files(form):
        try:
            operations.attach(submission, sent.filename or "", sent.read(), by=by)
        except InvalidInput as error:
            form.refuse(InvalidInput(f"{sent.filename}: {error}", field="file"))
            holds = False
    file_id = request.form.get("remove", "")
    if "later" in request.form or file_id:
        operations.save(submission, form.unsent(), by=by)
        if file_id.isascii() and file_id.isdigit() and len(file_id) < 19:
            operations.detach(submission, int(file_id), by=by)
        db.session.commit()
        flash(_("Saved. It is not sent yet."))
        return redirect(url_for(".revise", ref=submission.ref, key=link_key() or None))
    return _send(form, submission) if holds else _again(form, submission)


def _send(form: ReviseForm, submission: Submission) -> Any:
    try:
        with db.session.begin_nested():
            operations.revise(submission, form.answers(), by=actor(), note=form.note.data)
    except InvalidInput as error:
        form.refuse(error)
        return _again(form, submission)
    db.session.commit()
    flash(_("Thank you. The editor has your changed version."), "success")
    return redirect(_tracking(submission.ref))


def _again(form: ReviseForm, submission: Submission) -> Response:
    operations.save(submission, form.unsent(), by=actor())
    db.session.commit()
    return _page(form, submission, status=422)


def _page(form: ReviseForm, submission: Submission, *, status: int = 200) -> Response:
    body = render_template(
        "submissions/revise.html",
        form=form,
        submission=submission,
        files=queries.files_of(submission.id),
        allowance=attachments.allowance(),
        publishers=queries.publishers(),
        organisations=people.organisation_names(),
        autosave=url_for(".save_revision", ref=submission.ref, key=link_key() or None),
    )
    return make_response(body, status)


def _revise_form(submission: Submission) -> ReviseForm:
    if submission.state is not State.CHANGES_REQUESTED:
        raise WrongState(_("This has been sent and can't be changed here any more."))
    kept = unsent_of(answers_of(submission)) | unsent(submission)
    form = ReviseForm(data=kept, has_files=bool(queries.files_of(submission.id)))
    assert submission.submitter_id is not None  # it has been sent
    person = people.get(submission.submitter_id)
    if person.organisation_id is not None:
        del form.organisation
    if person.country and not form.country.data:
        form.country.data = person.country
    return form


def _may_confirm(submission: Submission) -> bool:
    """Whether the viewer holds the mailed link of a guest's draft that was sent."""
    by = actor()
    waits = submission.state is State.DRAFT and submission.consented_at is not None
    if not waits or submission.submitter_id is None:
        return False
    mailed = by.grant is not None and by.holds_link_to(Capability.SUBMISSION, submission.id)
    return submission.submitter_id == (by.grant.person_id if mailed and by.grant else by.person_id)


def _tracking(ref: str) -> str:
    return url_for(".show", ref=ref, key=link_key() or None)
