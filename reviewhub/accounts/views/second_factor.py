"""Setting up codes for signing in, and turning them off."""

from flask import flash, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from reviewhub.accounts import access, browser, limits, second_factor
from reviewhub.accounts.access import SIGNED_IN, allow
from reviewhub.accounts.forms import CodeForm
from reviewhub.accounts.models import Person, SecondFactor
from reviewhub.accounts.views.blueprint import bp, present
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _


@bp.route("/account/totp", methods=["GET", "POST"])
@limits.codes
@allow(SIGNED_IN)
def totp() -> str | Response:
    """How it stands; while it is being set up, the secret and the first code to confirm it."""
    form = CodeForm()
    if form.was_sent_and_is_valid():
        held = browser.held()
        try:
            codes = second_factor.set_up(present(), form.code.data, here=held.id if held else None)
            db.session.commit()
            return render_template("accounts/recovery_codes.html", codes=codes)
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return _page(form)


@bp.post("/account/totp/begin")
@allow(SIGNED_IN)
def begin_totp() -> Response:
    """Make a secret to be confirmed."""
    second_factor.begin(present())
    db.session.commit()
    return redirect(url_for(".totp"))


@bp.post("/account/totp/off")
@limits.codes
@allow(SIGNED_IN)
def turn_off_totp() -> str | Response:
    """Sign in without codes again; it takes one to do so."""
    form = CodeForm()
    if form.was_sent_and_is_valid():
        try:
            second_factor.turn_off(present(), form.code.data)
            db.session.commit()
            flash(_("Signing in takes no code any more."), "success")
            return redirect(url_for(".account"))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return _page(form)


def _page(form: CodeForm) -> str:
    person = present()
    factor = second_factor.of_person(person.id)
    waiting = factor is not None and factor.confirmed_at is None
    return render_template(
        "accounts/totp.html",
        form=form,
        factor=factor,
        picture=_picture(person, factor) if factor and waiting else "",
        secret=second_factor.secret_of(factor) if factor and waiting else "",
        codes_left=second_factor.codes_left(person.id),
        needed=bool(person.roles & second_factor.required_roles()),
        lacking=access.lacks_second_factor(),
    )


def _picture(person: Person, factor: SecondFactor) -> Markup:
    """The secret for a camera, as an element that needs no style and no other request."""
    import segno  # noqa: PLC0415 -- a page that people see once

    issuer = config.current().base_url.partition("://")[2]
    code = segno.make(second_factor.address(person, factor, issuer=issuer), error="m")
    return Markup(code.svg_inline(scale=4, border=4, dark="#000", light="#fff"))  # noqa: S704 -- drawn, not sent by anybody
