"""Why each person of a round was chosen, as it was kept when they were asked, with names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewhub.core.i18n import _
from reviewhub.reviews.choices import Choice, choices_of
from reviewhub.reviews.explained import names_of, slot_label
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations.waves import item_now
from reviewhub.reviews.texts import document_titles
from reviewhub.reviews.why import (
    PartView,
    Why,
    details_named,
    load_sentence,
    names_needed,
    price_sentence,
    rank_sentence,
    tuned_words,
)
from reviewhub.submissions.models import Submission

SHOWN_LINE = 10
SHOWN_PASSED = 20


@dataclass(frozen=True)
class Other:
    """Somebody who was not chosen: their score, and why not."""

    person_id: int
    name: str
    score: float
    why: str
    rank: int = 0


@dataclass(frozen=True)
class SeatReasons:
    """One assignment: who, and why, as it was then. `score` is None for an editor's own choice."""

    assignment: Assignment
    name: str
    organisation: str
    slot: str
    score: float | None
    rank: str
    parts: Sequence[PartView]
    notes: Sequence[str]  # load, price, policy, and what was changed for the decision
    passed: Sequence[Other]  # who ranks higher and was not chosen
    passed_more: int
    line: Sequence[Other]
    blocked: Sequence[Other]  # who scores higher, and whom a rule kept out
    blocked_more: int


def seat_reasons_of(submission: Submission, current: ReviewRound) -> list[SeatReasons]:
    """Everybody who was asked in the round, in the order of asking; a handful of queries."""
    choices = choices_of(current.id)
    people = {one.person_id for one in current.assignments}
    people |= names_needed(one.reasons for one in current.assignments)
    for choice in choices.values():
        people |= {one["person_id"] for one in (*choice.line, *choice.blocked)}
        people |= {one["by"] for one in choice.line if one["by"]}
        people |= details_named((code, detail) for b in choice.blocked for code, detail in b["why"])
    compared = [
        name
        for one in current.assignments
        for part in one.reasons.get("parts", ())
        if part["name"] == "text"
        for name in part["matched"][:1]
    ]
    words = Why(item_now(submission), names_of(people), document_titles(compared))
    return [_seat(one, choices.get(one.choice_id or 0), words) for one in current.assignments]


def _seat(one: Assignment, choice: Choice | None, words: Why) -> SeatReasons:
    reasons = one.reasons
    parts = reasons.get("parts", ())
    passed = reasons.get("passed_over", ())
    blocked = _blocked(choice, reasons.get("score", 1.0), words) if choice else []
    total = choice.counts.get("blocked", 0) if choice else 0
    return SeatReasons(
        assignment=one,
        name=words.name(one.person_id),
        organisation=words.organisation(one.person_id),
        slot=slot_label(one.slot),
        score=reasons.get("score"),
        rank=rank_sentence(reasons["rank"], reasons["eligible"]) if reasons else "",
        parts=words.parts(parts),
        notes=_notes(parts, _price(choice, one.person_id), choice),
        passed=[_passed(other, words) for other in passed[:SHOWN_PASSED]],
        passed_more=max(0, reasons.get("passed_count", len(passed)) - SHOWN_PASSED),
        line=_line(choice, one.slot.value, words) if choice else [],
        blocked=blocked,
        blocked_more=max(0, total - len(choice.blocked)) if choice else 0,
    )


def _notes(parts: Any, price: int, choice: Choice | None) -> list[str]:
    found = [load_sentence(parts), price_sentence(price)]
    if choice is not None:
        found.append(
            _("chosen under version %(number)d of the policy", number=choice.policy_number)
        )
        if choice.batch_id:
            found.append(_("its panel was made together with others"))
        if tuned := tuned_words(choice.tuning):
            found.append(_("changed for this decision alone: %(what)s", what=", ".join(tuned)))
    return [one for one in found if one]


def _price(choice: Choice | None, person_id: int) -> int:
    if choice is None:
        return 0
    return next((c["price"] for c in choice.chosen if c["person_id"] == person_id), 0)


def _passed(other: Mapping[str, Any], words: Why) -> Other:
    return Other(
        other["person_id"],
        words.name(other["person_id"]),
        other["score"],
        words.not_chosen(other["why"], other["by"]),
    )


def _line(choice: Choice, slot: str, words: Why) -> list[Other]:
    waiting = [one for one in choice.line if one["slot"] == slot]
    return [
        Other(
            one["person_id"],
            words.name(one["person_id"]),
            one["points"] / 1_000_000,
            words.not_chosen(one["why"], one["by"]),
            one["rank"],
        )
        for one in waiting[:SHOWN_LINE]
    ]


def _blocked(choice: Choice, score: float, words: Why) -> list[Other]:
    return [
        Other(
            one["person_id"],
            words.name(one["person_id"]),
            one["score"],
            ", ".join(
                words.kept_out(code, detail, one["person_id"]) for code, detail in one["why"]
            ),
        )
        for one in choice.blocked
        if one["score"] > score
    ]
