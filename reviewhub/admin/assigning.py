"""Panels for a selection of the list, made together: how, what it would do, and what was done.

The work is a task's; these pages ask for it, show how far it is, and let an editor say yes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

import sqlalchemy as sa
from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.admin import queue as queues
from reviewhub.admin import sight
from reviewhub.admin.filters import Filter
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotFound
from reviewhub.core.i18n import _
from reviewhub.reviews import operations
from reviewhub.reviews.batches import MOST, Batch, BatchStage, find
from reviewhub.reviews.explained import names_of
from reviewhub.reviews.operations.many import refusal_of
from reviewhub.reviews.outlooks import Change, Load, Outlook, loads, people_in
from reviewhub.reviews.queries import rules_in_force
from reviewhub.reviews.tuning import Tuning
from reviewhub.reviews.tuning_forms import BatchForm, TuningForm
from reviewhub.reviews.why import tuned_words
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

bp = Blueprint("assigning", __name__)

PAGE = 50
MOST_LOADS = 100
CAN_BE_ASKED = (State.SUBMITTED, State.IN_REVIEW)


@bp.get("/desk/assigning")
@allow(Role.EDITOR)
def choose() -> str | Response:
    """What counts when the panels of the selected items are made together."""
    ids, back = _selected()
    if not ids:
        flash(_("Select at least one suggestion first."), "warning")
        return redirect(url_for("admin.queue"))
    return _form_page(ids, back, TuningForm(formdata=None), BatchForm(formdata=None))


@bp.post("/desk/assigning")
@allow(Role.EDITOR)
def start() -> str | Response:
    """Have the panels planned; nothing is sent by that."""
    ids, back = _selected()
    form = BatchForm()
    try:
        if not form.was_sent_and_is_valid():
            raise InvalidInput(_("Choose what counts most."))
        tuning = Tuning.read(request.form, (), request.form.getlist("off"))
        batch = operations.start_batch(ids, tuning, mode=form.mode.data, by=actor())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        if not ids:
            flash(str(error), "warning")
            return redirect(url_for("admin.queue"))
        tuned = TuningForm(formdata=request.form)
        tuned.refuse(error)
        return make_response(_form_page(ids, back, tuned, form), error.status)
    return redirect(url_for(".show", batch_id=batch.id))


@bp.get("/desk/assigning/<int:batch_id>")
@allow(Role.EDITOR)
def show(batch_id: int) -> str:
    """How far it is; then what it would do; then what it did."""
    batch = _own(batch_id)
    if batch.stage in {BatchStage.ASKED, BatchStage.CONFIRMED}:
        return render_template("admin/assigning_waits.html", batch=batch)
    outlooks = _seen(Outlook.of(one) for one in batch.plan.get("outlooks", ()))
    page = request.args.get("page", "1")
    number = int(page[:6]) if page.isascii() and page.isdigit() else 1
    pages = max(1, -(-len(outlooks) // PAGE))
    number = min(max(number, 1), pages)
    shown = outlooks[(number - 1) * PAGE : number * PAGE]
    possible = [one for one in outlooks if one.seats and not one.refusal]
    persons = loads(possible)
    seen = {one.ref for one in outlooks}
    differs = [Change(**one) for one in batch.differs if one["ref"] in seen]
    return render_template(
        "admin/assigning_plan.html",
        batch=batch,
        outlooks=shown,
        number=number,
        pages=pages,
        possible=len(possible),
        short=sum(bool(one.shortages) for one in outlooks),
        refused=_refused(outlooks, batch),
        refused_count=sum(bool(one.refusal) for one in outlooks),
        mails=sum(one.mails for one in possible),
        loads=persons[:MOST_LOADS],
        people=len(persons),
        differs=differs[:PAGE],
        names=names_of(_named(shown, persons[:MOST_LOADS], differs, batch)),
        tuned=tuned_words(batch.tuning),
        form=_changing(batch),
        mode=BatchForm(formdata=None, data={"mode": batch.tuning.get("mode", "total")}),
    )


@bp.post("/desk/assigning/<int:batch_id>/confirm")
@allow(Role.EDITOR)
def confirm(batch_id: int) -> Response:
    """Do what was looked at."""
    batch = _own(batch_id)
    operations.confirm_batch(batch, seen=request.form.get("seen", ""), by=actor())
    db.session.commit()
    return redirect(url_for(".show", batch_id=batch_id))


@bp.post("/desk/assigning/<int:batch_id>/change")
@allow(Role.EDITOR)
def change(batch_id: int) -> Response:
    """Plan once more with other weights, limits, or without somebody."""
    batch = _own(batch_id)
    form = BatchForm()
    try:
        tuning = Tuning.read(request.form, (), request.form.getlist("off"))
        if not form.was_sent_and_is_valid():
            raise InvalidInput(_("Choose what counts most."))
        operations.change_batch(batch, tuning, mode=form.mode.data, by=actor())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        flash(str(error), "error")
    return redirect(url_for(".show", batch_id=batch_id))


def _selected() -> tuple[list[int], str]:
    """The ids of the selected items, or of the whole list where it was asked for, and the list."""
    back = request.values.get("back", "")
    if request.values.get("all"):
        parts = dict(parse_qsl(back))
        wanted = Filter.read(parts, actor(), catalogue())
        rows = queues.rows(wanted, actor(), most=4 * MOST)
        return [row.id for row in rows if row.state in CAN_BE_ASKED][:MOST], back
    refs = request.values.getlist("item")[:MOST]
    found = sa.select(Submission.id).where(
        Submission.ref.in_([ref.partition(":")[0] for ref in refs]),
        Submission.state.in_(CAN_BE_ASKED),
    )
    return list(db.session.scalars(found.order_by(Submission.id))), back


def _form_page(ids: Sequence[int], back: str, form: TuningForm, mode: BatchForm) -> str:
    rules = rules_in_force()
    form.hint(rules.weights, rules)
    return render_template(
        "admin/assigning.html", form=form, mode=mode, number=len(ids), most=MOST, query=back,
        refs=() if request.values.get("all") else request.values.getlist("item"),
        everything=bool(request.values.get("all")),
    )  # fmt: skip


def _seen(outlooks: Iterable[Outlook]) -> list[Outlook]:
    """Without the panels of items that the viewer has come to be part of since."""
    found = list(outlooks)
    part_of = sight.items_of(actor(), [one.submission_id for one in found])
    return [one for one in found if one.refusal or one.submission_id not in part_of]


def _refused(outlooks: Sequence[Outlook], batch: Batch) -> list[Outlook]:
    """Those left as they are; while it is a plan, with the reason of now, in the reader's words."""
    found = [one for one in outlooks if one.refusal][:PAGE]
    if batch.stage is not BatchStage.PLANNED or not found:
        return found
    ids = [one.submission_id for one in found]
    rows = db.session.scalars(sa.select(Submission).where(Submission.id.in_(ids)))
    now = {row.id: refusal_of(row, by=actor()) for row in rows}
    return [replace(one, refusal=now.get(one.submission_id) or one.refusal) for one in found]


def _changing(batch: Batch) -> TuningForm:
    form = TuningForm(formdata=None)
    form.show(Tuning.of(batch.tuning))
    rules = rules_in_force()
    form.hint(rules.weights, rules)
    return form


def _named(
    shown: Sequence[Outlook], persons: Sequence[Load], differs: Sequence[Change], batch: Batch
) -> set[int]:
    found = people_in(shown) | {one.person_id for one in persons}
    for one in differs[:PAGE]:
        found |= {*one.new, *one.gone}
    return found | set(batch.tuning.get("kept_off", ()))


def _own(batch_id: int) -> Batch:
    """A plan is shown to whoever asked for it."""
    batch = find(batch_id)
    if batch is None or batch.started_by_id != actor().person_id:
        raise NotFound(_("There is no such plan, or it is somebody else's."))
    return batch
