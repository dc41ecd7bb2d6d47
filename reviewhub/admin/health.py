"""Whether this process is alive, and whether the parts behind it are."""

import sqlalchemy as sa
from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from reviewhub.accounts.access import PUBLIC, allow
from reviewhub.core.db import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@allow(PUBLIC)
def healthz() -> Response:
    """Alive, and the database answers."""
    db.session.execute(sa.text("SELECT 1"))
    return jsonify(status="ok")
