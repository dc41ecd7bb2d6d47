"""Reading the history of an application or a membership, with names."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import LABELS, Role
from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import db
from reviewhub.roster.models import Application, Membership


@dataclass(frozen=True)
class HistoryLine:
    """One change: when, what, by whom in which role, and what a profile said before and after."""

    at: datetime
    verb: str
    who: str
    note: str
    changed: dict[str, Any]


def history(
    about: Application | Membership, *, named: bool = True, limit: int = 100
) -> list[HistoryLine]:
    """The latest changes of one row, newest first; without names, only roles are told."""
    rows = db.session.execute(
        sa.select(AuditEvent, Person.name)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(AuditEvent.object_type == about.__tablename__, AuditEvent.object_id == about.id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    return [
        HistoryLine(
            event.at, event.verb, (name if named else "") or _role_label(event.role), event.note,
            event.data.get("changed", {}),
        )
        for event, name in rows
    ]  # fmt: skip


def _role_label(role: str) -> str:
    return str(LABELS[Role(role)]) if role in set(Role) else role
