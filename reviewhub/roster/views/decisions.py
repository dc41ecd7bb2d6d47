"""The roster managers' desk: the list of applications, and the verbs that decide one."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.roster.forms import ApproveForm, AskForm, DeclineForm
from reviewhub.roster.models import Application
from reviewhub.roster.operations import applications as operations
from reviewhub.roster.queries import applications as queries
from reviewhub.roster.views.blueprint import bp
from reviewhub.roster.views.loading import load_application, require_open
from reviewhub.roster.workflow import ApplicationState
from reviewhub.roster.workflow import ApplicationWorkflow as Workflow
from reviewhub.taxonomy.queries import catalogue

SHOWN_STATES = tuple(state for state in ApplicationState if state != ApplicationState.DRAFT)


@bp.get("/roster/applications")
@allow(Role.ROSTER_MANAGER, Role.ADMIN, Role.AUDITOR)
def applications() -> str:
    """Applications by due date."""
    wanted = request.args.get("state", "")
    chosen = ApplicationState(wanted) if wanted in SHOWN_STATES else None
    return render_template(
        "roster/applications.html",
        page=queries.page(
            [chosen] if chosen else queries.OPEN,
            after=request.args.get("after", type=int),
            before=request.args.get("before", type=int),
        ),
        counts=queries.counts(),
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


@bp.route("/roster/applications/<ref>/approve", methods=["GET", "POST"])
@allow(BY_OBJECT)
def approve(ref: str) -> str | Response:
    """Onto the roster."""
    application = load_application(ref)
    require_open(Workflow.approve, application)
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


def _done(application: Application, sentence: str) -> Response:
    db.session.commit()
    flash(sentence, "success")
    return redirect(url_for(".show", ref=application.ref))
