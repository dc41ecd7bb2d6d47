"""Writing the history, in the transaction of the change itself."""

from typing import Any, Protocol

from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import db
from reviewhub.core.workflow import Move


class Recorded(Protocol):
    """A row that has a history."""

    __tablename__: str
    id: Any


def record(
    about: Recorded,
    happened: Move | str,
    *,
    actor_id: int | None = None,
    role: str = "",
    note: str = "",
    **data: Any,
) -> AuditEvent:
    """Write one event about a flushed row: a Move of its workflow, or a verb that moves nothing."""
    moved = happened if isinstance(happened, Move) else None
    event = AuditEvent(
        object_type=about.__tablename__,
        object_id=about.id,
        verb=moved.verb if moved else str(happened),
        role=role or (moved.role if moved else "system"),
        actor_id=actor_id,
        old_state=moved.old if moved else None,
        new_state=moved.new if moved else None,
        note=note,
        data=data,
    )
    db.session.add(event)
    return event
