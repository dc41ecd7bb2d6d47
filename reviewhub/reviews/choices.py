"""Why each reviewer was chosen, as it is kept for later: one row for each run of the search.

The row holds what the search was given and what stood next in line, so that the choice can be
explained and checked when the roster, the loads and the policy have long been others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model, db
from reviewhub.matching.affinity import Score
from reviewhub.matching.reasons import Alternate, Excluded, Proposal, ProposedSeat
from reviewhub.matching.rules import PanelRule, Slot
from reviewhub.matching.selection import Demand, Standing
from reviewhub.matching.verifying import Ranked, Record, Search, Weighed
from reviewhub.reviews.batches import Batch
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.tuning import Tuning

MOST_BLOCKED = 50  # of those who score higher and whom a rule keeps out


class Choice(Model):
    """One run of the search for a round: what it was given, whom it chose, who was next in line."""

    __tablename__ = "panel_choices"
    __table_args__ = (sa.CheckConstraint("policy_number >= 1", name="policy_is_numbered"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_rounds.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))  # None: the system
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Batch.id))
    policy_number: Mapped[int]
    rule: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tuning: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what differed from the policy
    demand: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the open seats had to bring
    chosen: Mapped[list[Any]] = mapped_column(default=list)
    line: Mapped[list[Any]] = mapped_column(default=list)  # the best of those who were not chosen
    # Who scored higher than somebody chosen, and whom a hard rule kept out; and how many of what.
    blocked: Mapped[list[Any]] = mapped_column(default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)


def keep(
    current: ReviewRound,
    proposal: Proposal,
    rule: PanelRule,
    *,
    tuning: Tuning,
    by_id: int | None = None,
    batch_id: int | None = None,
    prices: Mapping[int, int] | None = None,
    search: Search = Search.PANEL,
) -> Choice:
    """Write down one run of the search."""
    prices = prices or {}
    lowest = min((seat.score.total for seat in proposal.seats), default=1.0)
    blocked = [one for one in proposal.excluded if one.total > lowest]
    choice = Choice(
        round_id=current.id,
        made_by_id=by_id,
        batch_id=batch_id,
        policy_number=current.policy.number,
        rule={**_rule(rule), "search": search.value},
        tuning=tuning.stored(),
        demand=_demand(proposal.demand),
        chosen=[_person(seat, proposal.people, prices) for seat in proposal.seats],
        line=[
            {
                **_person(one, proposal.people, prices),
                "why": one.reason.why.value,
                "by": one.reason.by,
            }
            for reserve in proposal.alternates.values()
            for one in reserve
        ],
        blocked=[_blocked(one) for one in blocked[:MOST_BLOCKED]],
        counts={"blocked": len(blocked), "excluded": len(proposal.excluded)},
    )
    db.session.add(choice)
    db.session.flush()
    return choice


def choices_of(round_id: int) -> dict[int, Choice]:
    """Every choice of a round by its id."""
    rows = db.session.scalars(
        sa.select(Choice).where(Choice.round_id == round_id).order_by(Choice.id)
    )
    return {row.id: row for row in rows}


def record_of(choice: Choice) -> Record:
    """What the choice says, as it is checked."""
    demand = choice.demand
    return Record(
        demand=Demand(
            open_seats={Slot(slot): seats for slot, seats in demand["open_seats"].items()},
            distinct_organisations=demand["distinct_organisations"],
            readers=demand["readers"],
            specialists=demand["specialists"],
            size=demand["size"],
            seated_backgrounds=frozenset(demand["seated_backgrounds"]),
            background_points=demand["background_points"],
        ),
        chosen=tuple(_ranked(one) for one in choice.chosen),
        line=tuple(_ranked(one) for one in choice.line),
        search=Search(choice.rule.get("search", Search.PANEL)),
    )


def parts_of(score: Score) -> list[dict[str, Any]]:
    """The parts of a score, exact enough to be added up again."""
    return [
        {
            "name": part.name.value,
            "value": round(part.value, 9),
            "weight": part.weight,
            "matched": list(part.matched),
        }
        for part in score.parts
    ]


def _rule(rule: PanelRule) -> dict[str, Any]:
    return {
        "slots": {str(slot): seats for slot, seats in rule.slots.items() if seats},
        "distinct_organisations": rule.distinct_organisations,
        "reads_language": rule.reads_language,
        "covers_primary_topic": rule.covers_primary_topic,
        "open_items_cap": rule.open_items_cap,
        "rest_days": rule.rest_days,
        "weights": {str(facet): weight for facet, weight in rule.weights.items()},
    }


def _demand(demand: Demand) -> dict[str, Any]:
    return {
        "open_seats": {slot.value: seats for slot, seats in demand.open_seats.items()},
        "distinct_organisations": demand.distinct_organisations,
        "readers": demand.readers,
        "specialists": demand.specialists,
        "size": demand.size,
        "seated_backgrounds": sorted(demand.seated_backgrounds),
        "background_points": demand.background_points,
    }


def _person(
    one: ProposedSeat | Alternate, people: Mapping[int, Standing], prices: Mapping[int, int]
) -> dict[str, Any]:
    person = people[one.candidate_id]
    return {
        "slot": one.slot.value,
        "person_id": one.candidate_id,
        "rank": one.rank,
        "eligible": one.eligible,
        "points": person.points,
        "price": prices.get(one.candidate_id, 0),
        "internal": person.internal,
        "organisation_id": person.organisation_id,
        "reads": person.reads,
        "covers": person.covers,
        "backgrounds": sorted(person.backgrounds),
        "parts": parts_of(one.score),
    }


def _blocked(one: Excluded) -> dict[str, Any]:
    return {
        "person_id": one.candidate_id,
        "score": round(one.total, 6),
        "why": [[found.code.value, _plain(found.detail)] for found in one.exclusions],
    }


def _plain(detail: Any) -> Any:
    return detail.isoformat() if hasattr(detail, "isoformat") else detail


def _ranked(one: Mapping[str, Any]) -> Ranked:
    return Ranked(
        slot=Slot(one["slot"]),
        rank=one["rank"],
        eligible=one["eligible"],
        price=one.get("price", 0),
        why=one.get("why", ""),
        parts=tuple(Weighed(part["value"], part["weight"]) for part in one["parts"]),
        person=Standing(
            one["points"],
            one["person_id"],
            one["internal"],
            one["organisation_id"],
            one["reads"],
            one["covers"],
            frozenset(one["backgrounds"]),
        ),
    )


def stored_choices(after: int = 0, *, limit: int = 200) -> Sequence[Choice]:
    """A stretch of all choices, oldest first, for the check."""
    return db.session.scalars(
        sa.select(Choice).where(Choice.id > after).order_by(Choice.id).limit(limit)
    ).all()


def chosen_by(ids: Iterable[int]) -> dict[int, set[tuple[str, int]]]:
    """Slot and person of everybody who was asked because of each of these choices."""
    rows = db.session.execute(
        sa.select(Assignment.choice_id, Assignment.slot, Assignment.person_id).where(
            Assignment.choice_id.in_(list(ids))
        )
    )
    found: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for choice_id, slot, person_id in rows:
        found[choice_id or 0].add((slot.value, person_id))
    return found
