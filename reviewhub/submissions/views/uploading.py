"""Files of a suggestion: on a small page of their own, or piece by piece from the form.

The answers are saved before a file is sent, so a line that breaks costs nothing but that file, and
with JavaScript not even what of it had arrived.
"""

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import limits
from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.submissions import operations, queries
from reviewhub.submissions.attachments import allowance
from reviewhub.submissions.forms import AttachForm, UploadForm
from reviewhub.submissions.models import Submission, SubmissionFile
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import load_for, own_address
from reviewhub.submissions.workflow import SubmissionWorkflow as Workflow


@bp.route("/suggest/<ref>/files", methods=["GET", "POST"])
@limits.uploads
@allow(BY_OBJECT)
def attach(ref: str) -> Response:
    """One file at a time, for browsers without JavaScript; the answers are kept already."""
    submission = load_for(ref, Workflow.submit)
    form = AttachForm()
    if form.was_sent_and_is_valid():
        upload = form.file.data
        try:
            file = operations.attach(submission, upload.filename, upload.stream, by=actor())
            db.session.commit()
            flash(_("“%(name)s” has arrived.", name=file.name), "success")
            return redirect(_here(submission))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    body = render_template(
        "submissions/attach.html",
        form=form,
        submission=submission,
        files=queries.files_of(submission.id),
        allowance=allowance(),
        back=own_address(submission),
        here=_here(submission),
    )
    return make_response(body, 422 if form.is_submitted() else 200)


@bp.post("/suggest/<ref>/uploads")
@limits.uploads
@allow(BY_OBJECT)
def begin_upload(ref: str) -> Response:
    """Announce a file. The answer says where its pieces go, and how much of it is here already."""
    submission = load_for(ref, Workflow.submit)
    form = UploadForm()
    if not form.was_sent_and_is_valid() or form.size.data is None:
        return _refused(InvalidInput(_("This file can't be sent. Please choose another one.")))
    try:
        begun = operations.begin_upload(
            submission,
            name=form.name.data,
            size=form.size.data,
            fingerprint=form.fingerprint.data,
            by=actor(),
        )
    except InvalidInput as error:
        return _refused(error)
    db.session.commit()
    if isinstance(begun, SubmissionFile):
        return _arrived(submission, begun)
    key = link_key() or None
    where = url_for(".add_chunk", ref=submission.ref, upload_id=begun.id, key=key)
    return jsonify(url=where, offset=begun.received)


@bp.post("/suggest/<ref>/uploads/<int:upload_id>")
@limits.chunks
@allow(BY_OBJECT)
def add_chunk(ref: str, upload_id: int) -> Response:
    """The next piece, as the plain body; `offset` says where in the file it begins."""
    submission = load_for(ref, Workflow.submit)
    upload = queries.upload(submission.id, upload_id)
    offset = request.args.get("offset", -1, type=int)
    if offset != upload.received:
        return jsonify(offset=upload.received)  # an answer was lost, or another tab was first
    try:
        file = operations.add_chunk(upload, request.get_data(), offset=offset, by=actor())
    except InvalidInput as error:
        operations.give_up_upload(upload)
        db.session.commit()
        return _refused(error)
    db.session.commit()
    if file is not None:
        return _arrived(submission, file)
    return jsonify(offset=upload.received)


def _here(submission: Submission) -> str:
    return url_for(".attach", ref=submission.ref, key=link_key() or None)


def _arrived(submission: Submission, file: SubmissionFile) -> Response:
    return jsonify(
        saved_at=clock.now().isoformat(),
        file={
            "name": file.name,
            "size": file.size,
            "detach": url_for(
                ".detach", ref=submission.ref, file_id=file.id, key=link_key() or None
            ),
        },
    )


def _refused(error: InvalidInput) -> Response:
    return make_response(jsonify(error=str(error)), error.status)
