"""A person's own page: what the hub knows of them, their password, and where they are signed in."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import browser, identities, limits, operations, queries, sessions
from reviewhub.accounts.access import SIGNED_IN, allow
from reviewhub.accounts.forms import ChangePasswordForm, ProfileForm
from reviewhub.accounts.models import Person
from reviewhub.accounts.views.blueprint import bp, present
from reviewhub.core import config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _


@bp.route("/account", methods=["GET", "POST"])
@allow(SIGNED_IN)
def account() -> str | Response:
    """What the hub keeps about the viewer's account."""
    person = present()
    form = ProfileForm(data=_profile_of(person))
    if form.was_sent_and_is_valid():
        operations.edit_profile(person, form.profile())
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for(".account"))
    held = browser.held()
    return render_template(
        "accounts/account.html",
        form=form,
        email=person.email,
        sessions=sessions.of_person(person.id),
        this_session=held.id if held else None,
        has_codes=held is not None and held.has_second_factor,
        has_password=person.password_hash is not None,
        identities=[
            (identity, identities.provider_name(identity.issuer))
            for identity in identities.of_person(person.id)
        ],
        providers=config.current().oidc,
    )


@bp.route("/account/password", methods=["GET", "POST"])
@limits.codes
@allow(SIGNED_IN)
def change_password() -> str | Response:
    """Another password, by whoever knows the present one."""
    if present().password_hash is None:
        return redirect(url_for(".reset"))  # the first one is set by a link in a mail
    form = ChangePasswordForm()
    if form.was_sent_and_is_valid():
        held = browser.held()
        try:
            operations.change_password(
                present(), form.old.data, form.new.data, here=held.id if held else None
            )
            db.session.commit()
            flash(_("Your password is changed. You are signed out everywhere else."), "success")
            return redirect(url_for(".account"))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("accounts/change_password.html", form=form)


@bp.post("/account/sessions/end")
@allow(SIGNED_IN)
def end_sessions() -> Response:
    """Sign out everywhere but here."""
    held = browser.held()
    sessions.end_all(present().id, but=held.id if held else None)
    db.session.commit()
    flash(_("You are signed out everywhere else."), "success")
    return redirect(url_for(".account"))


def _profile_of(person: Person) -> dict[str, object]:
    back = person.away_until
    return {
        "name": person.name,
        "organisation": queries.organisation_of(person),
        "locale": person.locale,
        "timezone": person.timezone,
        "away_until": back.astimezone(ZoneInfo(person.timezone)).date() if back else None,
    }
