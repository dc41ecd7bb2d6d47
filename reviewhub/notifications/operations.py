"""Changing what a person has read."""

from datetime import datetime

import sqlalchemy as sa

from reviewhub.core.db import db
from reviewhub.notifications.models import Notice


def read_notices(person_id: int, *, at: datetime) -> None:
    """Mark everything that the person could have seen by `at` as read."""
    db.session.execute(
        sa.update(Notice)
        .where(Notice.person_id == person_id, Notice.read_at.is_(None), Notice.created_at <= at)
        .values(read_at=at)
    )
