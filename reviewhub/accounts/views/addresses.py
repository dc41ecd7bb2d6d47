"""Correcting the address of somebody whom mail does not reach."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import addresses, queries
from reviewhub.accounts.access import actor, allow
from reviewhub.accounts.forms import AddressForm
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.accounts.views.blueprint import bp
from reviewhub.core.db import db, locked
from reviewhub.core.errors import InvalidInput
from reviewhub.core.i18n import _


@bp.route("/people/<int:person_id>/address", methods=["GET", "POST"])
@allow(Role.ADMIN)
def correct_address(person_id: int) -> str | Response:
    """Another address for somebody; open only while mail to the present one comes back."""
    person = queries.get(person_id)
    form = AddressForm()
    if form.is_submitted():
        addresses.require_bouncing(person)
    if form.was_sent_and_is_valid():
        try:
            addresses.correct_address(
                locked(Person, person.id), form.email.data, by=actor().acting_person_id
            )
            db.session.commit()
            flash(_("Mail goes to the new address from now on."), "success")
            return redirect(url_for(".correct_address", person_id=person.id))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("accounts/correct_address.html", form=form, person=person)
