"""Signing in and out, the language of the pages, and a person's notices."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from reviewhub.accounts import demo, locales, operations
from reviewhub.accounts.access import PUBLIC, SIGNED_IN, allow, viewer
from reviewhub.accounts.forms import SignInForm
from reviewhub.accounts.models import Person
from reviewhub.core import clock, config
from reviewhub.core.db import begin_reading, db
from reviewhub.core.i18n import _
from reviewhub.notifications import queries as notifications
from reviewhub.notifications.operations import read_notices
from reviewhub.notifications.rendering import notice_text

bp = Blueprint("accounts", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@allow(PUBLIC)
def sign_in() -> str | Response:
    """The sign-in page."""
    begin_reading(True)  # checking a password takes long and changes nothing: no write lock
    form = SignInForm()
    if form.was_sent_and_is_valid():
        person = operations.check_password(form.email.data, form.password.data)
        if person is not None:
            login_user(person)
            return redirect(_next_page(person))
        form.form_errors.append(_("This address and password do not match. Try again."))
    demo_logins = demo.logins() if config.current().demo else []
    return render_template("accounts/sign_in.html", form=form, demo_logins=demo_logins)


@bp.post("/sign-out")
@allow(PUBLIC)
def sign_out() -> Response:
    """Forget who is signed in."""
    logout_user()
    flash(_("You are signed out."))
    return redirect(url_for("library.front"))


@bp.post("/language")
@allow(PUBLIC)
def choose_locale() -> Response:
    """Show the pages in another language from now on."""
    code = locales.best([request.form.get("locale", "")])
    person = viewer()
    if person is not None:
        person.locale = code
        db.session.commit()
    response = redirect(_own_path(request.form.get("next", "")) or url_for("library.front"))
    response.set_cookie("locale", code, max_age=31536000, samesite="Lax", httponly=True)
    return response


@bp.get("/notices")
@allow(SIGNED_IN)
def notices() -> str:
    """What happened that concerns the viewer, newest first."""
    person = _present()
    rows = notifications.notices_of(person.id)
    return render_template(
        "accounts/notices.html", notices=[(row, notice_text(row)) for row in rows]
    )


@bp.post("/notices/read")
@allow(SIGNED_IN)
def read() -> Response:
    """Mark every notice as read."""
    read_notices(_present().id, at=clock.now())
    db.session.commit()
    return redirect(url_for(".notices"))


def _present() -> Person:
    person = viewer()
    assert person is not None  # the guard lets nobody else in
    return person


def _next_page(person: Person) -> str:
    home = url_for("admin.queue" if person.roles else "library.front")
    return _own_path(request.args.get("next", "")) or home


def _own_path(target: str) -> str:
    """A path on this site, or nothing: never another host."""
    try:
        parts = urlsplit(target)
    except ValueError:  # something like "//["
        return ""
    own = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target.removesuffix("?") if own and not parts.netloc else ""
