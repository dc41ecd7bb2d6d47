"""Which mails a person wants: by account, or by the link at the foot of a mail that can wait."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts import operations, queries
from reviewhub.accounts.access import BY_OBJECT, actor, allow, link_key, viewer
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.forms import MailChoicesForm
from reviewhub.accounts.models import Person
from reviewhub.accounts.views.blueprint import bp
from reviewhub.core.db import db
from reviewhub.core.errors import LinkExpired, NotFound
from reviewhub.core.i18n import _
from reviewhub.notifications.choices import choices_of
from reviewhub.notifications.kinds import KINDS, WHOLE_DIGEST, Kind


@bp.route("/mail", methods=["GET", "POST"])
@allow(BY_OBJECT)
def mail_choices() -> str | Response:
    """How each kind of mail comes, in which language, and where the person's mornings are."""
    person = _of_link() or viewer()
    if person is None:
        return redirect(url_for(".sign_in", next=url_for(".mail_choices")))
    kinds = [kind for kind, words in KINDS.items() if person.roles or not words.for_staff]
    data = {kind.value: how.value for kind, how in choices_of(person.id).items()}
    data |= {"locale": person.locale, "timezone": person.timezone}
    form = MailChoicesForm(kinds, data=data)
    if form.was_sent_and_is_valid():
        operations.choose_mails(
            person, form.choices(), locale=form.locale.data, timezone=form.timezone.data
        )
        db.session.commit()
        flash(_("Saved. It holds for every mail from now on."), "success")
        return redirect(url_for(".mail_choices", key=link_key() or None))
    return render_template("accounts/mail_choices.html", form=form, kinds=kinds, person=person)


@bp.route("/mail/stop/<kind>", methods=["GET", "POST"])
@allow(BY_OBJECT)
def stop_mails(kind: str) -> str | Response:
    """End one kind of mail with one click; mail programs send the POST by themselves (RFC 8058).

    The key of the link is what allows it, so its form has no token and needs no session. Opening
    the address shows a button and changes nothing.
    """
    if kind not in {*Kind, WHOLE_DIGEST}:
        raise NotFound(_("There is no such kind of mail."))
    person = _of_link()
    if person is None:
        if viewer() is not None:
            return redirect(url_for(".mail_choices"))
        raise LinkExpired(_("This link is not valid any more. A newer mail has one that is."))
    if request.method == "POST":
        operations.stop_mails(person, kind)
        db.session.commit()
    return render_template(
        "accounts/stop_mails.html",
        person=person,
        kind=kind,
        label=KINDS[Kind(kind)].label if kind in set(Kind) else _("The daily mail"),
        is_done=request.method == "POST",
    )


def _of_link() -> Person | None:
    grant = actor().grant
    if grant is None or grant.capability is not Capability.MAIL:
        return None
    return queries.get(grant.object_id)
