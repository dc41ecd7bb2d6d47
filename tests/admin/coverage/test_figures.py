"""Every number of the board against the same one counted apart, on random rosters."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from benchmarks.filling_roster import fill_roster
from reviewhub.accounts.models import Person
from reviewhub.admin.coverage.figures import figures, horizon_days
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.models import Absence, Membership
from reviewhub.roster.workflow import MembershipState
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.queries import catalogue
from tests.admin.coverage.oracle import Oracle


def scatter_people(db: Any, now: Any, seed: int) -> None:
    """Let some of everybody be what the board must leave out."""
    chance = Random(seed)
    for member in db.scalars(sa.select(Membership).order_by(Membership.id)):
        person = db.get_one(Person, member.person_id)
        lot = chance.randrange(20)
        if lot < 2:
            member.state, member.ended_at = MembershipState.ENDED, now
        person.suspended_at = now if lot == 2 else None
        person.bouncing_since = now if lot == 3 else None
        if lot in {4, 5}:
            person.away_until = now + timedelta(hours=chance.randint(-30, 30))
        person.country = "" if lot == 6 else person.country
        if chance.random() < 0.3 and not member.absences:
            first = now.date() + timedelta(days=chance.randint(-3, 3))
            last = chance.choice([None, first + timedelta(days=chance.randint(0, 3))])
            member.absences = [Absence(first_day=first, last_day=last, stated_at=now)]
        if chance.random() < 0.2:
            member.term_ends_on = chance.choice([now.date(), *horizon_days(now.date())])
    db.flush()


def scatter_work(db: Any, seed: int) -> None:
    """The same of what they were asked to review."""
    chance = Random(seed)
    for seat in db.scalars(sa.select(Assignment).where(Assignment.state == A.SUBMITTED)):
        seat.state = chance.choice([A.SUBMITTED, A.CANCELLED, A.EXPIRED, A.SURPLUS, A.RECUSED])
    for item in db.scalars(sa.select(Submission)):
        if chance.random() < 0.2:
            item.state = State.WITHDRAWN
    db.flush()


def check(db: Any, now: Any, *, topics: int = 99) -> None:
    found, true = figures(), Oracle(db, now)
    hub = catalogue()
    whens = [None, *horizon_days(now.date())]
    for topic in ["", *(term.code for term in hub.vocabulary("topics"))][:topics]:
        for when, day in enumerate(whens):
            assert found.regions.of(topic).heads[when] == true.heads(topic, on=day)
            for term in hub.vocabulary("regions"):
                heads = found.regions.of(topic, term.code).heads[when]
                assert heads == true.heads(topic, region=term.code, on=day), (topic, term.code)
            for term in hub.vocabulary("languages"):
                heads = found.languages.of(topic, term.code).heads[when]
                assert heads == true.heads(topic, language=term.code, on=day), (topic, term.code)
        assert found.regions.of(topic).free == true.free(topic)
        if topic:
            assert found.sent.get(topic, 0) == true.sent(topic)
            for term in hub.vocabulary("regions"):
                spoken = found.spoken.get((topic, term.code), frozenset())
                assert spoken == true.languages(topic, term.code)
    assert found.askable == true.askable
    assert sum(found.genders.values()) == len(true.rows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_is_what_counting_one_by_one_gives(db, clock, seed):
    fill_roster(90, 400)
    scatter_people(db, clock(), seed)
    scatter_work(db, seed)
    check(db, clock())


@pytest.mark.soak
def test_a_large_roster_is_counted_right(db, clock):
    fill_roster(5_000, 100_000)
    scatter_people(db, clock(), 9)
    scatter_work(db, 9)
    check(db, clock(), topics=3)


def test_an_empty_roster_has_figures_too(db, clock):
    found = figures()
    assert found.regions.of("").heads[0] == (0, 0)
    assert found.askable == 0


def test_who_is_away_or_asked_enough_is_there_and_has_nothing_free(db, make, clock):
    away = make.member(capacity=3, internal=True)
    away.absences = [Absence(first_day=clock().date(), stated_at=clock())]
    make.member(capacity=3)
    db.flush()
    found = figures()
    assert found.regions.of("14").heads[0] == (1, 1)
    assert found.regions.of("14").free == (0, 3)
    assert found.askable == 1


def test_a_term_counts_through_its_last_day(db, make, clock):
    first = horizon_days(clock().date())[0]
    make.member(term_ends_on=first)
    make.member(term_ends_on=first - timedelta(days=1))
    db.flush()
    heads = figures().regions.of("14").heads
    assert [one.external for one in heads] == [2, 1, 0, 0]


def test_what_was_counted_holds_until_something_of_it_changes(db, make, clock):
    member = make.member(capacity=3, languages=["en"])
    person = db.get_one(Person, member.person_id)
    db.flush()
    before = figures()
    assert figures() is before
    changes = (
        lambda: setattr(member, "capacity", 2),
        lambda: setattr(member, "languages", ["en", "ar"]),
        lambda: setattr(member, "internal", True),
        lambda: setattr(person, "country", "KEN"),
        lambda: setattr(person, "away_until", clock() + timedelta(days=1)),
        lambda: setattr(member, "absences", [Absence(first_day=clock().date(), stated_at=clock())]),
        lambda: make.member(topics={"2": 3}),
        lambda: clock.advance(days=1),
    )
    for change in changes:
        change()
        db.flush()
        after = figures()
        assert after is not before
        check(db, clock(), topics=3)
        before = after


def test_months_end_where_months_end():
    assert horizon_days(date(2026, 8, 31)) == (
        date(2026, 11, 30), date(2027, 2, 28), date(2027, 8, 31),
    )  # fmt: skip


@pytest.mark.parametrize("members", [1, 3])
def test_counting_costs_as_many_queries_however_many_members_there_are(db, make, clock, members):
    for _one in range(members):
        make.member(topics={"14": 3, "2": 2}, languages=["en", "ar"])
    make.submission(progress=Progress())
    db.flush()
    catalogue()
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    connection = db.connection()
    event.listen(connection, "before_cursor_execute", note)
    figures()
    event.remove(connection, "before_cursor_execute", note)
    assert len(statements) == 5
