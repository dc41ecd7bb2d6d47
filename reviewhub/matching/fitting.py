"""Whether somebody who was asked for a seat still fits the panel, now that others sit on it."""

from collections.abc import Sequence
from datetime import date

from reviewhub.matching.bench import open_bench
from reviewhub.matching.conflicts import ExclusionCode
from reviewhub.matching.people import Candidate, Item
from reviewhub.matching.reasons import Seat
from reviewhub.matching.rules import PanelRule


def still_fits(
    person_id: int,
    item: Item,
    candidates: Sequence[Candidate],
    rule: PanelRule,
    already: Sequence[Seat],
    *,
    today: date,
) -> bool:
    """Whether a panel with this person beside those who sit `already` can still meet the rule.

    Only what the panel must have as a whole is asked: whatever speaks against the person alone was
    looked at when they were asked. The person and the seated must be among the candidates; raises
    MatchingError as `propose` does, and KeyError for a person who is no candidate.
    """
    bench = open_bench(item, candidates, rule, already, today)
    standings = {one.candidate_id: (one, ()) for one in bench.eligible} | {
        one.candidate_id: (one, found) for one, found in bench.excluded
    }
    person, held_back = standings[person_id]
    if any(found.code is ExclusionCode.ORGANISATION_SEATED for found in held_back):
        return False
    demand = bench.demand
    if demand.total_open == 0:
        return False
    reads_enough = person.reads >= demand.needed(demand.readers, 1)
    return reads_enough and person.covers >= demand.needed(demand.specialists, 1)
