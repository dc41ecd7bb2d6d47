"""Whether the hub has a resource already: under the same address, DOI, ISBN or file, or so named.

The same address blocks, a similar title only warns. What is published stands in a package above,
which adds itself with `register_finder`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from reviewhub.accounts.actor import Actor
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _, get_locale
from reviewhub.core.text import fold
from reviewhub.notifications.outbox import Target, page
from reviewhub.submissions.models import Decision, Submission, SubmissionFile
from reviewhub.submissions.policy import may_see
from reviewhub.submissions.queries import live_decision
from reviewhub.submissions.urls import identifiers, url_key
from reviewhub.submissions.words import day
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue

SIMILAR = 90  # per cent of token similarity
MOST_CANDIDATES = 200
MOST_SHOWN = 3
# A draft is nobody's business yet; what was withdrawn may be suggested again.
_COUNTING = tuple(state for state in State if state not in {State.DRAFT, State.WITHDRAWN})


@dataclass(frozen=True)
class Match:
    """What the hub has already: a sentence, and the page to see it on if the asker may."""

    sentence: str
    title: str
    target: Target | None = None
    submission_id: int | None = None


@dataclass(frozen=True)
class Sought:
    """What a finder is asked for: the address's key, the names in it, and the title as folded."""

    url_key: str
    identifiers: frozenset[str]


Finder = Callable[[Sought], Match | None]
_finders: list[Finder] = []


def register_finder(finder: Finder) -> None:
    """Ask `finder` too, before submissions are looked at; called at start, once per finder."""
    if finder not in _finders:
        _finders.append(finder)


def same(url: str, *, asker: Actor, but: Submission | None = None) -> Match | None:
    """What the hub has under this address or a name in it, leaving out `but`."""
    sought = Sought(url_key(url), identifiers(url))
    if not sought.url_key:
        return None
    for finder in _finders:
        found = finder(sought)
        if found is not None and (but is None or found.submission_id != but.id):
            return found
    row = _by_key(sought.url_key, but) or _by_identifier(sought.identifiers, but)
    return _match(row, asker) if row is not None else None


def same_file(submission: Submission, *, asker: Actor) -> Match | None:
    """What came with one of this submission's files already."""
    own = sa.select(SubmissionFile.sha256).where(SubmissionFile.submission_id == submission.id)
    row = db.session.scalar(
        _candidates(submission)
        .join(SubmissionFile, SubmissionFile.submission_id == Submission.id)
        .where(SubmissionFile.sha256.in_(own))
        .limit(1)
    )
    return _match(row, asker) if row is not None else None


def similar(
    title: str, *, publisher: str, year: str, asker: Actor, but: Submission | None = None
) -> list[Match]:
    """What is called much the same, among those of the same publisher or year: at most three."""
    close_to = [sa.func.lower(Submission.title) == title.lower()]
    if publisher:
        close_to.append(sa.func.lower(Submission.publisher) == publisher.lower())
    if year:
        close_to.append(Submission.published_on.startswith(year, autoescape=True))
    rows = db.session.scalars(
        _candidates(but).where(sa.or_(*close_to)).limit(MOST_CANDIDATES)
    ).all()
    best = process.extract(
        fold(title), [fold(row.title) for row in rows],
        scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR, limit=MOST_SHOWN,
    )  # fmt: skip
    return [_match(rows[index], asker) for _text, _score, index in best]


def refuse_same(submission: Submission, *, asker: Actor) -> None:
    """Raises InvalidInput when the hub has this resource already."""
    found = same(submission.url, asker=asker, but=submission)
    if found is not None:
        raise InvalidInput(found.sentence, field="url")
    found = same_file(submission, asker=asker)
    if found is not None:
        raise InvalidInput(found.sentence, field="file")


def _by_key(key: str, but: Submission | None) -> Submission | None:
    return db.session.scalar(_candidates(but).where(Submission.url_key == key).limit(1))


def _by_identifier(names: frozenset[str], but: Submission | None) -> Submission | None:
    """By the DOI or ISBN in the address: the text narrows, the exact name decides."""
    for name in sorted(names):
        bare = name.partition(":")[2]
        url = sa.func.replace(sa.func.lower(Submission.url), "-", "")
        wanted = url.contains(bare.replace("-", ""), autoescape=True)
        rows = db.session.scalars(_candidates(but).where(wanted).limit(MOST_CANDIDATES))
        for row in rows:
            if name in identifiers(row.url):
                return row
    return None


def _candidates(but: Submission | None) -> sa.Select[Submission]:
    query = sa.select(Submission).where(Submission.state.in_(_COUNTING))
    if but is not None and but.id is not None:
        query = query.where(Submission.id != but.id)
    return query.order_by(Submission.id.desc())


def _match(row: Submission, asker: Actor) -> Match:
    target = page("submissions.show", ref=row.ref) if may_see(asker, row) else None
    return Match(_sentence(row), row.title, target, row.id)


def _sentence(row: Submission) -> str:
    if row.state is State.PUBLISHED:
        return _("This is in the library already.")
    if row.state is State.REJECTED:
        return _rejected(live_decision(row.id))
    assert row.submitted_at is not None  # the database holds every sent one to it
    return _(
        "This is already under review: it was suggested on %(day)s.", day=day(row.submitted_at)
    )


def _rejected(decision: Decision | None) -> str:
    if decision is None:
        return _("This was suggested before and not included.")
    reason = catalogue().reason_label("rejection", decision.reason, get_locale() or "en")
    return _(
        "This was suggested before and not included on %(day)s: %(reason)s.",
        day=day(decision.decided_at),
        reason=str(reason).lower() if reason.lang == "en" else str(reason),
    )
