"""The load book counts whatever was asked, also what nobody answered; it asks no more for many."""

import csv
from io import StringIO

import pytest

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core.clock import now
from reviewhub.reviews import load_book, operations
from reviewhub.reviews.candidates import half_year_start
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.queries import membership_of
from tests.reviews.scene import Scene, accept, as_reviewer, send
from tests.roster.conftest import count_queries  # noqa: F401 -- a fixture

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(make, db, clock):
    """One of three reviewed after three days, one declined after one, one has not answered."""
    scene = Scene(make, db, internal=1, external=2, rest_days=0)
    panel = scene.start()
    scene.deliver()
    clock.advance(days=1)
    accept(panel[0])
    operations.decline(panel[1], by=as_reviewer(panel[1]), reason="no_time")
    clock.advance(days=3)
    send(panel[0])
    scene.tick(clock, days=4)
    scene.tick(clock, days=6)
    assert [one.state for one in panel] == [A.SUBMITTED, A.DECLINED, A.EXPIRED]
    scene.seats = panel
    db.flush()
    return scene


def test_a_half_year_tells_what_was_asked_and_what_came_of_it(scene, clock):
    did, declined, silent = (load_book.half_years(one.person_id)[0][1] for one in scene.seats)
    assert (did.asked, did.counted, did.days_to_answer, did.days_to_review) == (1, 1, 1.0, 3.0)
    assert (declined.asked, declined.counted, declined.reasons) == (1, 0, {"no_time": 1})
    assert (silent.asked, silent.answered, silent.counted) == (1, 0, 0)
    assert silent.outcomes == {A.EXPIRED: 1}
    assert (silent.days_to_answer, silent.days_to_review) == (None, None)
    total = load_book.in_all([did, declined, silent])
    assert (total.asked, total.answered, total.days_to_answer) == (3, 2, 1.0)
    clock.advance(days=200)
    scene.submission = scene.suggest()
    scene.start()
    again = load_book.half_years(scene.seats[0].person_id)
    assert [start for start, _load in again] == [
        half_year_start(now()), half_year_start(scene.seats[0].invited_at)
    ]  # fmt: skip


def test_the_member_and_the_desk_see_figures_and_nobody_else(scene, sign_in, make, db, client):
    membership = membership_of(scene.seats[1].person_id)
    where = f"/roster/members/{membership.id}/load"
    title = scene.submission.title
    own = sign_in(db.get_one(Person, membership.person_id)).get(where).text
    desk = sign_in(make.staff(Role.ROSTER_MANAGER)).get(where).text
    for page in (own, desk):
        assert "January to June 2026" in page
        assert title not in page
    assert "0 of 2 reviews of this half-year are taken" in own
    assert "Reasons for declining" in desk
    assert client.get(where).status_code == 404
    idle = sign_in(make.staff(Role.ROSTER_MANAGER)).get(f"/roster/members/{make.member().id}/load")
    assert "Nothing was asked so far" in idle.text


def test_the_file_has_a_line_for_each_member_and_asks_as_often_for_few_as_for_many(
    scene,
    sign_in,
    make,
    db,
    count_queries,  # noqa: F811
):
    with count_queries() as few:
        assert len(list(load_book.rows())) == 3
    for _one in range(5):
        make.member()
    with count_queries() as many:
        lines = list(load_book.rows())
    assert (len(lines), len(many)) == (8, len(few))
    answer = sign_in(make.staff(Role.AUDITOR)).get("/roster/load.csv")
    told = list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))
    assert len(told) == 8
    asked = {row["E-mail address"]: row for row in told}
    silent = asked[scene.of(scene.seats[2])]
    assert (silent["Asked"], silent["Answered"]) == ("1", "0")
    assert silent["no answer"] == "1"
