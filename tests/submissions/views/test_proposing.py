"""Looking up a link: proposals, nothing written over what was typed, nothing told of inside."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.limits import limiter
from reviewhub.core import clock as core_clock
from reviewhub.core.db import db as _db
from reviewhub.core.fetch import Rules, under
from reviewhub.submissions.models import Submission
from reviewhub.submissions.operations.drafts import unsent
from reviewhub.submissions.readings import MOST_TRIES, Reading, claim, settle
from reviewhub.submissions.tasks import read_links
from reviewhub.submissions.workflow import State
from tests.constraints import refused_by
from tests.factories import Factory
from tests.webserver import Site, page, serving, status, to

COULD_NOT = "We could not read this address."
PAGE = b"""<html lang="fr"><title>Le manuel</title>
  <meta name="citation_title" content="Manuel <b>consulaire</b>">
  <meta name="citation_publisher" content="Presse Exemple">
  <meta name="citation_date" content="2024-05"></html>"""


@pytest.fixture
def site() -> Iterator[Site]:
    """Somebody's web server, the only place that may be gone to."""
    with serving() as site, under(site.rules()):
        site.answers["/"] = page(PAGE)
        yield site


def run() -> int:
    """The worker's turn."""
    _db.session.commit()
    number = read_links()
    _db.session.expire_all()
    return int(number)


def press(client: FlaskClient, then: str, where: str = "/suggest/save", **data: Any) -> str:
    """Press one of the form's buttons; returns the page that it leads to."""
    answer = client.post(where, data={**data, "then": then}, follow_redirects=True)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def save_url(page: str) -> str:
    """Where the form's buttons send to."""
    found = re.search(r'data-autosave="([^"]+)"', page)
    assert found
    return found.group(1).replace("&amp;", "&")


@pytest.mark.lasting
def test_a_guest_has_a_link_looked_up_and_fills_in_what_is_empty(
    client: FlaskClient, site: Site
) -> None:
    shown = press(client, "look_up", url=site.url(), title="My own title")
    assert "The page is being read" in shown
    assert 'data-progress="running"' in shown
    assert run() == 1
    shown = press(client, "look_up", save_url(shown), url=site.url("/other"), title="My own title")
    shown = press(client, "look_up", save_url(shown), url=site.url(), title="My own title")
    assert run() == 1
    draft = _db.session.scalars(sa.select(Submission)).one()
    shown = press(client, "", save_url(shown), url=site.url(), title="My own title")
    assert "Manuel &lt;b&gt;consulaire&lt;/b&gt;" in shown
    assert "Presse Exemple" in shown
    assert "French" in shown
    shown = press(client, "take_over", save_url(shown), url=site.url(), title="My own title")
    kept = unsent(draft)
    assert (kept["title"], kept["publisher"]) == ("My own title", "Presse Exemple")
    assert (kept["language"], kept["published_on"]) == ("fr", "2024-05")
    assert 'value="My own title"' in shown
    again = press(client, "take_over", save_url(shown), url=site.url(), title="", publisher="Mine")
    assert unsent(draft)["publisher"] == "Mine"
    assert "Manuel &lt;b&gt;consulaire&lt;/b&gt;" in again


def test_a_second_click_asks_for_nothing_new(client: FlaskClient, site: Site) -> None:
    shown = press(client, "look_up", url=site.url())
    press(client, "look_up", save_url(shown), url=site.url())
    assert run() == 1
    assert run() == 0
    assert [path for path, _headers in site.asked] == ["/"]


def test_without_a_link_there_is_nothing_to_look_up(client: FlaskClient, db: Any) -> None:
    assert "Give the link first" in press(client, "look_up", title="Something")
    assert db.scalar(sa.select(sa.func.count()).select_from(Reading)) == 0


def test_proposals_of_another_link_are_not_shown(client: FlaskClient, site: Site) -> None:
    shown = press(client, "look_up", url=site.url())
    run()
    assert "Presse Exemple" in press(client, "", save_url(shown), url=site.url())
    assert "Presse Exemple" not in press(client, "", save_url(shown), url=site.url("/other"))


@pytest.mark.lasting
def test_whatever_went_wrong_reads_the_same(client: FlaskClient, site: Site) -> None:
    """Not public, not there, not willing: nobody learns which by asking us."""
    site.answers["/inside"] = to("http://127.0.0.2:1/")
    site.answers["/gone"] = status(404)
    sentences = set()
    for url in (site.url("/inside"), site.url("/gone"), "http://10.0.0.1/", "http://[::1]/",
                "http://x.example:22/"):  # fmt: skip
        shown = press(client, "look_up", url=url)
        run()
        shown = press(client, "", save_url(shown), url=url)
        sentences |= set(
            re.findall(r'<div class="field stack" id="proposals".*?</div>', shown, re.DOTALL)
        )
    assert len({re.sub(r'formaction="[^"]*"', "", found) for found in sentences}) == 1
    assert COULD_NOT in sentences.pop()


def test_a_page_that_says_nothing_is_said_to(client: FlaskClient, site: Site) -> None:
    site.answers["/"] = page(b"<p>hello")
    shown = press(client, "look_up", url=site.url())
    run()
    assert "says nothing about itself" in press(client, "", save_url(shown), url=site.url())


@pytest.mark.lasting
def test_the_look_ups_of_one_place_are_limited(client: FlaskClient, db: Any) -> None:
    limiter.enabled = True
    try:
        limiter.reset()
        data = {"url": "https://a.example/", "then": "look_up"}
        codes = [client.post("/suggest/save", data=data).status_code for _time in range(31)]
        assert codes == [302] * 30 + [429]
        assert client.post("/suggest/save", data={"url": "https://a.example/"}).status_code == 302
    finally:
        limiter.reset()
        limiter.enabled = False


def test_nobody_else_has_a_draft_looked_up(client: FlaskClient, make: Factory) -> None:
    draft = make.submission(state=State.DRAFT)
    answer = client.post(f"/suggest/{draft.ref}/save", data={"url": "https://a.example/",
                                                             "then": "look_up"})  # fmt: skip
    assert answer.status_code == 404


def test_a_reading_whose_worker_died_is_read_again_and_given_up_in_the_end(
    make: Factory, clock: Callable[[], Any], db: scoped_session[Session]
) -> None:
    draft = make.submission(state=State.DRAFT)
    db.add(Reading(submission_id=draft.id, url=draft.url))
    db.flush()
    for _try in range(MOST_TRIES):
        assert claim(most=5) == [(draft.id, draft.url)]
        assert claim(most=5) == []
        clock.advance(minutes=1)  # type: ignore[attr-defined]
    assert claim(most=5) == []
    assert db.get(Reading, draft.id).failure == "lost"


def test_what_comes_too_late_is_dropped(make: Factory, db: scoped_session[Session]) -> None:
    draft = make.submission(state=State.DRAFT)
    db.add(Reading(submission_id=draft.id, url="https://new.example/"))
    db.flush()
    settle(draft.id, "https://old.example/", found={"title": "Old"})
    settle(999_999, "https://old.example/", found={"title": "Old"})
    assert db.get(Reading, draft.id).read_at is None


def test_nothing_is_read_before_it_was_asked_for(
    make: Factory, db: scoped_session[Session]
) -> None:
    draft, now = make.submission(state=State.DRAFT), core_clock.now()
    with refused_by(db, "ck_link_readings_read_after_asked"):
        db.add(
            Reading(
                submission_id=draft.id, url="x", asked_at=now, read_at=now - timedelta(seconds=1)
            )
        )


def test_a_page_that_breaks_the_reader_holds_up_no_other(
    client: FlaskClient, site: Site, make: Factory
) -> None:
    def breaking(_host: str, _port: int) -> list[str]:
        raise RecursionError

    shown = press(client, "look_up", url=site.url())
    with under(Rules(resolve=breaking)):
        assert run() == 1
    assert COULD_NOT in press(client, "", save_url(shown), url=site.url())
