"""The verbs on a submission under review: each a page that says what will happen, and a button."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _, _l
from reviewhub.reviews import forms, operations, policy, queries
from reviewhub.reviews.explained import explain, names_of
from reviewhub.reviews.letters import draft_for
from reviewhub.reviews.operations import signing
from reviewhub.reviews.results import counted_reviews, late_reviews
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.drafting import LetterDesk
from reviewhub.submissions import policy as submissions_policy
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import BUTTONS, LABELS, SubmissionWorkflow
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.forms import Form

METHODS = ["GET", "POST"]


@bp.route("/submissions/<ref>/start_review", methods=METHODS)
@allow(BY_OBJECT)
def start_review(ref: str) -> str | Response:
    """Screening passed: the proposed panel is shown before anybody is asked."""
    submission = _for(ref, "start_review")
    return _step(
        submission,
        "start_review",
        forms.StepForm(),
        lambda form: operations.start_review(submission, by=actor()),
        _("Reviewers are being invited."),
        panel=lambda: explain(operations.preview(submission)),
    )


@bp.route("/submissions/<ref>/finish_review", methods=METHODS)
@allow(BY_OBJECT)
def finish_review(ref: str) -> str | Response:
    """Close the panel early."""
    submission = _for(ref, "finish_review")
    return _step(
        submission,
        "finish_review",
        forms.ReasonForm(),
        lambda form: operations.finish_review(submission, by=actor(), note=form.note.data),
        _("The panel is closed; the decision is yours."),
    )


@bp.route("/submissions/<ref>/consult", methods=METHODS)
@allow(BY_OBJECT)
def consult(ref: str) -> str | Response:
    """Ask one more reviewer."""
    submission = _for(ref, "consult")
    return _step(
        submission,
        "consult",
        forms.NoteForm(),
        lambda form: operations.consult(submission, by=actor(), note=form.note.data),
        _("One more reviewer is being invited."),
    )


@bp.route("/submissions/<ref>/request_changes", methods=METHODS)
@allow(BY_OBJECT)
def request_changes(ref: str) -> str | Response:
    """Back to the submitter."""
    submission = _for(ref, "request_changes")
    return _step(
        submission,
        "request_changes",
        forms.ChangesForm(),
        lambda form: operations.request_changes(
            submission, by=actor(), wanted=form.wanted.data, release=form.release.data
        ),
        _("The submitter has been asked for changes."),
    )


@bp.route("/submissions/<ref>/approve", methods=METHODS)
@allow(BY_OBJECT)
def approve(ref: str) -> str | Response:
    """Approve for inclusion."""
    submission = _for(ref, "approve")
    return _step(
        submission,
        "approve",
        forms.ApproveForm(),
        lambda form: operations.approve(
            submission, by=actor(), note=form.note.data, release=form.release.data,
            second_id=form.second.data or None,
        ),
        _("Approved. You can undo this until the mails go out."),
    )  # fmt: skip


@bp.route("/submissions/<ref>/reject", methods=METHODS)
@allow(BY_OBJECT)
def reject(ref: str) -> str | Response:
    """Do not include."""
    submission = _for(ref, "reject")
    form = forms.RejectForm()
    form.reason.choices = [("", _("Choose a reason")), *forms.reasons(catalogue(), "rejection")]
    return _step(
        submission,
        "reject",
        form,
        lambda form: operations.reject(
            submission, by=actor(), reason=form.reason.data, note=form.note.data,
            release=form.release.data, second_id=form.second.data or None,
        ),
        _("Not included. You can undo this until the mails go out."),
    )  # fmt: skip


@bp.route("/submissions/<ref>/reopen", methods=METHODS)
@allow(BY_OBJECT)
def reopen(ref: str) -> str | Response:
    """Undo a decision."""
    submission = _for(ref, "reopen")
    return _step(
        submission,
        "reopen",
        forms.ReasonForm(),
        lambda form: operations.reopen(submission, by=actor(), note=form.note.data),
        _("The decision no longer stands; it is yours to take anew."),
    )


@bp.route("/submissions/<ref>/withdraw", methods=METHODS)
@allow(BY_OBJECT)
def withdraw(ref: str) -> str | Response:
    """The submitter takes it back."""
    submission = _for(ref, "withdraw")
    return _step(
        submission,
        "withdraw",
        forms.NoteForm(),
        lambda form: operations.withdraw(submission, by=actor(), note=form.note.data),
        _("Your suggestion is withdrawn."),
    )


@bp.route("/submissions/<ref>/appeal", methods=METHODS)
@allow(BY_OBJECT)
def appeal(ref: str) -> str | Response:
    """The submitter asks for a second look."""
    submission = _for(ref, "appeal")
    return _step(
        submission,
        "appeal",
        forms.AppealForm(),
        lambda form: operations.appeal(submission, by=actor(), note=form.note.data),
        _("Somebody else will look at it again."),
    )


def _for(ref: str, verb: str) -> Submission:
    """The submission, if this viewer may see it and the verb is theirs and open."""
    submission = submissions.find(ref)
    if submission is None or not submissions_policy.may_see(actor(), submission):
        raise NotFound(_("There is no such suggestion, or it is not for this account."))
    roles = policy.roles_towards(actor(), submission)
    transition = getattr(SubmissionWorkflow, verb)
    if not any(arrow.by & roles for arrow in transition.arrows):
        raise NotAllowed(_("This step is somebody else's to take."))
    if not transition.is_open_to(submission, roles):
        raise WrongState(_already(submission))
    if verb in _DECIDES:
        signing.refuse_waiting(submission)
    return submission


_DECIDES = frozenset({"approve", "reject", "request_changes", "consult"})


def _overtaken(submission: Submission, verb: str, error: Exception) -> Exception:
    """What to say to whoever came second: what the first one did, where that closed the step."""
    fresh = submissions.by_ref(submission.ref)
    roles = policy.roles_towards(actor(), fresh)
    if getattr(SubmissionWorkflow, verb).is_open_to(fresh, roles):
        return error
    return WrongState(_already(fresh))


def _already(submission: Submission) -> str:
    """Why a step is not open, with the decision that was taken first where there is one."""
    decision = submissions.live_decision(submission.id)
    if decision is None:
        return str(_("This has moved on: it is “%(state)s” now.", state=LABELS[submission.state]))
    return str(_("This was already decided: %(kind)s.", kind=_DECIDED[decision.kind.value]))


_DECIDED = {"approved": _l("approved"), "rejected": _l("not included")}


def _step(
    submission: Submission,
    verb: str,
    form: Form,
    do: Callable[[Any], object],
    done: str,
    **context: Callable[[], object],
) -> str | Response:
    """Show the verb's page, or do it and go back to where the item is looked at."""
    desk = _letter(submission, form) if isinstance(form, forms.LetterForm) else None
    if not (desk and desk.only_drafts) and form.was_sent_and_is_valid():
        try:
            _same_version(submission, form)
            happened = do(form)
            db.session.commit()
            flash(_waits(happened) if isinstance(happened, SignOff) else str(done), "success")
            return redirect(_home(submission))
        except InvalidInput as error:
            db.session.rollback()
            submission = submissions.by_ref(submission.ref)
            form.refuse(error)
        except (StaleDataError, WrongState) as error:
            db.session.rollback()
            raise _overtaken(submission, verb, error) from error
    form.version.data = str(submission.version)
    shown = {name: value() for name, value in context.items()}
    return render_template(
        [f"reviews/{verb}.html", "layout/step.html"],
        step=BUTTONS.get(verb),
        submission=submission,
        form=form,
        home=_home(submission),
        reviews=_reviews(submission),
        rules=queries.rules_for(submission.id),
        desk=desk,
        **shown,
    )


def _letter(submission: Submission, form: forms.LetterForm) -> LetterDesk:
    """The draft beside the form, with the names of its sources for the desk."""
    draft = draft_for(submission)
    names = {source.person_id: "" for source in draft.sources}
    names |= {id: name for id, (name, _home) in names_of(names).items()}
    wants_second = form.letter == "note" and signing.needs_second(
        queries.rules_for(submission.id), actor()
    )
    seconds = signing.seconds_for(submission, actor()) if wants_second else []
    form.offer(draft, names, seconds)
    asked = request.form.get("redraft", "") if form.is_submitted() else ""
    desk = LetterDesk(draft, names, asked=asked, wants_second=wants_second, seconds=len(seconds))
    desk.fill(form.text, is_sent=form.is_submitted())
    return desk


def _waits(sign_off: SignOff) -> str:
    name = accounts.get(sign_off.second_id or 0).shown_name
    return _("Your decision waits for %(name)s to confirm it.", name=name)


def _same_version(submission: Submission, form: Form) -> None:
    seen = form.version.data
    if seen and seen != str(submission.version):
        raise WrongState(
            _("Somebody else changed this since you opened the page. Look at it again first.")
        )


def _reviews(submission: Submission) -> list[Any]:
    """The latest round's reviews for staff who may see them, those that came too late last."""
    if not policy.may_see_review_process(actor(), submission):
        return []
    current = queries.latest_round(submission.id)
    return [*counted_reviews(current), *late_reviews(current)] if current else []


def _home(submission: Submission) -> str:
    if Role.EDITOR in policy.roles_towards(actor(), submission):
        return url_for("admin.item", ref=submission.ref)
    return url_for("submissions.show", ref=submission.ref, key=link_key() or None)
