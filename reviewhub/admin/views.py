"""The desk: pages that join packages for staff. Verbs are not here; they are linked to."""

from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from reviewhub.accounts.access import PUBLIC, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.admin import history as histories
from reviewhub.admin import item as items
from reviewhub.admin import mail_words, mails, operations, panel
from reviewhub.admin import mailbox as mailboxes
from reviewhub.admin import queue as queues
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.core.i18n import _, _l, get_locale
from reviewhub.core.pagination import Page
from reviewhub.jobs.models import Job, JobState
from reviewhub.notifications import mailbox as postbox
from reviewhub.notifications.models import MessageState
from reviewhub.notifications.queries import counts as mail_counts
from reviewhub.reviews.workflow import LABELS as ASSIGNMENTS
from reviewhub.submissions.words import SCOPES
from reviewhub.submissions.workflow import LABELS
from reviewhub.taxonomy.queries import catalogue

JOBS = {
    JobState.WAITING: _l("waiting"),
    JobState.RUNNING: _l("running"),
    JobState.DONE: _l("done"),
    JobState.FAILED: _l("failed"),
}

bp = Blueprint("admin", __name__)

STAFF = (Role.EDITOR, Role.ADMIN, Role.AUDITOR)
RESENDERS = (Role.EDITOR, Role.ADMIN)

bp.app_template_filter("mail_event")(mail_words.words)


@bp.get("/desk")
@allow(*STAFF, Role.ROSTER_MANAGER)
def queue() -> str | Response:
    """What waits for whom, the most urgent first."""
    who = actor()
    if not who.has(*STAFF):
        return redirect(url_for("roster.applications"))
    topic = catalogue().find("topics", request.args.get("topic", ""))
    wanted = queues.Filter.read(request.args, who, topic.id if topic else None)
    found = queues.rows(wanted, who, after=request.args.get("after", ""))
    page = Page.cut(found, queues.PAGE, lambda row: row.key, started="after" in request.args)
    return render_template(
        "admin/queue.html",
        page=page,
        wanted=wanted,
        topic=topic,
        topics=catalogue().vocabulary("topics"),
        counts=queues.counts(who),
        applications=queues.applications() if who.has(Role.ROSTER_MANAGER, Role.ADMIN) else None,
        labels=LABELS,
        language=str(get_locale()),
    )


@bp.get("/desk/submissions/<ref>")
@allow(*STAFF)
def item(ref: str) -> str:
    """One item with everything about it, and what can be done now."""
    submission = items.by_ref(ref, actor())
    return render_template(
        "admin/item.html",
        item=items.view(submission, actor()),
        submission=submission,
        labels=LABELS,
        seats=ASSIGNMENTS,
        pages=items.PAGES,
        reserve=items.reserve,
        scopes=SCOPES,
        panel=panel,
        mail_labels=mails.LABELS,
        resendable=mails.RESENDABLE,
        may_resend=actor().has(*RESENDERS),
        language=str(get_locale()),
    )


@bp.get("/desk/history")
@allow(*STAFF)
def history() -> str:
    """What happened, the newest first."""
    wanted = histories.Filter(
        person_id=_number("person"),
        kind=request.args.get("kind", ""),
        verb=request.args.get("verb", ""),
    )
    found = histories.recent(wanted, actor(), before=_number("before"))
    page = Page.cut(found, histories.PAGE, lambda row: row.id, started="before" in request.args)
    return render_template(
        "admin/history.html",
        page=page,
        wanted=wanted,
        kinds=histories.KINDS,
        verbs=histories.verbs(wanted.kind),
        people=histories.actors(),
    )


@bp.get("/desk/outbox")
@allow(*STAFF)
def outbox() -> str:
    """Mails by state; without a choice those that did not arrive."""
    state = next((s for s in MessageState if s == request.args.get("state")), None)
    states = frozenset({state}) if state else mails.TROUBLED
    found = mails.listed(states, actor(), before=_number("before"))
    page = Page.cut(found, mails.PAGE, lambda row: row[0].id, started="before" in request.args)
    return render_template(
        "admin/outbox.html", page=page, state=state, counts=mail_counts(), labels=mails.LABELS,
        resendable=mails.RESENDABLE, may_resend=actor().has(*RESENDERS),
    )  # fmt: skip


@bp.post("/desk/outbox/<int:message_id>/resend")
@allow(*RESENDERS)
def resend(message_id: int) -> Response:
    """Send a mail that did not arrive once more."""
    message = mails.shown_to(message_id, actor())
    operations.resend(message, by=actor())
    db.session.commit()
    flash(_("The mail to %(address)s is on its way again.", address=message.address))
    ref = request.form.get("ref", "")
    return redirect(url_for(".item", ref=ref) if ref else url_for(".outbox"))


@bp.get("/desk/mail")
@allow(PUBLIC)
def mailbox() -> str:
    """The demo's mailbox: every mail that was sent, the newest first."""
    to = request.args.get("to", "")
    found = postbox.recent(
        _mail_folder(), mailboxes.PAGE + 1, before=request.args.get("before"), to=to or None
    )
    page = Page.cut(found, mailboxes.PAGE, lambda mail: mail.id, started="before" in request.args)
    return render_template("admin/mailbox.html", page=page, to=to)


@bp.get("/desk/mail/<mail_id>")
@allow(PUBLIC)
def mail(mail_id: str) -> str:
    """One mail of the demo, as text."""
    found = postbox.get(_mail_folder(), mail_id) or abort(404)
    return render_template(
        "admin/mail.html", mail=found, paragraphs=mailboxes.paragraphs(found.text)
    )


@bp.get("/desk/mail/<mail_id>/html")
@allow(PUBLIC)
def mail_html(mail_id: str) -> Response:
    """One mail of the demo as HTML, in a page that can run and load nothing."""
    found = postbox.get(_mail_folder(), mail_id)
    if found is None or not found.html:
        abort(404)
    response = make_response(found.html)
    response.headers["Content-Security-Policy"] = mailboxes.HTML_POLICY
    return response


@bp.get("/desk/jobs/<int:job_id>")
@allow(*STAFF, Role.ROSTER_MANAGER)
def job(job_id: int) -> str:
    """How far an import or export is; reloads itself until it is done."""
    found = db.session.get_one(Job, job_id)
    running = found.state in {JobState.WAITING, JobState.RUNNING}
    return render_template("admin/job.html", job=found, running=running, labels=JOBS)


def _mail_folder() -> Any:
    """The folder of the demo's mails. There is none anywhere else."""
    if not config.current().demo:
        abort(404)
    return config.current().var / "mailbox"


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
