"""Why each person was proposed, or not: stored as data with the assignment, told in sentences."""

from collections.abc import Iterable, Mapping
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
                "value": round(part.value, 4),
                "weight": part.weight,
                "matched": list(part.matched),
            }
            for part in seat.score.parts
        ],
        "passed_over": [
            {
                "person_id": other.candidate_id,
                "score": round(other.total, 4),
                "why": other.reason.why.value,
                "by": other.reason.by,
            }
            for other in seat.passed_over[:20]
        ],
    }


def standing(proposal: Proposal) -> dict[str, Any]:
    """What is stored with a round: the reserve, who is excluded and why, and what is missing."""
    excluded = sorted(proposal.excluded, key=lambda one: (-one.total, one.candidate_id))
    return {
        "alternates": {
            slot.value: [_alternate(one) for one in reserve]
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
    "refused_before": _l("already asked in this round"),
    "paused": _l("paused"),
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
