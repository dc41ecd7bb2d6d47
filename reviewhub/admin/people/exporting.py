"""Everything the hub holds about somebody, as a file for them: JSON, and the files they sent.

They get what they gave and what they were told. Who else had a part in something is not theirs to
have: no name of a reviewer stands in a submitter's file, and no note of the desk in a reviewer's.
"""

import json
import tempfile
import zipfile
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.models import Person
from reviewhub.admin.people.holdings import HOLDINGS, PARTS, column_of
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.roster.models import Application
from reviewhub.roster.operations import applications
from reviewhub.submissions import attachments
from reviewhub.submissions.letters import Letter
from reviewhub.submissions.models import Decision, Submission, SubmissionFile
from reviewhub.submissions.queries import untold
from reviewhub.taxonomy.queries import catalogue

_PERSON = (
    "email", "name", "locale", "timezone", "country", "confirmed_at", "away_until",
    "bouncing_since", "created_at", "erase_at",
)  # fmt: skip
MOST_IN_MEMORY = 1024 * 1024
README = (
    "Everything that this hub holds about you. about_you.json has one part for each kind of "
    "record, named for where it is kept and for what you have to do with it; the folder files has "
    "what you sent.\n"
)


def export(person: Person) -> IO[bytes]:
    """A ZIP archive, to be read from its beginning; beyond a megabyte it lies on the disk."""
    said = about(person)
    record(person, "export", actor_id=person.id, role="self")
    archive_file = tempfile.SpooledTemporaryFile(max_size=MOST_IN_MEMORY)  # noqa: SIM115 -- sent, and closed by the server
    with zipfile.ZipFile(archive_file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("about_you.json", json.dumps(said, ensure_ascii=False, indent=2))
        for path, name in _files(person):
            if path.is_file():
                archive.write(path, f"files/{name}")
    archive_file.seek(0)
    return archive_file


def about(person: Person) -> dict[str, Any]:
    """The records, as plain values by kind."""
    said: dict[str, Any] = {
        "written_at": clock.now().isoformat(),
        "person": {name: _plain(getattr(person, name)) for name in _PERSON},
        "organisation": accounts.organisation_of(person),
    }
    for name, holding in HOLDINGS.items():
        if holding.exports:
            said[name.replace(".", " by ")] = _rows(name, holding.exports, person)
    for part in PARTS:
        said[part.table] = _rows_of_part(part.table, part.column, part.of, part.exports, person)
    for topic in said["roster_membership_topics"]:
        topic["term_id"] = catalogue().term(topic["term_id"]).code
    _name_suggestions(said.get("assignments by person_id", []))
    said["decisions on your suggestions"] = _decisions(person)
    return {kind: rows for kind, rows in said.items() if rows}


def _rows(name: str, exports: tuple[str, ...], person: Person) -> list[dict[str, Any]]:
    column = column_of(name)
    columns = [column.table.c[one] for one in exports]
    query = sa.select(*columns).where(column == person.id)
    return _plain_rows(query.order_by(*column.table.primary_key.columns))


def _rows_of_part(
    table: str, column: str, of: str, exports: tuple[str, ...], person: Person
) -> list[dict[str, Any]]:
    """Rows that hang on somebody's rows."""
    hanging = column_of(f"{table}.{column}")
    owner = next(name for name in HOLDINGS if name.startswith(f"{of}."))
    whose = column_of(owner)
    mine = sa.select(whose.table.c.id).where(whose == person.id)
    columns = [hanging, *(hanging.table.c[one] for one in exports)]
    query = sa.select(*columns).where(hanging.in_(mine))
    return _plain_rows(query.order_by(*hanging.table.primary_key.columns))


def _name_suggestions(seats: list[dict[str, Any]]) -> None:
    """What was reviewed, by its number and title, which every invitation tells."""
    ids = [seat.pop("submission_id") for seat in seats]
    rows = db.session.execute(
        sa.select(Submission.id, Submission.ref, Submission.title).where(Submission.id.in_(ids))
    )
    named = {id: {"ref": ref, "title": title} for id, ref, title in rows}
    for seat, id in zip(seats, ids, strict=True):
        seat.update(named[id])


def _decisions(person: Person) -> list[dict[str, Any]]:
    """What the submitter was told, in the words that were released to them."""
    rows = db.session.execute(
        sa.select(Decision, Submission.ref, Letter.released)
        .join(Submission, Submission.id == Decision.submission_id)
        .outerjoin(Letter, Letter.decision_id == Decision.id)
        .where(Submission.submitter_id == person.id)
        .order_by(Decision.id)
    ).all()
    hidden = untold([row[0] for row in rows])
    return [
        {
            "ref": ref, "kind": decision.kind.value, "reason": decision.reason,
            "text": decision.text, "decided_at": _plain(decision.decided_at),
            "comments": [one["text"] for one in released or ()],
        }
        for decision, ref, released in rows
        if decision.id not in hidden
    ]  # fmt: skip


def _plain_rows(query: "sa.Select[*tuple[Any, ...]]") -> list[dict[str, Any]]:
    rows = db.session.execute(query).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime | date) else value


def _files(person: Person) -> list[tuple[Path, str]]:
    """CVs and files of suggestions, each under a name that no other one has."""
    cvs = db.session.execute(
        sa.select(Application.ref, Application.cv)
        .where(Application.person_id == person.id)
        .order_by(Application.id)
    )
    found = [
        (applications.cv_store() / cv["path"], f"{ref} {cv['name']}")
        for ref, cv in cvs
        if "path" in cv
    ]
    sent = db.session.execute(
        sa.select(Submission.ref, SubmissionFile.id, SubmissionFile.path, SubmissionFile.name)
        .join(Submission, Submission.id == SubmissionFile.submission_id)
        .where(Submission.submitter_id == person.id)
        .order_by(SubmissionFile.id)
    )
    return found + [
        (attachments.store() / path, f"{ref} {id} {name}") for ref, id, path, name in sent
    ]
