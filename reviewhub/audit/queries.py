"""Reading the history."""

from collections.abc import Collection

import sqlalchemy as sa

from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import db


def history(object_type: str, object_id: int, *, limit: int = 200) -> list[AuditEvent]:
    """What happened to one row, oldest first."""
    return history_of(object_type, [object_id], limit=limit)


def history_of(
    object_type: str, object_ids: Collection[int], *, limit: int = 400
) -> list[AuditEvent]:
    """What happened to several rows of one kind, oldest first."""
    return list(
        db.session.scalars(
            sa.select(AuditEvent)
            .where(AuditEvent.object_type == object_type, AuditEvent.object_id.in_(object_ids))
            .order_by(AuditEvent.id)
            .limit(limit)
        )
    )
