"""Opening an account and setting its password anew, both by a link in a mail."""

import time

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import limits, operations, queries
from reviewhub.accounts.access import BY_OBJECT, PUBLIC, actor, allow, viewer
from reviewhub.accounts.actor import Capability, Grant
from reviewhub.accounts.forms import ChoosePasswordForm, RegisterForm, ResetForm
from reviewhub.accounts.models import Person
from reviewhub.accounts.views.blueprint import bp
from reviewhub.accounts.views.signing_in import enter
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, LinkExpired
from reviewhub.core.i18n import _, get_locale

_LEAST_TIME = 0.15  # seconds: longer than any of the two answers takes


@bp.route("/register", methods=["GET", "POST"])
@limits.mails
@allow(PUBLIC)
def register() -> str | Response:
    """Ask for an account. The answer is the same whether the address is known or not."""
    if viewer() is not None:
        return redirect(url_for(".account"))
    started = time.monotonic()
    form = RegisterForm()
    if form.was_sent_and_is_valid():
        operations.register(
            form.email.data,
            name=form.name.data,
            locale=get_locale(),
            timezone=config.current().timezone,
        )
        db.session.commit()
        even_out(started)
        return redirect(url_for(".look_in_mail"))
    return render_template("accounts/register.html", form=form)


@bp.route("/reset", methods=["GET", "POST"])
@limits.mails
@allow(PUBLIC)
def reset() -> str | Response:
    """Ask for a new password. The answer is the same whether the address is known or not."""
    started = time.monotonic()
    form = ResetForm()
    if form.was_sent_and_is_valid():
        operations.reset(form.email.data)
        db.session.commit()
        even_out(started)
        return redirect(url_for(".look_in_mail"))
    return render_template("accounts/reset.html", form=form)


@bp.get("/look-in-your-mail")
@allow(PUBLIC)
def look_in_mail() -> str:
    """What happens next; it tells nothing about who has an account."""
    return render_template("accounts/look_in_mail.html")


@bp.route("/choose-password", methods=["GET", "POST"])
@allow(BY_OBJECT)
def choose_password() -> str | Response:
    """Choose a password by the link from a mail, once. Following the link changes nothing."""
    if not request.values.get("key") and viewer() is not None:
        return redirect(url_for(".account"))  # a notice leads here, without its mail's key
    grant, person = _account_of_link()
    form = ChoosePasswordForm()
    if form.was_sent_and_is_valid():
        try:
            operations.choose_password(person, form.password.data, link_id=grant.link_id)
            db.session.commit()
            flash(_("Your password is set."), "success")
            return enter(person.id)
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("accounts/choose_password.html", form=form, email=person.email)


def _account_of_link() -> tuple[Grant, Person]:
    grant = actor().grant
    if grant is None or grant.capability is not Capability.ACCOUNT:
        raise LinkExpired(
            _(
                "This link has been used, or it is too old. Go to “Sign in”: there you can ask "
                "for a new one."
            )
        )
    return grant, queries.get(grant.object_id)


def even_out(started: float) -> None:
    """Take the same time whether there was something to do or not."""
    time.sleep(max(0.0, _LEAST_TIME - (time.monotonic() - started)))
