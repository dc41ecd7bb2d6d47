"""What is logged, and how: one line per request and per task that did something, without secrets.

In production a line is a JSON object, in a demo it is made for reading. Requests are named by
their route's template, never by their query, which may carry the key of somebody's link; keys and
secrets that slip into a sentence or a traceback all the same are blotted out.
"""

import logging
import re
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
import structlog
from celery import signals
from flask import Flask, Response, g, request
from flask.signals import request_started
from structlog.types import EventDict, Processor, WrappedLogger

from reviewhub.core.config import Settings

BLOT = "***"
QUIET = frozenset({"static", "health.healthz", "health.readyz", "metrics.metrics"})
# These say once a second what our own lines say when something was done.
TALKATIVE = (
    "celery.app.trace", "celery.worker.strategy", "celery.beat", "celery.redirected", "mail.log",
)  # fmt: skip
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_KEYS = re.compile(
    r"""(?ix) (  [?&;] (?:key|token|code|password) =                          # in an address
              |  ['"] (?:key|token|password|secret) ['"] \s* [:,=] \s* ['"] )  # in a value shown
              [^&\s"'<>;]+"""
)
_DETAIL = re.compile(r"(DETAIL:).*")  # PostgreSQL repeats the values of the row it refuses
_SHORTEST_SECRET = 6  # characters; anything shorter is found in ordinary words

_requests = structlog.get_logger("reviewhub.requests")
_tasks = structlog.get_logger("reviewhub.tasks")
_task_began: ContextVar[float] = ContextVar("task_began", default=0.0)


def init_logging(app: Flask, settings: Settings) -> None:
    """Log requests and tasks; outside tests, also decide how every line looks.

    To be called before anything else adds an after_request: the first added is the last to run.
    """
    structlog.configure(
        processors=[*_common(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    request_started.connect(_begin_request, app)
    app.after_request(_end_request)
    app.teardown_request(_forget_request)
    signals.task_prerun.connect(_begin_task, dispatch_uid="reviewhub.begin_task")
    signals.task_postrun.connect(_end_task, dispatch_uid="reviewhub.end_task")
    signals.setup_logging.connect(_as_it_is, dispatch_uid="reviewhub.setup_logging")
    if not settings.testing:
        _take_over(settings)


def formatter(settings: Settings, *, readable: bool) -> logging.Formatter:
    """What makes a line of a record: JSON, or `readable` for a person at a terminal."""
    shape: Processor = structlog.processors.JSONRenderer()
    if readable:
        shape = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_common(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            blotter(secrets_of(settings)),
            shape,
        ],
    )


def secrets_of(settings: Settings) -> list[str]:
    """Every value of the settings that must never stand in a log."""
    urls = (settings.database_url, settings.redis_url, settings.smtp_url)
    passwords = [urlsplit(url).password or "" for url in urls]
    found = [settings.secret_key, settings.metrics_token, *passwords, *map(unquote, passwords)]
    return sorted({secret for secret in found if len(secret) >= _SHORTEST_SECRET}, key=len)[::-1]


def blotter(secrets: Iterable[str]) -> Processor:
    """A processor that blots out these secrets, the keys of links, and the values of rows."""
    known = tuple(secrets)

    def blot(value: Any) -> Any:
        if isinstance(value, str):
            for secret in known:
                value = value.replace(secret, BLOT)
            return _DETAIL.sub(rf"\1 {BLOT}", _KEYS.sub(rf"\1{BLOT}", value))
        if isinstance(value, dict):
            return {name: blot(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [blot(part) for part in value]
        return value

    def process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {name: blot(value) for name, value in event.items()}

    return process


class _ToStderr(logging.StreamHandler[Any]):
    """Writes to what is the standard error when the line comes, not to what it was at start."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _take_over(settings: Settings) -> None:
    """Send every line of this process through our formatter, the server's own lines too."""
    lines = formatter(settings, readable=settings.demo)
    handler = _ToStderr()
    handler.setFormatter(lines)
    root = logging.getLogger()
    root.handlers = [old for old in root.handlers if not isinstance(old, _ToStderr)] + [handler]
    root.setLevel(settings.log_level)
    for server_handler in logging.getLogger("gunicorn.error").handlers:
        server_handler.setFormatter(lines)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _common() -> list[Processor]:
    """What every record gets, ours and those of libraries."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _begin_request(_app: Flask, **_more: Any) -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _GOOD_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end_request(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    say = _requests.debug if request.endpoint in QUIET else _requests.info
    say(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000, 1),
        person=_person_id(),
    )
    return response


def _forget_request(_error: BaseException | None) -> None:
    structlog.contextvars.clear_contextvars()


def _person_id() -> int | None:
    """Who is signed in, where this request has asked for it; no query is made for the log."""
    state = sa.inspect(g.get("_login_user"), raiseerr=False)
    identity = getattr(state, "identity", None)
    return identity[0] if identity else None


def _begin_task(task_id: str, task: Any, **_more: Any) -> None:
    _task_began.set(time.perf_counter())
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)


def _end_task(retval: Any, state: str, **_more: Any) -> None:
    ms = round((time.perf_counter() - _task_began.get()) * 1000, 1)
    did_something = isinstance(retval, int) and retval > 0
    say: Callable[..., Any] = _tasks.info if did_something or state != "SUCCESS" else _tasks.debug
    say("task", ms=ms, state=state, done=retval if isinstance(retval, int) else None)
    structlog.contextvars.clear_contextvars()


def _as_it_is(**_more: Any) -> None:
    """Being connected to this signal is what keeps Celery from setting up logs of its own."""
