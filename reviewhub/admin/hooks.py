"""Where the mail provider tells of bounces: one address, opened by a secret of the settings."""

import hmac
import logging
from typing import Any, TypeGuard

from flask import Blueprint, abort, request

from reviewhub.accounts.access import PUBLIC, allow
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.notifications.bounces import Report, take_in

bp = Blueprint("hooks", __name__)
log = logging.getLogger(__name__)

MOST_REPORTS = 1000  # in one request


@bp.post("/hooks/bounces")
@allow(PUBLIC)
def bounces() -> tuple[dict[str, int], int]:
    """Reports as JSON: one object or a list, each with `address`, `type` and perhaps `detail`.

    `address` is the envelope's sender of the mail, or the token in it; `type` is "permanent" or
    "temporary". Every report is a transaction of its own; what is not about a mail of ours is
    counted and changes nothing.
    """
    _check_secret()
    sent = request.get_json(silent=True)
    given = sent if isinstance(sent, list) else [sent]
    reports = [one for one in given if _is_report(one)]
    if len(reports) < len(given) or len(given) > MOST_REPORTS:
        return {"taken": 0, "unknown": 0}, 400
    taken = 0
    for one in reports:
        taken += take_in(
            Report(one["address"], one["type"] == "permanent", str(one.get("detail", "")))
        )
        db.session.commit()
    return {"taken": taken, "unknown": len(reports) - taken}, 200


def _check_secret() -> None:
    secret = config.current().bounce_hook_secret
    if not secret:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), secret.encode()):
        log.warning("a report of bounces without the right secret")
        abort(403)


def _is_report(one: Any) -> TypeGuard[dict[str, Any]]:
    return (
        isinstance(one, dict)
        and isinstance(one.get("address"), str)
        and one.get("type") in {"permanent", "temporary"}
    )
