"""What the database itself refuses about jobs."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.core import clock as core_clock
from reviewhub.jobs.models import Job, JobState
from tests.constraints import refused_by

Database = scoped_session[Session]


@pytest.mark.parametrize(("done", "total"), [(-1, 5), (6, 5), (0, -1)])
def test_what_is_done_is_part_of_the_whole(db: Database, done: int, total: int) -> None:
    with refused_by(db, "ck_jobs_done_within_total"):
        db.add(Job(kind="import", done=done, total=total))


@pytest.mark.parametrize("state", JobState)
def test_exactly_the_ended_jobs_have_a_time_of_ending(db: Database, state: JobState) -> None:
    ended = state in {JobState.DONE, JobState.FAILED}
    with refused_by(db, "ck_jobs_finished_has_time"):
        db.add(Job(kind="import", state=state, finished_at=None if ended else core_clock.now()))


def test_a_job_was_started_by_somebody_who_exists(db: Database) -> None:
    with refused_by(db, "fk_jobs_started_by_id_people"):
        db.add(Job(kind="import", started_by_id=999_999))


def test_a_job_is_in_a_known_state(db: Database) -> None:
    db.add(Job(kind="import"))
    db.flush()
    with refused_by(db, "ck_jobs_job_state"):
        db.execute(sa.text("UPDATE jobs SET state = 'lost'"))
