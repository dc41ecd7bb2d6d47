"""Applying, and following one's application."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import limits
from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, PUBLIC, actor, allow, link_key, viewer
from reviewhub.accounts.forms import ActionForm
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError, InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _, get_locale
from reviewhub.roster import assessments, calls, policy, queries, trail
from reviewhub.roster.answers import CAN_REVIEW
from reviewhub.roster.calls import Call
from reviewhub.roster.criteria import answer_due, criteria, further_terms
from reviewhub.roster.forms import AnswerForm, ApplyForm, topic_lines
from reviewhub.roster.models import Application
from reviewhub.roster.operations import applications as operations
from reviewhub.roster.operations import assessing
from reviewhub.roster.queries import members
from reviewhub.roster.queries.histories import history
from reviewhub.roster.views.blueprint import bp
from reviewhub.roster.views.loading import load_application, require_open
from reviewhub.roster.words import APPLICATION_VERBS
from reviewhub.roster.workflow import ApplicationState
from reviewhub.roster.workflow import ApplicationWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.downloads import send_upload


@bp.route("/roster/apply", methods=["GET", "POST"])
@limits.mails
@allow(PUBLIC)
def apply() -> str | Response:
    """The ten questions, with criteria, terms and what is needed most beside them."""
    call = calls.read(request.args)
    form = _apply_form(call)
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
        answer_by=answer_due(clock.now()),
        criteria=criteria(),
        further_terms=further_terms(),
        call=call,
        gaps=queries.gaps(limit=5),
    )


@bp.get("/roster/apply/sent")
@allow(PUBLIC)
def sent() -> str:
    """What a guest reads after the form: open the mail."""
    return render_template(
        "roster/sent.html", policy=catalogue().policy, answer_by=answer_due(clock.now())
    )


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
        answer_by=answer_due(clock.now()),
    )


@bp.get("/roster/applications/<ref>")
@allow(BY_OBJECT)
def show(ref: str) -> str:
    """Where an application is; for the desk also what it fills, its history and its verbs."""
    application = load_application(ref)
    yours = policy.is_applicant(actor(), application)
    known = policy.Towards(actor(), application)
    roles = policy.roles_towards(actor(), application, known)
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
        conflicted=policy.is_conflicted(actor(), application, known),
        history=history(application),
        verbs=APPLICATION_VERBS,
        **context | _votes(application, roles, known),
    )


def _votes(
    application: Application, roles: frozenset[Role], known: policy.Towards
) -> dict[str, object]:
    """What the managers say, as far as this reader may see it, and what they may do about it."""
    offered = Workflow.offered(application, roles)
    can_decide = {vote.value for vote in assessments.SIDES} & set(offered)
    sees = policy.may_see_votes(actor(), application, known)
    given = known.given if sees else []
    owner = application.owner_id
    named = {*([owner] if owner else ()), *(one.person_id for one in given)}
    names = {person.id: person.shown_name for person in accounts.people(named)}
    return {
        "next": trail.next_step(application, yours=False, owner=names.get(owner or 0, "")),
        "standing": known.standing,
        "assessments": [(names.get(one.person_id, ""), one) for one in given],
        "own": next((one for one in known.given if one.person_id == actor().person_id), None),
        "may_assess": Role.ROSTER_MANAGER in roles,
        "decidable": [
            vote.value
            for vote in (assessing.decidable(application, actor(), known) if can_decide else ())
            if vote.value in offered
        ],
        "criteria": criteria(),
    }


@bp.get("/roster/applications/<ref>/cv")
@allow(BY_OBJECT)
def cv(ref: str) -> Response:
    """The CV as it was sent, always as a download."""
    application = load_application(ref)
    if "path" not in application.cv:
        raise NotFound(_("No CV was sent with this application."))
    kept = application.cv
    return send_upload(
        operations.cv_store(), kept["path"], name=kept["name"], media_type=kept["media_type"]
    )


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


def _apply_form(call: Call) -> ApplyForm:
    """The empty form, with what the call for experts asks for and what is known of the viewer."""
    person = viewer()
    known = {
        "capacity": catalogue().policy["load_cap_per_half_year"],
        "topics": topic_lines((code, CAN_REVIEW) for code in call.topics),
        "languages": list(call.languages),
        "country": call.country,
    }
    if person is None:
        return ApplyForm(data=known)
    country = call.country or person.country
    form = ApplyForm(data={**known, "name": person.name, "country": country})
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
