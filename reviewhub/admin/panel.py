"""Panels in words: results, questions, and why each person was asked or is next in line."""

from collections.abc import Mapping, Sequence
from typing import Any

from reviewhub.core.i18n import _, _l
from reviewhub.reviews.explained import reasons_sentence, seats_words, shortage_words, slot_label
from reviewhub.reviews.models import Assignment, PanelResult
from reviewhub.reviews.reasons import HELD_BACK
from reviewhub.taxonomy.catalogue import Catalogue

__all__ = [
    "RESULTS",
    "asked",
    "question",
    "rank_words",
    "reasons_sentence",
    "seats_words",
    "shortages",
    "slot_label",
    "why_not",
]

RESULTS = {
    PanelResult.SHORT: _l("not enough reviews: an editor decides"),
    PanelResult.GATE: _l("a reviewer answered one of the gate questions with no"),
    PanelResult.INCLUDE: _l("all say include"),
    PanelResult.CORRECT: _l("include once the record is corrected"),
    PanelResult.EXCLUDE: _l("all say do not include"),
    PanelResult.SPLIT: _l("the reviewers disagree"),
    PanelResult.MAJORITY_INCLUDE: _l("most say include"),
    PanelResult.MAJORITY_EXCLUDE: _l("most say do not include"),
    PanelResult.TIED: _l("tied"),
}


def rank_words(reasons: Mapping[str, Any]) -> str:
    """ "ranked 2 of 14"; somebody chosen by hand has no rank."""
    if "rank" not in reasons:
        return str(_("chosen by an editor"))
    return str(
        _("ranked %(rank)s of %(eligible)s", rank=reasons["rank"], eligible=reasons["eligible"])
    )


def why_not(code: str) -> str:
    """Why somebody next in line is not on the panel."""
    return str(HELD_BACK.get(code, code))


def shortages(found: Mapping[str, Any] | None) -> list[str]:
    """Each shortage of a panel as a sentence with its remedy."""
    return [shortage_words(one) for one in (found or {}).get("shortages", [])]


def asked(seats: Sequence[Assignment]) -> list[tuple[str, list[str]]]:
    """The gates and criteria that these seats' reviews answer, each code once, in their order."""
    gates: dict[str, None] = {}
    criteria: dict[str, None] = {}
    for seat in seats:
        if seat.review is not None:
            gates |= dict.fromkeys(seat.review.gates)
            criteria |= dict.fromkeys(seat.review.scores)
    return [("gates", list(gates)), ("criteria", list(criteria))]


def question(kind: str, code: str, hub: Catalogue, language: str) -> str:
    """The words of a gate, criterion or recommendation of the review form, by its code."""
    found = next((q for q in hub.review_form[kind] if q["code"] == code), None)
    return str(hub.words(found["labels"], language)) if found else code
