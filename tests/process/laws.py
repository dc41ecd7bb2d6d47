"""What holds after every step, whatever was done: the rules of `reviewhub check` and these.

Each is a function of the world that returns what contradicts it; its first line is the sentence.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from reviewhub.audit.models import AuditEvent
from reviewhub.cli.invariants import INVARIANTS, Invariant, broken
from reviewhub.core.db import db
from reviewhub.notifications.models import Message, MessageState
from reviewhub.reviews.candidates import candidates_for
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.panel import is_filled
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.results import verdicts_of
from reviewhub.reviews.seating import tallies
from reviewhub.reviews.workflow import ACTIVE, AssignmentState
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.owners import candidates
from reviewhub.submissions.workflow import OPEN, State
from tests.process.catalogue import Mail, told_by
from tests.process.world import World

Law = Callable[["Watch"], Iterator[str]]


class Watch:
    """Looks at a world after each step; knows what was there at the last look."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.last_event = 0
        self.mails: Counter[Mail] = Counter()
        self.seen: set[int] = set()
        self.moves: set[tuple[str, str]] = set()  # kind and verb of every step that was made
        self.remember()

    def check(self) -> list[str]:
        """Every contradiction, as a sentence with its rows."""
        found = [f"{one.says} {broken(one)}" for one in _broken_rules()]
        for law in LAWS:
            found += [f"{(law.__doc__ or '').strip()} {what}" for what in law(self)]
        self.moves |= {(one.object_type, one.verb) for one in self.events() if one.new_state}
        self.remember()
        return found

    def remember(self) -> None:
        """What is there now is known at the next look."""
        self.last_event = db.session.scalar(sa.select(sa.func.max(AuditEvent.id))) or 0
        self.mails = self.all_mails()
        self.seen = {seat.id for seat in self.world.seats}

    def all_mails(self) -> Counter[Mail]:
        """What is promised so far, to whom and about what, and how often."""
        key = (Message.event, Message.object_type, Message.object_id, Message.recipient_id)
        found = db.session.execute(sa.select(*key, sa.func.count()).group_by(*key))
        return Counter({(event, kind, id, to): number for event, kind, id, to, number in found})

    def events(self) -> list[AuditEvent]:
        """What the history has got since the last look."""
        new = sa.select(AuditEvent).where(AuditEvent.id > self.last_event)
        return list(db.session.scalars(new.order_by(AuditEvent.id)))

    def open_rounds(self) -> list[ReviewRound]:
        """The rounds that are not closed."""
        return list(
            db.session.scalars(
                sa.select(ReviewRound)
                .where(ReviewRound.closed_at.is_(None))
                .order_by(ReviewRound.id)
                .execution_options(populate_existing=True)
            )
        )


def _broken_rules() -> list[Invariant]:
    """The rules of `reviewhub check` that do not hold: asked for together, as it is done often."""
    together, alone = _rules(db.session.get_bind().dialect)
    answers = db.session.connection().exec_driver_sql(together[1]).one()
    found = [one for one, is_broken in zip(together[0], answers, strict=True) if is_broken]
    return found + [one for one in alone if broken(one)]


@cache
def _rules(dialect: Dialect) -> tuple[tuple[list[Invariant], str], list[Invariant]]:
    """Those that one statement asks for, with it; and those that look at the clock."""
    alone = [
        one
        for one in INVARIANTS
        if any(isinstance(value, datetime) for value in one.query().compile().params.values())
    ]
    together = [one for one in INVARIANTS if one not in alone]
    asked = sa.select(*(one.query().exists() for one in together))
    literal = asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return (together, str(literal).replace("%%", "%")), alone


def whatever_waits_has_an_owner(watch: Watch) -> Iterator[str]:
    """Whatever waits has somebody who acts, as long as there is anybody who may."""
    for item in watch.world.items_in(*OPEN):
        if item.due_at is None:
            yield f"{item.ref} in {item.state} has no date"
        if item.owner_id is None:
            free = candidates(db.session.get_one(Submission, item.id))
            if free:
                yield f"{item.ref} in {item.state} is nobody's, though {free[0].name} may act"


def what_is_closed_waits_for_nobody(watch: Watch) -> Iterator[str]:
    """What is closed waits for nobody."""
    for item in watch.world.items_in(State.REJECTED, State.WITHDRAWN):
        if item.due_at is not None or item.owner_id is not None:
            yield f"{item.ref} in {item.state} waits for {watch.world.name(item.owner_id)}"


def an_open_panel_is_filled_or_looked_for(watch: Watch) -> Iterator[str]:
    """A seat is taken, or looked for, or held back by an editor; and a shortage is named."""
    for current in watch.open_rounds():
        missing = [one.slot for one in tallies(current) if one.free > one.asked]
        shortage = db.session.get_one(Submission, current.submission_id).progress.shortage
        if missing and current.fill_at is None and current.paused_at is None:
            yield f"round {current.id}: nobody is looked for, for {missing}"
        if missing and current.fill_at and current.fill_at > watch.world.clock() and not shortage:
            yield f"round {current.id} lacks {missing}, and nobody is told"
        if is_filled(verdicts_of(current), rules_of(current).slots, current.tie_breakers):
            yield f"round {current.id} has every review and is not finished"


def nobody_conflicted_is_at_work(watch: Watch) -> Iterator[str]:
    """Nobody is at work on what they must not judge."""
    for current in watch.open_rounds():
        active = [one for one in current.assignments if one.state in ACTIVE]
        if not active:
            continue
        submission = db.session.get_one(Submission, current.submission_id)
        if submission.submitter_id in {one.person_id for one in active}:
            yield f"{submission.ref}: its submitter is on its panel"
        known = {one.id: one for one in candidates_for(submission, current)}
        for one in active:
            person = known[one.person_id]
            if submission.submitter_id in person.declared_people:
                name = watch.world.name(one.person_id)
                yield f"{submission.ref}: {name} declared a conflict and is {one.state}"


def nobody_is_asked_beyond_their_limits(watch: Watch) -> Iterator[str]:
    """Nobody is newly asked beyond what they can take, while away, or when suspended."""
    for seat in watch.world.seats:
        if seat.id in watch.seen:
            continue
        one = db.session.get_one(Assignment, seat.id)
        if one.chosen_by_id is not None:
            continue
        rules = rules_of(db.session.get_one(ReviewRound, one.round_id))
        own = [other for other in watch.world.seats if other.person_id == seat.person_id]
        open_now = sum(other.state in ACTIVE for other in own)
        if one.state is AssignmentState.INVITED and open_now > rules.open_items_cap:
            yield f"{watch.world.name(seat.person_id)} has {open_now} open items"


def each_thing_moves_step_by_step(watch: Watch) -> Iterator[str]:
    """Each step in the history begins where the one before ended."""
    at: dict[tuple[str, int], str] = {}
    for event in watch.events():
        if event.new_state is None:
            continue
        key = (event.object_type, event.object_id)
        before = at.get(key) or db.session.scalar(
            sa.select(AuditEvent.new_state)
            .where(
                AuditEvent.object_type == event.object_type,
                AuditEvent.object_id == event.object_id,
                AuditEvent.new_state.is_not(None),
                AuditEvent.id < event.id,
            )
            .order_by(AuditEvent.id.desc())
            .limit(1)
        )
        if before is not None and before != event.old_state:
            yield f"{key} was {before}, and {event.verb} moved it from {event.old_state}"
        at[key] = event.new_state


def every_step_is_told(watch: Watch) -> Iterator[str]:
    """Every step tells whom it has to, once per time that it happens."""
    wanted = Counter(one for event in watch.events() if event.new_state for one in told_by(event))
    if not wanted:
        return
    written = watch.all_mails() - watch.mails
    for mail, number in wanted.items():
        if written[mail] < number:
            yield f"{mail} is promised {written[mail]} times for {number} steps"


def no_mail_is_sent_twice(watch: Watch) -> Iterator[str]:
    """No mail goes out twice, unless a worker died between sending and marking it."""
    for number, times in watch.world.accepted.items():
        if times > 1 + watch.world.killed[number]:
            yield f"mail {number} went out {times} times"


def no_mail_fails(watch: Watch) -> Iterator[str]:
    """Every mail can be rendered and sent."""
    failed = sa.select(Message).where(
        Message.state.in_([MessageState.FAILED, MessageState.DEAD]), Message.bounced_at.is_(None)
    )
    for mail in db.session.scalars(failed):
        yield f"{mail.event}: {mail.last_error}"


LAWS: tuple[Law, ...] = (
    whatever_waits_has_an_owner,
    what_is_closed_waits_for_nobody,
    an_open_panel_is_filled_or_looked_for,
    nobody_conflicted_is_at_work,
    nobody_is_asked_beyond_their_limits,
    each_thing_moves_step_by_step,
    every_step_is_told,
    no_mail_is_sent_twice,
    no_mail_fails,
)
