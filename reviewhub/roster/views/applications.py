"""Applying, and following one's application."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, send_from_directory, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import limits
from reviewhub.accounts.access import BY_OBJECT, PUBLIC, actor, allow, link_key, viewer
from reviewhub.accounts.forms import ActionForm
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _, get_locale
from reviewhub.roster import policy, queries, trail
from reviewhub.roster.forms import AnswerForm, ApplyForm
from reviewhub.roster.models import Application
from reviewhub.roster.operations import applications as operations
from reviewhub.roster.queries import members
from reviewhub.roster.queries.histories import history
from reviewhub.roster.views.blueprint import bp
from reviewhub.roster.views.loading import load_application, require_open
from reviewhub.roster.words import APPLICATION_VERBS
from reviewhub.roster.workflow import ApplicationState
from reviewhub.roster.workflow import ApplicationWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue


@bp.route("/roster/apply", methods=["GET", "POST"])
@limits.mails
@allow(PUBLIC)
def apply() -> str | Response:
    """The ten questions, with criteria, terms and what is needed most beside them."""
    form = _apply_form()
    if form.was_sent_and_is_valid():
        try:
            application = operations.apply(
                form.answers(_cv(form)),
                email=form.email.data if "email" in form else "",
                by=actor(),
                locale=get_locale(),
            )
            db.session.commit()
        except DomainError as error:
            _refuse(form, error)
        else:
            return _applied(application)
    return render_template(
        "roster/apply.html",
        form=form,
        closed=_closed(),
        policy=catalogue().policy,
        answer_by=clock.today() + timedelta(days=catalogue().policy["application_days"]),
        gaps=queries.gaps(limit=5),
    )


@bp.get("/roster/apply/sent")
@allow(PUBLIC)
def sent() -> str:
    """What a guest reads after the form: open the mail."""
    return render_template("roster/sent.html", policy=catalogue().policy)


@bp.route("/roster/applications/<ref>/confirm", methods=["GET", "POST"])
@allow(BY_OBJECT)
def confirm(ref: str) -> str | Response:
    """The page behind the link in the first mail: one button sends the application."""
    application = load_application(ref)
    if application.state != ApplicationState.DRAFT:
        return _back(application)
    if not policy.is_applicant(actor(), application):
        raise NotAllowed(_("Only the applicant can confirm this."))
    form = ActionForm()
    if form.was_sent_and_is_valid():
        operations.confirm(application, by=actor())
        db.session.commit()
        flash(_("Thank you. Your application is with the roster managers."), "success")
        return _back(application)
    return render_template(
        "roster/confirm.html",
        application=application,
        form=form,
        closed=_closed_to(application.person_id),
    )


@bp.get("/roster/applications/<ref>")
@allow(BY_OBJECT)
def show(ref: str) -> str:
    """Where an application is; for the desk also what it fills, its history and its verbs."""
    application = load_application(ref)
    yours = policy.is_applicant(actor(), application)
    roles = policy.roles_towards(actor(), application)
    context = {
        "application": application,
        "steps": trail.steps(application),
        "next": trail.next_step(application, yours=yours),
        "offered": Workflow.offered(application, roles),
        "reason": _reason(application),
        "membership": members.of_application(application.id),
    }
    if yours:
        return render_template("roster/show.html", form=AnswerForm(), **context)
    return render_template(
        "roster/assess.html",
        contributions=queries.contributions(application),
        conflicted=policy.is_conflicted(actor(), application),
        history=history(application),
        verbs=APPLICATION_VERBS,
        **context,
    )


@bp.get("/roster/applications/<ref>/cv")
@allow(BY_OBJECT)
def cv(ref: str) -> Response:
    """The CV as it was sent, always as a download."""
    application = load_application(ref)
    if "path" not in application.cv:
        raise NotFound(_("No CV was sent with this application."))
    response = send_from_directory(
        operations.cv_store().resolve(),
        application.cv["path"],
        mimetype=application.cv["media_type"],
        as_attachment=True,
        download_name=application.cv["name"],
    )
    response.headers["Content-Security-Policy"] = "sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.route("/roster/applications/<ref>/answer", methods=["GET", "POST"])
@allow(BY_OBJECT)
def answer(ref: str) -> str | Response:
    """The answer to a manager's question; a manager enters one that came by mail."""
    application = load_application(ref)
    require_open(Workflow.answer, application)
    form = AnswerForm()
    if form.was_sent_and_is_valid():
        operations.answer(application, by=actor(), answer=form.answer.data)
        db.session.commit()
        flash(_("The answer is with the roster managers."), "success")
        return _back(application)
    yours = policy.is_applicant(actor(), application)
    return render_template("roster/answer.html", application=application, form=form, yours=yours)


@bp.route("/roster/applications/<ref>/withdraw", methods=["GET", "POST"])
@allow(BY_OBJECT)
def withdraw(ref: str) -> str | Response:
    """Take an application back."""
    application = load_application(ref)
    require_open(Workflow.withdraw, application)
    form = ActionForm()
    if form.was_sent_and_is_valid():
        operations.withdraw(application, by=actor())
        db.session.commit()
        flash(_("Your application is withdrawn. You may apply again at any time."), "success")
        return _back(application)
    return render_template("roster/withdraw.html", application=application, form=form)


def _apply_form() -> ApplyForm:
    person = viewer()
    default = catalogue().policy["load_cap_per_half_year"]
    if person is None:
        return ApplyForm(data={"capacity": default})
    form = ApplyForm(data={"capacity": default, "name": person.name, "country": person.country})
    del form.email
    return form


def _cv(form: ApplyForm) -> dict[str, object]:
    upload = form.cv_file.data
    if upload and upload.filename:
        return operations.keep_cv(upload.filename, upload.read(operations.CV_MAX_BYTES + 1))
    return {"url": form.cv_url.data} if form.cv_url.data else {}


def _refuse(form: ApplyForm, error: DomainError) -> None:
    db.session.rollback()
    refusal = error if isinstance(error, InvalidInput) else InvalidInput(error.sentence)
    form.refuse(refusal)


def _applied(application: Application) -> Response:
    if application.state == ApplicationState.DRAFT:
        return redirect(url_for(".sent"))
    flash(_("Thank you. Your application is with the roster managers."), "success")
    return _back(application)


def _closed() -> str:
    person = viewer()
    return _closed_to(person.id) if person and request.method == "GET" else ""


def _closed_to(person_id: int) -> str:
    """Why this person can't apply now, or nothing."""
    try:
        operations.refuse_if_closed(person_id)
    except WrongState as error:
        return str(error)
    return ""


def _reason(application: Application) -> str:
    if not application.reason:
        return ""
    locale = get_locale()
    return catalogue().reason_label("application_decline", application.reason, locale).text


def _back(application: Application) -> Response:
    return redirect(url_for(".show", ref=application.ref, key=link_key() or None))
