"""A roster at work, step by random step, beside a plain model that counts days and items."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import sqlalchemy as sa
from flask import Flask

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import DomainError
from reviewhub.reviews import operations, queries
from reviewhub.reviews.clocks import answer_by
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.queries import rules_in_force
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster import operations as roster
from reviewhub.roster.models import Membership
from reviewhub.roster.operations import absences
from reviewhub.roster.workflow import MembershipState
from tests.conftest import SetClock
from tests.factories import Factory
from tests.reviews.scene import Scene, answers, as_reviewer

RULES = {
    "slots": {"external": 2}, "tie_breakers": 0, "open_items_cap": 2, "rest_days": 5,
    "review_days": 14, "reads_language": 0, "covers_primary_topic": 0,
}  # fmt: skip
CAPACITIES = (1, 2, 2, 3, 3, 4, 5, 2)
HORIZON = 3_000  # days that the model knows, beyond all steps; an absence may go on to its end
COUNTS = {A.INVITED, A.ACCEPTED, A.SUBMITTED, A.RETURNED, A.SURPLUS}
OPEN = {A.INVITED, A.ACCEPTED, A.RETURNED}


class Serving:
    """Eight reviewers, items that come, and everything that members and time do.

    `away` is the plain model: for each person the set of days on which they are away.
    """

    def __init__(self, app: Flask, moment: SetClock, seed: int) -> None:
        self.app, self.clock, self.random = app, moment, random.Random(seed)
        self.scene = Scene(Factory(db.session), db.session, internal=0, external=0, **RULES)
        make = self.scene.make
        self.manager = make.staff(Role.ROSTER_MANAGER).id
        self.members = {
            one.person_id: one.id for one in (make.member(capacity=number) for number in CAPACITIES)
        }
        self.capacity = dict(zip(self.members, CAPACITIES, strict=True))
        self.away: dict[int, set[date]] = {person: set() for person in self.members}
        self.last_day = moment().date() + timedelta(days=HORIZON)
        self.done: Counter[str] = Counter()
        db.session.commit()

    def step(self) -> None:
        """One thing happens, by itself; afterwards nobody has too much."""
        verbs: dict[str, Callable[[], bool]] = {
            "invite": self.invite, "decline": self.decline, "accept": self.accept,
            "submit": self.submit, "pause": self.pause, "call_off": self.call_off,
            "end": self.end, "return": self.take_back, "time": self.pass_time,
            "fill": self.fill_again, "at once": self.at_once,
        }  # fmt: skip
        weights = (6, 3, 8, 8, 2, 2, 1, 2, 8, 3, 1)
        (verb,) = self.random.choices(list(verbs), weights)
        try:
            self.done[verb] += verbs[verb]()
            db.session.commit()
        except DomainError:
            db.session.rollback()
            self.done[f"{verb}, refused"] += 1
        self.check_all()
        db.session.rollback()

    # -- the plain model --

    def may_be_asked(self, person: int, rows: list[Any]) -> bool:
        """By counting: each day of the answer and of the review, each item, the days of rest."""
        today, rules = self.clock().date(), rules_in_force()
        until = answer_by(rules, self.clock()).date()
        to_answer = {today + timedelta(days=n) for n in range((until - today).days + 1)}
        to_review = {until + timedelta(days=n + 1) for n in range(rules.review_days)}
        away = self.away[person]
        mine = [row for row in rows if row.person_id == person]
        finished = [row.submitted_at.date() for row in mine if row.submitted_at]
        return (
            not to_answer & away
            and 2 * len(to_review & away) <= rules.review_days
            and self.counted(mine)[_half(self.clock())] < self.capacity[person]
            and sum(row.state in OPEN for row in mine) < rules.open_items_cap
            and all(today >= day + timedelta(days=rules.rest_days) for day in finished)
        )

    def counted(self, mine: list[Any]) -> Counter[tuple[int, int]]:
        """How much counts for somebody in each half-year."""
        return Counter(_half(row.invited_at) for row in mine if row.state in COUNTS)

    def check_all(self) -> None:
        """Nobody was asked for more in a half-year than they offered, or has too much open."""
        rows = _rows()
        for person, offered in self.capacity.items():
            mine = [row for row in rows if row.person_id == person]
            assert all(number <= offered for number in self.counted(mine).values()), person
            assert sum(row.state in OPEN for row in mine) <= RULES["open_items_cap"], person

    # -- what happens --

    def new_round(self) -> int:
        """An item comes, and its review starts."""
        self.scene.submission = self.scene.suggest()
        operations.start_review(self.scene.submission, by=self.scene.by_editor)
        return self.scene.round.id

    def invite(self) -> bool:
        """An item comes and its panel is asked."""
        return self.fill(self.new_round())

    def fill_again(self) -> bool:
        """A round that lacks somebody is looked at."""
        waiting = queries.rounds_to_fill(self.clock() + timedelta(days=2))
        return bool(waiting) and self.fill(self.random.choice(waiting))

    def fill(self, id: int) -> bool:
        """Whoever is asked may be, and whenever nobody was, nobody could be."""
        before = _rows()
        known = {row.id for row in before}
        serving = set(
            db.session.scalars(
                sa.select(Membership.person_id).where(Membership.state != MembershipState.ENDED)
            )
        )
        current = db.session.get_one(ReviewRound, id)
        in_round = {one.person_id for one in current.assignments}
        seats = 2 - sum(one.state in COUNTS - {A.SURPLUS} for one in current.assignments)
        free = {
            person
            for person in serving & self.members.keys() - in_round
            if self.may_be_asked(person, before)
        }
        operations.fill(current)
        db.session.flush()
        asked = {row.person_id for row in _rows() if row.id not in known}
        assert asked <= free, (asked, free)
        assert len(asked) == min(seats, len(free)), (asked, free, seats)
        return bool(asked)

    def at_once(self) -> bool:
        """Several panels ask at the same moment, on connections of their own."""
        rounds = [self.new_round() for _one in range(3)]
        db.session.commit()
        together = Barrier(len(rounds))

        def one(id: int) -> int:
            with self.app.app_context():
                together.wait(timeout=30)
                found = operations.fill(db.session.get_one(ReviewRound, id))
                db.session.commit()
                return found

        with ThreadPoolExecutor(len(rounds)) as threads:
            done = [threads.submit(one, id) for id in rounds]
            return sum(each.result() for each in done) > 0

    def seat(self, *states: A) -> Assignment | None:
        """One of the seats in these states, of a round that is open."""
        found = db.session.scalars(
            sa.select(Assignment.id)
            .join(ReviewRound)
            .where(Assignment.state.in_(states), ReviewRound.closed_at.is_(None))
            .order_by(Assignment.id)
        ).all()
        return queries.get(self.random.choice(found)) if found else None

    def decline(self) -> bool:
        """Somebody says no."""
        seat = self.seat(A.INVITED, A.ACCEPTED)
        if seat is not None:
            operations.decline(seat, by=as_reviewer(seat), reason="no_time")
        return seat is not None

    def accept(self) -> bool:
        """Somebody says yes, perhaps late."""
        seat = self.seat(A.INVITED, A.EXPIRED)
        if seat is not None:
            operations.accept(seat, by=as_reviewer(seat))
        return seat is not None

    def submit(self) -> bool:
        """Somebody sends their review."""
        seat = self.seat(A.ACCEPTED)
        if seat is not None:
            operations.submit(seat, by=as_reviewer(seat), answers=answers())
        return seat is not None

    def member(self) -> tuple[Membership, int, Actor]:
        """One of the roster, and they themselves."""
        person = self.random.choice(list(self.members))
        return db.session.get_one(Membership, self.members[person]), person, Actor(person)

    def pause(self) -> bool:
        """Somebody says when they are away."""
        membership, person, by = self.member()
        first = self.clock().date() + timedelta(days=self.random.randint(0, 30))
        last = first + timedelta(days=self.random.randint(0, 25))
        ends = None if self.random.random() < 0.1 else last
        roster.pause(membership, by=by, first=first, last=ends)
        days = ((ends or self.last_day) - first).days + 1
        self.away[person] |= {first + timedelta(days=n) for n in range(days)}
        return True

    def call_off(self) -> bool:
        """Somebody is back earlier, or not away after all."""
        membership, person, by = self.member()
        today = self.clock().date()
        ahead = [
            one for one in membership.absences if one.last_day is None or one.last_day >= today
        ]
        if not ahead:
            return False
        one = self.random.choice(ahead)
        first, last = max(one.first_day, today), one.last_day or self.last_day
        roster.call_off(membership, one.id, by=by)
        self.away[person] -= {first + timedelta(days=n) for n in range((last - first).days + 1)}
        return True

    def end(self) -> bool:
        """Somebody leaves; what they planned is void."""
        membership, person, by = self.member()
        roster.end(membership, by=by)
        self.away[person] = {day for day in self.away[person] if day < self.clock().date()}
        return True

    def take_back(self) -> bool:
        """A manager takes somebody back who had left."""
        membership, _person, _by = self.member()
        if membership.state != MembershipState.ENDED:
            return False
        roster.resume(membership, by=Actor(self.manager, frozenset({Role.ROSTER_MANAGER})))
        return True

    def pass_time(self) -> bool:
        """Some hours or days pass, and the clocks do their work."""
        self.scene.deliver()
        db.session.commit()
        self.clock.advance(hours=self.random.choice((1, 3, 9, 30, 80)))
        for id in self.members.values():
            absences.move_pause(db.session.get_one(Membership, id))
        for id in queries.due_assignments(self.clock()):
            operations.tick(queries.get(id))
        return True


def _rows() -> list[Any]:
    return list(
        db.session.execute(
            sa.select(
                Assignment.id, Assignment.person_id, Assignment.state, Assignment.invited_at,
                Assignment.submitted_at,
            ).where(Assignment.invited_at.is_not(None))
        )
    )  # fmt: skip


def _half(moment: datetime) -> tuple[int, int]:
    return moment.year, 1 if moment.month < 7 else 2


def until_done(serving: Serving, steps: int) -> Counter[str]:
    """So many steps, in each of which the model and the hub agree."""
    for _number in range(steps):
        serving.step()
    return serving.done
