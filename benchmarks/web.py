"""Pages over HTTP with many items in the database: how fast, how many queries, how large.

    python -m benchmarks.web --items 1000,100000 --database sqlite,postgresql --page queue,library
    python -m benchmarks.web --page coverage --members 5000 --assignments 100000

Starts the whole hub with its two web workers for each number of items, fills it, and asks for each
page along several addresses in turn. Prints one JSON object: by database, items and page. Pages of
the roster have a hub of their own, with members and what they were asked to review instead of
items. `cpu_ms` is what the middle one of some answers takes of a processor, in this process and
for the web server's part alone: on a machine that does other things, too, it says more than time.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app

from benchmarks import filling, load
from benchmarks.filling_roster import fill_roster
from reviewhub.accounts import sessions
from reviewhub.accounts.models import Person, StandingRole
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State
from reviewhub.taxonomy.catalogue import Catalogue
from reviewhub.taxonomy.queries import catalogue
from tests import databases
from tests.journeys.stack import Stack

WARM_UP, REQUESTS = 20, 100
CLIENTS, SECONDS = 16, 4.0
SAMPLE = 3  # items of each state
REPEATED = 11  # answers in this process

STAFF, READER = Role.EDITOR, None  # who asks
MANAGER = Role.ROSTER_MANAGER


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    asked = _parser().parse_args(arguments)
    of_roster = [page for page in asked.page if page in ROSTER_PAGES]
    of_items = [page for page in asked.page if page in PAGES]
    found: dict[str, dict[str, Any]] = {database: {} for database in asked.database}
    for database, figures in found.items():
        for items in asked.items if of_items else ():
            figures[str(items)] = measure(database, lambda n=items: filling.fill(n), of_items)
        if of_roster:
            size = f"{asked.members} members, {asked.assignments} assignments"
            figures[size] = measure(
                database, lambda: _fill_roster(asked.members, asked.assignments), of_roster
            )
    print(json.dumps(found, indent=2))
    return 0


def _fill_roster(members: int, assignments: int) -> None:
    fill_roster(members, assignments)
    filling.settle()


def measure(
    database: str, fill: Callable[[], None], pages: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The figures of each page of a hub that was filled so."""
    with (
        tempfile.TemporaryDirectory(prefix="rh-web-") as folder,
        _empty(database) as url,
        Stack(Path(folder), database_url=url) as stack,
        stack.application(),
    ):
        fill()
        return {page: _page(stack.base_url, page) for page in pages}


def _page(base_url: str, page: str) -> dict[str, Any]:
    addresses, who = {**PAGES, **ROSTER_PAGES}[page]
    cookie = cookie_of(who) if who else ""
    target = load.Target(base_url, cookie, tuple(addresses(catalogue())))
    db.session.rollback()  # no reading transaction is held open while others write
    timing = load.one_after_another(target, warm_up=WARM_UP, requests=REQUESTS)
    return {
        "p50_ms": timing.at(0.5),
        "p95_ms": timing.at(0.95),
        "cpu_ms": max(_processor_ms(path, target.cookie) for path in target.paths),
        "queries": max(_queries(path, target.cookie) for path in target.paths),
        "bytes": timing.bytes,
        f"rps_at_{CLIENTS}": load.at_once(target, clients=CLIENTS, seconds=SECONDS),
    }


def _queries(path: str, cookie: str) -> int:
    """How many statements the page sends, asked in this process once it is warm."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    for _ in range(2):
        statements.clear()
        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            _ask_here(path, cookie)
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def _processor_ms(path: str, cookie: str) -> float:
    """What the page takes of a processor, asked in this process once it is warm."""
    taken = []
    for _ in range(REPEATED):
        started = time.process_time()
        _ask_here(path, cookie)
        taken.append(time.process_time() - started)
    return round(1000 * statistics.median(taken[1:]), 2)


def _ask_here(path: str, cookie: str) -> None:
    """One answer of this process. Raises RuntimeError where it is not a whole page."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- the proxy hides it
    with app.app_context():
        answer = app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


def editor_cookie() -> str:
    """The Cookie header of an editor's browser."""
    return cookie_of(Role.EDITOR)


def cookie_of(role: Role) -> str:
    """The Cookie header of the browser of the first who has this role."""
    person = db.session.scalars(
        sa.select(Person)
        .join(StandingRole)
        .where(StandingRole.role == role)
        .order_by(Person.id)
        .limit(1)
    ).one()
    token = sessions.begin(person, user_agent="benchmark")
    db.session.commit()
    browser = current_app.test_client()
    browser.set_cookie(current_app.config["SIGN_IN_COOKIE"], token)
    with current_app.app_context():
        browser.get("/desk").close()  # leaves what every later page with a form is sent with
    names = (current_app.config["SIGN_IN_COOKIE"], current_app.config["SESSION_COOKIE_NAME"])
    held = [browser.get_cookie(name) for name in names]
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in held if cookie)


def _queue(hub: Catalogue) -> list[str]:
    topic = hub.vocabulary("topics")[5].code
    return [
        "/desk", "/desk?whose=all", "/desk?whose=mine", "/desk?due=overdue",
        "/desk?state=in_review", "/desk?state=published", f"/desk?whose=all&topic={topic}",
    ]  # fmt: skip


def _item(_hub: Catalogue) -> list[str]:
    """Items in every state that the desk shows."""
    refs: list[str] = []
    for state in State:
        if state is not State.DRAFT:
            of_state = sa.select(Submission.ref).where(Submission.state == state)
            refs += db.session.scalars(of_state.order_by(Submission.id).limit(SAMPLE))
    return [f"/desk/submissions/{ref}" for ref in refs]


def _library(hub: Catalogue) -> list[str]:
    topic = hub.vocabulary("topics")[5].code
    country = next(t for t in hub.vocabulary("countries") if t.parent_code).code
    name = hub.topic_label(hub.default_locale).text.lower()
    return [
        "/library", "/library?q=consular", "/library?q=consular+data+return",
        f"/library?{name}={topic}", f"/library?country={country}&global=1",
        "/library?section=documents&page=2", f"/library?q=health&{name}={topic}&sort=newest",
    ]  # fmt: skip


def _topic(hub: Catalogue) -> list[str]:
    return [f"/{hub.topic_slug}/{topic.code}" for topic in hub.vocabulary("topics")[:10]]


# By name: the addresses of a page, and who asks for it.
Pages = dict[str, tuple[Callable[[Catalogue], list[str]], Role | None]]
PAGES: Pages = {
    "queue": (_queue, STAFF),
    "item": (_item, STAFF),
    "suggest": (lambda _hub: ["/suggest"], READER),
    "library": (_library, READER),
    "topic": (_topic, READER),
    "front": (lambda _hub: ["/"], READER),
}
ROSTER_PAGES: Pages = {"coverage": (lambda _hub: ["/roster/coverage"], MANAGER)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--items", type=_numbers, default=[1_000], help="numbers of items")
    parser.add_argument(
        "--database", type=_one_of("sqlite", "postgresql"), default=["sqlite"], help="on which"
    )
    parser.add_argument("--members", type=int, default=5_000, help="of the roster")
    parser.add_argument("--assignments", type=int, default=100_000, help="over five years")
    known = [*PAGES, *ROSTER_PAGES]
    parser.add_argument(
        "--page", type=_one_of(*known), default=list(PAGES), help=f"of {', '.join(known)}"
    )
    parser.add_argument("--json", action="store_true", default=True, help="print JSON; always so")
    return parser


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _one_of(*known: str) -> Callable[[str], list[str]]:
    """A list of names with commas, each of which must be known."""

    def names(text: str) -> list[str]:
        found = text.split(",")
        if unknown := set(found) - set(known):
            raise argparse.ArgumentTypeError(f"not one of {', '.join(known)}: {unknown}")
        return found

    return names


@contextmanager
def _empty(database: str) -> Iterator[str]:
    """The address of an empty database, or nothing for the hub's own SQLite file."""
    if database == "sqlite":
        yield ""
        return
    with databases.postgresql() as url:
        yield url


if __name__ == "__main__":
    sys.exit(main())
