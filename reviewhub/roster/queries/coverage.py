"""What the roster lacks, and what an applicant would add."""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core.db import db
from reviewhub.roster.models import Application, Membership, MembershipTopic
from reviewhub.roster.queries.members import serving
from reviewhub.roster.queries.reviewers import eligible_members
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue


def counts_by_topic() -> dict[str, int]:
    """How many serving members can review each topic, zeros included, in the hub's order."""
    return {code: members for code, (members, _experts) in _topic_counts().items()}


@dataclass(frozen=True)
class TopicCount:
    """A topic and how many serving members can review it, experts among them."""

    term: TermView
    members: int
    experts: int


def gaps(limit: int = 5) -> list[TopicCount]:
    """The topics with the fewest serving members, fewest first."""
    counts = _topic_counts()
    numbered = [t for t in catalogue().vocabulary("topics") if t.data.get("number") is not None]
    found = [
        TopicCount(term, *counts[term.code])
        for term in numbered or catalogue().vocabulary("topics")
    ]
    return sorted(found, key=lambda gap: (gap.members, gap.experts, gap.term.position))[:limit]


@dataclass(frozen=True)
class Contribution:
    """What an applicant would add, and how many serving members have it already."""

    vocabulary: str
    code: str
    members: int
    fills_gap: bool


def contributions(wanting: Application) -> list[Contribution]:
    """Topics, languages and region of an applicant beside what the roster has, rarest first.

    A member has the region in which they work, and those that they say they know.
    Something is a gap while fewer members have it than one panel with its tie-breakers needs.
    """
    slots = catalogue().policy
    needed = sum(slots["slots"].values()) + slots["tie_breakers"]
    serving = eligible_members()
    topics = Counter(code for row in serving for code in row.topics)
    languages = Counter(code for row in serving for code in row.languages)
    regions = Counter(code for row in serving for code in {_region(row.country), *row.regions})
    region = _region(wanting.country)
    have = [
        *(("topics", code, topics[code]) for code in wanting.topics),
        *(("languages", code, languages[code]) for code in wanting.languages),
        *([("regions", region, regions[region])] if region else []),
    ]
    return sorted(
        (Contribution(*one, fills_gap=one[2] < needed) for one in have), key=lambda c: c.members
    )


def _topic_counts() -> dict[str, tuple[int, int]]:
    expert = sa.case((MembershipTopic.level == 3, 1), else_=0)
    rows = db.session.execute(
        sa.select(MembershipTopic.term_id, sa.func.count(), sa.func.sum(expert))
        .join(Membership, Membership.id == MembershipTopic.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .where(*serving())
        .group_by(MembershipTopic.term_id)
    )
    counted = {term_id: (members, int(experts)) for term_id, members, experts in rows}
    return {term.code: counted.get(term.id, (0, 0)) for term in catalogue().vocabulary("topics")}


def _region(country: str) -> str:
    term = catalogue().find("countries", country)
    return (term.parent_code or "") if term else ""
