"""Following a suggestion: its page, its files, and the list of one's own."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, SIGNED_IN, actor, allow, viewer
from reviewhub.audit.queries import history
from reviewhub.submissions import queries
from reviewhub.submissions.attachments import store
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import is_submitter, roles_towards
from reviewhub.submissions.trail import trail
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import load
from reviewhub.submissions.words import FIELDS
from reviewhub.submissions.workflow import LABELS, SubmissionWorkflow
from reviewhub.web.downloads import send_upload


@bp.get("/submissions/<ref>")
@allow(BY_OBJECT)
def show(ref: str) -> str | Response:
    """The submitter's page: where it stands, what is next, what they can do."""
    submission = load(ref)
    who = actor()
    if not is_submitter(who, submission):
        return redirect(url_for("admin.item", ref=ref))
    events = history("submissions", submission.id)
    decision = queries.live_decision(submission.id)
    is_held = decision is not None and not queries.is_told(decision)
    shown = None if is_held else decision
    return render_template(
        "submissions/show.html",
        submission=submission,
        decision=shown,
        way=trail(submission, events, shown, is_submitter=True),
        verbs=_offered(submission, is_held=is_held),
        files=queries.files_of(submission.id),
        field_labels=FIELDS,
    )


def _offered(submission: Submission, *, is_held: bool) -> list[str]:
    """The submitter's verbs; nobody appeals against reasons that they can't read yet."""
    offered = SubmissionWorkflow.offered(submission, roles_towards(actor(), submission))
    return [verb for verb in offered if not (is_held and verb == "appeal")]


@bp.get("/submissions/<ref>/files/<int:file_id>")
@allow(BY_OBJECT)
def file(ref: str, file_id: int) -> Response:
    """A file that came with it, always as a download."""
    submission = load(ref)
    found = queries.file(submission.id, file_id)
    return send_upload(store(), found.path, name=found.name, media_type=found.media_type)


@bp.get("/suggestions")
@allow(SIGNED_IN)
def index() -> str:
    """What the viewer suggested."""
    person = viewer()
    assert person is not None  # the guard lets nobody else in
    page = queries.of_person(person.id, after=request.args.get("after", ""))
    return render_template("submissions/index.html", page=page, labels=LABELS)
