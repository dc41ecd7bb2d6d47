"""A list of people as a job: kept, checked without changing anything, and applied in batches.

The file is kept beside the uploads until it was applied, or for some days; the job's report keeps
numbers, rows and reasons, and nobody's name or address.
"""

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from reviewhub.accounts.actor import Actor
from reviewhub.core import clock, config, files
from reviewhub.core.nudges import nudge
from reviewhub.jobs import operations as jobs
from reviewhub.jobs.models import Job
from reviewhub.roster import imports, sheets
from reviewhub.roster.imports import Candidate, Refusal
from reviewhub.roster.operations import invitations
from reviewhub.roster.operations.invitations import Outcome

KIND = "roster_import"
BATCH = 100
MOST_KEPT = 1_000  # refusals, and changed rows, that the report keeps
IMPORT_FILES = "roster.import_files"


def put_down(name: str, content: bytes, *, by: Actor, locale: str) -> Job:
    """Have a worker check a file, without changing anything. Raises InvalidInput for one that
    can't be read, or whose columns we do not know."""
    sheet = sheets.read(name, content)
    imports.columns_of(sheet)
    path = f"{secrets.token_hex(16)}.{name.rpartition('.')[2].lower()}"
    store().mkdir(parents=True, exist_ok=True)
    (store() / path).write_bytes(content)
    nudge(IMPORT_FILES)
    said = {
        "file": path, "dry_run": True, "locale": locale, "unused": imports.unused_columns(sheet),
    }  # fmt: skip
    return jobs.put_down(KIND, by_id=by.acting_person_id, **said)


def apply(job: Job, *, by: Actor) -> Job:
    """Have a worker do what was checked, by whoever has looked at the report."""
    nudge(IMPORT_FILES)
    said = {"file": job.report["file"], "dry_run": False, "locale": job.report["locale"]}
    return jobs.put_down(KIND, by_id=by.acting_person_id, **said)


def check(content: bytes, name: str, *, by: Actor, locale: str) -> Outcome:
    """What would happen with a file; nothing is written."""
    candidates, refused = imports.check(sheets.read(name, content))
    outcome = Outcome(refused=tuple(refused))
    for batch in _batches(candidates):
        outcome += invitations.invite(batch, by=by, locale=locale, dry_run=True)
    return outcome


def batches(content: bytes, name: str) -> tuple[int, Outcome, Iterator[Sequence[Candidate]]]:
    """How many rows of a file can be used, what is refused, and the rows in portions.

    Whoever invites them commits each portion, so that a crash loses little.
    """
    candidates, refused = imports.check(sheets.read(name, content))
    return len(candidates), Outcome(refused=tuple(refused)), _batches(candidates)


def report(outcome: Outcome) -> dict[str, Any]:
    """An outcome as the job keeps it."""
    refused = sorted(outcome.refused, key=lambda one: one.row)
    return {
        "new": outcome.new,
        "unchanged": outcome.unchanged,
        "on_roster": outcome.on_roster,
        "changed": len(outcome.changed),
        "refused": len(refused),
        "changes": [list(one) for one in outcome.changed[:MOST_KEPT]],
        "refusals": [[one.row, one.column, one.reason] for one in refused[:MOST_KEPT]],
    }


def refusals_of(job: Job) -> list[Refusal]:
    """The rows that a job refused."""
    return [Refusal(*one) for one in job.report.get("refusals", ())]


def is_kept(job: Job) -> bool:
    """Whether the file of a job is still here."""
    return _path(job).is_file()


def content_of(job: Job) -> bytes:
    """The file of a job. Raises FileNotFoundError where it is gone."""
    return _path(job).read_bytes()


def drop_file(job: Job) -> None:
    """The list itself is not needed any more."""
    files.drop(store(), job.report["file"])


def sweep() -> int:
    """Remove lists that nobody applied; returns how many."""
    before = clock.now() - files.UNNAMED_FOR
    return files.sweep(store(), lambda _paths: set(), before=before)


def store() -> Path:
    """The folder that lists are kept in."""
    return config.current().var / "uploads" / "lists"


def _path(job: Job) -> Path:
    return store() / str(job.report["file"])


def _batches(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    return (candidates[start : start + BATCH] for start in range(0, len(candidates), BATCH))
