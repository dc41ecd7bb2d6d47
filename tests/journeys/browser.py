"""A browser without a screen: it follows links, keeps cookies, and sends whole forms.

    browser = Browser(base_url)
    page = browser.get(link)
    page = browser.press("Accept", note="With pleasure.")

A form is sent with everything it carries, hidden fields and token included; a value that the page
does not offer is refused, as no person could choose it.
"""

import re
import time
from collections.abc import Iterable, Mapping
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from lxml import html

TIMEOUT_S = 30.0


class PageError(AssertionError):
    """A page that was not what somebody could go on with; says what stood on it."""


class Page:
    """One page as it arrived."""

    def __init__(self, url: str, status: int, content: str) -> None:
        self.url = url
        self.status = status
        self.content = content
        self.tree = html.fromstring(content) if content.strip() else html.Element("html")

    @property
    def text(self) -> str:
        """What somebody reads, on one line."""
        parts = self.tree.xpath("//body//text()[not(parent::script or parent::style)]")
        return re.sub(r"\s+", " ", " ".join(parts)).strip()

    @property
    def buttons(self) -> list[str]:
        """What the buttons say."""
        return [_says(button) for form in self.tree.forms for button in _buttons_of(form)]

    def links(self) -> list[tuple[str, str]]:
        """Every link: what it says, and its absolute address."""
        return [
            (_says(link), urljoin(self.url, link.get("href")))
            for link in self.tree.xpath("//a[@href]")
        ]

    def form_with(self, button: str, action: str = "") -> tuple[Any, Any]:
        """The form and its button, by what the button says and a part of the form's address."""
        for form in self.tree.forms:
            target = form.get("action") or self.url
            for one in _buttons_of(form):
                if button.casefold() in _says(one).casefold() and action in target:
                    return form, one
        raise PageError(
            f"no button “{button}” at {self.url}; there are {self.buttons}. {self.text[:1500]}"
        )


class Browser:
    """One person's browser, with cookies of its own.

    `seen` holds every page that it got, `seconds` how long each took, redirects included.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))
        self.page = Page(base_url, 200, "")
        self.seen: list[str] = []
        self.seconds: list[float] = []

    def get(self, address: str) -> Page:
        """Open an address, absolute or on this site."""
        return self._open(Request(urljoin(self.base_url + "/", address)))

    def head(self, address: str) -> int:
        """What a scanner does: ask for the head only; returns the status."""
        request = Request(urljoin(self.base_url + "/", address), method="HEAD")
        with self._opener.open(request, timeout=TIMEOUT_S) as response:
            return int(response.status)

    def follow(self, text: str) -> Page:
        """Follow the first link that says this."""
        for says, address in self.page.links():
            if text.casefold() in says.casefold():
                return self.get(address)
        raise PageError(f"no link “{text}” at {self.page.url}: {self.page.text[:1500]}")

    def press(self, button: str, action: str = "", **values: Any) -> Page:
        """Fill in the form that this button belongs to, and press it."""
        form, one = self.page.form_with(button, action)
        _fill(form, values, self.page)
        fields = form.form_values()
        if one.get("name"):
            fields.append((one.get("name"), one.get("value") or ""))
        target = one.get("formaction") or form.get("action") or self.page.url
        return self._send(urljoin(self.page.url, target), form.method, fields)

    def sign_in(self, email: str, password: str) -> Page:
        """Sign in with a password."""
        self.get("/sign-in")
        page = self.press("Sign in", "sign-in", email=email, password=password)
        if "/sign-in" in page.url:
            raise PageError(f"not signed in: {page.text[:500]}")
        return page

    def _send(self, target: str, method: str, fields: Iterable[tuple[str, str]]) -> Page:
        data = urlencode([(name, value) for name, value in fields])
        if method.upper() == "GET":
            return self._open(Request(f"{target.partition('?')[0]}?{data}"))
        return self._open(Request(target, data=data.encode(), method="POST"))

    def _open(self, request: Request) -> Page:
        began = time.monotonic()
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                content = response.read().decode(errors="replace")
                self.seconds.append(time.monotonic() - began)
                self.page = Page(response.url, response.status, content)
        except HTTPError as error:
            content = error.read().decode(errors="replace")
            page = Page(request.full_url, error.code, content)
            method = request.get_method()
            raise PageError(f"{error.code} for {method} {page.url}: {page.text[:2000]}") from error
        self.seen.append(self.page.content)
        return self.page


def _says(element: Any) -> str:
    text = element.get("value") if element.tag == "input" else element.text_content()
    return re.sub(r"\s+", " ", text or "").strip()


def _buttons_of(form: Any) -> list[Any]:
    return [
        *form.xpath(".//button[not(@type) or @type='submit']"),
        *form.xpath(".//input[@type='submit']"),
    ]


def _fill(form: Any, values: Mapping[str, Any], page: Page) -> None:
    for name, value in values.items():
        if name not in form.fields:
            raise PageError(f"no field {name!r} at {page.url}; there are {sorted(form.fields)}")
        field = form.inputs[name]
        try:
            _set(field, value)
        except (ValueError, KeyError) as error:
            raise PageError(f"{name!r} can't be {value!r} at {page.url}: {error}") from error


def _set(field: Any, value: Any) -> None:
    if isinstance(field, html.CheckboxGroup | html.RadioGroup):
        field.value = value
    elif getattr(field, "checkable", False):
        field.checked = bool(value)
    elif isinstance(field, html.SelectElement) and field.multiple:
        field.value.clear()
        field.value.update(value)
    else:
        field.value = value
