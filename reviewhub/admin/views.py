"""The desk: pages that join packages for staff. Verbs are not here; they are linked to."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

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
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from reviewhub.accounts.access import PUBLIC, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.admin import counts as figures
from reviewhub.admin import deciding as decisions
from reviewhub.admin import files, lines, mails, operations, panel, queries
from reviewhub.admin import history as histories
from reviewhub.admin import item as items
from reviewhub.admin import mailbox as mailboxes
from reviewhub.admin import queue as queues
from reviewhub.admin import screening as screenings
from reviewhub.admin.filters import Filter
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, _l, get_locale
from reviewhub.core.pagination import Page
from reviewhub.jobs.models import Job, JobState
from reviewhub.library import link_checks
from reviewhub.notifications import mailbox as postbox
from reviewhub.notifications.mails import words as words_of_mail
from reviewhub.notifications.models import MessageState
from reviewhub.notifications.queries import counts as mail_counts
from reviewhub.reviews.forms import RejectForm, reasons
from reviewhub.reviews.workflow import LABELS as ASSIGNMENTS
from reviewhub.submissions.forms import DeclineForm
from reviewhub.submissions.messages import NOTHING
from reviewhub.submissions.words import SCOPES
from reviewhub.submissions.workflow import LABELS
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.spreadsheets import csv_response

JOBS = {
    JobState.WAITING: _l("waiting"),
    JobState.RUNNING: _l("running"),
    JobState.DONE: _l("done"),
    JobState.FAILED: _l("failed"),
}

bp = Blueprint("admin", __name__)

STAFF = (Role.EDITOR, Role.ADMIN, Role.AUDITOR)
RESENDERS = (Role.EDITOR, Role.ADMIN)

bp.app_template_filter("mail_event")(words_of_mail)


@bp.get("/desk")
@allow(*STAFF, Role.ROSTER_MANAGER)
def queue() -> str | Response:
    """What waits for whom, the most urgent first."""
    who = actor()
    if not who.has(*STAFF):
        return redirect(url_for("roster.applications"))
    wanted = Filter.read(request.args, who, catalogue())
    found = queues.rows(wanted, who, after=request.args.get("after", ""))
    started = "after" in request.args
    page = Page.cut(found, queues.PAGE, lambda row: row.key(wanted.order), started=started)
    return render_template(
        "admin/queue.html",
        page=page,
        lines=lines.Lines(page.rows, clock.now()),
        wanted=wanted,
        topics=catalogue().vocabulary("topics"),
        kept=queries.lists_of(who.person_id),
        counts=figures.counts(who),
        applications=figures.applications() if who.has(Role.ROSTER_MANAGER, Role.ADMIN) else None,
        labels=LABELS,
        language=get_locale(),
    )


@bp.get("/desk/suggestions.csv")
@allow(*STAFF)
def queue_file() -> Response:
    """The list as a file, whole."""
    wanted = Filter.read(request.args, actor(), catalogue())
    return csv_response(_("suggestions"), files.queue_header(), files.queue_rows(wanted, actor()))


@bp.post("/desk/lists")
@allow(*STAFF)
def keep_list() -> Response:
    """Keep the list that is open under a name."""
    parts = dict(parse_qsl(request.form.get("query", "")))
    query = Filter.read(parts, actor(), catalogue()).query
    try:
        kept = operations.keep_list(request.form.get("name", ""), query, by=actor())
        db.session.commit()
        flash(_("Kept as “%(name)s”.", name=kept.name), "success")
    except InvalidInput as error:
        flash(str(error), "error")
    return redirect(f"{url_for('.queue')}?{query}")


@bp.post("/desk/lists/<int:list_id>/forget")
@allow(*STAFF)
def forget_list(list_id: int) -> Response:
    """Take one of one's own lists away."""
    kept = queries.list_of(actor().person_id, list_id)
    name, query = kept.name, kept.query
    operations.forget_list(kept)
    db.session.commit()
    flash(_("“%(name)s” is forgotten. This is what it showed: keep it again if that was a mistake.",
            name=name), "success")  # fmt: skip
    return redirect(f"{url_for('.queue')}?{query}#kept")


@bp.get("/desk/screening")
@allow(Role.EDITOR)
def screening() -> str | Response:
    """What would happen to the selected items: whom it would ask, and what is refused."""
    chosen, verb = _selection(request.args)
    if not chosen:
        return _nothing_selected()
    return _preview(verb, chosen, DeclineForm(formdata=None))


@bp.post("/desk/screening")
@allow(Role.EDITOR)
def screen() -> str | Response:
    """Screen the selected items, each by itself, and say what was done."""
    chosen, verb = _selection(request.form)
    if not chosen:
        return _nothing_selected()
    form = DeclineForm()
    if verb == "decline" and not form.was_sent_and_is_valid():
        return make_response(_preview(verb, chosen, form), 422)
    do = screenings.verb_for(verb, actor(), reason=form.reason.data, note=form.note.data)
    return _done(verb, screenings.apply_to(chosen, do))


@bp.get("/desk/deciding")
@allow(Role.EDITOR)
def deciding() -> str | Response:
    """What a decision would do to the selected items: each one's letter, and what is refused."""
    chosen, verb = _selection(request.args, decisions.VERBS)
    if not chosen:
        return _nothing_selected()
    return _decision_preview(verb, chosen, _reject_form(sent=False))


@bp.post("/desk/deciding")
@allow(Role.EDITOR)
def decide() -> str | Response:
    """Decide on the selected items, each by itself, and say what was done."""
    chosen, verb = _selection(request.form, decisions.VERBS)
    if not chosen:
        return _nothing_selected()
    form = _reject_form(sent=True)
    if verb == "reject" and not form.was_sent_and_is_valid():
        return make_response(_decision_preview(verb, chosen, form), 422)
    do = decisions.decide_each(verb, actor(), reason=form.reason.data, note=form.note.data)
    return _done(verb, screenings.apply_to(chosen, do))


def _done(verb: str, outcomes: list[screenings.Outcome]) -> str:
    return render_template(
        "admin/done.html", verb=verb, outcomes=outcomes, back=_back(request.form)
    )


def _reject_form(*, sent: bool) -> RejectForm:
    form = RejectForm() if sent else RejectForm(formdata=None)
    form.reason.choices = [("", _("Choose a reason")), *reasons(catalogue(), "rejection")]
    form.note.label.text = _("A sentence to each submitter")
    return form


def _decision_preview(verb: str, chosen: list[screenings.Chosen], form: RejectForm) -> str:
    return render_template(
        "admin/deciding.html",
        verb=verb,
        outlooks=decisions.outlooks(verb, chosen, actor()),
        form=form,
        back=_back(request.values),
        query=request.values.get("back", ""),
    )


def _selection(
    given: MultiDict[str, str], verbs: Collection[str] = tuple(screenings.VERBS)
) -> tuple[list[screenings.Chosen], str]:
    """The items and the verb that were sent; nothing where there is no such verb."""
    verb = given.get("verb", "")
    chosen = screenings.Chosen.read(given.getlist("item"))
    return (chosen, verb) if verb in verbs else ([], verb)


def _nothing_selected() -> Response:
    flash(_("Select at least one suggestion first."), "warning")
    return redirect(_back(request.values))


def _preview(verb: str, chosen: list[screenings.Chosen], form: DeclineForm) -> str:
    return render_template(
        "admin/screening.html",
        verb=verb,
        outlooks=screenings.outlooks(verb, chosen, actor()),
        form=form,
        back=_back(request.values),
        query=request.values.get("back", ""),
    )


def _back(given: Mapping[str, str]) -> str:
    """The list that somebody came from, as far as it is one of the desk's."""
    parts = dict(parse_qsl(given.get("back", "")))
    query = Filter.read(parts, actor(), catalogue()).query if parts else ""
    return f"{url_for('.queue')}?{query}" if query else url_for(".queue")


@bp.get("/desk/submissions/<ref>")
@allow(*STAFF)
def item(ref: str) -> str:
    """One item with everything about it, and what can be done now."""
    found = items.by_ref(ref, actor())
    submission = found.submission
    shown = items.view(found, actor())
    asks = "refile" in shown.verbs  # whoever may correct the record may ask about it
    return render_template(
        "admin/item.html",
        item=shown,
        submission=submission,
        labels=LABELS,
        seats=ASSIGNMENTS,
        buttons=items.BUTTONS,
        reserve=items.reserve,
        scopes=SCOPES,
        panel=panel,
        mail_labels=mails.LABELS,
        resendable=mails.RESENDABLE,
        may_resend=actor().has(*RESENDERS),
        thread=found.thread(asks=asks) if shown.sees_panel else NOTHING,
        link_check=found.link_check,
        verdicts=link_checks.VERDICTS,
        language=str(get_locale()),
    )


@bp.get("/desk/history")
@allow(*STAFF)
def history() -> str:
    """What happened, the newest first."""
    wanted = _wanted_history()
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


@bp.get("/desk/history.csv")
@allow(*STAFF)
def history_file() -> Response:
    """The history as a file."""
    rows = files.history_rows(_wanted_history(), actor())
    return csv_response(_("history"), files.history_header(), rows)


def _wanted_history() -> histories.Filter:
    return histories.Filter(
        person_id=_number("person"),
        kind=request.args.get("kind", ""),
        verb=request.args.get("verb", ""),
    )


@bp.get("/desk/outbox")
@allow(*STAFF)
def outbox() -> str:
    """Mails by state; without a choice those that did not arrive."""
    state, states = _wanted_mails()
    found = mails.listed(states, actor(), before=_number("before"))
    page = Page.cut(found, mails.PAGE, lambda row: row[0].id, started="before" in request.args)
    return render_template(
        "admin/outbox.html", page=page, state=state, counts=mail_counts(), labels=mails.LABELS,
        resendable=mails.RESENDABLE, may_resend=actor().has(*RESENDERS),
    )  # fmt: skip


@bp.get("/desk/outbox.csv")
@allow(*STAFF)
def outbox_file() -> Response:
    """The outbox as a file."""
    _state, states = _wanted_mails()
    return csv_response(_("mails"), files.outbox_header(), files.outbox_rows(states, actor()))


def _wanted_mails() -> tuple[MessageState | None, frozenset[MessageState]]:
    """The state in the address, and the states that the page shows for it."""
    state = next((s for s in MessageState if s == request.args.get("state")), None)
    return state, frozenset({state}) if state else mails.TROUBLED


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
