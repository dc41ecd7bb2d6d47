"""The public pages: front, list, topics, resource, how we review."""

from typing import Any
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from flask import abort, render_template, request
from werkzeug.wrappers import Response

from reviewhub.accounts.access import PUBLIC, actor, allow
from reviewhub.audit.queries import history
from reviewhub.core.i18n import get_locale
from reviewhub.core.text import shorten
from reviewhub.library import queries, transparency
from reviewhub.library.citation import citation
from reviewhub.library.facets import FACETS, TOPIC
from reviewhub.library.forms import FIELDS, SCOPES
from reviewhub.library.models import Resource
from reviewhub.library.policy import may_change
from reviewhub.library.query import Query, parse
from reviewhub.library.ranking import why_here
from reviewhub.library.search import engine
from reviewhub.library.views import bp, filters
from reviewhub.library.views.kept import for_everybody, kept
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions import attachments
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.trail import trail
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.taxonomy.models import Vocabulary
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.addresses import absolute
from reviewhub.web.downloads import send_upload

FRESH_FOR_S = 60
INDEXED_FILTERS = 1  # lists with more filters are for people, not for search engines


@bp.get("/")
@allow(PUBLIC)
@for_everybody
def front() -> str:
    """The hub's topics as a contents list, with search on top."""
    total, lines = _contents(catalogue())
    return render_template(
        "library/front.html",
        lines=lines,
        total=total,
        panel=transparency.panel_rule(catalogue(), _lang()),
    )


@bp.get("/library")
@allow(PUBLIC)
@for_everybody
def index() -> str:
    """What matches the words and filters of the address."""
    hub, lang = catalogue(), _lang()
    query = parse(request.args.to_dict(flat=False), hub)
    results = engine.search(query)
    query = query.on_page(results.page)
    return render_template(
        "library/index.html",
        query=query,
        results=results,
        facets=filters.facet_views(query, results, hub, lang),
        chips=filters.chips(query, hub, lang),
        sorts=filters.sorts(query, hub),
        global_toggle=filters.global_toggle(query, hub),
        hidden=filters.hidden_fields(query, hub),
        canonical=filters.canonical(query, hub),
        is_indexed=query.filters + len(query.unknown) + bool(query.text) <= INDEXED_FILTERS,
        nearby=engine.suggest(query.text) if not results.total else [],
        **_neighbours(query, results.pages, hub),
    )


@bp.get("/library/by/<name>")
@allow(PUBLIC)
@for_everybody
def facet(name: str) -> str:
    """Every value of one facet, under the query of the address."""
    found = next((facet for facet in FACETS if facet.name == name), None)
    if found is None:
        abort(404)
    hub, lang = catalogue(), _lang()
    query = parse(request.args.to_dict(flat=False), hub).on_page(1)
    results = engine.search(query)
    return render_template(
        "library/facet.html",
        facet=filters.facet_view(found, query, results, hub, lang, complete=True),
        chips=filters.chips(query, hub, lang),
        list_url=filters.address(query, hub),
    )


@bp.get("/<slug>")
@allow(PUBLIC)
@for_everybody
def topics(slug: str) -> str:
    """The contents list, under the name that the hub gives its topics."""
    if slug != catalogue().topic_slug:
        abort(404)
    _total, lines = _contents(catalogue())
    return render_template("library/topics.html", lines=lines)


@bp.get("/<slug>/<code>")
@allow(PUBLIC)
@for_everybody
def topic(slug: str, code: str) -> str:
    """One topic: what it means, where it leads, and the first resources of each section."""
    hub = catalogue()
    term = hub.find(Vocabulary.TOPICS, code)
    if slug != hub.topic_slug or term is None:
        abort(404)
    sections = hub.vocabulary(Vocabulary.SECTIONS)
    lists = queries.section_lists(term.id, [section.id for section in sections])
    query = Query(chosen={TOPIC.name: (term,)})
    return render_template(
        "library/topic.html",
        topic=term,
        neighbours=_topic_neighbours(term, hub),
        references=_references(term, hub),
        lists=[
            (section, lists.get(section.id), _section_url(query, section, hub))
            for section in sections
        ],
        total=sum(one.count for one in lists.values()),
        list_url=filters.address(query, hub),
    )


@bp.get("/resources/<slug>")
@allow(PUBLIC)
def resource(slug: str) -> Response | str | tuple[str, int]:
    """One resource: what it is, where it is filed, how it was reviewed."""
    found = queries.by_slug(slug)
    if found.state == ResourceState.REMOVED:
        return render_template("library/tombstone.html", resource=found), 410
    hub = catalogue()
    terms = [hub.term(filed.term_id) for filed in found.filing]
    address = absolute("library.resource", slug=slug)
    return render_template(
        "library/resource.html",
        resource=found,
        address=address,
        filing=_filing(terms, hub),
        primary=_primary(found, hub),
        footnotes=hub.footnotes_for(terms),
        files=queries.files(found),
        editions=queries.editions(found),
        related=queries.related(found),
        citation=citation(found, address),
        why=why_here(found.rank_scope, found.rank_breadth, found.rank_date),
        may_change=may_change(actor(), queries.submitter_id(found)),
        **_review(found, hub),
    )


@bp.get("/resources/<slug>/files/<int:number>")
@allow(PUBLIC)
def file(slug: str, number: int) -> Response:
    """A file that the hub keeps, always as a download."""
    found = queries.by_slug(slug)
    if found.state == ResourceState.REMOVED:
        abort(404)
    kept = next((one for one in queries.files(found) if one.id == number), None)
    if kept is None:
        abort(404)
    return send_upload(attachments.store(), kept.path, name=kept.name, media_type=kept.media_type)


@bp.get("/how-we-review")
@allow(PUBLIC)
def how_we_review() -> str:
    """The hub's reviewing, from its own policy."""
    hub, lang = catalogue(), _lang()
    return render_template(
        "library/how_we_review.html",
        panel=transparency.panel_rule(hub, lang),
        steps=transparency.steps(hub.policy),
        niso=transparency.niso(hub.policy),
        gates=transparency.gates(hub, lang),
        criteria=transparency.criteria(hub, lang),
        reasons=transparency.rejection_reasons(hub, lang),
        scale=[hub.words(one["labels"], lang) for one in hub.review_form["scale"]],
        policy=hub.policy,
    )


@bp.context_processor
def _words() -> dict[str, Any]:
    """What the library's templates say of every resource."""
    return {
        "ORIGINS": {origin.value: label for origin, label in transparency.ORIGINS.items()},
        "ORIGIN_SENTENCES": {
            origin.value: text for origin, text in transparency.ORIGIN_SENTENCES.items()
        },
        "kept": kept,
        "FIELDS": FIELDS,
        "SCOPES": {scope.value: label for scope, label in SCOPES.items()},
    }


@bp.after_request
def _cacheable(response: Response) -> Response:
    """Readers without a session may keep a page for a minute; everybody else asks anew."""
    if request.method not in {"GET", "HEAD"} or "Cache-Control" in response.headers:
        return response
    response.vary.update(["Cookie", "Accept-Language"])
    if request.cookies or response.status_code not in {200, 410}:
        response.headers["Cache-Control"] = "private, no-cache"
    else:
        response.headers["Cache-Control"] = f"public, max-age={FRESH_FOR_S}"
    return response


bp.app_template_filter("shorten")(shorten)


@bp.app_template_filter("host")
def _host(url: str) -> str:
    """Where a link leads, as people read it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


@bp.app_template_filter("language_name")
def _language_name(code: str) -> str:
    """What a language is called in the reader's own, else its code."""
    try:
        return Locale.parse(code, sep="-").get_display_name(_lang()) or code
    except (ValueError, UnknownLocaleError):
        return code


def _lang() -> str:
    return str(get_locale())


def _contents(hub: Catalogue) -> tuple[int, list[tuple[TermView, queries.TopicLine | None]]]:
    terms = hub.vocabulary(Vocabulary.TOPICS)
    total, lines = queries.contents([term.id for term in terms])
    return total, [(term, lines.get(term.id)) for term in terms]


def _neighbours(query: Query, pages: int, hub: Catalogue) -> dict[str, str | None]:
    before = query.page - 1 if query.page > 1 else None
    after = query.page + 1 if query.page < pages else None
    return {
        "prev_url": filters.address(query.on_page(before), hub) if before else None,
        "next_url": filters.address(query.on_page(after), hub) if after else None,
    }


def _topic_neighbours(term: TermView, hub: Catalogue) -> tuple[TermView | None, TermView | None]:
    terms = hub.vocabulary(Vocabulary.TOPICS)
    place = next((i for i, one in enumerate(terms) if one == term), None)
    if place is None:
        return None, None
    return (
        terms[place - 1] if place else None,
        terms[place + 1] if place + 1 < len(terms) else None,
    )


def _references(term: TermView, hub: Catalogue) -> list[tuple[TermView, str]]:
    found = []
    for reference in term.data.get("cross_references", ()):
        other = hub.find(Vocabulary.TOPICS, reference["topic"])
        if other is not None:
            found.append((other, ", ".join(reference.get("paragraphs", ()))))
    return found


def _section_url(query: Query, section: TermView, hub: Catalogue) -> str:
    return filters.address(Query(chosen={**query.chosen, "section": (section,)}), hub)


def _primary(found: Resource, hub: Catalogue) -> TermView | None:
    primary = next((filed.term_id for filed in found.filing if filed.is_primary), None)
    return None if primary is None else hub.term(primary)


def _filing(terms: list[TermView], hub: Catalogue) -> list[tuple[str, list[tuple[TermView, str]]]]:
    """By facet: its title, and each term with the list it leads to."""
    filed = []
    for facet in FACETS:
        own = [term for term in terms if term.vocabulary == facet.vocabulary]
        if own:
            links = [(t, filters.address(Query(chosen={facet.name: (t,)}), hub)) for t in own]
            filed.append((filters.title(facet, hub, _lang()), links))
    return filed


def _review(found: Resource, hub: Catalogue) -> dict[str, Any]:
    said: dict[str, Any] = {"origin_sentence": transparency.ORIGIN_SENTENCES[found.origin]}
    if found.submission_id is None or not found.review_summary:  # the policy may publish nothing
        return said
    submission = submissions.get(found.submission_id)
    past = history(submission.__tablename__, submission.id)
    decision = submissions.live_decision(submission.id)
    said["trail"] = trail(submission, past, decision).steps
    said["decided_at"] = decision.decided_at if decision else None
    said["reviewed_by"] = transparency.reviewed_by(found, hub, _lang())
    said["decided_under"] = transparency.decided_under(found)
    said["reports"] = found.review_summary.get("reports", ())
    return said
