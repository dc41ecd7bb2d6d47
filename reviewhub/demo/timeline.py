"""Many stories at once, told in the order of their moments by one clock."""

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count
from random import Random

from reviewhub.core import clock
from reviewhub.core.db import db

# A story yields the moment at which it goes on.
Story = Iterator[datetime]


class Timeline:
    """Runs stories up to `now`; whatever they would do later does not happen."""

    def __init__(self, now: datetime, seed: int) -> None:
        self.now = now.astimezone(UTC)
        self.random = Random(seed)  # the same seed tells the same stories
        self.moment = self.now
        self._numbers = count()
        self._waiting: list[tuple[datetime, int, Story]] = []

    def day(self, offset: int) -> datetime:
        """A moment in office hours, `offset` days from now; never after now."""
        at = time(8 + self.random.randrange(9), self.random.randrange(60))
        day = self.now.date() + timedelta(days=offset)
        moment = datetime.combine(day, at, UTC)
        return min(moment, self.now - timedelta(minutes=2)) if offset <= 0 else moment

    def after(self, least: float, most: float) -> datetime:
        """A moment between `least` and `most` days from the story's present one, by daylight."""
        present = clock.now()
        moment = present + timedelta(days=self.random.uniform(least, most))
        by_daylight = moment.replace(hour=7 + moment.hour % 12)
        return by_daylight if by_daylight > present else moment

    def tell(self, story: Story) -> None:
        """Begin a story."""
        first = next(story, None)
        if first is not None:
            self._wait(first, story)

    def run(self, *, after_each: Callable[[], object]) -> None:
        """Tell everything that happens until now; `after_each` step the others may react."""
        with clock.set_to(lambda: self.moment):
            while self._waiting and self._waiting[0][0] <= self.now:
                self.moment, _number, story = heapq.heappop(self._waiting)
                following = next(story, None)
                db.session.flush()
                after_each()
                if following is not None:
                    self._wait(max(following, self.moment), story)
        self.moment = self.now

    def _wait(self, moment: datetime, story: Story) -> None:
        heapq.heappush(self._waiting, (moment, next(self._numbers), story))


def every_day(timeline: Timeline, first: int, do: Callable[[], object]) -> Story:
    """What the clock does by itself, once in the morning of each day."""
    for offset in range(first, 1):
        yield datetime.combine(timeline.now.date() + timedelta(days=offset), time(6, 0), UTC)
        do()
