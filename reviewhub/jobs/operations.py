"""A job's life: started, advanced, finished; or failed, by itself or because it fell silent."""

from datetime import timedelta
from typing import Any

from reviewhub.core import clock
from reviewhub.core.db import db, insert_into
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.jobs import queries
from reviewhub.jobs.models import Heartbeat, Job, JobState

SILENT_AFTER = timedelta(minutes=10)


def start(kind: str, *, total: int, by_id: int | None = None) -> Job:
    """A running job of `total` steps."""
    job = Job(kind=kind, total=total, state=JobState.RUNNING, started_by_id=by_id)
    db.session.add(job)
    db.session.flush()
    return job


def put_down(kind: str, *, by_id: int | None, **report: Any) -> Job:
    """A job for a worker to take up; `report` is what it has to know."""
    job = Job(kind=kind, started_by_id=by_id, report=report)
    db.session.add(job)
    db.session.flush()
    return job


def take_up(kind: str) -> Job | None:
    """The oldest job of this kind that waits, running from now on; none where nothing waits."""
    job = queries.lock_waiting(kind)
    if job is not None:
        job.state, job.advanced_at = JobState.RUNNING, clock.now()
        db.session.flush()
    return job


def measure(job_id: int, *, total: int) -> Job:
    """How many steps there are. Raises WrongState where the job was given up meanwhile."""
    job = _unfinished(job_id)
    job.total = max(total, job.done)
    db.session.flush()
    return job


def advance(job_id: int, *, steps: int, **report: Any) -> Job:
    """`steps` more are done; `report` is added to what the job says of itself.

    Raises WrongState where the job was given up meanwhile.
    """
    job = _unfinished(job_id)
    job.done = min(job.done + steps, job.total)
    job.report = {**job.report, **report}
    job.advanced_at = clock.now()
    db.session.flush()
    return job


def finish(job_id: int, **report: Any) -> Job:
    """Everything is done. Raises WrongState where the job was given up meanwhile."""
    job = _unfinished(job_id)
    job.done = job.total
    return _end(job, JobState.DONE, report)


def fail(job_id: int, *, because: str) -> Job:
    """It ended early; `because` is a sentence for whoever looks at it."""
    return _end(_unfinished(job_id), JobState.FAILED, {"error": because})


def fail_silent() -> int:
    """Give up jobs without progress for ten minutes: their process is gone. Returns how many."""
    silent = queries.silent_since(clock.now() - SILENT_AFTER)
    for job in silent:
        sentence = _("This stopped without a word: start it again, it goes on where it was.")
        _end(job, JobState.FAILED, {"error": str(sentence)})
    return len(silent)


def beat(name: str) -> None:
    """Write down that this kind of process is at work now; safe in many processes at once."""
    row = insert_into(Heartbeat).values(name=name, seen_at=clock.now())
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=[Heartbeat.name], set_={"seen_at": row.excluded.seen_at}
        )
    )


def _unfinished(job_id: int) -> Job:
    job = queries.lock(job_id)
    if job.finished_at is not None:
        raise WrongState(_("This job has already ended."))
    return job


def _end(job: Job, state: JobState, report: dict[str, Any]) -> Job:
    job.state = state
    job.finished_at = job.advanced_at = clock.now()
    job.report = {**job.report, **report}
    db.session.flush()
    return job
