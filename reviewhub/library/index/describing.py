"""What a resource says to the index: its text and rank as columns, and the terms it is under."""

from collections.abc import Collection, Sequence
from typing import Any

from reviewhub.library.analyser import indexed
from reviewhub.library.index.memory import Placed
from reviewhub.library.index.postings import FILED, PRIMARY, TEXT, TIER, TITLE, WORLD
from reviewhub.library.models import Resource
from reviewhub.library.ranking import rank
from reviewhub.library.words import normal
from reviewhub.submissions.models import Scope
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.taxonomy.models import Vocabulary

# The columns that the index is made from, and those that it writes.
READ = (
    Resource.id, Resource.state, Resource.title, Resource.title_en, Resource.language,
    Resource.description, Resource.publisher, Resource.authors, Resource.published_on,
    Resource.details, Resource.scope, Resource.breadth, Resource.section_id,
    Resource.document_type_id, Resource.rank_scope, Resource.rank_breadth, Resource.rank_date,
    Resource.rank_title, Resource.search_text,
)  # fmt: skip
WRITTEN = ("rank_scope", "rank_breadth", "rank_date", "rank_title", "search_text")
_BREADTHS = 4  # of the rank's second part


def describe(resource: Resource, hub: Catalogue) -> None:
    """Write the columns: the text in its normal form, and the parts of the default order."""
    terms = [hub.term(filed.term_id) for filed in resource.filing]
    parts = rank(
        scope=resource.scope,
        regions=[t.code for t in terms if t.vocabulary == Vocabulary.REGIONS],
        countries=[t.code for t in terms if _is_country(t)],
        breadth=resource.breadth,
        dated=str(resource.details.get("starts_at") or resource.published_on),
        title=resource.title,
    )
    resource.rank_scope, resource.rank_breadth = parts.scope, parts.breadth
    resource.rank_date, resource.rank_title = parts.date, parts.title
    resource.search_text = f" {normal(' '.join([resource.title, *_further(resource)]))}"


def terms_of(resource: Resource) -> set[str]:
    """Every term that a published resource stands under; its columns are written."""
    title = indexed(normal(resource.title), resource.language)
    in_english = indexed(normal(resource.title_en), "en")
    text = indexed(resource.search_text, resource.language)
    one = placed(resource, resource.filing)
    terms = {f"{TITLE}{stem}" for stem in title | in_english}
    terms |= {f"{TEXT}{stem}" for stem in text | title | in_english}
    terms |= {f"{FILED}{term_id}" for term_id in one.filed}
    terms.add(f"{TIER}{one.tier}")
    if one.primary is not None:
        terms.add(f"{PRIMARY}{one.primary}")
    if one.is_global:
        terms.add(WORLD)
    return terms


def placed(resource: Any, filing: Collection[Any]) -> Placed:
    """What a process keeps in memory of a published resource; rows of its columns will do."""
    own = {resource.section_id, resource.document_type_id} - {None}
    return Placed(
        id=resource.id,
        tier=resource.rank_scope * _BREADTHS + resource.rank_breadth,
        date=resource.rank_date,
        filed=frozenset({*own, *(filed.term_id for filed in filing)}),
        primary=next((filed.term_id for filed in filing if filed.is_primary), None),
        is_global=resource.scope == Scope.GLOBAL,
    )


def _further(resource: Resource) -> Sequence[str]:
    """What a reader may remember of it besides the title. Where it is filed is found by the names
    of the terms, and needs no text here."""
    names = [str(author) for author in resource.authors]
    return [resource.title_en, resource.description, resource.publisher, *names]


def _is_country(term: TermView) -> bool:
    return term.vocabulary == Vocabulary.COUNTRIES and term.data.get("kind") != "global"
