"""A review for practice: asking for one, writing it, and comparing it with the panel's."""

from flask import flash, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key, viewer
from reviewhub.accounts.actor import Capability
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.library import practice as practices
from reviewhub.library.practice import PracticeReview
from reviewhub.library.views import bp
from reviewhub.reviews import forms
from reviewhub.reviews.form import questions
from reviewhub.roster.models import Membership
from reviewhub.roster.queries import members
from reviewhub.taxonomy.queries import catalogue
from reviewhub.web.forms import Form
from reviewhub.web.scripts import by_script


@bp.get("/roster/practice")
@allow(BY_OBJECT)
def practice() -> str | Response:
    """What it is and the button for it; the form; or one's own answers beside the panel's."""
    membership = _own()
    if membership is None:
        return _to_sign_in()
    begun = practices.of_person(membership.person_id)
    if begun is None:
        return render_template("library/practice_offer.html", membership=membership)
    if begun.sent_at is None:
        return _page(begun, _form(begun, dict(begun.answers)))
    return render_template(
        "library/practice_compared.html",
        practice=begun,
        resource=practices.resource_of(begun),
        form=_form(begun, dict(begun.answers)),
        lines=practices.compared(begun),
    )


@bp.post("/roster/practice/begin")
@allow(BY_OBJECT)
def begin_practice() -> Response:
    """Be given something to practise on."""
    membership = _own()
    if membership is None:
        return _to_sign_in()
    practices.begin(members.lock(membership.id))
    db.session.commit()
    return _back()


@bp.post("/roster/practice/save")
@allow(BY_OBJECT)
def save_practice() -> Response:
    """Keep the draft, for a script while it is written, or to go on later."""
    membership = _own()
    if membership is None:
        return _to_sign_in()
    begun = _begun(members.lock(membership.id))
    practices.save(begun, _answers(_form(begun)))
    db.session.commit()
    if by_script():
        return jsonify(saved_at=clock.now().isoformat())
    flash(_("Your draft is saved."), "success")
    return _back()


@bp.post("/roster/practice/send")
@allow(BY_OBJECT)
def send_practice() -> str | Response:
    """Finish it; what is missing is said beside the question."""
    membership = _own()
    if membership is None:
        return _to_sign_in()
    begun = _begun(members.lock(membership.id))
    form = _form(begun)
    if form.was_sent_and_is_valid():
        try:
            practices.send(begun, membership, _answers(form))
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("Thank you. Here is what the panel said, beside your answers."), "success")
            return _back()
    return _page(begun, form)


def _page(begun: PracticeReview, form: Form) -> str:
    return render_template(
        "library/practice_form.html",
        form=form,
        asked=questions(catalogue().review_form, practices.submission_of(begun)),
        resource=practices.resource_of(begun),
    )


def _own() -> Membership | None:
    """The viewer's own membership: by account, or by the link of the application it came from.

    Raises NotFound for an account that is not on the roster.
    """
    grant, person = actor().grant, viewer()
    if grant is not None and grant.capability == Capability.APPLICATION:
        found = members.of_application(grant.object_id)
    else:
        found = members.of_person(person.id) if person else None
    if found is None and person is not None:
        raise NotFound(_("Reviews for practice are for members of the roster."))
    return found


def _begun(membership: Membership) -> PracticeReview:
    begun = practices.of_person(membership.person_id)
    if begun is None:
        raise WrongState(_("Ask for something to practise on first."))
    return begun


def _form(begun: PracticeReview, said: dict[str, object] | None = None) -> Form:
    """The form of a real review, as it was sent, or with what was answered before."""
    asked = questions(catalogue().review_form, practices.submission_of(begun))
    kind = forms.review_form(asked, catalogue())
    return kind() if said is None else kind(data=said, formdata=None)


def _answers(form: Form) -> dict[str, object]:
    return {
        name: value
        for name, value in form.data.items()
        if name != "csrf_token" and value not in {None, ""}
    }


def _to_sign_in() -> Response:
    return redirect(url_for("accounts.sign_in", next=url_for(".practice")))


def _back() -> Response:
    return redirect(url_for(".practice", key=link_key() or None))
