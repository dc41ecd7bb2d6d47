"""The database is the last guard: each constraint is provoked once."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from reviewhub.core import clock as core_clock
from reviewhub.submissions.models import (
    Cleaning,
    Decision,
    DecisionKind,
    Progress,
    Submission,
    SubmissionFile,
    SubmissionTerm,
)
from reviewhub.submissions.workflow import State
from tests.factories import Factory


def _sent_by_nobody(submission: Submission) -> None:
    submission.submitter_id = None


def _sent_at_no_time(submission: Submission) -> None:
    submission.submitted_at = None


def _approved_unread(submission: Submission) -> None:
    submission.state = State.APPROVED


def _appealed_twice(submission: Submission) -> None:
    submission.appeals = 2


def _negative_count(submission: Submission) -> None:
    submission.progress.reviews_received = -1


@pytest.mark.parametrize(
    ("break_it", "constraint"),
    [
        (_sent_by_nobody, "ck_submissions_sent_by_somebody"),
        (_sent_at_no_time, "ck_submissions_sent_has_time"),
        (_approved_unread, "ck_submissions_approved_was_reviewed"),
        (_appealed_twice, "ck_submissions_one_appeal"),
        (_negative_count, "ck_submission_progress_counts_positive"),
    ],
)
def test_the_database_refuses_a_submission_that_contradicts_itself(
    db: Any, make: Factory, break_it: Callable[[Submission], None], constraint: str
) -> None:
    submission = make.submission()
    break_it(submission)
    _refused(db, constraint)


@pytest.mark.parametrize(
    ("column", "constraint"),
    [
        ("state", "state"),
        ("scope", "scope"),
        ("breadth", "breadth"),
        ("licence", "licence"),
        ("relation", "relation"),
    ],
)
def test_the_database_knows_the_words(db: Any, make: Factory, column: str, constraint: str) -> None:
    submission = make.submission()
    with pytest.raises(IntegrityError, match=constraint):
        db.execute(sa.text(f"UPDATE submissions SET {column} = 'odd' WHERE id = {submission.id}"))


@pytest.mark.parametrize("column", ["ref", "external_id"])
def test_a_number_stands_once(db: Any, make: Factory, column: str) -> None:
    first, second = make.submission(), make.submission()
    setattr(first, column, "RH-2026-999999")
    setattr(second, column, "RH-2026-999999")
    _refused(db, f"uq_submissions_{column}", f"submissions.{column}")


def test_a_submission_has_one_primary_topic(db: Any, make: Factory) -> None:
    submission = make.submission(topics=["14", "20"])
    submission.filing[1].is_primary = True
    _refused(db, "uq_submission_terms_primary", "submission_terms.submission_id")


def test_a_submission_is_filed_under_a_term_once(db: Any, make: Factory) -> None:
    submission = make.submission(topics=["14"])
    term_id = make.term("topics", "14").id
    values = {"submission_id": submission.id, "term_id": term_id, "position": 9,
              "is_primary": False}  # fmt: skip
    with pytest.raises(IntegrityError, match=r"pk_submission_terms|submission_terms\.submission"):
        db.execute(sa.insert(SubmissionTerm).values(**values))


def test_a_file_is_never_empty(db: Any, make: Factory) -> None:
    db.add(_file(make.submission(), size=0))
    _refused(db, "ck_submission_files_not_empty")


def test_no_two_files_lie_in_one_place(db: Any, make: Factory) -> None:
    db.add_all([_file(make.submission()), _file(make.submission())])
    _refused(db, "uq_submission_files_path", "submission_files.path")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"size": 0, "received": 0}, "ck_submission_uploads_not_empty"),
        ({"size": 10, "received": 11}, "ck_submission_uploads_received_within"),
        ({"received": -1}, "ck_submission_uploads_received_within"),
    ],
)
def test_no_more_arrives_than_there_is_of_a_file(
    db: Any, make: Factory, values: dict[str, Any], constraint: str
) -> None:
    upload = make.upload(make.submission())
    for name, value in values.items():
        setattr(upload, name, value)
    _refused(db, constraint)


@pytest.mark.parametrize(
    ("column", "constraint", "columns"),
    [
        ("path", "uq_submission_uploads_path", "submission_uploads.path"),
        ("fingerprint", "uq_submission_uploads_once", "submission_uploads.fingerprint"),
    ],
)
def test_a_file_is_on_its_way_once(
    db: Any, make: Factory, column: str, constraint: str, columns: str
) -> None:
    submission = make.submission()
    first, second = make.upload(submission), make.upload(submission)
    setattr(second, column, getattr(first, column))
    _refused(db, constraint, columns)


@pytest.mark.parametrize(
    ("cleaning", "clean_path"), [(Cleaning.CLEAN, None), (Cleaning.WAITING, "aa/copy.pdf")]
)
def test_a_clean_file_has_its_copy_and_no_other_one_has(
    db: Any, make: Factory, cleaning: Cleaning, clean_path: str | None
) -> None:
    db.add(_file(make.submission(), cleaning=cleaning, clean_path=clean_path))
    _refused(db, "ck_submission_files_clean_has_a_copy")


def test_no_two_copies_lie_in_one_place(db: Any, make: Factory) -> None:
    for path in ("a/1.pdf", "a/2.pdf"):
        db.add(_file(make.submission(), path=path, cleaning=Cleaning.CLEAN, clean_path="a/c.pdf"))
    _refused(db, "uq_submission_files_clean_path", "submission_files.clean_path")


def test_the_database_knows_how_far_a_copy_is(db: Any, make: Factory) -> None:
    db.add(_file(make.submission()))
    db.flush()
    with pytest.raises(IntegrityError, match="cleaning"):
        db.execute(sa.text("UPDATE submission_files SET cleaning = 'odd'"))


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"decided_by_id": None}, "ck_decisions_has_decider"),
        ({"by_panel": True}, "ck_decisions_has_decider"),
        ({"reason": ""}, "ck_decisions_rejection_has_reason"),
        (
            {"by_panel": True, "decided_by_id": None, "at_screening": True},
            "ck_decisions_panel_never_screens",
        ),
    ],
)
def test_the_database_refuses_a_decision_that_contradicts_itself(
    db: Any, make: Factory, values: dict[str, Any], constraint: str
) -> None:
    db.add(_decision(make, make.submission(), **values))
    _refused(db, constraint)


def test_one_decision_at_most_is_live(db: Any, make: Factory) -> None:
    submission = make.submission(state=State.REJECTED)
    db.add(_decision(make, submission, superseded_at=core_clock.now()))
    db.add(_decision(make, submission))
    db.flush()
    db.add(_decision(make, submission))
    _refused(db, "uq_decisions_live", "decisions.submission_id")


def test_deleting_a_submission_takes_what_hangs_on_it_along(db: Any, make: Factory) -> None:
    submission = make.submission(state=State.DRAFT)
    db.add(_file(submission))
    db.flush()
    submission_id = submission.id
    db.expunge_all()
    db.execute(sa.delete(Submission).where(Submission.id == submission_id))
    for table in (SubmissionTerm, SubmissionFile, Progress):
        left = sa.select(sa.func.count()).where(table.submission_id == submission_id)
        assert db.scalar(left) == 0


def test_the_second_of_two_editors_is_told_that_the_row_has_changed(db: Any, make: Factory) -> None:
    submission = make.submission()
    db.execute(sa.text(f"UPDATE submissions SET version = 9 WHERE id = {submission.id}"))
    submission.title = "Written on an old page"
    with pytest.raises(StaleDataError):
        db.flush()
    db.rollback()


def test_an_arriving_review_makes_no_page_of_the_submission_old(db: Any, make: Factory) -> None:
    submission = make.submission()
    version = submission.version
    submission.progress.reviews_received += 1
    db.flush()
    assert submission.version == version


def _file(submission: Submission, **values: Any) -> SubmissionFile:
    return SubmissionFile(
        **{
            "submission_id": submission.id, "path": "ab/one.pdf", "name": "one.pdf",
            "media_type": "application/pdf", "size": 3, "sha256": "0" * 64, **values,
        }
    )  # fmt: skip


def _decision(make: Factory, submission: Submission, **values: Any) -> Decision:
    return Decision(
        **{
            "submission_id": submission.id, "kind": DecisionKind.REJECTED, "reason": "other",
            "decided_by_id": make.editor().id, **values,
        }
    )  # fmt: skip


def _refused(db: Any, *names: str) -> None:
    with pytest.raises(IntegrityError, match="|".join(names)):
        db.flush()
    db.rollback()
