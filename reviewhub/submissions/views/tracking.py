"""Following a suggestion: its page, its files, and the list of one's own."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, SIGNED_IN, actor, allow, viewer
from reviewhub.audit.queries import history
from reviewhub.submissions import queries
from reviewhub.submissions.attachments import store
from reviewhub.submissions.letters import LetterView, letter_for_changes, letter_of, view_of
from reviewhub.submissions.messages import thread
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.policy import is_submitter, roles_towards
from reviewhub.submissions.trail import Trail, trail
from reviewhub.submissions.views.blueprint import bp
from reviewhub.submissions.views.loading import load
from reviewhub.submissions.waiting import estimate_for
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
    is_held = decision is not None and not queries.is_told(decision)
    shown = None if is_held else decision
    way = trail(submission, events, shown, is_submitter=True)
    return render_template(
        "submissions/show.html",
        submission=submission,
        decision=shown,
        letter=_letter(submission, shown),
        way=way,
        estimate=estimate_for(submission, _since(way)),
        verbs=_offered(submission, is_held=is_held),
        files=queries.files_of(submission.id),
        field_labels=FIELDS,
        thread=thread(submission, who),
    )


def _letter(submission: Submission, decision: Decision | None) -> LetterView | None:
    """What an editor wrote: with the decision, or with what has to be changed."""
    if submission.state is State.CHANGES_REQUESTED:
        return view_of(submission.changes_wanted, letter_for_changes(submission.id))
    return view_of(decision.text, letter_of(decision)) if decision else None


def _since(way: Trail) -> datetime | None:
    """When the item reached where it is now."""
    return next((step.at for step in way.steps if step.state == "now"), None)


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
