"""The two sides of a batch or a stream: submissions with open seats, and reviewers with room."""

from collections.abc import Mapping
from dataclasses import dataclass

from reviewhub.matching.rules import Slot
from reviewhub.matching.selection import Demand


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A submission with open seats; `readers` and `specialists` are how many of those who take
    them must read its language and cover its primary topic. `languages` and `topic` only name
    these, for whoever has to find new members."""

    id: int
    seats: Mapping[Slot, int]
    distinct_organisations: bool = False
    readers: int = 0
    specialists: int = 0
    languages: frozenset[str] = frozenset()
    topic: str | None = None

    @property
    def demand(self) -> Demand:
        """What the seats must bring, as the panel search asks it."""
        return Demand(
            open_seats={slot: self.seats.get(slot, 0) for slot in Slot if slot in self.seats},
            distinct_organisations=self.distinct_organisations,
            readers=self.readers,
            specialists=self.specialists,
            size=sum(self.seats.values()),
            seated_backgrounds=frozenset(),
            background_points=0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Somebody who may be asked; `capacity` is how many reviews more they can take on."""

    id: int
    capacity: int
    internal: bool = False
    organisation_id: int | None = None
