"""Every panel there is, by brute force: written from the rule's words, not from the search."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from reviewhub.matching.affinity import affinity
from reviewhub.matching.conflicts import exclusions
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.reasons import Seat
from reviewhub.matching.rules import PanelRule, Slot

from .makers import TODAY

Panel = tuple[tuple[Slot, Candidate], ...]


class Oracle:
    """All panels for one item, and what each is worth."""

    def __init__(
        self,
        item: Item,
        people: Sequence[Candidate],
        rule: PanelRule,
        already: Sequence[Seat] = (),
    ) -> None:
        self.item, self.rule = item, rule
        by_id = {person.id: person for person in people}
        self.seated = tuple((seat.slot, by_id[seat.candidate_id]) for seat in already)
        taken = {person.id for _, person in self.seated}
        self.free = [
            person
            for person in people
            if person.id not in taken and not exclusions(item, person, rule, TODAY)
        ]
        self.open = {
            slot: max(0, rule.seats(slot) - sum(s is slot for s, _ in self.seated)) for slot in Slot
        }

    def panels(self) -> Iterator[Panel]:
        """Every panel, full or not, that breaks no rule and can still be completed."""
        for panel in self._fill(list(Slot), self.free):
            if self._organisations_differ(panel) and self._can_meet_needs(panel):
                yield panel

    def meets_the_rule(self, panel: Panel) -> bool:
        """Whether this fills every seat and, with those seated, every need."""
        if len(panel) < sum(self.open.values()):
            return False
        return self._lacks_readers(panel) <= 0 and self._lacks_specialists(panel) <= 0

    def points(self, panel: Panel) -> int:
        """Millionths: everyone's affinity, and what the backgrounds add."""
        weights = self.rule.weights
        own = sum(round(affinity(self.item, p, weights).total * 1e6) for _, p in panel)
        weighed = [weights.get(name, 0) for name in ("topic", "themes", "load")]
        asked = [bool(self.item.topics), bool(self.item.themes), True]
        scale = sum(w for w, applies in zip(weighed, asked, strict=True) if applies) or 1
        everyone = (*self.seated, *panel)
        backgrounds = {name for _, person in everyone for name in person.backgrounds}
        counted = min(len(backgrounds), sum(self.rule.slots.values()))
        return own + counted * round(1e6 / scale * weights.get("background", 0))

    def _fill(self, slots: list[Slot], free: list[Candidate]) -> Iterator[Panel]:
        if not slots:
            yield ()
            return
        slot, *rest = slots
        able = [
            person
            for person in free
            if slot in {"any", "tie_breaker"} or person.internal == (slot == "internal")
        ]
        for seats in range(self.open[slot] + 1):
            for chosen in combinations(able, seats):
                left = [person for person in free if person not in chosen]
                for more in self._fill(rest, left):
                    yield (*((slot, person) for person in chosen), *more)

    def _organisations_differ(self, panel: Panel) -> bool:
        """Those seated before may share one; nobody new may join them in it."""
        if not self.rule.distinct_organisations:
            return True
        new = [p.organisation_id for _, p in panel if p.organisation_id is not None]
        held = {person.organisation_id for _, person in self.seated}
        return len(set(new)) == len(new) and not held.intersection(new)

    def _can_meet_needs(self, panel: Panel) -> bool:
        seats = sum(self.open.values())
        left = seats - len(panel)
        lacks = [
            (self._lacks_readers(panel), self._lacks_readers(())),
            (self._lacks_specialists(panel), self._lacks_specialists(())),
        ]
        return all(now - max(0, start - seats) <= left for now, start in lacks)

    def _lacks_readers(self, panel: Panel) -> int:
        if not self.item.languages:
            return 0
        everyone = (*self.seated, *panel)
        readers = sum(bool(person.languages & self.item.languages) for _, person in everyone)
        return self.rule.reads_language - readers

    def _lacks_specialists(self, panel: Panel) -> int:
        topic = self.item.primary_topic
        if topic is None:
            return 0
        everyone = (*self.seated, *panel)
        specialists = sum(person.topics.get(topic, 0) >= 2 for _, person in everyone)
        return self.rule.covers_primary_topic - specialists
