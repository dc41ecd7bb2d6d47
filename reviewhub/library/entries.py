"""What the library says of a resource, as one value: from a submission, an import or an editor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from reviewhub.core.db import db
from reviewhub.library.models import Resource, ResourceTerm
from reviewhub.submissions.models import Breadth, Scope, Submission
from reviewhub.taxonomy.catalogue import Catalogue
from reviewhub.taxonomy.models import Vocabulary

WORLD = "global"  # the kind of the entry that stands for the whole world among the countries
# What of a submission's details is public; the rest is about its submitter.
PUBLIC_DETAILS = frozenset(
    {
        "document_type_text", "starts_at", "ends_at", "place", "online", "registration_url",
        "period", "implementer", "partners", "results", "lessons", "languages", "links",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """The public fields of a resource. `filing` are term ids; `primary_id` is one of them."""

    title: str
    section_id: int
    title_en: str = ""
    language: str = ""
    description: str = ""
    url: str = ""
    url_key: str = ""
    publisher: str = ""
    authors: tuple[str, ...] = ()
    published_on: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    scope: Scope | None = None
    breadth: Breadth | None = None
    document_type_id: int | None = None
    filing: tuple[int, ...] = ()
    primary_id: int | None = None


PLAIN = tuple(f.name for f in fields(Entry) if f.name not in {"authors", "filing", "primary_id"})


def of_submission(submission: Submission, section_id: int) -> Entry:
    """What a submission says in public; `section_id` because a draft may lack it."""
    plain = {name: getattr(submission, name) for name in PLAIN}
    plain["section_id"] = section_id
    plain["details"] = {k: v for k, v in submission.details.items() if k in PUBLIC_DETAILS}
    return Entry(**plain, **_lists(submission.authors, submission.filing))


def of_resource(resource: Resource) -> Entry:
    """What the library says of it now."""
    plain = {name: getattr(resource, name) for name in PLAIN}
    return Entry(**plain, **_lists(resource.authors, resource.filing))


def write(entry: Entry, resource: Resource, hub: Catalogue) -> None:
    """Put the entry's values into the row, with the wider places that its places imply."""
    for name in PLAIN:
        setattr(resource, name, getattr(entry, name))
    resource.authors = list(entry.authors)
    wanted = with_implied(entry, hub)
    kept = {filed.term_id: filed for filed in resource.filing}
    if any(filed.is_primary != (id_ == entry.primary_id) for id_, filed in kept.items()):
        for filed in kept.values():
            filed.is_primary = False
        db.session.flush()  # no two primaries at any moment, in whatever order rows are written
    resource.filing = [kept.get(one) or ResourceTerm(term_id=one) for one in wanted]
    for position, filed in enumerate(resource.filing):
        filed.position = position
        filed.is_primary = filed.term_id == entry.primary_id


def with_implied(entry: Entry, hub: Catalogue) -> tuple[int, ...]:
    """The filing, the regions of its countries, and the world where its scope is global."""
    ids = dict.fromkeys(entry.filing)
    for term_id in entry.filing:
        term = hub.term(term_id)
        if term.vocabulary == Vocabulary.COUNTRIES and term.parent_code:
            region = hub.find(Vocabulary.REGIONS, term.parent_code)
            if region is not None:
                ids[region.id] = None
    if entry.scope == Scope.GLOBAL:
        ids |= dict.fromkeys(_world(hub))
    return tuple(ids)


def difference(old: Entry, new: Entry, hub: Catalogue) -> dict[str, list[Any]]:
    """What changed, as {field: [before, after]} in words that last: codes, not ids."""
    changed: dict[str, list[Any]] = {}
    for name in (*PLAIN, "authors"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after and name != "url_key":
            changed[name.removesuffix("_id")] = [_plain(before, hub), _plain(after, hub)]
    for name, before, after in (
        ("filing", _codes(with_implied(old, hub), hub), _codes(with_implied(new, hub), hub)),
        ("primary", _codes(_one(old.primary_id), hub), _codes(_one(new.primary_id), hub)),
    ):
        if before != after:
            changed[name] = [before, after]
    return changed


def _lists(authors: Iterable[Any], filing: Sequence[Any]) -> dict[str, Any]:
    return {
        "authors": tuple(str(author) for author in authors),
        "filing": tuple(filed.term_id for filed in filing),
        "primary_id": next((filed.term_id for filed in filing if filed.is_primary), None),
    }


def _world(hub: Catalogue) -> list[int]:
    return [t.id for t in hub.vocabulary(Vocabulary.COUNTRIES) if t.data.get("kind") == WORLD]


def _one(term_id: int | None) -> tuple[int, ...]:
    return () if term_id is None else (term_id,)


def _codes(ids: Iterable[int], hub: Catalogue) -> list[str]:
    terms = [hub.term(term_id) for term_id in ids]
    return sorted(f"{term.vocabulary}:{term.code}" for term in terms)


def _plain(value: Any, hub: Catalogue) -> Any:
    if isinstance(value, int):
        return hub.term(value).code
    return list(value) if isinstance(value, tuple) else value
