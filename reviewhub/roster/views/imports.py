"""Inviting people by a list: sending it, its report, applying it; and their answer."""

from babel.dates import format_date
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key
from reviewhub.accounts.forms import ActionForm
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotFound, WrongState
from reviewhub.core.i18n import _, get_locale
from reviewhub.jobs import queries as jobs
from reviewhub.jobs.models import Job, JobState
from reviewhub.roster import imports as lists
from reviewhub.roster import invitations as queries
from reviewhub.roster import policy
from reviewhub.roster.forms import AcceptInvitationForm, ImportForm
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.operations import imports
from reviewhub.roster.operations import invitations as operations
from reviewhub.roster.sheets import MOST_BYTES
from reviewhub.roster.views.blueprint import bp
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.spreadsheets import csv_response

RUNNING = (JobState.WAITING, JobState.RUNNING)
MOST_SHOWN = 100  # refused rows on the page; the file has them all


@bp.route("/roster/import", methods=["GET", "POST"])
@allow(Role.ROSTER_MANAGER)
def import_list() -> str | Response:
    """Send a list of people to invite; nothing happens before its report was looked at."""
    form = ImportForm()
    if form.was_sent_and_is_valid():
        try:
            job = imports.put_down(*_sent(form), by=actor(), locale=get_locale())
            db.session.commit()
            return redirect(url_for(".imported", job_id=job.id))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return render_template(
        "roster/import.html",
        form=form,
        columns=lists.NAMES,
        required=lists.REQUIRED,
        waiting=queries.waiting(),
    )


@bp.get("/roster/import/template.csv")
@allow(Role.ROSTER_MANAGER)
def import_template() -> Response:
    """An empty list with one row to go by."""
    header, example = lists.template()
    return csv_response(_("people to invite"), header, [example])


@bp.get("/roster/import/<int:job_id>")
@allow(Role.ROSTER_MANAGER)
def imported(job_id: int) -> str:
    """How far a list is; what was refused and why; and the button that applies it."""
    job = _load(job_id)
    return render_template(
        "roster/imported.html",
        job=job,
        running=job.state in RUNNING,
        is_check=job.report["dry_run"],
        may_apply=_may_apply(job),
        refusals=imports.refusals_of(job)[:MOST_SHOWN],
        changes=job.report.get("changes", [])[:MOST_SHOWN],
        unused=job.report.get("unused", []),
    )


@bp.get("/roster/import/<int:job_id>/refused.csv")
@allow(Role.ROSTER_MANAGER)
def refused_rows(job_id: int) -> Response:
    """The rows that did not go in, as a file."""
    rows = [(one.row, one.column, one.reason) for one in imports.refusals_of(_load(job_id))]
    return csv_response(_("refused rows"), [_("Row"), _("Column"), _("Reason")], rows)


@bp.post("/roster/import/<int:job_id>/apply")
@allow(Role.ROSTER_MANAGER)
def apply_list(job_id: int) -> Response:
    """Invite everybody whose row can be used."""
    job = _load(job_id)
    if not _may_apply(job):
        raise WrongState(_("This list was applied already, or is not here any more. Send it anew."))
    applied = imports.apply(job, by=actor())
    db.session.commit()
    return redirect(url_for(".imported", job_id=applied.id))


@bp.route("/roster/invitations/<int:invitation_id>", methods=["GET", "POST"])
@allow(BY_OBJECT)
def accept_invitation(invitation_id: int) -> str | Response:
    """What a list says of somebody, for them alone: yes makes them a member."""
    invitation = _invitation(invitation_id)
    noted = invitation.answers
    form = AcceptInvitationForm(data={"competing_interests": noted.get("competing_interests", "")})
    if form.was_sent_and_is_valid():
        membership = operations.accept(
            invitation, by=actor(), competing_interests=form.competing_interests.data
        )
        db.session.commit()
        flash(
            _("Welcome: you are on the roster until %(day)s. A mail has the way to your page.",
              day=format_date(membership.term_ends_on, "d MMM y", locale=get_locale())),
            "success",
        )  # fmt: skip
        return redirect(url_for("library.front"))
    return render_template(
        "roster/invitation.html",
        invitation=invitation,
        noted=noted,
        person=accounts.get(invitation.person_id),
        form=form,
        policy=catalogue().policy,
    )


@bp.post("/roster/invitations/<int:invitation_id>/decline")
@allow(BY_OBJECT)
def decline_invitation(invitation_id: int) -> Response:
    """No: what the list said goes."""
    invitation = _invitation(invitation_id)
    if ActionForm().was_sent_and_is_valid():
        operations.decline(invitation, by=actor())
        db.session.commit()
        flash(_("Thank you for the answer. What was noted about you is removed."), "success")
    return redirect(
        url_for(".accept_invitation", invitation_id=invitation_id, key=link_key() or None)
    )


def _sent(form: ImportForm) -> tuple[str, bytes]:
    upload = form.file.data
    if not upload or not upload.filename:
        raise InvalidInput(_("Choose a file."), field="file")
    return upload.filename, upload.read(MOST_BYTES + 1)


def _load(job_id: int) -> Job:
    job = jobs.find(job_id, imports.KIND)
    if job is None:
        raise NotFound(_("There is no list of this number."))
    return job


def _may_apply(job: Job) -> bool:
    """Whether somebody is invited by it that has not been: a check, or an attempt that failed."""
    is_open = job.state == (JobState.DONE if job.report["dry_run"] else JobState.FAILED)
    return is_open and imports.is_kept(job)


def _invitation(invitation_id: int) -> Invitation:
    """The invitation, locked where this request changes it; to everybody else there is none."""
    invitation = queries.find(invitation_id)
    if invitation is None or not policy.is_invited(actor(), invitation):
        raise NotFound(
            _("There is no invitation here for you. Open the link in our mail, or sign in.")
        )
    return queries.lock(invitation.id) if request.method == "POST" else invitation
