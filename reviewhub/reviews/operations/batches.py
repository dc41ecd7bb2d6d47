"""Panels for many items: asked for, planned, looked at, and then applied whole or not at all."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.nudges import nudge
from reviewhub.jobs import operations as jobs
from reviewhub.reviews.batches import KIND, MOST, Batch, BatchStage, lock
from reviewhub.reviews.candidates import roster_now
from reviewhub.reviews.operations.assigning import prepare
from reviewhub.reviews.operations.many import Many, Planned, Progress, plan_many, stamp_of
from reviewhub.reviews.operations.panels import put_to_work
from reviewhub.reviews.outlooks import Change, Outlook
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.tuning import Tuning
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission

ASSIGN = "reviews.assign"
MODES = ("total", "equal", "fair")
UNUSED_FOR = timedelta(days=30)  # for so long a plan that nobody applied is kept
KEPT_PASSED = 3  # of those passed over, with a plan: an assignment keeps them all the same


def start_batch(submission_ids: Sequence[int], tuning: Tuning, *, mode: str, by: Actor) -> Batch:
    """Have the panels of these items planned together.

    Raises InvalidInput for none, too many, an unknown mode, and for somebody pinned: a seat is
    pinned on one item.
    """
    ids = sorted(set(submission_ids))
    if not ids:
        raise InvalidInput(_("Select at least one suggestion first."))
    if len(ids) > MOST:
        raise InvalidInput(_("At most %(number)s at a time, please.", number=MOST))
    if mode not in MODES:
        raise InvalidInput(_("Choose what counts most."), field="mode")
    if tuning.pinned:
        raise InvalidInput(_("Somebody is pinned to the panel of one item, not of many."))
    batch = Batch(
        stage=BatchStage.ASKED,
        job_id=_job(len(ids), by).id,
        started_by_id=by.acting_person_id,
        submission_ids=ids,
        tuning={**tuning.stored(), "mode": mode},
    )
    db.session.add(batch)
    db.session.flush()
    nudge(ASSIGN)
    return batch


def confirm_batch(batch: Batch, *, seen: str, by: Actor) -> None:
    """What was looked at is to be done. Raises WrongState where it is another plan by now."""
    batch = _own(batch.id, by)
    if batch.stage is not BatchStage.PLANNED or batch.plan.get("digest") != seen:
        raise WrongState(_("This plan has moved on. Look at it again first."))
    batch.stage = BatchStage.CONFIRMED
    batch.job_id = _job(len(batch.submission_ids), by).id
    nudge(ASSIGN)


def change_batch(batch: Batch, tuning: Tuning, *, mode: str, by: Actor) -> None:
    """Plan once more, with other weights and limits. Raises WrongState once it is on its way."""
    batch = _own(batch.id, by)
    if batch.stage is not BatchStage.PLANNED:
        raise WrongState(_("This plan has moved on. Look at it again first."))
    if mode not in MODES or tuning.pinned:
        raise InvalidInput(_("Choose what counts most."), field="mode")
    batch.stage, batch.differs = BatchStage.ASKED, []
    batch.tuning = {**tuning.stored(), "mode": mode}
    batch.job_id = _job(len(batch.submission_ids), by).id
    nudge(ASSIGN)


def plan_batch(batch_id: int, progress: Progress) -> None:
    """The task's first half: plan, and write the plan down."""
    batch = db.session.get_one(Batch, batch_id)
    many = _plan(batch, progress)
    batch = lock(batch_id)
    if batch.stage is BatchStage.ASKED:
        _write(batch, many)
        jobs.finish(batch.job_id, panels=_asking(many))


def apply_batch(batch_id: int) -> bool:
    """The task's second half: plan again, and do it where it is still the same.

    Where it is not, the new plan is written down with what differs. Returns False, with nothing
    done, when the world changed in the moment between: it has to be tried again.
    """
    batch = db.session.get_one(Batch, batch_id)
    many = _plan(batch, lambda steps: None)
    items = _locked(batch)
    batch = lock(batch_id)
    if batch.stage is not BatchStage.CONFIRMED:
        return True
    if stamp_of(roster_now(), list(items.values())) != many.stamp:
        return False
    changes = _changes(batch, many)
    if changes:
        _write(batch, many, changes)
        jobs.finish(batch.job_id, changed=len(changes))
        return True
    done = [one for one in many.planned if one.wave is not None and one.outlook.seats]
    for one in done:
        if not _assign(batch, items[one.outlook.submission_id], one, many):
            return False
    batch.stage, batch.applied_at = BatchStage.APPLIED, clock.now()
    jobs.finish(batch.job_id, panels=len(done), mails=sum(one.outlook.mails for one in done))
    return True


def give_up_batch(batch_id: int, because: str) -> None:
    """It could not be planned or applied: nothing was done, and the page says so."""
    batch = lock(batch_id)
    if batch.stage in {BatchStage.PLANNED, BatchStage.APPLIED}:
        return
    batch.stage, batch.planned_at = BatchStage.PLANNED, clock.now()
    batch.plan = {**batch.plan, "error": because, "digest": ""}
    if batch.job.finished_at is None:
        jobs.fail(batch.job_id, because=because)


def sweep_batches() -> int:
    """Forget the plans that nobody applied; returns how many.

    What was applied stays: its assignments refer to it.
    """
    stale = sa.delete(Batch).where(
        Batch.stage == BatchStage.PLANNED, Batch.planned_at < clock.now() - UNUSED_FOR
    )
    return len(db.session.scalars(stale.returning(Batch.id)).all())


def _job(total: int, by: Actor) -> Any:
    return jobs.start(KIND, total=total, by_id=by.acting_person_id)


def _own(batch_id: int, by: Actor) -> Batch:
    batch = lock(batch_id)
    if batch.started_by_id != by.acting_person_id:
        raise NotFound(_("There is no such plan, or it is somebody else's."))
    return batch


def _actor(batch: Batch) -> Actor:
    """Whoever started it, with the roles they have now."""
    person = accounts.get(batch.started_by_id)
    return Actor(person.id, person.roles & {Role.EDITOR})


def _plan(batch: Batch, progress: Progress) -> Many:
    by = _actor(batch)
    if not by.roles:
        raise WrongState(_("Whoever started this is no editor any more."))
    found = [submissions.get(number) for number in batch.submission_ids]
    return plan_many(
        found, Tuning.of(batch.tuning), mode=batch.tuning["mode"], by=by, progress=progress
    )


def _locked(batch: Batch) -> dict[int, Submission]:
    """Every item, locked in the order of ids, as nobody locks two in another."""
    return {number: submissions.lock(number) for number in batch.submission_ids}


def _write(batch: Batch, many: Many, changes: Sequence[Change] = ()) -> None:
    outlooks = [one.outlook for one in many.planned]
    batch.stage, batch.planned_at = BatchStage.PLANNED, clock.now()
    batch.differs = [asdict(one) for one in changes]
    batch.plan = {
        "alone": many.alone,
        "total": round(many.total, 4),
        "bound": round(many.bound, 4),
        "digest": _digest(outlooks),
        "outlooks": [one.data(most=KEPT_PASSED) for one in outlooks],
    }


def _digest(outlooks: Sequence[Outlook]) -> str:
    return "".join(one.digest[:2] for one in outlooks)[:24] + str(clock.now().timestamp())


def _changes(batch: Batch, many: Many) -> list[Change]:
    before = {one["submission_id"]: Outlook.of(one) for one in batch.plan["outlooks"]}
    found = []
    for planned in many.planned:
        now, old = planned.outlook, before.get(planned.outlook.submission_id)
        if old is None or old.digest != now.digest:
            found.append(Change.between([seat.key for seat in old.seats] if old else [], now))
    return found


def _asking(many: Many) -> int:
    return sum(bool(one.outlook.seats) for one in many.planned)


def _assign(batch: Batch, submission: Submission, one: Planned, many: Many) -> bool:
    """Ask everybody of one panel; False where somebody's last place has just gone."""
    by, tuning = _actor(batch), Tuning.of(batch.tuning)
    current = prepare(submission, tuning, by=by)
    assert one.wave is not None
    asked = put_to_work(
        submission, current, one.wave, many.candidates,
        tuning=tuning, by_id=by.acting_person_id, batch_id=batch.id,
        prices=many.prices, search=many.search,
    )  # fmt: skip
    if rules_of(current).parallel_invitations > 1:
        current.fill_at = clock.now()  # the others who are asked for the same seats
    record(
        current, "assign", actor_id=by.acting_person_id, role="editor",
        tuning=tuning.stored(), batch=batch.id,
        people=sorted(seat.person_id for seat in one.outlook.seats),
    )  # fmt: skip
    return asked == len(one.wave.ask)
