"""What passes between people: questions, more time, second persons, what came by mail or back."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from reviewhub.accounts.actor import Actor, Capability
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.notifications import bounces
from reviewhub.notifications.models import Message, MessageState
from reviewhub.reviews import operations, questions
from reviewhub.reviews.questions import ReviewerQuestion
from reviewhub.reviews.signing import open_sign_off
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions.entered import entries_about
from reviewhub.submissions.workflow import State
from tests.process.editing import NOTE, WHO
from tests.process.reviewing import any_seat, assignment
from tests.process.submitting import WHICH, submission
from tests.process.world import Item, Seat, World
from tests.reviews import scene


def sign_offs(machine: Any) -> list[Item]:
    """The items whose decision waits for a second person."""
    reviewed = machine.world.items_in(State.REVIEWED)
    return [one for one in reviewed if open_sign_off(one.id) is not None]


def raised() -> list[int]:
    """The reviewers' questions without a reply."""
    waiting = sa.select(ReviewerQuestion.id).where(ReviewerQuestion.replied_at.is_(None))
    return list(db.session.scalars(waiting.order_by(ReviewerQuestion.id)))


def entered(machine: Any) -> list[Seat]:
    """The assignments whose answer or review an editor entered, and which can be put right."""
    found = entries_about("assignments", [one.id for one in machine.world.seats])
    kept = {id for id, entry in found.items() if entry.corrected_at is None}
    return [one for one in machine.world.seats_in(A.DECLINED, A.SUBMITTED) if one.id in kept]


class Between:
    """Rules of the machine."""

    world: World
    seat: Callable[..., tuple[Seat, Actor, str]]
    act: Callable[..., bool]

    # -- a second person --

    @precondition(lambda self: bool(sign_offs(self)))
    @rule(which=WHICH, who=WHO, verb=st.sampled_from(("confirm", "send back", "take back")))
    def sign(self, which: int, who: int, verb: str) -> None:
        """A decision that waits for its second person is confirmed, sent back, or taken back."""
        found = sign_offs(self)
        item = found[which % len(found)]
        waiting = open_sign_off(item.id)
        assert waiting is not None
        id = waiting.id

        def change(by: Actor) -> None:
            row = submission(item)
            if verb == "confirm":
                operations.confirm_decision(row, by=by, sign_off_id=id)
            elif verb == "send back":
                operations.send_back(row, by=by, sign_off_id=id, note=NOTE)
            else:
                operations.take_back(row, by=by, sign_off_id=id)

        self.act(who, verb, f"{verb} the decision on {item.ref}", change)

    # -- more time --

    @precondition(any_seat(A.ACCEPTED, A.RETURNED))
    @rule(which=WHICH, days=st.integers(1, 60))
    def ask_for_time(self, which: int, days: int) -> None:
        """A reviewer asks the editor for more days."""
        seat, by, who = self.seat(which, A.ACCEPTED, A.RETURNED)
        self.world.do(
            "ask for time", f"{who} asks for {days} days",
            lambda: operations.ask_for_time(assignment(seat), by=by, days=days, note=NOTE),
        )  # fmt: skip

    @precondition(any_seat(A.ACCEPTED, A.RETURNED))
    @rule(which=WHICH, who=WHO)
    def refuse_time(self, which: int, who: int) -> None:
        """An editor gives no more days."""
        seat, _by, name = self.seat(which, A.ACCEPTED, A.RETURNED)
        self.act(
            who, "refuse time", f"no more days for {name}",
            lambda by: operations.refuse_time(assignment(seat), by=by),
        )  # fmt: skip

    # -- reviewers' questions --

    @precondition(any_seat(A.ACCEPTED, A.RETURNED))
    @rule(which=WHICH)
    def raise_question(self, which: int) -> None:
        """A reviewer asks something that only the submitter knows."""
        seat, by, who = self.seat(which, A.ACCEPTED, A.RETURNED)
        text = f"Which edition is meant? ({self.world.number()})"
        self.world.do(
            "raise question", f"{who} has a question",
            lambda: operations.raise_question(assignment(seat), by=by, text=text),
        )  # fmt: skip

    @precondition(lambda self: bool(raised()))
    @rule(which=WHICH, who=WHO, forward=st.booleans())
    def handle_question(self, which: int, who: int, forward: bool) -> None:
        """An editor passes a reviewer's question on, or answers it."""
        found = raised()
        id = found[which % len(found)]

        def change(by: Actor) -> None:
            question = questions.get(id)
            text = "Which edition do you mean, the first or the second?"
            if forward:
                operations.forward_question(question, by=by, text=text)
            else:
                operations.reply_to_question(question, by=by, text="The second edition.")

        verb = "forward question" if forward else "reply to question"
        self.act(who, verb, f"{verb} {id}", change)

    # -- what came by mail, and what came back --

    @precondition(any_seat(A.INVITED, A.ACCEPTED))
    @rule(which=WHICH, who=WHO, says=st.sampled_from(("yes", "no", "review")))
    def record_for(self, which: int, who: int, says: str) -> None:
        """An editor enters what a reviewer wrote in a mail."""
        seat, _by, _name = self.seat(which, A.INVITED, A.ACCEPTED)
        self.enter(who, seat, says)

    def enter(self, who: int, seat: Seat, says: str) -> None:
        """The same for this one."""
        today = clock.today()

        def change(by: Actor) -> None:
            row = assignment(seat)
            if says == "yes":
                operations.record_yes(row, by=by, no_conflict=True, received_on=today)
            elif says == "no":
                operations.record_no(row, by=by, reason="no_time", note="", received_on=today)
            else:
                answers = scene.answers("include")
                operations.record_review(row, by=by, answers=answers, received_on=today)

        name = self.world.name(seat.person_id)
        self.act(who, f"record {says}", f"enters what {name} wrote: {says}", change)

    @precondition(lambda self: bool(entered(self)))
    @rule(which=WHICH)
    def correct(self, which: int) -> None:
        """A reviewer puts right what was entered for them."""
        found = entered(self)
        seat = found[which % len(found)]
        by = self.world.by_link(Capability.ASSIGNMENT, seat.id, seat.person_id)
        who = self.world.name(seat.person_id)
        self.world.do(
            "correct", f"{who} puts right what was entered",
            lambda: operations.correct(assignment(seat), by=by),
        )  # fmt: skip

    @precondition(any_seat(A.INVITED))
    @rule(which=WHICH)
    def mail_comes_back(self, which: int) -> None:
        """A mail to somebody who was asked comes back for good."""
        seat, _by, who = self.seat(which, A.INVITED)
        mail = sa.select(Message.id).where(
            Message.object_type == "assignments", Message.object_id == seat.id,
            Message.recipient_id == seat.person_id, Message.state == MessageState.SENT,
        )  # fmt: skip
        id = db.session.scalar(mail.order_by(Message.id.desc()).limit(1))
        if id is None:
            return

        def change() -> None:
            bounces.came_back(db.session.get_one(Message, id), "550 nobody here")

        self.world.do("come back", f"{who} is not reached", change)

    @precondition(any_seat(A.INVITED, A.ACCEPTED, A.RETURNED))
    @rule(which=WHICH)
    def disown(self, which: int) -> None:
        """Somebody to whom the mail was forwarded says that it is not theirs."""
        seat, by, who = self.seat(which, A.INVITED, A.ACCEPTED, A.RETURNED)
        self.world.do(
            "disown", f"{who} gets a link of their own",
            lambda: operations.disown(assignment(seat), by=by),
        )  # fmt: skip
