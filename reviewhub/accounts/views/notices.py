"""The language of the pages, and a person's notices."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import locales
from reviewhub.accounts.access import PUBLIC, SIGNED_IN, allow, viewer
from reviewhub.accounts.views.blueprint import bp, own_path, present
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.errors import NotAllowed
from reviewhub.core.i18n import _
from reviewhub.notifications import queries as notifications
from reviewhub.notifications.operations import read_notices
from reviewhub.notifications.rendering import notice_text


@bp.post("/language")
@allow(PUBLIC)
def choose_locale() -> Response:
    """Show the pages in another language from now on.

    Its form carries no token, so that a page for a visitor needs no session: where the form was
    sent from is asked of the browser instead.
    """
    if not _comes_from_here():
        raise NotAllowed(_("This form came from another site. Choose the language on our pages."))
    code = locales.best([request.form.get("locale", "")])
    person = viewer()
    if person is not None:
        person.locale = code
        db.session.commit()
    response = redirect(own_path(request.form.get("next", "")) or url_for("library.front"))
    response.set_cookie("locale", code, max_age=31536000, samesite="Lax", httponly=True)
    return response


@bp.get("/notices")
@allow(SIGNED_IN)
def notices() -> str:
    """What happened that concerns the viewer, newest first."""
    rows = notifications.notices_of(present().id)
    return render_template(
        "accounts/notices.html", notices=[(row, notice_text(row)) for row in rows]
    )


@bp.post("/notices/read")
@allow(SIGNED_IN)
def read() -> Response:
    """Mark every notice as read."""
    read_notices(present().id, at=clock.now())
    db.session.commit()
    return redirect(url_for(".notices"))


def _comes_from_here() -> bool:
    """What the browser says of where the form stood; one that says nothing may be old."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin in {config.current().base_url, request.host_url.rstrip("/")}
