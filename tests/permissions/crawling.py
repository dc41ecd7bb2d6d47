"""Follows every link that a principal is shown, from every page that the routes know."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route

from tests.permissions.asking import Asker

MOST_PAGES = 600
LISTS = ("/desk", "/roster")  # whose filters lead to other rows; elsewhere the path is the page
_HREF = re.compile(r'href="(/[^"#]*)')
_MACHINE = re.compile(
    r"(?i)^(set-cookie|date|etag|last-modified|content-length|x-request-id):.*$", re.MULTILINE
)
_CSRF = re.compile(r'(csrf[^>]*(?:value|content)=")[^"]+')


class Crawler:
    """What one principal can GET: addresses with their whole answers, headers included."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker
        self.app: Flask = asker.app

    def pages(self, principal: str) -> dict[str, str]:
        """Each address and what came back, errors too."""
        browser, extra = self.asker.browsers[principal]
        waiting = sorted(self._known(extra))
        found: dict[str, str] = {}
        while waiting and len(found) < MOST_PAGES:
            address = waiting.pop(0)
            if address in found:
                continue
            found[address] = text = self._get(browser, address)
            waiting += [one for one in self._links(text, extra) if one not in found]
        assert len(found) < MOST_PAGES, "the crawl does not come to its end"
        return found

    def _get(self, browser: FlaskClient, address: str) -> str:
        response = browser.get(address)
        head = "\n".join(f"{name}: {value}" for name, value in response.headers)
        body = response.get_data(as_text=True) if "text" in (response.mimetype or "") else ""
        response.close()
        return f"{response.status_code}\n{head}\n\n{body}"

    def _known(self, extra: dict[str, str]) -> set[str]:
        """Every page of every thing in the house, whoever it belongs to."""
        house = self.asker.house
        adapter = self.app.url_map.bind("localhost")
        found = set()
        for route in self.asker.routes.values():
            if "GET" not in (route.methods or set()) or route.endpoint == "static":
                continue
            for values in self._values(route):
                if route.arguments <= set(values):
                    known = {name: values[name] for name in route.arguments}
                    found.add(adapter.build(route.endpoint, known | extra))
        return found | {f"/submissions/{house.other.ref}", "/no-such-page", "/assignments/999999"}

    def _values(self, route: Route) -> list[dict[str, object]]:
        names = ("handling_editor", "submitting_editor")
        seats = ("invited", "accepted", "sent", "declined", "recused", "reviewing_editor")
        asked = [self.asker.values(route.endpoint, name) for name in names]
        if "assignment_id" not in route.arguments:
            return asked
        own = self.asker.house.item_of
        return [
            values | {"assignment_id": own(name).seats[seat].id}
            for name, values in zip(names, asked, strict=True)
            for seat in seats
        ]

    def _links(self, text: str, extra: dict[str, str]) -> set[str]:
        found = set()
        for href in _HREF.findall(text):
            parts = urlsplit(unescape(href))
            if parts.path.startswith("/static"):
                continue
            query = dict(parse_qsl(parts.query)) if parts.path.startswith(LISTS) else {}
            kept = urlencode({**query, **extra})
            found.add(f"{parts.path}?{kept}" if kept else parts.path)
        return found


def leaks(
    pages: dict[str, str], tokens: dict[str, str], may_read: Callable[[str], bool]
) -> list[str]:
    """The tokens that stand on a page without a right, as sentences."""
    return [
        f"{kind} stands on {address}"
        for address, text in pages.items()
        for kind, token in tokens.items()
        if not may_read(kind) and token in text.casefold()
    ]


def normal(page: str) -> str:
    """A page, with its headers or without, but for what differs between any two requests."""
    return _CSRF.sub(r"\1", _MACHINE.sub("", page))
