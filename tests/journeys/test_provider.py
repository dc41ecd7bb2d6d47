"""Signing in with a provider, in a real browser that obeys the pages' policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from reviewhub.accounts.roles import Role
from tests.accounts import provider as providers
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.journeys import people
from tests.journeys.stack import Stack
from tests.pages.chromium import Complaints, chromium

pytestmark = pytest.mark.slow

BUTTON = "Sign in with Example Login"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider that agrees to everything."""
    with providers.running("") as provider:
        yield provider


@pytest.fixture(scope="module")
def stack(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A hub that is told of the provider, and the provider of the hub."""
    folder = tmp_path_factory.mktemp("hub")
    told = {"ISSUER": provider.issuer, "CLIENT_ID": CLIENT_ID, "LABEL": "Example Login"}
    (folder / "secret").write_text(CLIENT_SECRET, encoding="utf-8")
    environment = {
        "REVIEWHUB_OIDC_PROVIDERS": "office",
        "REVIEWHUB_OIDC_OFFICE_CLIENT_SECRET_FILE": str(folder / "secret"),
        **{f"REVIEWHUB_OIDC_OFFICE_{name}": value for name, value in told.items()},
    }
    with Stack(folder, environment=environment) as stack:
        provider.back = f"{stack.base_url}/sign-in/with/office/back"
        yield stack


@pytest.fixture
def page(stack: Stack) -> Iterator[Page]:
    """A window, and nothing that its browser complains of."""
    complaints = Complaints()
    with chromium() as browser:
        page = browser.new_page(base_url=stack.base_url)
        complaints.watch(page)
        yield page
    # The page that leads on at once drops what it was still loading.
    texts = [text for text in complaints.texts if not text.startswith("failed: ")]
    assert texts == [], stack.said()


def _sign_out(page: Page) -> None:
    page.context.clear_cookies()


def test_an_editor_connects_with_the_password_once_and_is_let_in_at_once_from_then_on(
    stack: Stack, provider: Provider, page: Page
) -> None:
    editor = stack.seed(lambda: people.staff("edda@hub.example", "Edda Editor", Role.EDITOR))
    provider.person = providers.Person("edda-7", "edda@hub.example", name="Edda")
    page.goto("/sign-in?next=/desk")
    page.get_by_role("button", name=BUTTON).click()
    expect(page).to_have_url(f"{stack.base_url}/sign-in/connect")
    page.get_by_role("link", name="Sign in with your password").click()
    page.get_by_label("E-mail address").fill(editor.email)
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page).to_have_url(f"{stack.base_url}/desk")
    stack.mail(editor.email, "accounts/identity_connected")

    _sign_out(page)
    provider.rotate()
    page.goto("/sign-in?next=/desk")
    page.get_by_role("button", name=BUTTON).click()
    expect(page).to_have_url(f"{stack.base_url}/desk")


def test_somebody_new_without_a_verified_address_opens_an_account_by_mail(
    stack: Stack, provider: Provider, page: Page
) -> None:
    provider.person = providers.Person("0000-0002-1825-0097", "", None, "Nia New")
    page.goto("/sign-in")
    page.get_by_role("button", name=BUTTON).click()
    page.get_by_label("E-mail address").fill("nia@host.example")
    page.get_by_role("button", name="Send the link").click()
    page.goto(stack.link("nia@host.example", "accounts/connect_identity"))
    page.get_by_role("button", name="Connect and sign in").click()
    page.goto("/account")
    expect(page.get_by_label("Your name")).to_have_value("Nia New")
    expect(page.get_by_text("Example Login · Nia New")).to_be_visible()
    stack.mail("nia@host.example", "accounts/identity_connected")
