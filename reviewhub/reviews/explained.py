"""A proposed panel as a page shows it: names, reasons in words, what is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.models import Organisation, Person
from reviewhub.core.db import db
from reviewhub.core.i18n import _, get_locale, ngettext
from reviewhub.matching.reasons import Proposal
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.reasons import FACETS, HELD_BACK, seat_reasons, shortage_sentence, standing
from reviewhub.reviews.seating import Tally, tallies
from reviewhub.reviews.texts import shared_words
from reviewhub.reviews.workflow import Slot
from reviewhub.taxonomy.queries import catalogue


@dataclass(frozen=True)
class SeatView:
    """One proposed seat: who, for which slot, and why."""

    slot: str
    name: str
    organisation: str
    why: str


@dataclass(frozen=True)
class PanelView:
    """A proposal in words."""

    seats: tuple[SeatView, ...]
    alternates: Mapping[str, tuple[str, ...]]
    shortages: tuple[str, ...]
    excluded: tuple[tuple[str, str], ...]
    excluded_count: int


def slot_label(slot: str) -> str:
    """What the hub calls a slot."""
    hub = catalogue()
    if slot == Slot.INTERNAL:
        return hub.internal_label(get_locale()).text
    if slot == Slot.EXTERNAL:
        return hub.external_label(get_locale()).text
    if slot == Slot.ANY:
        return _("reviewer")
    return _("tie-breaker")


def seats_words(current: ReviewRound) -> list[str]:
    """Each kind of seat of an open round: how many are taken, and how many people are asked."""
    return [] if current.closed_at is not None else [_tally_words(one) for one in tallies(current)]


def _tally_words(tally: Tally) -> str:
    taken = _(
        "%(kind)s: %(held)d of %(seats)d taken",
        kind=slot_label(tally.slot),
        held=tally.held,
        seats=tally.seats,
    )
    if not tally.asked:
        return taken
    asked = ngettext("%(num)d person is asked", "%(num)d people are asked", tally.asked)
    if tally.at_once == 1:
        return f"{taken} · {asked}"
    at_once = _("up to %(num)d for each free seat; the first yes takes it", num=tally.at_once)
    return f"{taken} · {asked} · {at_once}"


def explain(proposal: Proposal) -> PanelView:
    """The proposal with names and sentences."""
    stored = standing(proposal)
    names = names_of(_people_in(proposal, stored))
    return PanelView(
        seats=tuple(
            SeatView(
                slot_label(seat.slot.value),
                *names.get(seat.candidate_id, ("", "")),
                why=reasons_sentence(seat_reasons(seat)),
            )
            for seat in proposal.seats
        ),
        **standing_words(stored, names),
    )


def standing_words(
    stored: Mapping[str, Any], names: Mapping[int, tuple[str, str]]
) -> dict[str, Any]:
    """Alternates, shortages and exclusions of a stored standing, in words."""
    return {
        "alternates": {
            slot_label(slot): tuple(
                f"{names.get(one['person_id'], ('', ''))[0]} ({_why(one['why'])})"
                for one in reserve
            )
            for slot, reserve in stored.get("alternates", {}).items()
        },
        "shortages": tuple(shortage_words(one) for one in stored.get("shortages", ())),
        "excluded": tuple(
            (
                names.get(one["person_id"], ("", ""))[0],
                ", ".join(_why(code) for code in one["codes"]),
            )
            for one in stored.get("excluded", ())
        ),
        "excluded_count": stored.get("excluded_count", 0),
    }


def shortage_words(shortage: Mapping[str, Any]) -> str:
    """One stored shortage in words."""
    return shortage_sentence(shortage, slot_label(shortage["slot"]) if shortage["slot"] else "")


def reasons_sentence(reasons: Mapping[str, Any]) -> str:
    """Why somebody was chosen: rank, score and the parts that made it."""
    if not reasons:
        return _("chosen by an editor")
    parts = [
        f"{FACETS.get(part['name'], part['name'])} {part['value']:.2f}"
        + (f" ({_matched(part)})" if part["matched"] else "")
        for part in reasons["parts"]
        if part["weight"] and part["value"]
    ]  # fmt: skip
    return _(
        "number %(rank)d of %(eligible)d who may be asked; score %(score).2f from %(parts)s",
        rank=reasons["rank"],
        eligible=reasons["eligible"],
        score=reasons["score"],
        parts=", ".join(parts),
    )


_VOCABULARIES = {
    "topic": ("topics",),
    "themes": ("themes",),
    "place": ("countries", "regions"),
    "language": ("languages",),
}


def _matched(part: Mapping[str, Any]) -> str:
    if part["name"] == "text":
        return shared_words(part["matched"])
    return ", ".join(term_label(part["name"], code) for code in part["matched"])


def term_label(facet: str, code: str) -> str:
    """What the hub calls the code of a facet, in the reader's language."""
    hub = catalogue()
    for vocabulary in _VOCABULARIES.get(facet, ()):
        term = hub.find(vocabulary, code)
        if term is not None:
            return term.label(get_locale()).text
    return code


def _why(code: str) -> str:
    return str(HELD_BACK.get(code, code))


def _people_in(proposal: Proposal, stored: Mapping[str, Any]) -> set[int]:
    people = {seat.candidate_id for seat in proposal.seats}
    return people | people_in_standing(stored)


def people_in_standing(stored: Mapping[str, Any]) -> set[int]:
    """Everybody whom a stored standing names."""
    people = {one["person_id"] for one in stored.get("excluded", ())}
    for reserve in stored.get("alternates", {}).values():
        people |= {one["person_id"] for one in reserve}
    return people


def names_of(ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Name and organisation of each person."""
    rows = db.session.execute(
        sa.select(Person.id, Person.name, Person.email, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id.in_(list(ids)))
    )
    return {id: (name or email, organisation or "") for id, name, email, organisation in rows}
