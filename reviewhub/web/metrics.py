"""How many requests came, how they ended and how long they took, for a Prometheus server.

A request is named by its endpoint: no address, no query and nobody's name. With
PROMETHEUS_MULTIPROC_DIR every process keeps its figures in that folder and each of them answers
for all; without it a process answers for itself alone.
"""

import os
import time

from flask import Flask, Response, g, request
from flask.signals import request_started
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from reviewhub.core.nudges import nudger

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})

_own = CollectorRegistry()
REQUESTS = Histogram(
    "reviewhub_request_seconds",
    "Requests by endpoint, method and status, and how long they took.",
    ("endpoint", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=_own,
)
NUDGES_LOST = Gauge(
    "reviewhub_nudges_lost",
    "Tasks that could not be asked for at once, because the broker was away.",
    multiprocess_mode="sum",
    registry=_own,
)


def init_metrics(app: Flask) -> None:
    """Count every request of this application, refused and failed ones too."""
    request_started.connect(_begin, app)
    app.after_request(_end)


def registry() -> CollectorRegistry:
    """The figures of all web processes where they share a folder, else of this one."""
    if not os.environ.get(FOLDER):
        return _own
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]  # registers itself
    return everybody


def _begin(_app: Flask, **_more: object) -> None:
    g.counted_from = time.perf_counter()


def _end(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    labels = REQUESTS.labels(request.endpoint or "none", method, str(response.status_code))
    labels.observe(time.perf_counter() - g.counted_from)
    NUDGES_LOST.set(nudger.lost)
    return response
