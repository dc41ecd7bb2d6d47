"""What is logged: one line per request and per task that did something, without secrets.

Requests are named by their route's template, never by their query, which may carry the key of
somebody's link. How a line looks is said in lines.py.
"""

import logging
import re
import time
import uuid
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, request
from flask.signals import request_started

from reviewhub.core.config import Settings
from reviewhub.web.lines import Lines, ToStderr, note, say

QUIET = frozenset({"static", "health.healthz", "health.readyz", "metrics.metrics"})
# These say once a second what our own lines say when something was done.
TALKATIVE = (
    "celery.app.trace", "celery.worker.strategy", "celery.beat", "celery.redirected", "mail.log",
)  # fmt: skip
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_requests = logging.getLogger("reviewhub.requests")
_tasks = logging.getLogger("reviewhub.tasks")
_task_began: ContextVar[float] = ContextVar("task_began", default=0.0)


def init_logging(app: Flask, settings: Settings) -> None:
    """Log requests; outside tests, also decide how every line looks.

    To be called before anything else adds an after_request: the first added is the last to run.
    """
    request_started.connect(_begin_request, app)
    app.after_request(_end_request)
    app.teardown_request(_forget_request)
    if not settings.testing:
        _take_over(settings)


def log_tasks() -> None:
    """Log tasks, and keep Celery from setting up logs of its own."""
    from celery import signals  # noqa: PLC0415  # a web process has no use for them

    signals.task_prerun.connect(_begin_task, dispatch_uid="reviewhub.begin_task")
    signals.task_postrun.connect(_end_task, dispatch_uid="reviewhub.end_task")
    signals.setup_logging.connect(_as_it_is, dispatch_uid="reviewhub.setup_logging")


def _take_over(settings: Settings) -> None:
    """Send every line of this process through our formatter, the server's own lines too."""
    lines = Lines(settings, readable=settings.demo)
    handler = ToStderr()
    handler.setFormatter(lines)
    root = logging.getLogger()
    root.handlers = [old for old in root.handlers if not isinstance(old, ToStderr)] + [handler]
    root.setLevel(settings.log_level)
    for server_handler in logging.getLogger("gunicorn.error").handlers:
        server_handler.setFormatter(lines)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _begin_request(_app: Flask, **_more: Any) -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _GOOD_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    note(request_id=g.request_id)


def _end_request(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    say(
        _requests,
        logging.DEBUG if request.endpoint in QUIET else logging.INFO,
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        person=_person_id(),
    )
    return response


def _forget_request(_error: BaseException | None) -> None:
    note()


def _person_id() -> int | None:
    """Who is signed in, where this request has asked for it; no query is made for the log."""
    state = sa.inspect(g.get("_login_user"), raiseerr=False)
    identity = getattr(state, "identity", None)
    return identity[0] if identity else None


def _begin_task(task_id: str, task: Any, **_more: Any) -> None:
    _task_began.set(time.perf_counter())
    note(task_id=task_id, task=task.name)


def _end_task(retval: Any, state: str, **_more: Any) -> None:
    ms = round((time.perf_counter() - _task_began.get()) * 1000, 1)
    did_something = isinstance(retval, int) and retval > 0
    level = logging.INFO if did_something or state != "SUCCESS" else logging.DEBUG
    say(_tasks, level, "task", ms=ms, state=state, done=retval if isinstance(retval, int) else None)
    note()


def _as_it_is(**_more: Any) -> None:
    """Being connected to this signal is what keeps Celery from setting up logs of its own."""
