"""What people do, page by page: each step presses the buttons that its page has."""

from typing import Any

from lxml import html

from tests.journeys.browser import Browser, Page
from tests.journeys.people import PASSWORD, Somebody
from tests.journeys.stack import Stack

# What reviewers need and publication asks for.
RECORD = {
    "section": "documents",
    "document_type": "report",
    "published_on": "2024-05-01",
    "description": "What consular posts can do for nationals abroad, step by step.",
    "scope": "global",
    "licence": "link_only",
    "relation": "none",
}
COMMENT = "Clear, recent, and written for the people who need it."


def accept(stack: Stack, link: str) -> Browser:
    """A reviewer opens the link in a fresh browser and takes the review on."""
    browser = stack.browser()
    browser.get(link)
    browser.press("I can, and I have no conflict")
    return browser


def decline(stack: Stack, link: str, reason: str = "no_time") -> Page:
    """A reviewer opens the link and says no, with a reason."""
    browser = stack.browser()
    browser.get(link)
    browser.follow("I can’t")
    return browser.press("Decline", reason=reason)


def review(browser: Browser, recommendation: str = "include", **answers: Any) -> Page:
    """Fill in the review form that is open, every question of it, and send it."""
    form, _button = browser.page.form_with("Send the review")
    given: dict[str, Any] = {
        name: "yes" if name.startswith("gate_") else "2"
        for name, field in form.inputs.items()
        if name.startswith(("gate_", "score_")) and isinstance(field, html.RadioGroup)
    }
    given |= {"recommendation": recommendation, "comment_to_submitter": COMMENT, **answers}
    return browser.press("Send the review", **given)


def accept_and_review(
    stack: Stack, link: str, recommendation: str = "include", **answers: Any
) -> Browser:
    """A reviewer does it all in one sitting, with nothing but the link."""
    browser = accept(stack, link)
    review(browser, recommendation, **answers)
    return browser


def sign_in(stack: Stack, person: Somebody) -> Browser:
    """Somebody of the team in a browser of their own."""
    browser = stack.browser()
    browser.sign_in(person.email, PASSWORD)
    return browser


def take_step(browser: Browser, ref: str, verb: str, button: str, **values: Any) -> Page:
    """Staff open the item's page on the desk, choose the step, and confirm it there."""
    page = browser.get(f"/desk/submissions/{ref}")
    steps = [address for _says, address in page.links() if f"/{ref}/{verb}" in address]
    assert steps, f"the desk does not offer {verb}: {page.text[:1500]}"
    browser.get(steps[0])
    return browser.press(button, verb if verb in page.url else "", **values)


def suggest(browser: Browser, *, email: str, title: str, url: str, **answers: Any) -> Page:
    """A guest fills in the suggestion form and sends it; then it waits for the mailed link."""
    given = {
        "language": "en",
        "why_useful": "It tells a single officer what to do, step by step.",
        "main_topic": "14",
        "publisher": "Example Press",
        "name": "Gwen Guest",
        "organisation": f"Organisation of {email}",
        "country": "KEN",
        "consent": True,
        **answers,
    }
    browser.get("/suggest")
    browser.press("Add more detail", "/suggest")
    page = browser.press("Send", "/suggest", email=email, title=title, url=url, **given)
    if "/sent" not in page.url and "send_anyway" in page.content:  # it resembles another one
        page = browser.press("Send", "/suggest", send_anyway=True, consent=True)
    assert "/sent" in page.url, page.text[:3000]
    return page


def confirm(browser: Browser, link: str) -> Page:
    """A guest opens the mailed link and presses the button."""
    browser.get(link)
    return browser.press("Confirm and send", "/confirm")


def refile(browser: Browser, ref: str, **corrections: Any) -> Page:
    """An editor completes the record, and corrects what is named."""
    return take_step(browser, ref, "refile", "Save", **{**RECORD, **corrections})


def revise(browser: Browser, link: str, *, note: str, **answers: Any) -> Page:
    """The submitter opens the link, changes answers, says what they changed, and sends it."""
    browser.get(link)
    browser.follow("Make the changes")
    return browser.press("Send", "/revise", note=note, **answers)


def withdraw(browser: Browser, link: str, note: str = "") -> Page:
    """The submitter takes the suggestion back."""
    browser.get(link)
    browser.follow("Withdraw")
    return browser.press("Withdraw", note=note)
