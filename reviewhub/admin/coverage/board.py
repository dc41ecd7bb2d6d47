"""The coverage board: the counts held against what the panel rule needs. No database.

A gap is what keeps a panel from being filled: too few members of a kind for a topic, and nobody of
a kind who reads a language or knows a region. So a hub that changes its panel changes its gaps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from reviewhub.admin.coverage.figures import ALL, HORIZONS, Counts, Figures, Heads
from reviewhub.reviews.rules import Rules
from reviewhub.reviews.workflow import Slot
from reviewhub.taxonomy.catalogue import TermView

NOW = 0
WHENS = range(len(HORIZONS) + 1)  # now, and each horizon


class Standing(StrEnum):
    """How well something is covered, worst first."""

    NOBODY = "nobody"
    ONE_KIND = "one_kind"  # nobody of the other kind, which a panel needs as well
    FEW = "few"
    ENOUGH = "enough"


@dataclass(frozen=True)
class Need:
    """How many members of each kind are needed at least, and how many altogether."""

    internal: int
    external: int
    members: int

    def standing(self, heads: Heads) -> Standing:
        """How well these members meet the need."""
        if not heads.both:
            return Standing.NOBODY
        if self.lacks(heads):
            return Standing.ONE_KIND
        short = heads.internal < self.internal or heads.external < self.external
        return Standing.FEW if short or heads.both < self.members else Standing.ENOUGH

    def lacks(self, heads: Heads) -> Slot | None:
        """The kind that is needed, and of which there is nobody though there are others."""
        if self.internal and not heads.internal:
            return Slot.INTERNAL
        return Slot.EXTERNAL if self.external and not heads.external else None


@dataclass(frozen=True)
class Needs:
    """What the panel rule asks of the roster: for a topic, and of those who know one for each
    language (None: no reviewer has to read an item's language) and region."""

    topic: Need
    language: Need | None
    region: Need
    seats: int
    tie_breakers: int

    @classmethod
    def of(cls, rules: Rules) -> "Needs":
        """The needs of a panel under these rules, its tie-breakers with it."""
        internal, external = (rules.slots.get(kind, 0) for kind in (Slot.INTERNAL, Slot.EXTERNAL))
        one = Need(min(internal, 1), min(external, 1), 1)
        return cls(
            topic=Need(internal, external, rules.panel_size + rules.tie_breakers),
            language=one if rules.reads_language else None,
            region=one,
            seats=rules.panel_size,
            tie_breakers=rules.tie_breakers,
        )


@dataclass(frozen=True)
class Cell:
    """Members who know a topic, and a region or language; `code` is that one's, or ALL.

    `languages` are those that somebody reads who knows the topic and the region.
    """

    topic: str
    code: str
    heads: Heads
    standing: Standing
    languages: Sequence[str] = ()


@dataclass(frozen=True)
class Gap:
    """What is lacking of a topic at one horizon: in all, of one region, or of one language.

    `kind` is whom there is nobody of; without one there is nobody at all, or there are too few.
    """

    topic: str
    vocabulary: str
    code: str
    standing: Standing
    kind: Slot | None
    heads: Heads

    @property
    def is_same_as(self) -> tuple[str, str, str, Standing, Slot | None]:
        """What makes two gaps of two moments one: fewer of too few is still too few."""
        return (self.topic, self.vocabulary, self.code, self.standing, self.kind)


@dataclass(frozen=True)
class Work:
    """What a topic's members can still take on in this half-year, and what a half-year asks."""

    topic: str
    free: Heads
    sent: int
    wanted: int

    @property
    def is_short(self) -> bool:
        """Whether less is free than a half-year asks."""
        return self.free.both < self.wanted


@dataclass(frozen=True, eq=False)
class Board:
    """Everything that the page shows; rows in the hub's order of topics, columns in its order."""

    figures: Figures
    needs: Needs
    topics: Sequence[TermView]
    regions: Sequence[TermView]
    languages: Sequence[TermView]

    def by_region(self, topic: str) -> list[Cell]:
        """The cells of a topic: all its members first, then those of each region."""
        figures, needs = self.figures, self.needs
        known = [term.code for term in self.languages]
        cells = [self._cell(figures.regions, topic, ALL, needs.topic)]
        for term in self.regions:
            spoken = figures.spoken.get((topic, term.code), ())
            languages = [code for code in known if code in spoken]
            cells.append(self._cell(figures.regions, topic, term.code, needs.region, languages))
        return cells

    def by_language(self, topic: str) -> list[Cell]:
        """The cells of a topic, one for each language."""
        need = self.needs.language or Need(0, 0, 0)
        return [
            self._cell(self.figures.languages, topic, term.code, need) for term in self.languages
        ]

    @cached_property
    def work(self) -> list[Work]:
        """Capacity and demand by topic.

        A half-year asks for half the suggestions of the last twelve months, times the seats of a
        panel, rounded up.
        """
        figures, seats = self.figures, self.needs.seats
        return [
            Work(
                topic=term.code,
                free=figures.regions.of(term.code).free,
                sent=(sent := figures.sent.get(term.code, 0)),
                wanted=-(-sent * seats // 2),
            )
            for term in self.topics
        ]

    @cached_property
    def gaps(self) -> dict[str, list[list[Gap]]]:
        """By topic, for now and each horizon, what is lacking then and was not before; topics that
        lack nothing are left out."""
        found = {}
        for term in self.topics:
            stages, known = [], set()
            for when in WHENS:
                fresh = [gap for gap in self._lacking(term.code, when)
                         if gap.is_same_as not in known]  # fmt: skip
                known |= {gap.is_same_as for gap in fresh}
                stages.append(fresh)
            if any(stages):
                found[term.code] = stages
        return found

    def _lacking(self, topic: str, when: int) -> Iterator[Gap]:
        regions, needs = self.figures.regions, self.needs
        heads = regions.of(topic).heads[when]
        standing = needs.topic.standing(heads)
        if standing is not Standing.ENOUGH:
            yield Gap(topic, "topics", ALL, standing, needs.topic.lacks(heads), heads)
        if standing is Standing.NOBODY:
            return
        # A kind of which there is nobody at all lacks everywhere: that is said once.
        known = needs.topic.lacks(heads)
        for counts, vocabulary, terms, need in self._columns():
            for term in terms:
                found = counts.of(topic, term.code).heads[when]
                lacks = need.lacks(found) if found.both else None
                if not found.both or (lacks and lacks is not known):
                    standing = need.standing(found)
                    yield Gap(topic, vocabulary, term.code, standing, lacks, found)

    def _columns(self) -> Iterator[tuple[Counts, str, Sequence[TermView], Need]]:
        if self.needs.language is not None:
            yield self.figures.languages, "languages", self.languages, self.needs.language
        yield self.figures.regions, "regions", self.regions, self.needs.region

    def _cell(
        self, counts: Counts, topic: str, code: str, need: Need, languages: Sequence[str] = ()
    ) -> Cell:
        heads = counts.of(topic, code).heads[NOW]
        return Cell(topic, code, heads, need.standing(heads), languages)
