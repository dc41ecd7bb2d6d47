"""A process of its own that publishes and searches, told what to do line by line.

python -m tests.library.index.process DATABASE_URL FOLDER
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reviewhub.app import create_app
from reviewhub.core.db import db
from reviewhub.library.index import loading
from reviewhub.library.query import Query
from reviewhub.library.search import engine
from tests.library.shelf import put


class Process:
    """The other end: `ask` waits for the answer, `tell` and `answer` do not."""

    def __init__(self, url: str, folder: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", __name__, url, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def tell(self, verb: str, value: object = None) -> None:
        """Say what to do."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps([verb, value]) + "\n")
        self._child.stdin.flush()

    def answer(self) -> Any:
        """What came of it."""
        assert self._child.stdout is not None
        return json.loads(self._child.stdout.readline())

    def ask(self, verb: str, value: object = None) -> Any:
        """Say what to do, and wait for what comes of it."""
        self.tell(verb, value)
        return self.answer()

    def end(self) -> None:
        """Let it go."""
        self._child.communicate(timeout=20)


def _publish(titles: list[str]) -> int:
    """Each in a transaction of its own."""
    for title in titles:
        put(title)
        db.session.commit()
    return len(titles)


def _search(text: str) -> list[str]:
    return [row.title for row in engine.search(Query(text=text)).resources]


def _look(times: int) -> list[tuple[int, int]]:
    """Again and again: the version, and how many resources the memory shows."""
    found = []
    for _ in range(times):
        with loading.up_to_date() as memory:
            assert loading._kept.seen is not None
            found.append((loading._kept.seen.version, len(memory.shown)))
        db.session.rollback()
    return found


VERBS: dict[str, Callable[[Any], Any]] = {"publish": _publish, "search": _search, "look": _look}


def main() -> None:
    """Do what is asked until there is nothing more."""
    url, folder = sys.argv[1:]
    app = create_app(var=Path(folder), database_url=url, secret_key="k" * 40, testing=True)
    for line in sys.stdin:
        verb, value = json.loads(line)
        with app.app_context():
            answer = VERBS[verb](value)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
