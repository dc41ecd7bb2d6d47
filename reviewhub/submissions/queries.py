"""Reading submissions."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from reviewhub.core import clock
from reviewhub.core.db import db, locked
from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.core.pagination import Page
from reviewhub.notifications.models import Message
from reviewhub.submissions.models import (
    Cleaning,
    Decision,
    Progress,
    Submission,
    SubmissionFile,
    Upload,
)
from reviewhub.submissions.workflow import OPEN, State

_REF = re.compile(r"RH-[0-9]{4}-[0-9]{6,9}")
PAGE_SIZE = 20
_PUBLISHERS_AMONG = 500


def get(submission_id: int) -> Submission:
    """The submission. Raises NoResultFound."""
    return db.session.get_one(Submission, submission_id)


def by_ref(ref: str) -> Submission:
    """The submission with this public number. Raises NoResultFound, or NotFound for no number."""
    if not _REF.fullmatch(ref):
        raise NotFound(_("There is no page here. The link may be old, or it is incomplete."))
    return db.session.execute(sa.select(Submission).where(Submission.ref == ref)).scalar_one()


def find(ref: str) -> Submission | None:
    """The submission with this public number, if there is one."""
    if not _REF.fullmatch(ref):
        return None  # a NUL in the address would be an error of the database, not a missing page
    return db.session.scalar(sa.select(Submission).where(Submission.ref == ref))


def lock(submission_id: int) -> Submission:
    """The submission, locked until the transaction ends, with its present values."""
    return locked(Submission, submission_id)


def live_decision(submission_id: int) -> Decision | None:
    """The decision that counts, if any."""
    return db.session.scalar(
        sa.select(Decision).where(
            Decision.submission_id == submission_id, Decision.superseded_at.is_(None)
        )
    )


def is_told(decision: Decision) -> bool:
    """Whether the submitter may read it: the mail with it is not held back any more."""
    held = sa.select(Message.id).where(
        Message.object_type == Submission.__tablename__,
        Message.object_id == decision.submission_id,
        Message.occurrence == f"decision {decision.id}",
        Message.attempts == 0,
        Message.due_at > clock.now(),
    )
    return db.session.scalar(held.limit(1)) is None


def untold(decisions: Sequence[Decision]) -> set[int]:
    """The submissions among theirs of which the submitter may not read the decision yet."""
    held = sa.select(Message.object_id).where(
        Message.object_type == Submission.__tablename__,
        Message.object_id.in_([one.submission_id for one in decisions]),
        Message.occurrence.in_([f"decision {one.id}" for one in decisions]),
        Message.attempts == 0,
        Message.due_at > clock.now(),
    )
    return set(db.session.scalars(held)) if decisions else set()


def live_decisions(submission_ids: Sequence[int]) -> dict[int, Decision]:
    """The decisions that count, by submission."""
    rows = db.session.scalars(
        sa.select(Decision).where(
            Decision.submission_id.in_(submission_ids), Decision.superseded_at.is_(None)
        )
    )
    return {decision.submission_id: decision for decision in rows}


def files_of(submission_id: int) -> list[SubmissionFile]:
    """The files that came with a submission, in the order they came."""
    return list(
        db.session.scalars(
            sa.select(SubmissionFile)
            .where(SubmissionFile.submission_id == submission_id)
            .order_by(SubmissionFile.id)
        )
    )


def file(submission_id: int, file_id: int) -> SubmissionFile:
    """One file of this submission. Raises NoResultFound."""
    return db.session.execute(
        sa.select(SubmissionFile).where(
            SubmissionFile.submission_id == submission_id, SubmissionFile.id == file_id
        )
    ).scalar_one()


def file_by_id(file_id: int, *, lock: bool = False) -> SubmissionFile:
    """A file, whoever sent it. Raises NoResultFound."""
    query = sa.select(SubmissionFile).where(SubmissionFile.id == file_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalar_one()


def files_to_clean(*, all_open: bool, limit: int = 20) -> list[int]:
    """Files that wait for their copy without metadata; with `all_open` those of every open
    suggestion, asked for or not."""
    waits = SubmissionFile.cleaning == Cleaning.WAITING
    if all_open:
        waits |= sa.and_(
            SubmissionFile.cleaning == Cleaning.NOT_ASKED,
            SubmissionFile.submission_id.in_(
                sa.select(Submission.id).where(Submission.state.in_(OPEN))
            ),
        )
    query = sa.select(SubmissionFile.id).where(waits).order_by(SubmissionFile.id).limit(limit)
    return list(db.session.scalars(query))


def named_paths(paths: Sequence[str]) -> set[str]:
    """Those of these paths in the store that a row names."""
    columns = (SubmissionFile.path, SubmissionFile.clean_path, Upload.path)
    return {
        path
        for column in columns
        for path in db.session.scalars(sa.select(column).where(column.in_(paths)))
        if path is not None
    }


def unfinished_uploads(*, touched_before: datetime, limit: int = 200) -> list[Upload]:
    """Files on their way that nobody went on with."""
    return list(
        db.session.scalars(
            sa.select(Upload)
            .where(Upload.touched_at < touched_before)
            .order_by(Upload.touched_at, Upload.id)
            .limit(limit)
        )
    )


def uploads_of(submission_id: int) -> list[Upload]:
    """The files on their way to a submission, the one that moved last at the end."""
    return list(
        db.session.scalars(
            sa.select(Upload)
            .where(Upload.submission_id == submission_id)
            .order_by(Upload.touched_at, Upload.id)
        )
    )


def upload(submission_id: int, upload_id: int) -> Upload:
    """A file on its way to this submission, locked. Raises NoResultFound."""
    return db.session.execute(
        sa.select(Upload)
        .where(Upload.submission_id == submission_id, Upload.id == upload_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def of_person(person_id: int, *, after: str = "", size: int = PAGE_SIZE) -> Page[Submission]:
    """What a person suggested, newest first; `after` is the key that the page before gave."""
    query = sa.select(Submission).where(Submission.submitter_id == person_id)
    if after.isascii() and after.isdigit() and len(after) < 19:
        query = query.where(Submission.id < int(after))
    rows = db.session.scalars(query.order_by(Submission.id.desc()).limit(size + 1)).all()
    return Page.cut(rows, size, lambda submission: submission.id, started=bool(after))


def publishers(*, limit: int = 100) -> list[str]:
    """Names of publishers to propose while somebody types, those with most resources first.

    Anybody may read them, so they come from what is published and from nothing else; of that the
    newest suggestions do, so that a large library makes no page slow.
    """
    newest = (
        sa.select(Submission.publisher)
        .where(Submission.state == State.PUBLISHED)
        .order_by(Submission.id.desc())
        .limit(_PUBLISHERS_AMONG)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(newest.c.publisher, sa.func.count())
        .where(newest.c.publisher != "")
        .group_by(newest.c.publisher)
        .order_by(sa.func.count().desc(), newest.c.publisher)
        .limit(limit)
    )
    return [publisher for publisher, _count in rows]


def open_items(editor_ids: Sequence[int]) -> dict[int, int]:
    """How many open submissions each of these editors handles."""
    rows = db.session.execute(
        sa.select(Progress.editor_id, sa.func.count())
        .join(Submission, Submission.id == Progress.submission_id)
        .where(Progress.editor_id.in_(editor_ids), Submission.state.in_(OPEN))
        .group_by(Progress.editor_id)
    )
    return {editor_id: number for editor_id, number in rows if editor_id is not None}


def open_by_state() -> dict[State, int]:
    """How many submissions are in each open state; a state without one is left out."""
    query = (
        sa.select(Submission.state, sa.func.count())
        .where(Submission.state.in_(OPEN))
        .group_by(Submission.state)
    )
    return dict(db.session.execute(query).all())


def screening_overdue(
    now: datetime,
    *,
    waits: Sequence[timedelta],
    apart: timedelta = timedelta(0),
    limit: int = 100,
) -> list[int]:
    """Suggestions not screened in time: `waits[n]` after the date, when n reminders went out.

    Two of them are `apart`, also where the clock stood still meanwhile.
    """
    return _with_reminder_due(State.SUBMITTED, now, waits, limit, apart=apart)


def changes_to_remind(now: datetime, *, waits: Sequence[timedelta], limit: int = 100) -> list[int]:
    """Changes asked for and not sent: `waits[n]` counts from the date, so it is negative."""
    return _with_reminder_due(State.CHANGES_REQUESTED, now, waits, limit)


def unconfirmed(*, sent_before: datetime, limit: int = 100) -> list[int]:
    """Guests' suggestions whose address waits for its confirmation, and no reminder went out."""
    return list(
        db.session.scalars(
            sa.select(Submission.id)
            .join(Progress, Progress.submission_id == Submission.id)
            .where(
                Submission.state == State.DRAFT,
                Submission.submitter_id.is_not(None),
                Submission.consented_at <= sent_before,
                Progress.reminders == 0,
            )
            .order_by(Submission.id)
            .limit(limit)
        )
    )


def _with_reminder_due(
    state: State,
    now: datetime,
    waits: Sequence[timedelta],
    limit: int,
    apart: timedelta = timedelta(0),
) -> list[int]:
    rungs = [
        sa.and_(Progress.reminders == number, Progress.due_at <= now - wait)
        for number, wait in enumerate(waits)
    ]
    return list(
        db.session.scalars(
            sa.select(Submission.id)
            .join(Progress, Progress.submission_id == Submission.id)
            .where(
                Submission.state == state,
                sa.or_(*rungs),
                sa.or_(Progress.reminded_at.is_(None), Progress.reminded_at <= now - apart),
            )
            .order_by(Progress.due_at, Submission.id)
            .limit(limit)
        )
    )
