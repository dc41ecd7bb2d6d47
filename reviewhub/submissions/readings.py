"""Links that somebody asked us to look at while filling in the form: asked, read, taken over.

The row is written by the request and read by a worker, so that a slow page keeps nobody waiting.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.accounts.actor import Actor
from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.core.nudges import nudge
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.drafts import UNSENT, require_editable
from reviewhub.submissions.proposals import Proposals, proposals_of
from reviewhub.submissions.urls import clean_url

READ = "submissions.read_links"
LEASE = timedelta(seconds=30)  # longer than a page may take, so that no two read the same
MOST_TRIES = 3


class Reading(Model):
    """What stands at the link of a draft; without `read_at` it is still being read."""

    __tablename__ = "link_readings"
    __table_args__ = (
        sa.CheckConstraint("read_at IS NULL OR read_at >= asked_at", name="read_after_asked"),
        sa.Index("ix_link_readings_waiting", "read_at", "asked_at"),
    )

    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True
    )
    url: Mapped[str] = mapped_column(sa.String(2000))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failure: Mapped[str] = mapped_column(sa.String(20), default="")

    @property
    def proposals(self) -> Proposals:
        """What was found."""
        return proposals_of(self.found)


def look_up(submission: Submission, *, by: Actor) -> Reading:
    """Have the draft's link read; one that is being read already is not asked for twice.

    Raises InvalidInput without a link, and WrongState or NotAllowed where the form is closed.
    """
    require_editable(submission, by)
    url = link_of(submission)
    if not url:
        raise InvalidInput(_("Give the link first: it is what is looked up."), field="url")
    found = db.session.get(Reading, submission.id)
    if found is not None and found.url == url and found.read_at is None:
        return found
    if found is None:
        found = Reading(submission_id=submission.id)
        db.session.add(found)
    found.url, found.asked_at, found.read_at = url, clock.now(), None
    found.leased_until, found.tries, found.found, found.failure = None, 0, {}, ""
    db.session.flush()
    nudge(READ)
    return found


def take_over(submission: Submission, *, by: Actor) -> list[str]:
    """Put what was found where the form is still empty; returns which fields that were."""
    require_editable(submission, by)
    reading = reading_of(submission)
    if reading is None:
        return []
    unsent = dict(submission.details.get(UNSENT, {}))
    proposed = reading.proposals.found()
    filled = [name for name in proposed if not str(unsent.get(name) or "").strip()]
    unsent |= {name: proposed[name] for name in filled}
    submission.details = {**submission.details, UNSENT: unsent}
    if "title" in filled and submission.submitted_at is None and not submission.consented_at:
        submission.title = unsent["title"]
    return filled


def reading_of(submission: Submission | None) -> Reading | None:
    """What is known of the link as it stands in the form now; None when nobody asked."""
    if submission is None:
        return None
    found = db.session.get(Reading, submission.id)
    return found if found is not None and found.url == link_of(submission) else None


def link_of(submission: Submission) -> str:
    """The link in the form, as a complete address; empty for none, or for one that can't be."""
    unsent = submission.details.get(UNSENT, {})
    try:
        return clean_url(str(unsent.get("url") or submission.url or ""))
    except InvalidInput:
        return ""


def claim(*, most: int) -> list[tuple[int, str]]:
    """Take what waits to be read, the oldest first, as (submission, address)."""
    moment = clock.now()
    free = sa.or_(Reading.leased_until.is_(None), Reading.leased_until < moment)
    waiting = db.session.scalars(
        sa.select(Reading)
        .where(Reading.read_at.is_(None), free)
        .order_by(Reading.asked_at, Reading.submission_id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for reading in waiting:
        reading.leased_until = moment + LEASE
        reading.tries += 1
        if reading.tries > MOST_TRIES:  # whoever read it never came back
            reading.read_at, reading.failure = moment, "lost"
    return [(one.submission_id, one.url) for one in waiting if one.read_at is None]


def settle(submission_id: int, url: str, *, found: dict[str, str], failure: str = "") -> None:
    """Write down what came of it, unless another link was asked for meanwhile."""
    reading = db.session.get(Reading, submission_id)
    if reading is None or reading.url != url or reading.read_at is not None:
        return
    reading.read_at, reading.found, reading.failure = clock.now(), found, failure[:20]
