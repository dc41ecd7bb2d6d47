"""Why somebody was chosen, or was not, in whole sentences with names: for editors alone.

The codes are matching's; `Why` knows the item and the names that its sentences need.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reviewhub.core.i18n import _, _l, ngettext
from reviewhub.matching.people import Item, Relation
from reviewhub.reviews.explained import term_label
from reviewhub.reviews.reasons import FACETS, HELD_BACK
from reviewhub.reviews.texts import text_words
from reviewhub.web.templating import format_day

_RELATIONS: Mapping[str, Any] = {
    Relation.AUTHOR: _l("wrote it"),
    Relation.PUBLISHER: _l("published it"),
    Relation.FUNDER: _l("paid for it"),
}

NAMED = frozenset({"declared_person", "organisation_seated", "organisation_taken"})
"""Codes whose detail is a person's id."""


@dataclass(frozen=True)
class Why:
    """Sentences about one item; `names` holds name and organisation of everybody in them."""

    item: Item
    names: Mapping[int, tuple[str, str]]
    titles: Mapping[str, str] = field(default_factory=dict)  # of documents that were compared

    def name(self, person_id: int | None) -> str:
        """Somebody's name."""
        return self.names.get(person_id or 0, ("", ""))[0]

    def organisation(self, person_id: int) -> str:
        """Where they work."""
        return self.names.get(person_id, ("", ""))[1]

    def not_chosen(self, code: str, by: int | None = None) -> str:
        """Why somebody who could be asked is not on the panel."""
        if code == "organisation_taken" and by:
            return _("%(name)s of the same organisation is on the panel", name=self.name(by))
        if code == "language_needed" and self.item.languages:
            return _(
                "would leave the panel without a reader of %(languages)s",
                languages=self._terms("language", sorted(self.item.languages)),
            )
        if code == "topic_needed" and self.item.primary_topic:
            return _(
                "would leave the panel without somebody who covers “%(topic)s”",
                topic=term_label("topic", self.item.primary_topic),
            )
        if code == "outranked":
            return _("ranks lower than everybody on the panel")
        return str(HELD_BACK.get(code, code))

    def kept_out(self, code: str, detail: Any, person_id: int) -> str:
        """Why a rule keeps somebody out; `detail` is the value that the rule was read from."""
        if code in NAMED and isinstance(detail, int):
            return self._by_somebody(code, detail)
        if code == "contact":
            return str(_RELATIONS.get(str(detail), HELD_BACK[code]))
        if code == "same_organisation" and self.organisation(person_id):
            return _(
                "is from %(organisation)s, which stands behind this",
                organisation=self.organisation(person_id),
            )
        if code == "same_domain":
            return _("has a mail address at %(domain)s, as the submitter has", domain=detail)
        if code == "same_government" and detail:
            country = term_label("place", str(detail))
            return _("works for the government of %(country)s, which suggested it", country=country)
        return self._by_number(code, detail)

    def _by_somebody(self, code: str, other: int) -> str:
        if code == "declared_person":
            return _("declared a conflict with %(name)s", name=self.name(other))
        return _("%(name)s of the same organisation is on the panel", name=self.name(other))

    def _by_number(self, code: str, detail: Any) -> str:
        if code == "at_cap" and isinstance(detail, int):
            return ngettext(
                "at their limit of %(num)d review for the half-year",
                "at their limit of %(num)d reviews for the half-year",
                detail,
            )
        if code == "open_items" and isinstance(detail, int):
            return ngettext(
                "has %(num)d review open, as many as the rule allows",
                "has %(num)d reviews open, as many as the rule allows",
                detail,
            )
        if code == "resting" and detail:
            day = detail if isinstance(detail, date) else date.fromisoformat(str(detail))
            return _("rests until %(day)s after a review", day=format_day(day))
        return str(HELD_BACK.get(code, code))

    def parts(self, parts: Iterable[Mapping[str, Any]]) -> list["PartView"]:
        """The parts of a score, the one that brought most first."""
        found = list(parts)
        weight = sum(part["weight"] for part in found) or 1.0
        views = [
            PartView(
                str(FACETS.get(part["name"], part["name"])),
                self._matched(part),
                part["value"],
                part["weight"],
                part["value"] * part["weight"] / weight,
            )
            for part in found
        ]
        return sorted(views, key=lambda view: -view.points)

    def _matched(self, part: Mapping[str, Any]) -> str:
        if part["name"] == "text":
            return text_words(part["matched"], self.titles)
        return self._terms(part["name"], part["matched"])

    def _terms(self, facet: str, codes: Iterable[str]) -> str:
        return ", ".join(term_label(facet, code) for code in codes)


@dataclass(frozen=True)
class PartView:
    """One part of a score: what it is called, what matched, and what it brought."""

    label: str
    matched: str
    value: float
    weight: float
    points: float


def names_needed(reasons: Iterable[Mapping[str, Any]]) -> set[int]:
    """Everybody whom stored reasons name."""
    found: set[int] = set()
    for one in reasons:
        for passed in one.get("passed_over", ()):
            found |= {passed["person_id"], passed.get("by") or passed["person_id"]}
    return found


def details_named(pairs: Iterable[tuple[str, Any]]) -> set[int]:
    """The people in the details of some rules."""
    return {detail for code, detail in pairs if code in NAMED and isinstance(detail, int)}


def rank_sentence(rank: int, eligible: int) -> str:
    """ "3rd of 412 who may be asked", as languages without such endings say it too."""
    return _("number %(rank)d of %(eligible)d who may be asked", rank=rank, eligible=eligible)


def load_sentence(parts: Iterable[Mapping[str, Any]]) -> str:
    """What the load says: how much of what they offered was left when they were chosen."""
    for part in parts:
        if part["name"] == "load":
            return _(
                "%(share)d %% of what they offered for the half-year was still free",
                share=round(part["value"] * 100),
            )
    return ""


def price_sentence(price: int) -> str:
    """What the price says, where many panels were made at once."""
    if price <= 0:
        return ""
    return _(
        "their time is wanted elsewhere too: that took %(price).2f off the score",
        price=price / 1_000_000,
    )


def tuned_words(tuning: Mapping[str, Any]) -> list[str]:
    """What an editor changed for the decision, in words."""
    words = [
        _("weight of %(facet)s: %(weight)s", facet=FACETS.get(name, name), weight=f"{weight:g}")
        for name, weight in tuning.get("weights", {}).items()
    ]
    if "open_items_cap" in tuning:
        words.append(_("at most %(num)d open reviews", num=tuning["open_items_cap"]))
    if "rest_days" in tuning:
        words.append(_("%(num)d days of rest", num=tuning["rest_days"]))
    if "more" in tuning:
        words.append(_("%(num)d more than people’s own limit", num=tuning["more"]))
    if "pinned" in tuning:
        number = len(tuning["pinned"])
        words.append(ngettext("%(num)d person pinned", "%(num)d people pinned", number))
    if "kept_off" in tuning:
        number = len(tuning["kept_off"])
        words.append(ngettext("%(num)d person kept off", "%(num)d people kept off", number))
    return words
