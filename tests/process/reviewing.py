"""What reviewers do, by the links in their invitations; and what roster members do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from reviewhub.accounts import operations as accounts
from reviewhub.accounts.actor import Actor, Capability
from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.reviews import operations, queries
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster import operations as roster
from reviewhub.roster.queries import membership_of
from reviewhub.submissions.workflow import State
from tests.process.submitting import WHICH
from tests.process.world import Item, Seat, World
from tests.reviews import scene

SAYS = st.sampled_from(
    ("include",) * 4 + ("include_corrected", "do_not_include", "do_not_include", "cannot_judge")
)
REASONS = st.sampled_from(("no_time", "no_expertise", "conflict", "other"))
AT_WORK = (A.INVITED, A.ACCEPTED, A.RETURNED)


def any_seat(*states: A) -> Callable[[Any], bool]:
    """Whether anybody's assignment is in one of these states."""
    return lambda machine: bool(machine.world.seats_in(*states))


def assignment(seat: Seat) -> Assignment:
    """The row with its round, as a page loads it."""
    return queries.get(seat.id)


class Reviewers:
    """Rules of the machine."""

    world: World

    def seat(self, which: int, *states: A) -> tuple[Seat, Actor, str]:
        """One of the assignments in these states, who acts, and how the diary calls them."""
        found = self.world.seats_in(*states)
        seat = found[which % len(found)]
        by = self.world.by_link(Capability.ASSIGNMENT, seat.id, seat.person_id)
        return seat, by, f"{self.world.name(seat.person_id)}, of item {seat.submission_id},"

    @precondition(any_seat(A.INVITED, A.EXPIRED))
    @rule(which=WHICH)
    def accept(self, which: int) -> None:
        """Somebody who was asked takes it on."""
        seat, by, who = self.seat(which, A.INVITED, A.EXPIRED)
        self.world.do(
            "accept", f"{who} accepts", lambda: operations.accept(assignment(seat), by=by)
        )

    @precondition(any_seat(A.INVITED, A.ACCEPTED))
    @rule(which=WHICH, reason=REASONS)
    def decline(self, which: int, reason: str) -> None:
        """Somebody says no, or changes their mind."""
        seat, by, who = self.seat(which, A.INVITED, A.ACCEPTED)
        self.world.do(
            "decline", f"{who} declines: {reason}",
            lambda: operations.decline(assignment(seat), by=by, reason=reason),
        )  # fmt: skip

    @precondition(any_seat(*AT_WORK, A.EXPIRED))
    @rule(which=WHICH)
    def recuse(self, which: int) -> None:
        """Somebody finds a conflict."""
        seat, by, who = self.seat(which, *AT_WORK, A.EXPIRED)
        self.world.do(
            "recuse", f"{who} has a conflict", lambda: operations.recuse(assignment(seat), by=by)
        )

    @precondition(any_seat(A.ACCEPTED, A.RETURNED))
    @rule(which=WHICH)
    def save_draft(self, which: int) -> None:
        """A half-written review is kept."""
        seat, _by, who = self.seat(which, A.ACCEPTED, A.RETURNED)
        self.world.do(
            "save", f"{who} saves a draft",
            lambda: operations.save(assignment(seat), answers={"comment_to_editor": "So far."}),
        )  # fmt: skip

    @precondition(any_seat(A.ACCEPTED, A.RETURNED, A.SURPLUS))
    @rule(which=WHICH, says=SAYS, gate=st.sampled_from(("yes",) * 5 + ("no",)))
    def review(self, which: int, says: str, gate: str) -> None:
        """Somebody sends a review."""
        seat, by, who = self.seat(which, A.ACCEPTED, A.RETURNED, A.SURPLUS)
        answers = scene.answers(says, gate_in_scope=gate)
        self.world.do(
            f"review {says}", f"{who} says {says}{' and no to a gate' * (gate == 'no')}",
            lambda: operations.submit(assignment(seat), by=by, answers=answers),
        )  # fmt: skip

    @precondition(lambda self: bool(self.world.items_in(State.IN_REVIEW)))
    @rule(which=WHICH, said=st.lists(SAYS, min_size=3, max_size=3))
    def whole_panel(self, which: int, said: list[str]) -> None:
        """Whoever is asked about an item accepts, and those at work send their reviews."""
        found = self.world.items_in(State.IN_REVIEW)
        self.panel_says(found[which % len(found)], said)

    def panel_says(self, item: Item, said: list[str]) -> None:
        """The same for this one."""
        for seat in self.world.seats_in(A.INVITED, item=item):
            self._one(seat, "accepts", lambda row, by: operations.accept(row, by=by))
        for seat, says in zip(self.world.seats_in(A.ACCEPTED, item=item), said, strict=False):
            answers = scene.answers(says)
            self._one(
                seat, f"says {says}",
                lambda row, by, answers=answers: operations.submit(row, by=by, answers=answers),
            )  # fmt: skip

    def _one(self, seat: Seat, what: str, act: Callable[[Assignment, Actor], object]) -> None:
        by = self.world.by_link(Capability.ASSIGNMENT, seat.id, seat.person_id)
        who = f"{self.world.name(seat.person_id)}, of item {seat.submission_id},"
        self.world.do(what, f"{who} {what}", lambda: act(assignment(seat), by))

    @precondition(any_seat(A.ACCEPTED, A.RETURNED))
    @rule(which=WHICH, days=st.integers(1, 10))
    def extend(self, which: int, days: int) -> None:
        """Somebody takes more days."""
        seat, by, who = self.seat(which, A.ACCEPTED, A.RETURNED)
        self.world.do(
            "extend", f"{who} takes {days} days more",
            lambda: operations.extend(assignment(seat), by=by, days=days),
        )  # fmt: skip

    @rule(who=st.integers(0, 17), days=st.integers(1, 40), how=st.sampled_from(("away", "pause")))
    def be_away(self, who: int, days: int, how: str) -> None:
        """A roster member wants not to be asked for a while, or ends that; or an editor is away."""
        person = [*self.world.members, *self.world.editors][who]
        days_on = timedelta(days=days)

        def change() -> None:
            membership = membership_of(person)
            if how == "away" or membership is None:
                db.session.get_one(Person, person).away_until = clock.now() + days_on
            elif any(period.last is None or period.last >= clock.today()
                     for period in membership.periods):  # fmt: skip
                roster.resume(membership, by=self.world.signed_in(person))
            else:
                first = clock.today()
                by = self.world.signed_in(person)
                roster.pause(membership, by=by, first=first, last=first + days_on)

        what = f"{self.world.name(person)} is away ({how}) for {days} days, or comes back"
        self.world.do("be away", what, change)

    @rule(who=st.integers(0, 18))
    def suspend(self, who: int) -> None:
        """An administrator shuts somebody's account, or opens it again."""
        person = [*self.world.members, *self.world.submitters][who]

        def change() -> None:
            row = db.session.get_one(Person, person)
            act = accounts.suspend if row.suspended_at is None else accounts.reinstate
            act(row, by=self.world.admin)

        self.world.do("suspend", f"{self.world.name(person)} is suspended, or reinstated", change)
