"""Where the time of a request went: a Server-Timing header for administrators and for benchmarks.

It tells the number of queries, the milliseconds in the database, in templates and in all. Nobody
else gets it: how long an answer takes may say whether something is there.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, before_render_template, g, has_app_context, template_rendered
from flask.signals import request_started
from sqlalchemy import event
from sqlalchemy.engine import Engine


@dataclass
class Tally:
    """What one request has used so far, in seconds."""

    began: float
    queries: int = 0
    database: float = 0.0
    templates: float = 0.0
    query_began: float = 0.0
    template_began: float = 0.0
    depth: int = 0  # of templates rendered inside templates

    def header(self) -> str:
        """As the header's value, in milliseconds."""
        whole = time.perf_counter() - self.began
        return (
            f'db;dur={1000 * self.database:.1f};desc="{self.queries} queries", '
            f"template;dur={1000 * self.templates:.1f}, total;dur={1000 * whole:.1f}"
        )


def init_timing(app: Flask, engine: Engine, *, is_shown: Callable[[], bool]) -> None:
    """Count along in every request, and add the header where `is_shown`."""
    request_started.connect(_begin, app)
    before_render_template.connect(_template_begins, app)
    template_rendered.connect(_template_ends, app)
    event.listen(engine, "before_cursor_execute", _query_begins)
    event.listen(engine, "after_cursor_execute", _query_ends)

    @app.after_request
    def tell(response: Response) -> Response:
        tally = _tally()
        if tally is not None and is_shown():
            response.headers["Server-Timing"] = tally.header()
        return response


def _begin(_app: Flask, **_more: Any) -> None:
    g.tally = Tally(time.perf_counter())


def _tally() -> Tally | None:
    return g.get("tally") if has_app_context() else None


def _query_begins(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if (tally := _tally()) is not None and not statement.startswith("BEGIN"):
        tally.queries += 1
        tally.query_began = time.perf_counter()


def _query_ends(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if (tally := _tally()) is not None and not statement.startswith("BEGIN"):
        tally.database += time.perf_counter() - tally.query_began


def _template_begins(_app: Flask, **_more: Any) -> None:
    if (tally := _tally()) is not None:
        if tally.depth == 0:
            tally.template_began = time.perf_counter()
        tally.depth += 1


def _template_ends(_app: Flask, **_more: Any) -> None:
    if (tally := _tally()) is not None:
        tally.depth -= 1
        if tally.depth == 0:
            tally.templates += time.perf_counter() - tally.template_began
