"""The roster as matching sees it: read in a few statements, and never older than the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.matching.conflicts import ExclusionCode, exclusions
from reviewhub.matching.rules import PanelRule
from reviewhub.reviews.candidates import roster_now
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.operations.waves import item_now
from reviewhub.taxonomy.queries import catalogue
from tests.reviews.scene import Scene, accept, send
from tests.roster.conftest import count_queries  # noqa: F401 -- a fixture


@pytest.fixture
def scene(make, db):
    return Scene(make, db, internal=1, external=2)


def member(person_id):
    return {one.id: one for one in roster_now()}[person_id]


@pytest.mark.lasting
def test_a_candidate_is_read_with_what_they_were_asked(scene, clock):
    first, *others = scene.start()
    asked = member(first.person_id)
    assert (asked.load, asked.open_items, asked.last_finished) == (1, 1, None)
    for one in (first, *others):
        accept(one)
    send(first)
    scene.db.flush()
    done = member(first.person_id)
    assert (done.load, done.open_items, done.last_finished) == (1, 0, clock().date())
    assert roster_now([first.person_id]) == [done]
    assert roster_now([]) == []


@pytest.mark.lasting
def test_what_was_asked_in_another_half_year_is_no_load(scene, clock):
    first, *_others = scene.start()
    clock.moment = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
    scene.db.flush()
    assert (member(first.person_id).load, member(first.person_id).open_items) == (0, 1)


@pytest.mark.lasting
def test_the_day_of_the_last_review_is_that_of_utc_wherever_the_server_is(scene, db):
    first = scene.panel()[0]
    send(first)
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.text("SET LOCAL TIME ZONE 'Asia/Tokyo'"))
    for hour, minute in ((0, 0), (23, 59)):
        first.submitted_at = datetime(2026, 2, 27, hour, minute, tzinfo=UTC)
        db.flush()
        assert member(first.person_id).last_finished == date(2026, 2, 27)


@pytest.mark.lasting
@pytest.mark.parametrize(("rest", "tuned"), [(14, 365), (700, 700)])
def test_the_last_review_is_known_for_as_long_as_any_rule_of_rest_reaches(
    scene, db, clock, rest, tuned
):
    first = scene.panel()[0]
    send(first)
    adopt_policy({**catalogue().policy, "rest_days": rest})
    rule, item = PanelRule(rest_days=tuned), item_now(scene.suggest())

    def rests(days):
        first.submitted_at = clock() - timedelta(days=days)
        db.flush()
        found = exclusions(item, member(first.person_id), rule, clock().date())
        return ExclusionCode.RESTING in {one.code for one in found}

    assert rests(tuned - 1)
    assert not rests(tuned)


@pytest.mark.lasting
def test_nobody_who_has_not_changed_is_read_anew_and_whoever_has_is_seen_at_once(
    scene, db, make, clock
):
    one, other, third = (member.person_id for member in scene.members)
    before = {who: member(who) for who in (one, other, third)}
    db.add(DeclaredConflict(person_id=one, country="KEN"))
    db.add(DeclaredConflict(person_id=one, organisation_id=make.organisation("House").id))
    db.get_one(Person, other).away_until = clock() + timedelta(days=40)
    assert member(third) is before[third]
    assert (member(one).declared_countries, before[one].declared_countries) == ({"KEN"}, set())
    assert len(member(one).declared_organisations) == 1
    assert (member(other).paused, before[other].paused) == (True, False)
    scene.members[2].capacity = 5
    assert member(third).capacity == 5
    assert repr(roster_now()) == repr(roster_now())


@pytest.mark.parametrize("number", [1, 3])
def test_the_roster_costs_as_many_queries_however_many_it_has(
    make,
    db,
    count_queries,  # noqa: F811
    number,
):
    adopt_policy(catalogue().policy)
    for _one in range(number):
        db.add(DeclaredConflict(person_id=make.member().person_id, country="KEN"))
    db.flush()
    with count_queries() as statements:
        assert len(roster_now()) == number
    assert len(statements) == 9
