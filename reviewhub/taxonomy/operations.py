"""Storing a hub's data: terms are added, changed or deprecated, never deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from reviewhub.core.db import db
from reviewhub.taxonomy.loader import (
    HubDefinition,
    TermDefinition,
    hub_folder,
    read_hub,
)
from reviewhub.taxonomy.models import Hub, Term
from reviewhub.taxonomy.policies import check_policy
from reviewhub.taxonomy.queries import forget_catalogue

__all__ = ["LoadReport", "hub_folder", "load", "set_policy"]

_FILED = "policy_of_file"  # the policy as the hub's folder last gave it


@dataclass(frozen=True)
class LoadReport:
    """What a load did; `changed` is whether the hub has a new version."""

    slug: str
    version: int
    changed: bool
    added: int
    updated: int
    deprecated: int
    unchanged: int


def load(folder: Path) -> LoadReport:
    """Store the hub of a folder (see `loader.hub_folder`); loading it again changes nothing.

    Raises InvalidInput, naming file and entry, before anything is stored.
    """
    definition = read_hub(folder)
    hub = db.session.get(Hub, 1, with_for_update=True)
    done = {"added": 0, "updated": 0, "deprecated": 0, "unchanged": 0}
    _store_terms(definition.terms, done)
    changed = _store_hub(hub, definition, done)
    db.session.flush()
    forget_catalogue()
    version = hub.version if hub is not None else 1
    return LoadReport(definition.slug, version, changed, **done)


def set_policy(policy: Mapping[str, Any]) -> None:
    """Let this be the hub's policy from now on, until its folder brings another one.

    Raises InvalidInput, naming the entry, for a policy that can't be used.
    """
    check_policy(dict(policy))
    hub = db.session.get(Hub, 1, with_for_update=True)
    assert hub is not None  # a policy is read before it is changed
    if hub.data["policy"] == dict(policy):
        return
    _write(hub, {**hub.data, "policy": dict(policy)})
    db.session.flush()
    forget_catalogue()


def _write(hub: Hub, data: dict[str, Any]) -> None:
    hub.data = data
    hub.version += 1
    hub.stamp = uuid4().hex


def _store_hub(hub: Hub | None, definition: HubDefinition, done: dict[str, int]) -> bool:
    """Write the hub's own row where anything changed; whether it did."""
    settings = {**definition.settings, _FILED: definition.settings["policy"]}
    if hub is None:
        db.session.add(Hub(slug=definition.slug, stamp=uuid4().hex, data=settings))
        return True
    if hub.slug == definition.slug and hub.data.get(_FILED) == settings[_FILED]:
        settings["policy"] = hub.data["policy"]  # what the hub has changed itself stays
    terms_changed = done["added"] + done["updated"] + done["deprecated"] > 0
    if not terms_changed and hub.slug == definition.slug and hub.data == settings:
        return False
    hub.slug = definition.slug
    _write(hub, settings)
    return True


def _store_terms(definitions: tuple[TermDefinition, ...], done: dict[str, int]) -> None:
    stored = {(term.vocabulary, term.code): term for term in db.session.scalars(sa.select(Term))}
    for definition in definitions:
        term = stored.pop((definition.vocabulary, definition.code), None)
        done[_store_term(term, definition)] += 1
    for left in stored.values():
        done["unchanged" if left.deprecated else "deprecated"] += 1
        left.deprecated = True


def _store_term(term: Term | None, definition: TermDefinition) -> str:
    if term is None:
        db.session.add(Term(**_columns(definition)))
        return "added"
    changed = {
        name: value for name, value in _columns(definition).items() if getattr(term, name) != value
    }
    for name, value in changed.items():
        setattr(term, name, value)
    return "updated" if changed else "unchanged"


def _columns(definition: TermDefinition) -> dict[str, Any]:
    return {
        "vocabulary": definition.vocabulary.value,
        "code": definition.code,
        "position": definition.position,
        "label": definition.label,
        "labels": dict(definition.labels),
        "data": dict(definition.data),
        "parent_code": definition.parent_code,
        "deprecated": definition.deprecated,
    }
