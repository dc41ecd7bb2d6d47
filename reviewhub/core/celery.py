"""Celery bound to the Flask app: every task runs in an app context and ends in a clean session."""

from typing import Any

from celery import Celery, Task
from celery.schedules import schedule
from flask import Flask

from reviewhub.core.config import Settings
from reviewhub.core.nudges import nudger

# How a nudge meets the broker. Left to itself, kombu would try again for as long as it takes.
IMPATIENT = {"max_retries": 0, "socket_connect_timeout": 0.3, "socket_timeout": 0.5}


def init_celery(app: Flask, settings: Settings, beat: dict[str, float]) -> Celery:
    """Make the Celery app of this process; `beat` maps a task's name to its period in seconds."""

    class AppTask(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery = Celery(app.name, task_cls=AppTask)
    celery.conf.update(_configuration(settings, beat))
    celery.set_default()
    app.extensions["celery"] = celery
    nudger.send = (lambda name: _publish(celery, name)) if settings.redis_url else None
    return celery


def _configuration(settings: Settings, beat: dict[str, float]) -> dict[str, Any]:
    return {
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
