"""The progress page of imports and exports."""

from reviewhub.jobs.models import Job, JobState


def test_a_running_job_shows_how_far_it_is_and_looks_again(make, db, sign_in):
    job = Job(kind="import_resources", state=JobState.RUNNING, total=40, done=10)
    db.add(job)
    db.flush()
    text = sign_in(make.editor()).get(f"/desk/jobs/{job.id}").text
    assert "10 of 40" in text
    assert 'data-progress="running"' in text


def test_a_finished_job_shows_what_it_refused_and_stands_still(make, db, clock, sign_in):
    report = {"added": 3, "refused": [{"line": 7, "why": "No title."}]}
    job = Job(
        kind="import", state=JobState.DONE, total=4, done=4, finished_at=clock(), report=report
    )
    db.add(job)
    db.flush()
    text = sign_in(make.editor()).get(f"/desk/jobs/{job.id}").text
    assert "No title." in text
    assert "http-equiv" not in text


def test_a_job_is_for_staff(make, db, sign_in):
    db.add(Job(kind="import"))
    db.flush()
    assert sign_in(make.person()).get("/desk/jobs/1").status_code == 403
