"""Why each person was proposed, or not: stored as data with the assignment, told in sentences."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from reviewhub.core.i18n import _, _l, ngettext
from reviewhub.matching.reasons import (
    Alternate,
    Excluded,
    Proposal,
    ProposedSeat,
    Remedy,
    Shortage,
)

MOST_PASSED = 50  # how many who rank higher are kept with a seat
MOST_EXCLUDED = 100  # how many excluded people are kept with a round, the best scored first


def seat_reasons(seat: ProposedSeat) -> dict[str, Any]:
    """What is stored with an assignment: enough to check the choice later."""
    return {
        "rank": seat.rank,
        "eligible": seat.eligible,
        "score": round(seat.score.total, 4),
        "parts": [
            {
                "name": part.name.value,
                "value": round(part.value, 9),
                "weight": part.weight,
                "matched": list(part.matched),
            }
            for part in seat.score.parts
        ],
        "passed_count": len(seat.passed_over),
        "passed_over": [
            {
                "person_id": other.candidate_id,
                "score": round(other.total, 4),
                "why": other.reason.why.value,
                "by": other.reason.by,
            }
            for other in seat.passed_over[:MOST_PASSED]
        ],
    }


def standing(proposal: Proposal, asked: Collection[int] = ()) -> dict[str, Any]:
    """What is stored with a round: the reserve, who is excluded and why, and what is missing.

    Those who are asked beside the proposed ones are no longer in reserve.
    """
    excluded = sorted(proposal.excluded, key=lambda one: (-one.total, one.candidate_id))
    return {
        "alternates": {
            slot.value: [_alternate(one) for one in reserve if one.candidate_id not in asked]
            for slot, reserve in proposal.alternates.items()
        },
        "excluded": [_excluded(one) for one in excluded[:MOST_EXCLUDED]],
        "excluded_count": len(excluded),
        "shortages": [_shortage(one) for one in proposal.shortages],
    }


def _alternate(one: Alternate) -> dict[str, Any]:
    return {
        "person_id": one.candidate_id,
        "rank": one.rank,
        "score": round(one.score.total, 4),
        "why": one.reason.why.value,
        "by": one.reason.by,
    }


def _excluded(one: Excluded) -> dict[str, Any]:
    return {
        "person_id": one.candidate_id,
        "codes": [exclusion.code.value for exclusion in one.exclusions],
    }


def _shortage(one: Shortage) -> dict[str, Any]:
    return {
        "slot": one.slot.value if one.slot else None,
        "need": one.need.value if one.need else None,
        "missing": one.missing,
        "held_back": {str(code): number for code, number in one.held_back.items()},
        "remedy": _remedy(one.remedy),
    }


def _remedy(remedy: Remedy) -> dict[str, Any]:
    return {
        "kind": remedy.kind.value,
        "person_ids": list(remedy.candidate_ids)[:20],
        "need": remedy.need.value if remedy.need else None,
        "slot": remedy.slot.value if remedy.slot else None,
        "count": remedy.count,
        "languages": sorted(remedy.languages),
        "topic": remedy.topic,
    }


FACETS = {
    "topic": _l("topic"),
    "themes": _l("themes"),
    "place": _l("region and country"),
    "language": _l("language"),
    "text": _l("likeness of texts"),
    "load": _l("free capacity"),
    "background": _l("background"),
}

HELD_BACK = {
    "same_person": _l("suggested it"),
    "contact": _l("stands behind the resource"),
    "same_organisation": _l("same organisation as the submitter"),
    "same_domain": _l("same mail domain as the submitter"),
    "same_government": _l("works for the submitting government"),
    "declared_person": _l("declared a conflict with the submitter"),
    "declared_organisation": _l("declared a conflict with the organisation"),
    "declared_country": _l("declared a conflict with the country"),
    "kept_off": _l("kept off this panel by an editor"),
    "refused_before": _l("already asked in this round"),
    "paused": _l("paused, or away before they could answer"),
    "other_kind": _l("now counts as the other kind of reviewer"),
    "at_cap": _l("at their limit for the half-year"),
    "open_items": _l("has enough open reviews"),
    "resting": _l("resting after a review"),
    "seated": _l("already on the panel"),
    "organisation_seated": _l("somebody from there is on the panel"),
    "outranked": _l("ranked lower"),
    "seated_elsewhere": _l("proposed for another seat"),
    "organisation_taken": _l("somebody from there is on the panel"),
    "language_needed": _l("the seat needs a reader of the language"),
    "topic_needed": _l("the seat needs somebody who covers the main topic"),
    "background": _l("another background serves the panel better"),
    "wanted_elsewhere": _l("their time is worth more on another of these panels"),
    "evened": _l("the load is shared more evenly this way"),
    "fairer": _l("another of these panels needs them more"),
    "whole": _l("this way all of these panels keep their rules"),
}

_REMEDIES = {
    "end_rest": _l("ask somebody who is resting"),
    "raise_open_items": _l("ask somebody beyond their open reviews"),
    "raise_cap": _l("ask somebody beyond their half-year's limit"),
    "add_member": _l("find a new roster member"),
}

_NEEDS = {
    "distinct_organisations": _l("do without distinct organisations for this item"),
    "reads_language": _l("do without a reader of the language for this item"),
    "covers_primary_topic": _l("do without an expert on the main topic for this item"),
}


def shortage_sentence(shortage: Mapping[str, Any], slot_label: str) -> str:
    """One shortage in words: how much is missing, what holds people back, what would help."""
    number = int(shortage["missing"])
    missing = ngettext(
        "%(num)d %(slot)s reviewer is missing", "%(num)d %(slot)s reviewers are missing", number,
        slot=slot_label,
    )  # fmt: skip
    held = held_back_words(shortage["held_back"].items())
    return _(
        "%(missing)s. Of those on the roster: %(held)s. Smallest remedy: %(remedy)s.",
        missing=missing,
        held=held or _("nobody fits this seat"),
        remedy=remedy_words(shortage["remedy"]),
    )


def held_back_words(counts: Iterable[tuple[str, int]]) -> str:
    """ "4 at their limit for the half-year, 2 paused"."""
    return ", ".join(f"{number} {HELD_BACK.get(code, code)}" for code, number in counts)


def remedy_words(remedy: Mapping[str, Any]) -> str:
    """What would fill the seat."""
    if remedy["kind"] == "relax_rule":
        return str(_NEEDS.get(str(remedy["need"]), remedy["need"]))
    return str(_REMEDIES[remedy["kind"]])
