"""What editors do at their desks. Who is part of an item is refused, and asks in vain."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from reviewhub.accounts.actor import Actor
from reviewhub.core.db import db
from reviewhub.library import operations as library
from reviewhub.reviews import operations, queries
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import Slot
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.models import Licence
from reviewhub.submissions.operations.refiling import refiling_of
from reviewhub.submissions.workflow import OPEN, State
from tests.process.reviewing import any_seat, assignment
from tests.process.submitting import WHICH, answers, any_in, few_at_hand, submission
from tests.process.world import Item, World

WHO = st.integers(0, 1)
NOTE = "It is for a reason that the history keeps."
Change = Callable[[Actor], object]


class Editors:
    """Rules of the machine."""

    world: World

    def act(self, who: int, verb: str, what: str, change: Change) -> bool:
        """One of the editors does something."""
        person = self.world.editors[who]
        by = self.world.signed_in(person)
        return self.world.do(verb, f"{self.world.name(person)}: {what}", lambda: change(by))

    def on(self, who: int, which: int, verb: str, states: tuple[State, ...], change: Any) -> None:
        """An editor does something to one of the items in these states."""
        found = self.world.items_in(*states)
        item = found[which % len(found)]
        what = f"{verb} {item.ref} ({item.state})"
        self.act(who, verb, what, lambda by: change(submission(item), by))

    def panel(self, which: int) -> ReviewRound:
        """The latest round of one of the items in review."""
        found = self.world.items_in(State.IN_REVIEW)
        current = queries.latest_round(found[which % len(found)].id)
        assert current is not None
        return current

    @precondition(any_in(State.SUBMITTED))
    @rule(who=WHO, which=WHICH)
    def screen(self, who: int, which: int) -> None:
        """An editor completes the record and starts the review."""
        found = self.world.items_in(State.SUBMITTED)
        self.screen_item(who, found[which % len(found)])

    def screen_item(self, who: int, item: Item) -> None:
        """The same for this one."""
        self.act(who, "refile", f"completes {item.ref}", lambda by: _complete(item, by))
        self.act(
            who, "start review", f"starts the review of {item.ref}",
            lambda by: operations.start_review(submission(item), by=by),
        )  # fmt: skip
        self.world.run_worker([self.world.tasks[4]])

    @precondition(any_in(*OPEN))
    @rule(who=WHO, which=WHICH)
    def refile(self, who: int, which: int) -> None:
        """An editor corrects the record."""
        found = self.world.items_in(*OPEN)
        item = found[which % len(found)]
        self.act(who, "refile", f"refiles {item.ref}", lambda by: _complete(item, by))

    @precondition(any_in(State.SUBMITTED))
    @rule(who=WHO, which=WHICH)
    def decline(self, who: int, which: int) -> None:
        """An editor declines at screening."""
        found = self.world.items_in(State.SUBMITTED)
        self.decline_item(who, found[which % len(found)])

    def decline_item(self, who: int, item: Item) -> None:
        """The same for this one."""
        self.act(
            who, "decline", f"declines {item.ref}",
            lambda by: submissions.decline(submission(item), by=by, reason="outdated", note=NOTE),
        )  # fmt: skip

    @precondition(any_in(*OPEN))
    @rule(who=WHO, which=WHICH)
    def ask(self, who: int, which: int) -> None:
        """An editor asks the submitter something."""
        number = self.world.number()
        self.on(
            who, which, "ask", tuple(OPEN),
            lambda row, by: submissions.ask(row, by=by, text=f"Which edition is it? ({number})"),
        )  # fmt: skip

    @precondition(any_in(State.SUBMITTED, State.REVIEWED))
    @rule(who=WHO, which=WHICH)
    def request_changes(self, who: int, which: int) -> None:
        """An editor asks for changes."""
        self.on(
            who, which, "request changes", (State.SUBMITTED, State.REVIEWED),
            lambda row, by: operations.request_changes(row, by=by, wanted="Name the edition."),
        )  # fmt: skip

    @precondition(any_in(State.REVIEWED))
    @rule(who=WHO, which=WHICH)
    def approve(self, who: int, which: int) -> None:
        """An editor approves."""
        self.on(
            who, which, "approve", (State.REVIEWED,),
            lambda row, by: operations.approve(row, by=by, note=NOTE),
        )  # fmt: skip

    @precondition(any_in(State.REVIEWED))
    @rule(who=WHO, which=WHICH)
    def reject(self, who: int, which: int) -> None:
        """An editor rejects."""
        self.on(
            who, which, "reject", (State.REVIEWED,),
            lambda row, by: operations.reject(row, by=by, reason="outdated", note=NOTE),
        )  # fmt: skip

    @precondition(any_in(State.REVIEWED))
    @rule(who=WHO, which=WHICH)
    def consult(self, who: int, which: int) -> None:
        """An editor wants one more reviewer."""
        self.on(
            who, which, "consult", (State.REVIEWED,),
            lambda row, by: operations.consult(row, by=by, note=NOTE),
        )  # fmt: skip

    @precondition(any_in(State.IN_REVIEW))
    @rule(who=WHO, which=WHICH)
    def close_early(self, who: int, which: int) -> None:
        """An editor closes the panel before it is filled."""
        self.on(
            who, which, "close early", (State.IN_REVIEW,),
            lambda row, by: operations.finish_review(row, by=by, note=NOTE),
        )  # fmt: skip

    @precondition(any_in(State.REJECTED, State.APPROVED))
    @rule(who=WHO, which=WHICH)
    def undo(self, who: int, which: int) -> None:
        """An editor undoes a decision."""
        found = self.world.items_in(State.REJECTED, State.APPROVED)
        item = found[which % len(found)]
        if item.reviewed:
            verb, undo = "reopen", operations.reopen
        else:
            verb, undo = "rescreen", submissions.rescreen
        self.act(
            who, verb, f"{verb} {item.ref}", lambda by: undo(submission(item), by=by, note=NOTE)
        )

    @precondition(any_in(State.WITHDRAWN))
    @rule(who=WHO, which=WHICH)
    def revive_for(self, who: int, which: int) -> None:
        """An editor takes up again what was withdrawn."""
        self.on(
            who, which, "revive", (State.WITHDRAWN,),
            lambda row, by: submissions.revive(row, by=by),
        )  # fmt: skip

    @precondition(any_in(State.APPROVED))
    @rule(who=WHO, which=WHICH)
    def publish(self, who: int, which: int) -> None:
        """An editor publishes now."""
        self.on(
            who, which, "publish", (State.APPROVED,),
            lambda row, by: library.publish(row, by=by),
        )  # fmt: skip

    @precondition(few_at_hand)
    @rule(who=WHO)
    def record_for(self, who: int) -> None:
        """An editor enters what came by mail."""
        number = self.world.number()
        email = f"writer{number}@writers{number}.example"
        self.act(
            who, "record for", f"enters number {number} for its writer",
            lambda by: submissions.record_for(
                answers(number), by=by, email=email, name=f"Writer {number}"
            ),
        )  # fmt: skip

    # -- a hand on the panel --

    @precondition(any_in(State.IN_REVIEW))
    @rule(who=WHO, which=WHICH)
    def hold_or_go_on(self, who: int, which: int) -> None:
        """An editor holds the search for reviewers, or lets it go on."""
        current = self.panel(which)
        held = current.paused_at is not None
        act = operations.resume if held else operations.pause
        self.act(
            who, "resume" if held else "hold", f"holds or resumes round {current.id}",
            lambda by: act(self.panel(which), by=by),
        )  # fmt: skip

    @precondition(any_in(State.IN_REVIEW))
    @rule(who=WHO, which=WHICH, member=st.integers(0, 15), slot=st.sampled_from(Slot))
    def ask_first(self, who: int, which: int, member: int, slot: Slot) -> None:
        """An editor wants somebody asked before everybody else."""
        person = self.world.members[member]
        self.act(
            who, "ask first", f"wants {self.world.name(person)} asked as {slot}",
            lambda by: operations.ask(
                self.panel(which), person_id=person, slot=slot, by=by, note=NOTE
            ),
        )  # fmt: skip

    @precondition(any_seat(A.DECLINED, A.EXPIRED, A.CANCELLED))
    @rule(who=WHO, which=WHICH)
    def ask_again(self, who: int, which: int) -> None:
        """An editor asks somebody once more."""
        found = self.world.seats_in(A.DECLINED, A.EXPIRED, A.CANCELLED)
        seat = found[which % len(found)]
        self.act(
            who, "ask again", f"asks {self.world.name(seat.person_id)} again",
            lambda by: operations.ask_again(assignment(seat), by=by),
        )  # fmt: skip

    @precondition(any_seat(A.INVITED, A.ACCEPTED, A.RETURNED))
    @rule(who=WHO, which=WHICH)
    def let_go(self, who: int, which: int) -> None:
        """An editor takes somebody off the panel."""
        found = self.world.seats_in(A.INVITED, A.ACCEPTED, A.RETURNED)
        seat = found[which % len(found)]
        self.act(
            who, "let go", f"lets {self.world.name(seat.person_id)} go",
            lambda by: operations.let_go(assignment(seat), by=by, note=NOTE),
        )  # fmt: skip

    @precondition(any_seat(A.ACCEPTED, A.RETURNED))
    @rule(who=WHO, which=WHICH, days=st.integers(1, 30))
    def give_time(self, who: int, which: int, days: int) -> None:
        """An editor gives a reviewer more days."""
        found = self.world.seats_in(A.ACCEPTED, A.RETURNED)
        seat = found[which % len(found)]
        self.act(
            who, "give time", f"gives {self.world.name(seat.person_id)} {days} days",
            lambda by: operations.give_time(assignment(seat), by=by, days=days),
        )  # fmt: skip

    @precondition(any_seat(A.SUBMITTED))
    @rule(who=WHO, which=WHICH)
    def return_review(self, who: int, which: int) -> None:
        """An editor asks for a clearer review."""
        found = self.world.seats_in(A.SUBMITTED)
        seat = found[which % len(found)]
        self.act(
            who, "return", f"returns the review of {self.world.name(seat.person_id)}",
            lambda by: operations.return_(assignment(seat), by=by, note=NOTE),
        )  # fmt: skip


def _complete(item: Item, by: Actor) -> None:
    """Fill in what reviewers and publication need."""
    row = submission(item)
    now = refiling_of(row)
    whole = answers(0)
    filled = replace(
        now.answers,
        section=now.answers.section or whole.section,
        document_type=now.answers.document_type or whole.document_type,
        published_on=now.answers.published_on or whole.published_on,
        description=now.answers.description or whole.description,
        scope=now.answers.scope or whole.scope,
        relation=now.answers.relation or whole.relation,
    )
    submissions.refile(
        row, replace(now, answers=filled, licence=Licence.LINK_ONLY), by=by, version=row.version
    )
    db.session.flush()
