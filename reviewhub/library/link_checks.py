"""Whether links still lead somewhere: of what is published, and of what is under screening.

Every link is looked at now and then, a few at a time and one per host, and the last answer is
kept. A dead link puts nothing away: people are shown it, and decide.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model, db, enum_type, is_any_of
from reviewhub.core.fetch import Fetched
from reviewhub.core.i18n import _l
from reviewhub.core.pagination import Page
from reviewhub.library.models import Resource
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.models import Submission
from reviewhub.submissions.urls import url_key
from reviewhub.submissions.workflow import State

# While somebody decides about it.
WATCHED = (State.SUBMITTED, State.IN_REVIEW, State.REVIEWED)
EVERY = timedelta(days=14)  # for what is published, give or take a fifth
EVERY_WATCHED = timedelta(days=3)
AGAIN = timedelta(days=1)  # after a failure
LEASE = timedelta(minutes=10)
# So often in a row before a link counts as dead: servers have bad days.
PATIENCE_GONE = 2
PATIENCE_UNREACHABLE = 3
ENROLLED_AT_ONCE = 200
PAGE_SIZE = 50


class Verdict(StrEnum):
    """What the last look at a link said."""

    OK = "ok"
    MOVED = "moved"
    GONE = "gone"
    UNREACHABLE = "unreachable"


VERDICTS = {
    Verdict.OK: _l("answers"),
    Verdict.MOVED: _l("has moved"),
    Verdict.GONE: _l("is gone"),
    Verdict.UNREACHABLE: _l("does not answer"),
}


class LinkCheck(Model):
    """The link of one submission or one resource; `verdict` is empty until the first look."""

    __tablename__ = "link_checks"
    __table_args__ = (
        sa.CheckConstraint(
            "(submission_id IS NULL) <> (resource_id IS NULL)", name="about_one_thing"
        ),
        sa.CheckConstraint("(verdict IS NULL) = (checked_at IS NULL)", name="verdict_has_time"),
        sa.CheckConstraint("failures >= 0", name="failures_counted"),
        sa.Index("ix_link_checks_next", "next_at", "id"),
        sa.Index("ix_link_checks_dead", "is_dead", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), unique=True
    )
    resource_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("resources.id", ondelete="CASCADE"), unique=True
    )
    url: Mapped[str] = mapped_column(sa.String(2000))
    host: Mapped[str] = mapped_column(sa.String(255))
    next_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict))
    checked_at: Mapped[datetime | None]
    status: Mapped[int | None]
    moved_to: Mapped[str] = mapped_column(sa.String(2000), default="")
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    is_dead: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str] = mapped_column(sa.String(200), default="")
    last_modified: Mapped[str] = mapped_column(sa.String(200), default="")


@dataclass(frozen=True)
class Due:
    """A link to look at, and what it said last time, to be asked only for changes."""

    id: int
    url: str
    etag: str
    last_modified: str


@dataclass(frozen=True)
class Dead:
    """A dead link with what it belongs to: a submission's number or a resource's slug."""

    check: LinkCheck
    title: str
    ref: str
    slug: str


# -- reading --


def number_of_dead() -> sa.ColumnElement[int]:
    """How many links are dead; a part of a query."""
    return _dead(sa.func.count()).scalar_subquery()


def every_dead() -> Iterator[Dead]:
    """All of them, for a file."""
    page = dead()
    yield from page.rows
    while page.after:
        page = dead(after=int(page.after))
        yield from page.rows


def dead(*, after: int = 0) -> Page[Dead]:
    """The dead links with what they belong to, in the order they were taken up."""
    columns = (LinkCheck, Submission.title, Submission.ref, Resource.title, Resource.slug)
    rows = db.session.execute(
        _dead(*columns).where(LinkCheck.id > after).order_by(LinkCheck.id).limit(PAGE_SIZE + 1)
    )
    found = [
        Dead(check, (title if ref else shown) or "", ref or "", slug or "")
        for check, title, ref, shown, slug in rows
    ]
    return Page.cut(found, PAGE_SIZE, lambda one: one.check.id, started=after > 0)


def _dead(*columns: Any) -> sa.Select[Any]:
    """A query of the dead ones, without those whose item was put away or decided since."""
    return (
        sa.select(*columns)
        .select_from(LinkCheck)
        .outerjoin(Submission, Submission.id == LinkCheck.submission_id)
        .outerjoin(Resource, Resource.id == LinkCheck.resource_id)
        .where(
            LinkCheck.is_dead,
            sa.or_(
                is_any_of(Submission.state, WATCHED),
                Resource.state == ResourceState.PUBLISHED,
            ),
        )
    )


# -- looking --


def enrol() -> int:
    """Take up links that are not yet looked after, or that were changed; returns how many."""
    now, number = clock.now(), 0
    for kind, column, open_, spread in (
        (Submission, LinkCheck.submission_id, Submission.state.in_(WATCHED), timedelta(0)),
        (Resource, LinkCheck.resource_id, Resource.state == ResourceState.PUBLISHED, AGAIN),
    ):
        new = db.session.execute(
            sa.select(kind.id, kind.url, LinkCheck)
            .outerjoin(LinkCheck, column == kind.id)
            .where(
                open_,
                kind.url != "",
                kind.is_demo.is_(False),
                sa.or_(LinkCheck.id.is_(None), LinkCheck.url != kind.url),
            )
            .order_by(kind.id)
            .limit(ENROLLED_AT_ONCE)
        ).all()
        for id, url, check in new:
            at = now + spread * random.random()
            _take_up(check or LinkCheck(**{column.key: id}), url, at)
        number += len(new)
    return number


def claim(*, most: int) -> list[Due]:
    """Links whose time has come, the longest overdue first, and no two of one host."""
    now = clock.now()
    waiting = db.session.scalars(
        sa.select(LinkCheck)
        .where(LinkCheck.next_at <= now)
        .order_by(LinkCheck.next_at, LinkCheck.id)
        .limit(most * 20)
        .with_for_update(skip_locked=True)
    )
    chosen: dict[str, LinkCheck] = {}
    for check in waiting:
        if len(chosen) < most:
            chosen.setdefault(check.host, check)
    for check in chosen.values():
        check.next_at = now + LEASE
    return [Due(one.id, one.url, one.etag, one.last_modified) for one in chosen.values()]


def settle(due: Due, fetched: Fetched | None) -> None:
    """Write down what a look has shown; None: nobody was there."""
    check = db.session.get(LinkCheck, due.id)
    if check is None or check.url != due.url:
        return
    if not _is_watched(check):
        db.session.delete(check)  # taken up again if it is listed again
        return
    check.verdict = verdict_of(due.url, fetched)
    check.checked_at = clock.now()
    check.status = fetched.status if fetched else None
    check.moved_to = fetched.final_url[:2000] if fetched and check.verdict is Verdict.MOVED else ""
    if check.verdict in {Verdict.OK, Verdict.MOVED}:
        check.failures, check.failing_since, check.is_dead = 0, None, False
        if fetched and fetched.status == 200:
            check.etag, check.last_modified = fetched.etag, fetched.last_modified
        check.next_at = check.checked_at + _pause(check)
        return
    check.failures += 1
    check.failing_since = check.failing_since or check.checked_at
    patience = PATIENCE_GONE if check.verdict is Verdict.GONE else PATIENCE_UNREACHABLE
    check.is_dead = check.failures >= patience
    check.next_at = check.checked_at + AGAIN


def verdict_of(url: str, fetched: Fetched | None) -> Verdict:
    """What an answer means. A server that shuts programs out is there all the same."""
    if fetched is None or fetched.status >= 500:
        return Verdict.UNREACHABLE
    if fetched.status in {404, 410}:
        return Verdict.GONE
    if fetched.moved_for_good and url_key(fetched.final_url) != url_key(url):
        return Verdict.MOVED
    return Verdict.OK


def _take_up(check: LinkCheck, url: str, at: datetime) -> None:
    check.url, check.host, check.next_at = url, (urlsplit(url).hostname or "")[:255], at
    check.verdict = check.checked_at = check.status = check.failing_since = None
    check.moved_to, check.failures, check.is_dead = "", 0, False
    check.etag = check.last_modified = ""
    db.session.add(check)


def _is_watched(check: LinkCheck) -> bool:
    if check.submission_id is not None:
        return db.session.get_one(Submission, check.submission_id).state in WATCHED
    return db.session.get_one(Resource, check.resource_id).state == ResourceState.PUBLISHED


def _pause(check: LinkCheck) -> timedelta:
    pause = EVERY_WATCHED if check.submission_id is not None else EVERY
    return pause * random.uniform(0.8, 1.2)  # so that what came together is spread over days
