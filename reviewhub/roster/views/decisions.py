"""The roster managers' desk: the list of applications, and the verbs that decide one."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed
from reviewhub.core.i18n import _
from reviewhub.roster import policy
from reviewhub.roster.assessments import Standing, Vote
from reviewhub.roster.assessments import own as own_assessment
from reviewhub.roster.ballot import ballot
from reviewhub.roster.criteria import assessors_wanted
from reviewhub.roster.forms import ApproveForm, AskForm, DeclineForm
from reviewhub.roster.models import Application
from reviewhub.roster.operations import applications as operations
from reviewhub.roster.operations import assessing
from reviewhub.roster.queries import applications as queries
from reviewhub.roster.queries import contributions
from reviewhub.roster.views.blueprint import bp
from reviewhub.roster.views.loading import load_application, require_open, require_votes
from reviewhub.roster.workflow import ApplicationState
from reviewhub.roster.workflow import ApplicationWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue

SHOWN_STATES = tuple(state for state in ApplicationState if state != ApplicationState.DRAFT)


@bp.get("/roster/applications")
@allow(Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR)
def applications() -> str:
    """Applications by due date, all of them or those that wait for whoever looks."""
    wanted = request.args.get("state", "")
    chosen = ApplicationState(wanted) if wanted in SHOWN_STATES else None
    mine = actor().person_id if request.args.get("mine") else None
    return render_template(
        "roster/applications.html",
        page=queries.page(
            [chosen] if chosen else queries.OPEN,
            owner_id=mine,
            after=request.args.get("after", type=int),
            before=request.args.get("before", type=int),
        ),
        counts=queries.counts(),
        yours=queries.owned_by(actor().person_id),
        mine=mine is not None,
        chosen=chosen,
        states=SHOWN_STATES,
    )


@bp.route("/roster/applications/<ref>/ask", methods=["GET", "POST"])
@allow(BY_OBJECT)
def ask(ref: str) -> str | Response:
    """One question to the applicant; the clock waits."""
    application = load_application(ref)
    require_open(Workflow.ask, application)
    until = clock.today() + timedelta(days=catalogue().policy["question_days"])
    form = AskForm(data={"until": until})
    if form.was_sent_and_is_valid():
        try:
            operations.ask(
                application, by=actor(), question=form.question.data, until=form.until.data
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            return _done(application, _("Your question is on its way to the applicant."))
    return render_template("roster/ask.html", application=application, form=form)


@bp.route("/roster/applications/<ref>/assess", methods=["GET", "POST"])
@allow(BY_OBJECT)
def assess(ref: str) -> str | Response:
    """Marks, a note and a vote. The vote that decides leads on to the decision."""
    application = load_application(ref)
    require_open(Workflow.approve, application)
    if not policy.may_assess(actor(), application):
        raise NotAllowed(_("Only roster managers assess applications."))
    own = own_assessment(application.id, actor().person_id)
    form = ballot(own)
    if form.was_sent_and_is_valid():
        vote = Vote(form["vote"].data)
        try:
            standing = assessing.assess(
                application, by=actor(), marks=form.marks(), note=form["note"].data, vote=vote
            )
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
        else:
            return _assessed(application, vote, standing)
    return render_template(
        "roster/ballot.html",
        application=application,
        form=form,
        own=own,
        contributions=contributions(application),
        needed=assessors_wanted(),
    )


@bp.route("/roster/applications/<ref>/approve", methods=["GET", "POST"])
@allow(BY_OBJECT)
def approve(ref: str) -> str | Response:
    """Onto the roster."""
    application = load_application(ref)
    require_open(Workflow.approve, application)
    require_votes(application, Vote.APPROVE)
    known = accounts.organisation_named(application.organisation_name)
    internal = known.internal if known else application.internal
    form = ApproveForm(data={"kind": "internal" if internal else "external"})
    if form.was_sent_and_is_valid():
        operations.approve(
            application,
            by=actor(),
            note=form.note.data,
            internal=form.kind.data == "internal",
            government=form.government.data or "",
        )
        return _done(
            application, _("%(name)s is on the roster and gets a mail.", name=application.name)
        )
    return render_template("roster/approve.html", application=application, form=form, known=known)


@bp.route("/roster/applications/<ref>/decline", methods=["GET", "POST"])
@allow(BY_OBJECT)
def decline(ref: str) -> str | Response:
    """Not now, with a reason and a day from which to apply again."""
    application = load_application(ref)
    require_open(Workflow.decline, application)
    require_votes(application, Vote.DECLINE)
    again = clock.today() + timedelta(days=catalogue().policy["reapply_days"])
    form = DeclineForm(data={"may_reapply_on": again})
    if form.was_sent_and_is_valid():
        try:
            operations.decline(
                application,
                by=actor(),
                reason=form.reason.data,
                note=form.note.data,
                may_reapply_on=form.may_reapply_on.data,
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            return _done(application, _("The application is declined; the applicant gets a mail."))
    return render_template("roster/decline.html", application=application, form=form)


def _assessed(application: Application, vote: Vote, standing: Standing) -> Response:
    """On to what follows from the vote, if that is this person's to do."""
    ref = application.ref
    if vote is Vote.MORE_INFORMATION and application.state == ApplicationState.SUBMITTED:
        db.session.commit()
        flash(_("Your assessment is kept. Now the question to the applicant."), "success")
        return redirect(url_for(".ask", ref=ref))
    if standing.verdict is vote:
        db.session.commit()
        flash(_("Your assessment is kept, and it decides. Now the words to the applicant."))
        return redirect(url_for(f".{vote}", ref=ref))
    if standing.is_tied:
        return _done(
            application, _("Your assessment is kept. You do not agree: an administrator decides.")
        )
    return _done(application, _("Your assessment is kept. The page says whose turn it is."))


def _done(application: Application, sentence: str) -> Response:
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for(".show", ref=application.ref))
