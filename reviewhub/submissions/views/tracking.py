"""Following a suggestion: its page, its files, and the list of one's own."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, SIGNED_IN, actor, allow, viewer
from reviewhub.audit.queries import history
from reviewhub.submissions import queries
from reviewhub.submissions.attachments import store
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.policy import is_submitter, roles_towards
from reviewhub.submissions.trail import trail
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import load
from reviewhub.submissions.words import FIELDS
from reviewhub.submissions.workflow import LABELS, State, SubmissionWorkflow
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
    shown = decision if _is_told(submission, decision) else None
    return render_template(
        "submissions/show.html",
        submission=submission,
        decision=shown,
        way=trail(submission, events, decision, is_submitter=True),
        verbs=SubmissionWorkflow.offered(submission, roles_towards(who, submission)),
        files=queries.files_of(submission.id),
        field_labels=FIELDS,
    )


def _is_told(submission: Submission, decision: Decision | None) -> bool:
    return decision is not None and submission.state in {
        State.APPROVED,
        State.PUBLISHED,
        State.REJECTED,
    }


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
