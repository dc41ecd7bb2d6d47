"""What an editor changes for one decision about a panel: weights, limits, and who must or may not.

    Tuning.read(request.args)      # from an address
    tuning.rule(policy_rule)       # what matching then has to meet

The policy stays as it is. What was changed is kept with the reasons of the choice that it led to.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _
from reviewhub.matching.people import Candidate
from reviewhub.matching.reasons import Seat
from reviewhub.matching.rules import Facet, PanelRule, Slot

MOST_WEIGHT = 10.0
MOST_MORE = 20  # reviews beyond what people said they can take
MOST_OPEN = 50
MOST_REST = 365
MOST_NAMED = 50  # people pinned, and kept off


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """The changes; what is None, 0 or empty is as the policy says.

    `more` is how many reviews beyond their own limit for the half-year people may be given.
    `pinned` sit on the panel whatever they score; `kept_off` do not, for the whole round.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    open_items_cap: int | None = None
    rest_days: int | None = None
    more: int = 0
    pinned: tuple[Seat, ...] = ()
    kept_off: frozenset[int] = frozenset()

    @classmethod
    def read(cls, given: Mapping[str, Any], pins: Sequence[str], off: Sequence[str]) -> Self:
        """The changes in an address: `w_topic=2`, `open=3`, `pin=external:17`, `off=9`.

        Raises InvalidInput, naming the field that can't be used.
        """
        weights = {
            facet.value: _weight(given[f"w_{facet}"], f"w_{facet}")
            for facet in Facet
            if str(given.get(f"w_{facet}", "")).strip()
        }
        pinned = _pins(pins)
        kept_off = frozenset(_numbers(off))
        if len(pinned) > MOST_NAMED or len(kept_off) > MOST_NAMED:
            raise InvalidInput(_("At most %(number)s at a time, please.", number=MOST_NAMED))
        return cls(
            weights=weights,
            open_items_cap=_number(given, "open", MOST_OPEN),
            rest_days=_number(given, "rest", MOST_REST),
            more=_number(given, "more", MOST_MORE) or 0,
            pinned=tuple(seat for seat in pinned if seat.candidate_id not in kept_off),
            kept_off=kept_off,
        )

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """What `stored` said."""
        return cls(
            weights=stored.get("weights", {}),
            open_items_cap=stored.get("open_items_cap"),
            rest_days=stored.get("rest_days"),
            more=stored.get("more", 0),
            pinned=tuple(Seat(Slot(slot), who) for slot, who in stored.get("pinned", ())),
            kept_off=frozenset(stored.get("kept_off", ())),
        )

    @property
    def is_none(self) -> bool:
        """Whether everything is as the policy says."""
        return self == Tuning()

    def query(self) -> list[tuple[str, str]]:
        """As an address carries it, so that `read` gives the same again."""
        numbers = {"open": self.open_items_cap, "rest": self.rest_days, "more": self.more or None}
        return [
            *((f"w_{name}", f"{weight:g}") for name, weight in self.weights.items()),
            *((name, str(number)) for name, number in numbers.items() if number is not None),
            *(("pin", f"{seat.slot}:{seat.candidate_id}") for seat in self.pinned),
            *(("off", str(person_id)) for person_id in sorted(self.kept_off)),
        ]

    def with_pin(self, slot: str, person_id: int) -> Self:
        """The same, with somebody pinned as well."""
        others = [seat for seat in self.pinned if seat.candidate_id != person_id]
        return replace(
            self,
            pinned=(*others, Seat(Slot(slot), person_id)),
            kept_off=self.kept_off - {person_id},
        )

    def without(self, person_id: int, *, keep_off: bool = False) -> Self:
        """The same, with somebody pinned no more and kept off no more; or kept off."""
        off = self.kept_off - {person_id}
        return replace(
            self,
            pinned=tuple(seat for seat in self.pinned if seat.candidate_id != person_id),
            kept_off=off | {person_id} if keep_off else off,
        )

    def stored(self) -> dict[str, Any]:
        """As it is kept with the choice: only what was changed."""
        found = {
            "weights": dict(self.weights),
            "open_items_cap": self.open_items_cap,
            "rest_days": self.rest_days,
            "more": self.more,
            "pinned": [[seat.slot.value, seat.candidate_id] for seat in self.pinned],
            "kept_off": sorted(self.kept_off),
        }
        return {name: value for name, value in found.items() if value not in (None, 0, [], {})}

    def rule(self, rule: PanelRule) -> PanelRule:
        """The policy's rule with these changes. Raises InvalidInput where nothing would count."""
        weights = {**rule.weights, **self.weights}
        if not any(weights.values()):
            raise InvalidInput(_("At least one weight has to count for something."))
        cap, rest = self.open_items_cap, self.rest_days
        return replace(
            rule,
            weights=weights,
            open_items_cap=rule.open_items_cap if cap is None else cap,
            rest_days=rule.rest_days if rest is None else rest,
        )

    def people(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates with these changes."""
        return [self._person(one) for one in candidates]

    def _person(self, one: Candidate) -> Candidate:
        if self.more:
            one = replace(one, capacity=one.capacity + self.more)
        return replace(one, kept_off=True) if one.id in self.kept_off else one


UNTUNED = Tuning()


def _weight(text: Any, name: str) -> float:
    try:
        weight = float(str(text).replace(",", "."))
    except ValueError:
        weight = math.nan
    if not 0 <= weight <= MOST_WEIGHT:
        raise InvalidInput(
            _("Please give a weight from 0 to %(most)d.", most=MOST_WEIGHT), field=name
        )
    return weight


def _number(given: Mapping[str, Any], name: str, most: int) -> int | None:
    text = str(given.get(name, "")).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= most):
        raise InvalidInput(
            _("Please give a number from %(min)d to %(max)d.", min=0, max=most), field=name
        )
    return int(text)


def _pins(texts: Iterable[str]) -> list[Seat]:
    found: dict[int, Seat] = {}
    for text in texts:
        slot, _colon, number = text.partition(":")
        if slot in set(Slot) and (numbers := _numbers([number])):
            found.setdefault(numbers[0], Seat(Slot(slot), numbers[0]))
    return list(found.values())


def _numbers(texts: Iterable[str]) -> list[int]:
    """The ids among the texts, each once; whatever is none is left out."""
    good = [text for text in texts if text.isascii() and text.isdigit() and len(text) < 10]
    return sorted({int(text) for text in good})
