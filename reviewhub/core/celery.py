"""Celery bound to the Flask app: every task runs in an app context and ends in a clean session.

A web process is started without it: Celery is imported when somebody asks for it, which is a
worker at once and a web process at its first nudge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask

from reviewhub.core.config import Settings
from reviewhub.core.nudges import nudger

if TYPE_CHECKING:  # at run time it is imported late
    from celery import Celery

# How a nudge meets the broker. Left to itself, kombu would try again for as long as it takes.
IMPATIENT = {"max_retries": 0, "socket_connect_timeout": 0.3, "socket_timeout": 0.5}


def init_celery(
    app: Flask,
    settings: Settings,
    beat: dict[str, float],
    *,
    tasks: Iterable[str] = (),
    listen: Callable[[], None] = lambda: None,
) -> None:
    """Say how the Celery app of this process is to be made, once somebody asks for it.

    `beat` maps a task's name to its period in seconds, `tasks` are the modules that a worker
    imports, and `listen` connects whoever wants to hear of tasks.
    """
    made: list[Celery] = []
    one_at_a_time = Lock()

    def make() -> Celery:
        with one_at_a_time:
            if not made:
                listen()
                made.append(_bound(app, _configuration(settings, beat, tasks)))
        return made[0]

    app.extensions["celery"] = make
    nudger.send = (lambda name: _publish(make(), name)) if settings.redis_url else None


def celery_of(app: Flask) -> Celery:
    """The application's Celery app; where it was made last, tasks run in this application."""
    make: Callable[[], Celery] = app.extensions["celery"]
    return make()


def _bound(app: Flask, configuration: dict[str, Any]) -> Celery:
    from celery import Celery, Task  # noqa: PLC0415  # a worker needs it, a web process seldom

    class AppTask(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery(app.name, task_cls=AppTask)
    celery.conf.update(configuration)
    celery.set_default()
    return celery


def _configuration(
    settings: Settings, beat: dict[str, float], tasks: Iterable[str]
) -> dict[str, Any]:
    from celery.schedules import schedule  # noqa: PLC0415 -- a web process does without

    return {
        "imports": tuple(tasks),
        "broker_url": settings.redis_url or "memory://",
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": 3600,
            # Bring a killed worker's tasks back within seconds, not after kombu's 100.
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_timeout": 2,
            "socket_connect_timeout": 1,
        },
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": {
            name: {
                "task": name,
                "schedule": schedule(seconds),
                # A tick that waited longer than its period is replaced by the next one.
                "options": {"expires": max(seconds, 5)},
            }
            for name, seconds in beat.items()
        },
    }


def _publish(celery: Celery, name: str) -> None:
    """Send one task, or fail at once: whoever waits for this is in the middle of a request."""
    with celery.connection_for_write(transport_options=IMPATIENT) as connection:
        celery.send_task(name, connection=connection, retry=False, expires=60)
