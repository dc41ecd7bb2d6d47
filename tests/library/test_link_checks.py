"""Links are looked at now and then; a dead one is shown, and nothing is put away for it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.core import clock as core_clock
from reviewhub.core.db import db as _db
from reviewhub.core.fetch import Fetched, under
from reviewhub.library import link_checks
from reviewhub.library.link_checks import (
    EVERY,
    PATIENCE_GONE,
    PATIENCE_UNREACHABLE,
    LinkCheck,
    Verdict,
    verdict_of,
)
from reviewhub.library.models import Resource
from reviewhub.library.tasks import check_links
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.workflow import State
from tests.constraints import refused_by
from tests.factories import Factory
from tests.library.shelf import put, statements
from tests.second_app import changed_settings
from tests.webserver import Site, page, serving, status, to

pytestmark = pytest.mark.usefixtures("db", "clock")


def known_of(resource_id: int) -> LinkCheck | None:
    """What is known of a resource's link; None before it was looked at."""
    return _db.session.scalar(
        sa.select(LinkCheck).where(
            LinkCheck.resource_id == resource_id, LinkCheck.verdict.is_not(None)
        )
    )


@pytest.fixture
def site() -> Iterator[Site]:
    """Other people's web server, under as many names as there are links."""
    with serving() as site, under(site.rules()):
        yield site


def look() -> int:
    """The worker's turn."""
    _db.session.commit()
    number = check_links()
    _db.session.expire_all()
    return int(number)


def _number_of_dead() -> int:
    return _db.session.scalar(sa.select(link_checks.number_of_dead())) or 0


def known(resource: Resource) -> LinkCheck:
    """What is known of a resource's link."""
    found = known_of(resource.id)
    assert found is not None
    return found


def test_a_link_that_answers_is_looked_at_again_after_two_weeks_or_so(
    site: Site, clock: Any
) -> None:
    site.answers["/"] = page(b"hello", ETag='"v1"')
    resource = put(url=site.url())
    clock.advance(days=2)
    assert look() == 0  # only taken up: its first look is spread over a day
    clock.advance(days=2)
    assert look() == 1
    check = known(resource)
    assert (check.verdict, check.status, check.is_dead) == (Verdict.OK, 200, False)
    assert EVERY * 0.8 <= check.next_at - clock.moment <= EVERY * 1.2
    assert look() == 0
    clock.advance(days=20)
    site.answers["/"] = status(304)
    assert look() == 1
    assert site.asked[-1][1]["If-None-Match"] == '"v1"'
    assert (known(resource).verdict, known(resource).etag) == (Verdict.OK, '"v1"')


def test_made_up_links_of_a_demo_are_left_alone(site: Site, make: Factory) -> None:
    make.submission(url=site.url("/a"), is_demo=True)
    put(url=site.url("/b")).is_demo = True
    look()
    assert _db.session.scalars(sa.select(LinkCheck)).all() == []


def test_a_hub_may_leave_links_alone(site: Site, make: Factory) -> None:
    make.submission(url=site.url())
    with changed_settings(check_links=False):
        assert look() == 0
    assert site.asked == []
    assert look() == 1


def test_a_link_counts_as_dead_after_failures_on_several_days_and_comes_back_to_life(
    site: Site, clock: Any
) -> None:
    resource = put(url=site.url("/gone"))
    look()
    for number in range(1, PATIENCE_GONE + 1):
        assert _number_of_dead() == 0
        clock.advance(days=2)
        assert look() == 1
        assert (known(resource).verdict, known(resource).failures) == (Verdict.GONE, number)
    assert known(resource).is_dead
    assert known(resource).failing_since == clock.moment - timedelta(days=2 * PATIENCE_GONE - 2)
    assert [one.slug for one in link_checks.dead().rows] == [resource.slug]
    assert resource.state is ResourceState.PUBLISHED
    site.answers["/gone"] = page(b"back")
    clock.advance(days=2)
    look()
    assert (known(resource).failures, known(resource).failing_since) == (0, None)
    assert _number_of_dead() == 0


def test_a_server_that_does_not_answer_gets_one_more_day(site: Site, clock: Any) -> None:
    resource = put(url=site.url())
    site.answers["/"] = status(503)
    look()
    for _day in range(PATIENCE_UNREACHABLE):
        assert _number_of_dead() == 0
        clock.advance(days=2)
        look()
    assert known(resource).verdict is Verdict.UNREACHABLE
    assert _number_of_dead() == 1


def test_a_link_to_inside_is_not_gone_to(site: Site, clock: Any) -> None:
    resource = put(url="http://inside.example/")
    look()
    clock.advance(days=2)
    with under(site.rules(ports=frozenset({80}), resolve=lambda _h, _p: ["10.0.0.1"])):
        look()
    assert (known(resource).verdict, known(resource).status) == (Verdict.UNREACHABLE, None)


def test_a_link_that_has_moved_for_good_is_said_to(site: Site, clock: Any) -> None:
    site.answers |= {"/old": to("/new", 301), "/new": page(b"x")}
    resource = put(url=site.url("/old"))
    look()
    clock.advance(days=2)
    look()
    assert (known(resource).verdict, known(resource).moved_to) == (Verdict.MOVED, site.url("/new"))
    assert _number_of_dead() == 0


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(200, Verdict.OK), (204, Verdict.OK), (401, Verdict.OK), (403, Verdict.OK),
     (429, Verdict.OK), (404, Verdict.GONE), (410, Verdict.GONE), (500, Verdict.UNREACHABLE)],
)  # fmt: skip
def test_an_answer_means_what_it_says(code: int, verdict: Verdict) -> None:
    assert verdict_of("https://a.example/", Fetched(code, "https://a.example/")) is verdict


def test_another_way_to_write_the_same_address_is_no_move() -> None:
    moved = Fetched(200, "https://www.a.example/x", moved_for_good=True)
    assert verdict_of("http://a.example/x/", moved) is Verdict.OK


def test_no_host_is_asked_twice_in_one_go(site: Site, clock: Any) -> None:
    for number in range(3):
        put(f"Report {number} of one host", url=site.url(f"/{number}"))
    put("Report of another host", url=site.url("/x", host="other.example"))
    look()
    clock.advance(days=2)
    assert [look() for _time in range(4)] == [2, 1, 1, 0]


def test_what_is_under_screening_is_looked_at_at_once(
    db: Any, site: Site, make: Factory, clock: Any
) -> None:
    submission = make.submission(url=site.url("/gone"))
    make.submission(state=State.DRAFT, url=site.url("/draft"))
    assert look() == 1
    check = db.scalars(sa.select(LinkCheck).where(LinkCheck.verdict.is_not(None))).one()
    assert (check.submission_id, check.verdict) == (submission.id, Verdict.GONE)
    clock.advance(days=2)
    look()
    (one,) = link_checks.dead().rows
    assert (one.ref, one.title, one.slug) == (submission.ref, submission.title, "")
    submission.state = State.WITHDRAWN
    assert _number_of_dead() == 0
    clock.advance(days=2)
    look()
    assert _db.session.scalars(sa.select(LinkCheck)).all() == []


def test_a_corrected_link_begins_anew(site: Site, clock: Any) -> None:
    resource = put(url=site.url("/gone"))
    look()
    for _day in range(2):
        clock.advance(days=2)
        look()
    assert known(resource).is_dead
    site.answers["/right"] = page(b"x")
    resource.url = site.url("/right")
    look()
    assert known_of(resource.id) is None
    clock.advance(days=2)
    look()
    assert known(resource).verdict is Verdict.OK


def test_a_look_that_never_ended_is_taken_again(site: Site, clock: Any) -> None:
    put(url=site.url("/x"))
    link_checks.enrol()
    clock.advance(days=2)
    assert len(link_checks.claim(most=5)) == 1
    assert link_checks.claim(most=5) == []
    clock.advance(minutes=11)
    assert len(link_checks.claim(most=5)) == 1


def _kill(number: int) -> None:
    for index in range(number):
        put(f"Report number {index} {number}", url=f"https://a{index}-{number}.example/")
    link_checks.enrol()
    _db.session.flush()
    for check in _db.session.scalars(sa.select(LinkCheck)):
        check.verdict, check.checked_at = Verdict.GONE, core_clock.now()
        check.failing_since, check.status, check.is_dead = core_clock.now(), 404, True


def test_the_list_of_dead_links_costs_the_same_for_one_and_for_three(
    sign_in: Any, make: Factory
) -> None:
    browser, counted = sign_in(make.editor()), []
    for number in (1, 2):
        _kill(number)
        with statements() as sent:
            body = browser.get("/desk/links").get_data(as_text=True)
        assert body.count("<tr") == sum(range(1, number + 1)) + 1
        counted.append(len(sent))
    assert counted[0] == counted[1]


def test_long_lists_come_in_pages_and_the_file_has_all(
    sign_in: Any, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_checks, "PAGE_SIZE", 2)
    _kill(5)
    browser = sign_in(make.editor())
    first = browser.get("/desk/links").get_data(as_text=True)
    assert first.count("<tr") == 3
    after = link_checks.dead().after
    assert f"after={after}" in first
    assert browser.get(f"/desk/links?after={after}").get_data(as_text=True).count("<tr") == 3
    file = browser.get("/desk/links.csv")
    assert file.headers["Content-Disposition"] == "attachment; filename=dead-links.csv"
    lines = file.get_data(as_text=True).splitlines()
    assert len(lines) == 6
    assert '"http://localhost/resources/report-number-0-5"' in lines[1]


def test_the_queue_says_so(sign_in: Any, make: Factory) -> None:
    browser = sign_in(make.editor())
    assert "/desk/links" not in browser.get("/desk").get_data(as_text=True)
    _kill(1)
    assert "1 link leads nowhere any more" in browser.get("/desk").get_data(as_text=True)


def test_the_rows_hold_their_rules(make: Factory, db: scoped_session[Session]) -> None:
    now = core_clock.now()
    values = {"url": "https://a.example/", "host": "a.example", "next_at": now}
    resource, submission = put(), make.submission()
    with refused_by(db, "ck_link_checks_about_one_thing"):
        db.add(LinkCheck(**values))
    with refused_by(db, "ck_link_checks_about_one_thing"):
        db.add(LinkCheck(**values, resource_id=resource.id, submission_id=submission.id))
    with refused_by(db, "ck_link_checks_verdict_has_time"):
        db.add(LinkCheck(**values, resource_id=resource.id, verdict=Verdict.OK))
    with refused_by(db, "ck_link_checks_failures_counted"):
        db.add(LinkCheck(**values, resource_id=resource.id, failures=-1))
    db.add(LinkCheck(**values, resource_id=resource.id))
    db.add(LinkCheck(**values, submission_id=submission.id))
    db.flush()
    with refused_by(db, "uq_link_checks_resource_id"):
        db.add(LinkCheck(**values, resource_id=resource.id))
    with refused_by(db, "uq_link_checks_submission_id"):
        db.add(LinkCheck(**values, submission_id=submission.id))
