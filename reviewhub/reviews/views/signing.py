"""The second person's pages: confirm a decision or send it back; and taking one's own back."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import forms, operations, policy
from reviewhub.reviews.explained import names_of
from reviewhub.reviews.letters import draft_for
from reviewhub.reviews.queries import rules_for
from reviewhub.reviews.signing import SignOff, open_sign_off
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.drafting import LetterDesk
from reviewhub.submissions import policy as submissions_policy
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission

METHODS = ["GET", "POST"]
May = Callable[[Actor, Submission, SignOff], bool]


@bp.route("/submissions/<ref>/confirm_decision", methods=METHODS)
@allow(BY_OBJECT)
def confirm_decision(ref: str) -> str | Response:
    """The second person's yes."""
    submission, sign_off = _waiting(ref, policy.may_confirm)
    return _step(
        submission, sign_off, "confirm_decision", forms.SignOffForm(),
        lambda form: operations.confirm_decision(
            submission, by=actor(), sign_off_id=form.sign_off.data or 0
        ),
        _("Confirmed. The decision can be undone until the mails go out."),
    )  # fmt: skip


@bp.route("/submissions/<ref>/send_back", methods=METHODS)
@allow(BY_OBJECT)
def send_back(ref: str) -> str | Response:
    """The second person's no, with the reason."""
    submission, sign_off = _waiting(ref, policy.may_confirm)
    return _step(
        submission, sign_off, "send_back", forms.SendBackForm(),
        lambda form: operations.send_back(
            submission, by=actor(), sign_off_id=form.sign_off.data or 0, note=form.note.data
        ),
        _("Sent back, with your reason."),
    )  # fmt: skip


@bp.route("/submissions/<ref>/take_back", methods=METHODS)
@allow(BY_OBJECT)
def take_back(ref: str) -> str | Response:
    """The first person decides otherwise."""
    submission, sign_off = _waiting(ref, policy.may_take_back)
    return _step(
        submission, sign_off, "take_back", forms.SignOffForm(),
        lambda form: operations.take_back(
            submission, by=actor(), sign_off_id=form.sign_off.data or 0
        ),
        _("Taken back. The decision is open again."),
    )  # fmt: skip


def _waiting(ref: str, may: May) -> tuple[Submission, SignOff]:
    """What waits on this item, for whom the step is meant."""
    submission = submissions.find(ref)
    if submission is None or not submissions_policy.may_see(actor(), submission):
        raise NotFound(_("There is no such suggestion, or it is not for this account."))
    if Role.EDITOR not in policy.roles_towards(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    sign_off = open_sign_off(submission.id)
    if sign_off is None:
        raise WrongState(_("No decision waits here to be confirmed."))
    if not may(actor(), submission, sign_off):
        raise NotAllowed(_("This step is somebody else's to take."))
    return submission, sign_off


def _step(
    submission: Submission,
    sign_off: SignOff,
    verb: str,
    form: Any,
    do: Callable[[Any], object],
    done: str,
) -> str | Response:
    home = url_for("admin.item", ref=submission.ref)
    if form.was_sent_and_is_valid():
        try:
            do(form)
            db.session.commit()
            flash(str(done), "success")
            return redirect(home)
        except InvalidInput as error:
            db.session.rollback()
            submission, sign_off = _again(submission.ref)
            form.refuse(error)
        except StaleDataError as error:
            db.session.rollback()
            raise WrongState(_("Somebody else was first. Look at the item again.")) from error
    form.sign_off.data = sign_off.id
    draft = draft_for(submission)
    names = {
        id: name for id, (name, _home) in names_of({s.person_id for s in draft.sources}).items()
    }
    return render_template(
        f"reviews/{verb}.html",
        submission=submission,
        sign_off=sign_off,
        first=accounts.get(sign_off.proposed_by_id),
        second=accounts.get(sign_off.second_id or 0),
        form=form,
        home=home,
        rules=rules_for(submission.id),
        desk=LetterDesk(draft, names),
    )


def _again(ref: str) -> tuple[Submission, SignOff]:
    submission = submissions.by_ref(ref)
    sign_off = open_sign_off(submission.id)
    if sign_off is None:
        raise WrongState(_("No decision waits here to be confirmed."))
    return submission, sign_off
