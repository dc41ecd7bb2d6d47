"""Finding somebody's name and address in what was written down about others' work, and hiding it.

Mails that went to colleagues, notices and the history carry names as plain words. Only whole words
are replaced, and only in the columns named here; what people wrote for each other stays.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reviewhub.admin.people.holdings import column_of
from reviewhub.core.db import db

SEARCHED = (
    "outbox.context", "outbox.reply_to", "outbox.last_error", "outbox.address",
    "notices.context", "audit_events.note", "audit_events.data", "jobs.report",
    "saved_lists.query", "saved_lists.name",
)  # fmt: skip
SHORTEST = 3  # letters; anything shorter is found everywhere


@dataclass(frozen=True)
class Hidden:
    """The words that stand for somebody, and what stands there afterwards."""

    words: tuple[str, ...]
    pseudonym: str

    @classmethod
    def of(cls, words: Iterable[str], pseudonym: str) -> "Hidden":
        """The longest first, so that a name is not cut by a shorter one."""
        known = {word.strip() for word in words if len(word.strip()) >= SHORTEST}
        return cls(tuple(sorted(known, key=lambda word: (-len(word), word))), pseudonym)

    def in_text(self, text: str) -> str:
        """The text with the words replaced."""
        for word in self.words:
            pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
            text = re.sub(pattern, lambda _found: self.pseudonym, text, flags=re.IGNORECASE)
        return text

    def in_value(self, value: Any) -> Any:
        """The same, in whatever a column of JSON holds."""
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, dict):
            return {key: self.in_value(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.in_value(part) for part in value]
        return value


def hide(hidden: Hidden) -> int:
    """Replace the words wherever they are looked for; returns in how many rows."""
    return sum(_hide_in(column_of(name), hidden) for name in SEARCHED)


def _hide_in(column: sa.Column[Any], hidden: Hidden) -> int:
    if not hidden.words:
        return 0
    text = sa.func.lower(sa.cast(column, sa.Text))
    [key] = column.table.primary_key.columns
    rows = db.session.execute(
        sa.select(key, column).where(sa.or_(*(_holds(text, word) for word in hidden.words)))
    ).all()
    changed = 0
    for id, value in rows:
        hiding = hidden.in_value(value)
        if hiding != value:
            values = {column.name: hiding}
            db.session.execute(sa.update(column.table).where(key == id).values(values))
            changed += 1
    return changed


def _holds(text: "sa.ColumnElement[str]", word: str) -> "sa.ColumnElement[bool]":
    """Whether a text may hold a word: as it is, or as JSON writes letters that are not ASCII.

    SQLite lowers ASCII letters only, so a word is looked for up to its first other letter there.
    """
    plain = re.match(r"[\x20-\x7e]*", word.lower())
    beginning = plain[0] if plain and len(plain[0]) >= SHORTEST else ""
    if beginning and '"' not in beginning and "\\" not in beginning:
        return text.contains(beginning, autoescape=True)
    as_json = json.dumps(word)[1:-1].lower()
    return sa.or_(
        text.contains(word.lower(), autoescape=True),
        text.contains(word, autoescape=True),
        text.contains(as_json, autoescape=True),
    )
