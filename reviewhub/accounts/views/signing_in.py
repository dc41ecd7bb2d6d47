"""Signing in and out."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import browser, demo, limits, operations, queries, second_factor
from reviewhub.accounts.access import PUBLIC, allow
from reviewhub.accounts.forms import CodeForm, SignInForm
from reviewhub.accounts.models import Person
from reviewhub.accounts.views.blueprint import bp, own_path
from reviewhub.core import config
from reviewhub.core.db import begin_reading, db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _


@bp.route("/sign-in", methods=["GET", "POST"])
@limits.passwords
@allow(PUBLIC)
def sign_in() -> str | Response:
    """The sign-in page."""
    begin_anew(only_reads=True)  # checking a password takes long: no write lock meanwhile
    form = SignInForm()
    if form.was_sent_and_is_valid():
        person = operations.check_password(form.email.data, form.password.data)
        if person is not None:
            return enter(person.id)
        form.form_errors.append(_("This address and password do not match. Try again."))
    settings = config.current()
    return render_template(
        "accounts/sign_in.html",
        form=form,
        demo_logins=demo.logins() if settings.demo else [],
        providers=settings.oidc,
        target=own_path(request.args.get("next", "")),
    )


@bp.post("/sign-out")
@allow(PUBLIC)
def sign_out() -> Response:
    """End the session of this browser."""
    response = redirect(url_for("library.front"))
    browser.close_session(response)
    db.session.commit()
    flash(_("You are signed out."))
    return response


@bp.route("/sign-in/code", methods=["GET", "POST"])
@limits.codes
@allow(PUBLIC)
def enter_code() -> str | Response:
    """The second half of signing in, for whoever has set up a second factor."""
    held = browser.held()
    if held is None:
        return redirect(url_for(".sign_in", next=request.args.get("next")))
    if held.totp_passed:
        return redirect(_next_page(held.person, _target()))
    form = CodeForm()
    if form.was_sent_and_is_valid():
        try:
            second_factor.check(held.person, form.code.data)
            return admit(held.person, target=_target(), has_passed=True)
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("accounts/enter_code.html", form=form)


def enter(person_id: int) -> Response:
    """Sign somebody in, in a unit of work of its own, and lead them on or to the code."""
    begin_anew(only_reads=False)
    return admit(queries.get(person_id), target=_target())


def admit(person: Person, *, target: str, has_passed: bool = False) -> Response:
    """Open a session and commit; without the second factor it is good for the code page only."""
    totp_passed = has_passed or not second_factor.is_on(person.id)
    code_page = url_for(".enter_code", next=target or None)
    response = redirect(_next_page(person, target) if totp_passed else code_page)
    browser.open_session(response, person, totp_passed=totp_passed)
    db.session.commit()
    return response


def begin_anew(*, only_reads: bool) -> None:
    """A new unit of work, in a request that does something slow before or after it."""
    db.session.rollback()
    begin_reading(only_reads)


def _target() -> str:
    return request.args.get("next", "")


def _next_page(person: Person, target: str) -> str:
    home = url_for("admin.queue" if person.roles else "library.front")
    return own_path(target) or home
