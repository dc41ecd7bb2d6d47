"""A job's life."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from reviewhub.core.errors import WrongState
from reviewhub.jobs import operations, queries, tasks
from reviewhub.jobs.models import Job, JobState


def test_a_job_says_how_far_it_is_and_what_it_found(db: Any, clock: Any) -> None:
    job = operations.start("import", total=250)
    operations.advance(job.id, steps=100, new=100)
    operations.advance(job.id, steps=100, new=190, refused=10)
    assert (job.done, job.report) == (200, {"new": 190, "refused": 10})
    operations.finish(job.id, new=240)
    assert (job.state, job.done, job.finished_at) == (JobState.DONE, 250, clock())
    assert queries.recent() == [job]
    assert queries.get(job.id) is job


def test_a_job_is_never_more_than_done(db: Any, clock: Any) -> None:
    job = operations.start("import", total=3)
    assert operations.advance(job.id, steps=9).done == 3


def test_a_job_that_failed_says_why_and_goes_no_further(db: Any, clock: Any) -> None:
    job = operations.start("export", total=1)
    operations.fail(job.id, because="The disk is full.")
    assert (job.state, job.report) == (JobState.FAILED, {"error": "The disk is full."})
    with pytest.raises(WrongState):
        operations.advance(job.id, steps=1)


def test_a_job_that_fell_silent_is_given_up_after_ten_minutes(db: Any, clock: Any) -> None:
    silent = operations.start("import", total=10)
    clock.advance(minutes=6)
    busy = operations.start("import", total=10)
    db.commit()
    assert tasks.beat() == 0
    clock.advance(minutes=5)
    operations.advance(busy.id, steps=1)
    assert tasks.beat() == 1
    assert tasks.beat() == 0
    db.expire_all()
    assert (silent.state, busy.state) == (JobState.FAILED, JobState.RUNNING)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("done = 11", "done_within_total"),
        ("done = -1", "done_within_total"),
        ("state = 'done'", "finished_has_time"),
        ("finished_at = created_at", "finished_has_time"),
        ("state = 'asleep'", "job_state"),
    ],
)
def test_the_database_refuses_a_job_that_contradicts_itself(
    db: Any, clock: Any, change: str, constraint: str
) -> None:
    job: Job = operations.start("import", total=10)
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(sa.text(f"UPDATE jobs SET {change} WHERE id = {job.id}"))


def test_a_job_waits_until_a_worker_takes_it_up_and_says_how_much_there_is(
    db: Any, clock: Any
) -> None:
    assert operations.take_up("list") is None
    first, _second = (operations.put_down("list", by_id=None, file=name) for name in "ab")
    operations.put_down("another", by_id=None)
    assert (first.state, first.report) == (JobState.WAITING, {"file": "a"})
    taken = operations.take_up("list")
    assert (taken, first.state) == (first, JobState.RUNNING)
    assert operations.measure(first.id, total=7).total == 7
    assert queries.find(first.id, "another") is None
    operations.finish(first.id)
    with pytest.raises(WrongState):
        operations.measure(first.id, total=9)
