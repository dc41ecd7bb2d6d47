"""`/metrics`: the figures of the web processes, and what waits in the database.

For this machine, or for whoever has REVIEWHUB_METRICS_TOKEN; for everybody else there is no such
page. Nothing in it is about a person.
"""

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from reviewhub.accounts.access import PUBLIC, allow
from reviewhub.core import clock, config
from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.jobs.queries import WORKER, last_seen
from reviewhub.notifications import queries as notifications
from reviewhub.notifications.models import MessageState
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.workflow import OPEN
from reviewhub.web.metrics import registry

bp = Blueprint("metrics", __name__)

# Whoever is named in one of these came through a proxy, whatever the connection's address is.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@bp.get("/metrics")
@allow(PUBLIC)
def metrics() -> Response:
    """The figures in Prometheus' text format."""
    if not (_is_from_here() or _has_token()):
        raise NotFound(_("There is no page here. The link may be old, or it is incomplete."))
    waiting = CollectorRegistry()
    waiting.register(Waiting())
    text = generate_latest(registry()) + generate_latest(waiting)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


class Waiting(Collector):
    """What the database says is waiting, in three short queries."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every figure, also those that are nought."""
        mails = notifications.counts()
        yield _by_state(
            "reviewhub_outbox", "Mails by state.", ((s, mails.get(s, 0)) for s in MessageState)
        )
        open_ = submissions.open_by_state()
        yield _by_state(
            "reviewhub_open_submissions",
            "Open submissions by state.",
            ((s, open_.get(s, 0)) for s in sorted(OPEN)),
        )
        yield _age(
            "reviewhub_outbox_oldest_due_seconds",
            "How long the mail that waits longest has been due.",
            notifications.oldest_due(),
        )
        seen = last_seen(WORKER)
        if seen is not None:
            yield _age(
                "reviewhub_worker_silent_seconds",
                "How long ago a worker gave its last sign of life.",
                seen,
            )


def _by_state(name: str, says: str, counts: Iterable[tuple[str, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=["state"])
    for state, number in counts:
        family.add_metric([state], number)
    return family


def _age(name: str, says: str, since: datetime | None) -> GaugeMetricFamily:
    age = 0.0 if since is None else (clock.now() - since).total_seconds()
    return GaugeMetricFamily(name, says, value=age)


def _is_from_here() -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:  # a server on a socket gives no address
        return False


def _has_token() -> bool:
    token = config.current().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())
