"""An expert's way through the hub, in a real browser and over mail, without ever having an account:
from the ten questions to the receipt of the first review and the next term."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser
from pypdf import PdfReader

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.roster.assessments import Mark
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import memberships
from reviewhub.roster.workflow import ApplicationState, MembershipState
from tests import databases
from tests.journeys import people, steps
from tests.journeys.conftest import Hub, Team
from tests.journeys.people import Somebody
from tests.journeys.screen import Screen, windows
from tests.journeys.stack import Stack
from tests.pages.chromium import chromium

pytestmark = pytest.mark.slow

EMAIL, NAME = "elif@sings.example", "Elif Şen"
# One reviewer is a panel, and two managers decide on an application.
POLICY = {"slots": {"any": 1}, "tie_breakers": 0, "application_managers": 2}
FOUND = pytest.param("postgresql", marks=pytest.mark.soak)


class SmallHub(Hub):
    """A hub whose roster is empty, with an editor and two roster managers."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.locale, self._guests = stack, "en", 0
        self.managers: list[Somebody] = []
        self.team = stack.seed(self._staff)

    def _staff(self) -> Team:
        self.managers = [
            people.staff(f"manager{n}@desk{n}.example", f"Manager {n}", Role.ROSTER_MANAGER)
            for n in (1, 2)
        ]
        editors = [
            people.staff(f"editor{n}@hub.example", f"Editor {n}", Role.EDITOR) for n in (1, 2)
        ]
        return Team(editors[0], editors[1], ())


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser with a screen."""
    with chromium() as found:
        yield found


@pytest.fixture(params=["sqlite", FOUND])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallHub]:
    """The running hub."""
    with databases.of_kind(request.param, tmp_path) as url:
        given = "" if request.param == "sqlite" else url
        with Stack(tmp_path, database_url=given, policy=POLICY) as stack:
            yield SmallHub(stack)


def test_an_expert_applies_is_approved_reviews_and_shows_a_receipt(
    hub: SmallHub, browser: Browser
) -> None:
    with windows(browser, hub.stack.base_url, "en") as opened:
        screen = opened.open("/roster/apply", width=360)
        ref = _apply(hub, screen)
        _be_asked(hub, screen, ref)
        _be_approved(hub, ref)
        screen.open(hub.stack.link(EMAIL, "roster/approve"))
        assert screen.path == "/roster/me"
        _pause_and_resume(hub, screen)

        item = hub.suggest("A song book for consuls")
        steps.refile(hub.desk, item.ref)
        steps.take_step(hub.desk, item.ref, "start_review", "Invite these reviewers")
        (who,) = hub.asked(item.ref, 1)
        assert who.email == EMAIL
        hub.review(who)

        _show_the_receipt(hub, opened.open("/"), item.ref, about=who.assignment_id)
        _renew(hub, screen)


def _apply(hub: SmallHub, screen: Screen) -> str:
    """The ten questions, and the link in the mail that confirms them."""
    screen.write(name=NAME, email=EMAIL, organisation_name="The Singers", kind="external")
    screen.write(country="TUR", years_experience="7", competing_interests="None")
    screen.write(**{"topics-0-code": "14", "topics-0-level": "3"})
    screen.write(statement="I have helped singers abroad to come home again, for seven years.")
    screen.write(cv_url="https://sings.example/elif", accept_terms=True, consent_data=True)
    screen.page.check('main [name="languages"][value="en"]')
    screen.send("/apply")
    assert screen.path.endswith("/sent"), screen.page.locator("main").inner_text()[:2000]
    screen.open(hub.stack.link(EMAIL, "roster/confirm"))
    screen.send("/confirm")
    return _is_at(hub, ApplicationState.SUBMITTED)


def _be_asked(hub: SmallHub, screen: Screen, ref: str) -> None:
    """A manager asks for more, and the applicant answers by the link in the mail."""
    manager = steps.sign_in(hub.stack, hub.managers[0])
    manager.get(f"/roster/applications/{ref}/ask")
    manager.press("", "/ask", question="Which languages do you sing in?")
    screen.open(hub.stack.link(EMAIL, "roster/ask"))
    assert "Which languages do you sing in?" in screen.page.content()
    screen.write(answer="In six of them, and I read English.")
    screen.send("/answer")
    _is_at(hub, ApplicationState.SUBMITTED)


def _be_approved(hub: SmallHub, ref: str) -> None:
    """Two managers vote; the second vote decides, and whoever gave it sends the words."""
    for number, somebody in enumerate(hub.managers):
        manager = steps.sign_in(hub.stack, somebody)
        page = manager.get(f"/roster/applications/{ref}/assess")
        form, _button = page.form_with("", "/assess")
        marks = {name: Mark.MET.value for name in form.fields if name.startswith("mark_")}
        page = manager.press("", "/assess", vote="approve", **marks)
        assert ("/approve" in page.url) == (number == 1), "one manager alone decides nothing"
    manager.press("", "/approve", note="Welcome among us.")
    _is_at(hub, ApplicationState.APPROVED)


def _pause_and_resume(hub: SmallHub, screen: Screen) -> None:
    """Away for some days, and back at once."""
    screen.follow("/pause")
    last = clock.today() + timedelta(days=3)
    screen.write(first=clock.today().isoformat(), last=last.isoformat())
    screen.send("/pause")
    assert screen.path == "/roster/me"
    _stands(hub, MembershipState.PAUSED)
    screen.send("/resume")
    _stands(hub, MembershipState.ACTIVE)


def _show_the_receipt(hub: SmallHub, screen: Screen, ref: str, *, about: int) -> None:
    """Anybody with the address in the thanks reads it, and its sheet says the same."""
    mail = hub.stack.mail(EMAIL, "reviews/submit", about=about)
    (address,) = (one for one in mail.links(hub.stack.base_url) if "/receipts/" in one)
    assert "key=" not in address
    screen.open(address)
    sheet = screen.page.locator('main a[href$="/pdf"]').get_attribute("href")
    answer = screen.page.request.get(f"{hub.stack.base_url}{sheet}")
    assert answer.headers["content-type"] == "application/pdf"
    text = " ".join(PdfReader(BytesIO(answer.body())).pages[0].extract_text().split())
    shown = " ".join(screen.page.locator("main").inner_text().split())
    for found in (text, shown):
        assert NAME in found
        assert str(clock.today().year) in found
        assert "song book" not in found
        assert ref not in found
    assert address in text


def _renew(hub: SmallHub, screen: Screen) -> None:
    """The term comes near its end; the mail's page renews it with one click."""
    soon = clock.today() + timedelta(days=30)

    def come_near() -> None:
        membership = db.session.scalars(sa.select(Membership)).one()
        membership.term_ends_on = soon
        assert memberships.move_term(membership)

    hub.stack.seed(come_near)
    screen.open(hub.stack.link(EMAIL, "roster/renew"))
    screen.send("/renew")
    hub.stack.wait(
        lambda session: session.scalar(
            sa.select(Membership.id).where(Membership.term_ends_on > soon + timedelta(days=365))
        ),
        what="the term is renewed",
    )


def _is_at(hub: SmallHub, state: ApplicationState) -> str:
    """The application's number, once it is in this state."""
    found = sa.select(Application.ref).join(Person, Person.id == Application.person_id)
    found = found.where(Person.email == EMAIL, Application.state == state)
    return hub.stack.wait(lambda session: session.scalar(found), what=f"it is {state}")


def _stands(hub: SmallHub, state: MembershipState) -> None:
    found = sa.select(Membership.id).where(Membership.state == state)
    hub.stack.wait(lambda session: session.scalar(found), what=f"the membership is {state}")
