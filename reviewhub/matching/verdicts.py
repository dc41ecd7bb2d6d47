"""Why an eligible person is not on a given panel, read off the panel itself."""

from collections.abc import Sequence

from reviewhub.matching.bench import Bench
from reviewhub.matching.reasons import Reason, WhyNot
from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Panel, Standing


class Verdicts:
    """The answers for one bench and the panel chosen from it."""

    def __init__(self, bench: Bench, panel: Panel) -> None:
        slots = {member: slot for slot, member in panel}
        self._demand = bench.demand
        self._slots = slots
        self._members = {p.candidate_id: p for p in bench.eligible if p.candidate_id in slots}

    def slot_of(self, person: Standing) -> Slot | None:
        """The slot for which the person is proposed."""
        return self._slots.get(person.candidate_id)

    def rank_key(self, member: int) -> tuple[int, int]:
        """Where a proposed member ranks: the lower, the better."""
        return self._members[member].rank_key()

    def instead_of(self, member: int, person: Standing) -> Reason:
        """Why the person does not have the seat of this proposed member."""
        if person.rank_key() > self.rank_key(member):
            return Reason(WhyNot.OUTRANKED)
        others = [other for other in self._members.values() if other.candidate_id != member]
        # A swap that breaks no need would have been made, had it gained the panel any points: what
        # the person has more can only have been lost again on the panel's backgrounds.
        return self._obstacle(person, others) or Reason(WhyNot.BACKGROUND)

    def beside(self, person: Standing) -> Reason:
        """Why the person does not take a seat that stays open."""
        obstacle = self._obstacle(person, list(self._members.values()))
        return obstacle or Reason(WhyNot.OUTRANKED)

    def _obstacle(self, person: Standing, others: Sequence[Standing]) -> Reason | None:
        """What the rule says against a panel of the person and the others."""
        if person.candidate_id in self._slots:
            return Reason(WhyNot.SEATED_ELSEWHERE)
        if self._demand.distinct_organisations and person.organisation_id is not None:
            for other in others:
                if other.organisation_id == person.organisation_id:
                    return Reason(WhyNot.ORGANISATION_TAKEN, other.candidate_id)
        filled = len(others) + 1
        readers = person.reads + sum(other.reads for other in others)
        if readers < self._demand.needed(self._demand.readers, filled):
            return Reason(WhyNot.LANGUAGE_NEEDED)
        specialists = person.covers + sum(other.covers for other in others)
        if specialists < self._demand.needed(self._demand.specialists, filled):
            return Reason(WhyNot.TOPIC_NEEDED)
        return None
