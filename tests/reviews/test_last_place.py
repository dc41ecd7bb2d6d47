"""Four panels ask for somebody's last place at once, on connections of their own: one has it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.core.db import db
from reviewhub.core.errors import WrongState
from reviewhub.reviews import operations
from reviewhub.reviews.candidates import COUNTED
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations import asking, panels, seats
from reviewhub.reviews.queries import get
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.models import Membership
from tests import databases
from tests.factories import Factory
from tests.reviews.scene import Scene, as_reviewer
from tests.second_app import second_app

RACES, AT_ONCE = 8, 4
RULES = {"slots": {"external": 1}, "tie_breakers": 0, "open_items_cap": 50, "rest_days": 0}

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(app, request, tmp_path):
    """An application on a database of its own, with a roster of one."""
    with (
        databases.of_kind(request.param, tmp_path) as url,
        second_app(tmp_path / "var", database_url=url) as its_own,
        its_own.app_context(),
    ):
        scene = Scene(Factory(db.session), db.session, internal=0, external=1, **RULES)
        db.session.commit()
        yield its_own, scene, request.param


def offer(scene, places):
    """The one reviewer has so many places more than are taken; their person's id."""
    member = db.session.get_one(Membership, scene.members[0].id)
    member.capacity = taken(member.person_id) + places
    return member.person_id


def taken(person_id):
    """How much counts for them."""
    mine = sa.and_(Assignment.person_id == person_id, Assignment.state.in_(COUNTED))
    return db.session.scalar(sa.select(sa.func.count()).where(mine))


def open_rounds(scene):
    """As many panels as ask at once, each with an open seat."""
    found = []
    for _one in range(AT_ONCE):
        scene.submission = scene.suggest()
        operations.start_review(scene.submission, by=scene.by_editor)
        found.append(scene.round.id)
    return found


def all_at_once(app, do, numbers):
    """Do it for each number in a thread and a transaction of its own; what came of each."""
    together = Barrier(len(numbers))

    def one(number):
        with app.app_context():
            together.wait(timeout=30)
            try:
                answer = do(number)
                db.session.commit()
            except WrongState:
                db.session.rollback()
                return 0
            return answer

    with ThreadPoolExecutor(len(numbers)) as threads:
        return list(threads.map(one, numbers))


def test_of_several_panels_one_has_the_last_place(hub, monkeypatch):
    app, scene, kind = hub
    counted = asking.still_free
    for _race in range(RACES):
        person = offer(scene, 1)
        rounds = open_rounds(scene)
        db.session.commit()
        before = taken(person)
        db.session.rollback()
        planned = Barrier(AT_ONCE)

        def when_all_have_planned(*given, planned=planned):
            if kind == "postgresql":  # SQLite lets one of them begin after the other
                planned.wait(timeout=30)
            return counted(*given)

        monkeypatch.setattr(asking, "still_free", when_all_have_planned)
        asked = all_at_once(
            app, lambda id: panels.fill(db.session.get_one(ReviewRound, id)), rounds
        )
        assert sum(asked) == 1, asked
        assert taken(person) == before + 1
        waiting = sa.select(sa.func.count()).where(
            ReviewRound.id.in_(rounds), ReviewRound.fill_at.is_not(None)
        )
        assert db.session.scalar(waiting) == AT_ONCE - 1  # they look again
        assert all(broken(rule) == [] for rule in INVARIANTS)
        db.session.rollback()


def test_of_several_late_answers_and_editors_one_has_the_last_place(hub):
    app, scene, _kind = hub
    offer(scene, AT_ONCE)
    rounds = open_rounds(scene)
    for id in rounds:
        panels.fill(db.session.get_one(ReviewRound, id))
    db.session.flush()
    found = db.session.scalars(sa.select(Assignment).order_by(Assignment.id)).all()
    for one in found:
        one.state, one.next_tick_at = A.EXPIRED, None
    offer(scene, 1)
    editor, numbers = scene.by_editor, [one.id for one in found]
    db.session.commit()

    def answer(number):
        assignment = get(number)
        if numbers.index(number) % 2:
            seats.ask_again(assignment, by=editor)
        else:
            operations.accept(assignment, by=as_reviewer(assignment))
        return 1

    assert sum(all_at_once(app, answer, numbers)) == 1
    assert taken(scene.members[0].person_id) == 1
