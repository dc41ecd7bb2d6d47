"""How many of the panels that can be filled are filled, on random rosters.

An integer programme, written from the words of the rule, says whether a roster has a full panel.
"""

import time
from datetime import date
from random import Random
from typing import Any

import numpy as np

from reviewhub.matching.conflicts import exclusions
from reviewhub.matching.panel import propose
from reviewhub.matching.people import CAN_REVIEW, Candidate, Item
from reviewhub.matching.rules import PanelRule, Slot

TODAY = date(2026, 7, 1)
LANGUAGES, TOPICS = ("en", "fr", "es", "ar"), ("housing", "health", "water")


def filled(count: int, seed: int) -> dict[str, Any]:
    """Of so many rosters: how many have a full panel, and how many of these got one."""
    random = Random(seed)
    fillable = complete = wrongly = 0
    times = []
    for _ in range(count):
        people, item, rule = _people(random), _item(random), _rule(random)
        began = time.perf_counter()
        proposal = propose(item, people, rule, today=TODAY)
        times.append(time.perf_counter() - began)
        possible = _has_panel(people, item, rule)
        fillable += possible
        complete += possible and proposal.complete
        wrongly += proposal.complete and not possible
    return {
        "rosters": count,
        "fillable": fillable,
        "filled": complete,
        "claimed_wrongly": wrongly,
        "proposal_ms_p95": round(1000 * float(np.quantile(times, 0.95)), 2),
    }


def _has_panel(people: list[Candidate], item: Item, rule: PanelRule) -> bool:
    """Whether somebody can be found for every seat, with every need of the panel met."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 -- of the tests' packages, heavy

    free = [one for one in people if not exclusions(item, one, rule, TODAY)]
    able = [(p, slot) for p in free for slot in Slot if slot.admits(p.internal)]
    rows: list[tuple[list[bool], float, float]] = [
        ([taken is slot for _, taken in able], rule.seats(slot), rule.seats(slot)) for slot in Slot
    ]
    rows += [([one is person for one, _ in able], 0, 1) for person in free]
    if rule.distinct_organisations:
        houses = {one.organisation_id for one in free} - {None}
        rows += [([one.organisation_id == house for one, _ in able], 0, 1) for house in houses]
    if item.languages:
        reads = [not item.languages.isdisjoint(one.languages) for one, _ in able]
        rows.append((reads, rule.reads_language, np.inf))
    if item.primary_topic is not None:
        level = [one.topics.get(item.primary_topic, 0) >= CAN_REVIEW for one, _ in able]
        rows.append((level, rule.covers_primary_topic, np.inf))
    if not able:
        return not sum(rule.slots.values())
    table = np.array([row for row, _, _ in rows], dtype=float)
    limits = LinearConstraint(table, [low for _, low, _ in rows], [high for _, _, high in rows])
    zeros, ones = np.zeros(len(able)), np.ones(len(able))
    return bool(milp(zeros, constraints=limits, integrality=ones, bounds=Bounds(0, 1)).success)


def _people(random: Random) -> list[Candidate]:
    return [
        Candidate(
            id=id,
            internal=random.random() < 0.4,
            email=f"person{id}@house{id}.example",
            organisation_id=random.choice([None, 1, 2, 3, 4, 5]),
            government=None,
            languages=frozenset(random.sample(LANGUAGES, k=random.randint(1, 2))),
            topics={topic: random.randint(1, 3) for topic in random.sample(TOPICS, k=2)},
            capacity=2,
            load=random.choice([0, 0, 1, 2]),
            paused=random.random() < 0.1,
        )
        for id in range(random.randint(3, 25))
    ]


def _item(random: Random) -> Item:
    return Item(
        id=1,
        submitter_id=900,
        submitter_email="sender@sender.example",
        submitter_organisation_id=random.choice([90, 1]),
        state_country=None,
        primary_topic=random.choice([None, *TOPICS]),
        languages=frozenset(random.sample(LANGUAGES, k=1)),
    )


def _rule(random: Random) -> PanelRule:
    slots: dict[str, int] = {slot: random.randint(0, 2) for slot in Slot}
    seats = sum(slots.values())
    return PanelRule(
        slots=slots,
        distinct_organisations=random.random() < 0.7,
        reads_language=random.randint(0, min(2, seats)),
        covers_primary_topic=random.randint(0, min(2, seats)),
    )
