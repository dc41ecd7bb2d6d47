"""One's own data, given and erased; and the administrators' pages about people."""

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import limits
from reviewhub.accounts import operations as accounts
from reviewhub.accounts import queries as people
from reviewhub.accounts.access import SIGNED_IN, actor, allow
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.accounts.views.blueprint import present
from reviewhub.admin.people import erasing, exporting, finding, merging
from reviewhub.admin.people.duties import duties
from reviewhub.admin.people.forms import EraseForm, MergeForm, PlanErasureForm
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.text import normalise_email

bp = Blueprint("people", __name__)


@bp.get("/account/data")
@allow(SIGNED_IN)
def own_data() -> str:
    """What one can have and what one can have erased."""
    person = present()
    return render_template(
        "people/own_data.html",
        person=person,
        duties=duties(person),
        days=erasing.COOLING_OFF.days,
    )


@bp.post("/account/data/export")
@limits.codes
@allow(SIGNED_IN)
def export() -> Response:
    """Everything about the viewer, as a file."""
    archive = exporting.export(present())
    db.session.commit()
    name = f"about-you-{clock.today().isoformat()}.zip"
    response = send_file(
        archive, mimetype="application/zip", as_attachment=True, download_name=name
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.route("/account/data/erase", methods=["GET", "POST"])
@limits.codes
@allow(SIGNED_IN)
def plan_erasure() -> str | Response:
    """The wish to be erased; done after some days in which it can be called off."""
    person = present()
    form = PlanErasureForm()
    if form.was_sent_and_is_valid():
        try:
            _require_themselves(person, form)
            erasing.plan_erasure(person)
            db.session.commit()
            flash(_("We have noted it, and sent you a mail with the day."), "success")
            return redirect(url_for(".own_data"))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
    return render_template(
        "people/plan_erasure.html",
        person=person,
        form=form,
        duties=duties(person),
        days=erasing.COOLING_OFF.days,
    )


@bp.post("/account/data/stay")
@allow(SIGNED_IN)
def cancel_erasure() -> Response:
    """They stay."""
    erasing.cancel_erasure(present())
    db.session.commit()
    flash(_("You stay: nothing is erased."), "success")
    return redirect(url_for(".own_data"))


@bp.get("/desk/people")
@allow(Role.ADMIN)
def index() -> str:
    """People by name or address, and pairs that may be one person."""
    text = request.args.get("q", "")[:100]
    to_compare = request.args.get("with", type=int)
    return render_template(
        "people/index.html",
        text=text,
        compared=_load(to_compare) if to_compare is not None else None,
        rows=finding.found(text),
        most=finding.MOST_FOUND,
        pairs=finding.pairs() if not text and to_compare is None else [],
    )


@bp.get("/desk/people/<int:person_id>")
@allow(Role.ADMIN)
def person(person_id: int) -> str:
    """One account: what stands there, who may be the same, and the two steps."""
    found = _load(person_id)
    return render_template(
        "people/person.html",
        person=found,
        organisation=people.organisation_of(found),
        merged=people.get(found.merged_into_id) if found.merged_into_id else None,
        alike=[] if found.erased_at or found.merged_into_id else finding.like(found),
    )


@bp.route("/desk/people/<int:person_id>/merge/<int:other_id>", methods=["GET", "POST"])
@allow(Role.ADMIN)
def merge(person_id: int, other_id: int) -> str | Response:
    """What moves to the account that is kept, what clashes, and the button."""
    kept, other = _load(person_id), _load(other_id)
    form = MergeForm()
    if form.was_sent_and_is_valid():
        merging.merge(kept, other, by=actor())
        db.session.commit()
        flash(_("The two are one account now."), "success")
        return redirect(url_for(".person", person_id=kept.id))
    return render_template(
        "people/merge.html",
        kept=kept,
        other=other,
        homes=[people.organisation_of(kept), people.organisation_of(other)],
        preview=merging.preview(kept, other),
        form=form,
    )


@bp.route("/desk/people/<int:person_id>/erase", methods=["GET", "POST"])
@allow(Role.ADMIN)
def erase(person_id: int) -> str | Response:
    """Erase somebody who asked for it, at once."""
    found = _load(person_id)
    if found.erased_at is not None or found.merged_into_id is not None:
        raise WrongState(_("This person was erased or merged already."))
    form = EraseForm()
    if form.was_sent_and_is_valid():
        gone = erasing.erase(found, by=actor().acting_person_id, note=form.note.data)
        db.session.commit()
        gone.clear()
        flash(_("Done. What stays stands under a pseudonym."), "success")
        return redirect(url_for(".person", person_id=person_id))
    return render_template("people/erase.html", person=found, form=form, duties=duties(found))


def _load(person_id: int) -> Person:
    found = people.people([person_id])
    if not found:
        raise NotFound(_("There is nobody here of this number."))
    return found[0]


def _require_themselves(person: Person, form: PlanErasureForm) -> None:
    """Raise InvalidInput where a browser that was left open may be somebody else's."""
    if person.password_hash is None:
        if normalise_email(form.email.data) != person.email:
            raise InvalidInput(_("This is not the address of your account."), field="email")
    elif accounts.check_password(person.email, form.password.data) is None:
        raise InvalidInput(_("This is not your present password."), field="password")
