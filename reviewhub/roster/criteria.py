"""By what applications are assessed, and when there is an answer: published beside the form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reviewhub.core.i18n import _l, get_locale
from reviewhub.taxonomy.catalogue import Label
from reviewhub.taxonomy.queries import catalogue

# For a hub whose folder states none of its own.
USUAL = {
    "experience": _l(
        "Several years of work on what you would review, in policy, technical work, practice or "
        "research"
    ),
    "judgement": _l("Readiness to judge the work of others by its use and its evidence"),
    "need": _l("Topics, languages and regions that the roster lacks, and a fair mix of people"),
}


@dataclass(frozen=True)
class Criterion:
    """One thing that is looked for, in the reader's language where the hub has it."""

    code: str
    label: Label


def criteria() -> list[Criterion]:
    """What is looked for, in the hub's order."""
    entries = catalogue().roster_form.get("criteria")
    if entries:
        return _read(entries)
    return [Criterion(code, Label(str(text), get_locale())) for code, text in USUAL.items()]


def further_terms() -> list[Criterion]:
    """What the hub asks of its reviewers beyond what the policy says."""
    return _read(catalogue().roster_form.get("terms", ()))


def assessors_wanted() -> int:
    """How many roster managers have to agree, by the policy."""
    return int(catalogue().policy.get("application_managers", 1))


def answer_due(start: datetime) -> datetime:
    """By when an application that is sent at `start` has its answer: a working day."""
    hub = catalogue()
    return hub.workdays.after(start + timedelta(days=hub.policy["application_days"]), 0)


def _read(entries: Iterable[Mapping[str, Any]]) -> list[Criterion]:
    hub, locale = catalogue(), get_locale()
    return [Criterion(entry["code"], hub.words(entry["labels"], locale)) for entry in entries]
