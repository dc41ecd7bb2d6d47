"""The stored reasons, checked by machine: every choice is what its rule and its ranking say."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.core.db import db
from reviewhub.matching.verifying import contradictions
from reviewhub.reviews.choices import Choice, chosen_by, record_of, stored_choices
from reviewhub.reviews.models import Assignment, ReviewPolicy
from reviewhub.reviews.rules import Rules


def faults() -> Iterator[tuple[str, str]]:
    """Each choice that contradicts itself or what came of it, and how; the oldest first."""
    after, now = 0, _merged()
    while found := stored_choices(after):
        asked = chosen_by(one.id for one in found)
        weights = _weights({one.policy_number for one in found})
        for choice in found:
            for sentence in (
                *contradictions(record_of(choice)),
                *_of_those_asked(choice, asked.get(choice.id, set()), now),
                *_of_the_policy(choice, weights.get(choice.policy_number)),
            ):
                yield f"choice {choice.id}", sentence
        after = found[-1].id
        db.session.expunge_all()
    yield from _scores_that_differ(now)


def checked() -> int:
    """How many choices are stored."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Choice)) or 0


def _merged() -> dict[int, int]:
    """Whose rows belong to somebody else since two accounts became one: a choice keeps its ids."""
    rows = db.session.execute(
        sa.select(Person.id, Person.merged_into_id).where(Person.merged_into_id.is_not(None))
    )
    return {old: kept for old, kept in rows if kept is not None}


def _now(person_id: int, merged: Mapping[int, int]) -> int:
    while person_id in merged:
        person_id = merged[person_id]
    return person_id


def _of_those_asked(
    choice: Choice, asked: set[tuple[str, int]], merged: Mapping[int, int]
) -> Iterator[str]:
    chosen = {(one["slot"], _now(one["person_id"], merged)) for one in choice.chosen}
    for slot, person_id in sorted(asked - chosen):
        yield f"{person_id} was asked for {slot}, and is not among the chosen"


def _of_the_policy(choice: Choice, weights: dict[str, float] | None) -> Iterator[str]:
    if weights is None:
        yield f"there is no policy {choice.policy_number}"
        return
    wanted = {**weights, **choice.tuning.get("weights", {})}
    if choice.rule["weights"] != wanted:
        yield "the weights are neither the policy's nor those changed for this decision"


def _weights(numbers: set[int]) -> dict[int, dict[str, float]]:
    rows = db.session.execute(
        sa.select(ReviewPolicy.number, ReviewPolicy.rules).where(ReviewPolicy.number.in_(numbers))
    )
    return {number: dict(Rules.read(rules).weights) for number, rules in rows}


def _scores_that_differ(merged: Mapping[int, int]) -> Iterator[tuple[str, str]]:
    """What stands with the assignment is what stands with its choice."""
    rows: Any = db.session.execute(
        sa.select(Assignment.id, Assignment.person_id, Assignment.reasons, Choice.chosen)
        .join(Choice, Choice.id == Assignment.choice_id)
        .order_by(Assignment.id)
        .execution_options(yield_per=200)
    )
    for id, person_id, reasons, chosen in rows:
        said = next((one for one in chosen if _now(one["person_id"], merged) == person_id), None)
        if said and (said["rank"], said["parts"]) != (reasons.get("rank"), reasons.get("parts")):
            yield f"assignment {id}", "its reasons are not those of its choice"
