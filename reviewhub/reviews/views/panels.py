"""An editor's page of one panel: its seats, who is next, who is left out, and the hand on it.

Every change is a POST of its own button; the page itself changes nothing.
"""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import forms, operations, policy, queries
from reviewhub.reviews.explained import names_of, people_in_standing, seats_words
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.questions import questions_of
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.views.recording import STATES as RECORDED
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.reviews.workflow import AssignmentWorkflow, Slot
from reviewhub.submissions import policy as submissions_policy
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission
from reviewhub.web.forms import Form


@bp.get("/submissions/<ref>/panel")
@allow(BY_OBJECT)
def panel(ref: str) -> str:
    """The panel as it stands."""
    submission, current = _open(ref)
    return _page(submission, current)


@bp.post("/submissions/<ref>/panel/pause")
@allow(BY_OBJECT)
def pause(ref: str) -> Response:
    """Ask nobody new for now."""
    return _do(ref, lambda now: operations.pause(now, by=actor()), _("Nobody new is asked now."))


@bp.post("/submissions/<ref>/panel/resume")
@allow(BY_OBJECT)
def resume(ref: str) -> Response:
    """Look for reviewers again."""
    return _do(ref, lambda now: operations.resume(now, by=actor()), _("The search goes on."))


@bp.post("/submissions/<ref>/panel/ask")
@allow(BY_OBJECT)
def ask(ref: str) -> Response | str:
    """Put somebody first; a rule that speaks against it wants a reason."""
    submission, current = _open(ref)
    form = forms.AskForm()
    if form.was_sent_and_is_valid():
        try:
            operations.ask(
                current,
                person_id=form.person_id.data,
                slot=Slot(form.slot.data),
                by=actor(),
                note=form.note.data,
            )
            db.session.commit()
            flash(_("They are the next to be asked."), "success")
            return redirect(url_for(".panel", ref=ref))
        except InvalidInput as error:
            db.session.rollback()
            submission, current = _open(ref)
            form.refuse(error)
    return _page(submission, current, asking=form)


@bp.post("/submissions/<ref>/panel/forget")
@allow(BY_OBJECT)
def forget(ref: str) -> Response:
    """Take somebody out of the line again."""
    form = forms.PersonForm()
    if not form.was_sent_and_is_valid():
        raise NotFound(_("There is nobody of this number in the line."))
    return _do(
        ref,
        lambda now: operations.forget(now, person_id=form.person_id.data, by=actor()),
        _("They are no longer the next to be asked."),
    )


@bp.route("/assignments/<int:assignment_id>/let_go", methods=["GET", "POST"])
@allow(BY_OBJECT)
def let_go(assignment_id: int) -> str | Response:
    """Take a reviewer off the panel."""
    return _seat_step(
        assignment_id, "let_go", forms.LetGoForm(), _in(A.INVITED, A.ACCEPTED, A.RETURNED),
        lambda seat, form: operations.let_go(seat, by=actor(), note=form.note.data),
        _("They are told that they are not needed; somebody else is asked."),
    )  # fmt: skip


@bp.route("/assignments/<int:assignment_id>/give_time", methods=["GET", "POST"])
@allow(BY_OBJECT)
def give_time(assignment_id: int) -> str | Response:
    """Give a reviewer more days."""
    return _seat_step(
        assignment_id, "give_time", forms.ExtendForm(), _at_work,
        lambda seat, form: operations.give_time(seat, by=actor(), days=form.days.data),
        _("They have more time."),
    )  # fmt: skip


@bp.route("/assignments/<int:assignment_id>/keep", methods=["GET", "POST"])
@allow(BY_OBJECT)
def keep(assignment_id: int) -> str | Response:
    """Let a reviewer go on with whom a conflict was found meanwhile."""
    return _seat_step(
        assignment_id, "keep", forms.SeatNoteForm(), _waits_for_a_word,
        lambda seat, form: operations.keep(seat, by=actor(), note=form.note.data),
        _("They go on."),
    )  # fmt: skip


@bp.post("/assignments/<int:assignment_id>/refuse_time")
@allow(BY_OBJECT)
def refuse_time(assignment_id: int) -> str | Response:
    """Leave the date as it is, and say so."""
    return _seat_step(
        assignment_id, "give_time", Form(), _at_work,
        lambda seat, _form: operations.refuse_time(seat, by=actor()),
        _("They are told that the date stays."),
    )  # fmt: skip


@bp.route("/assignments/<int:assignment_id>/ask_again", methods=["GET", "POST"])
@allow(BY_OBJECT)
def ask_again(assignment_id: int) -> str | Response:
    """Ask somebody once more."""
    return _seat_step(
        assignment_id, "ask_again", forms.SeatNoteForm(), _in(A.DECLINED, A.EXPIRED, A.CANCELLED),
        lambda seat, form: operations.ask_again(seat, by=actor(), note=form.note.data),
        _("They are asked again."),
    )  # fmt: skip


@bp.route("/assignments/<int:assignment_id>/return", methods=["GET", "POST"])
@allow(BY_OBJECT)
def return_(assignment_id: int) -> str | Response:
    """Ask for a clearer review, while the panel is open."""
    return _seat_step(
        assignment_id, "return_", forms.ReturnForm(), _in(A.SUBMITTED),
        lambda seat, form: operations.return_(seat, by=actor(), note=form.note.data),
        _("They are asked for a clearer review; what they wrote is kept for them."),
    )  # fmt: skip


def _open(ref: str) -> tuple[Submission, ReviewRound]:
    """The item and its open round, for an editor without a part in it."""
    submission = submissions.find(ref)
    if submission is None or not submissions_policy.may_see(actor(), submission):
        raise NotFound(_("There is no such suggestion, or it is not for this account."))
    if Role.EDITOR not in policy.roles_towards(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    current = queries.latest_round(submission.id)
    if current is None or current.closed_at is not None:
        raise WrongState(_("There is no open panel here."))
    return submission, current


def _do(ref: str, do: Callable[[ReviewRound], object], done: str) -> Response:
    _submission, current = _open(ref)
    do(current)
    db.session.commit()
    flash(str(done), "success")
    return redirect(url_for(".panel", ref=ref))


def _page(submission: Submission, current: ReviewRound, *, asking: Form | None = None) -> str:
    stored = current.standing
    people = {one.person_id for one in current.assignments} | people_in_standing(stored)
    people |= {want["person_id"] for want in current.wanted}
    return render_template(
        "reviews/panel.html",
        submission=submission,
        seated_round=current,
        seats_words=seats_words(current),
        names=names_of(people),
        asking=asking or forms.AskForm(formdata=None),
        offered=_offered,
        reviewers_questions=questions_of(current.id),
        now=clock.now(),
    )


_EDITORS = frozenset({Role.EDITOR})
_STEPS = {"let_go": "cancel", "ask_again": "ask_again", "return_": "return_"}


def _offered(seat: Assignment) -> list[str]:
    """What an editor may do with a seat."""
    verbs = AssignmentWorkflow.offered(seat, _EDITORS)
    found = [page for page, verb in _STEPS.items() if verb in verbs and seat.state != A.PROPOSED]
    found += ["give_time"] if _at_work(seat) else []
    found += ["keep"] if _waits_for_a_word(seat) else []
    return found + (["record_for"] if seat.state in RECORDED else [])


def _in(*states: A) -> Callable[[Assignment], bool]:
    """Whether a seat is in one of these states."""
    return lambda seat: seat.state in states


def _at_work(seat: Assignment) -> bool:
    return seat.state in {A.ACCEPTED, A.RETURNED}


def _waits_for_a_word(seat: Assignment) -> bool:
    """Whether a conflict came up during the work, on which no editor has decided."""
    return _at_work(seat) and bool(seat.conflict_found) and seat.conflict_kept_at is None


def _seat_step(
    assignment_id: int,
    verb: str,
    form: Any,
    is_open: Callable[[Assignment], bool],
    do: Callable[[Assignment, Any], object],
    done: str,
) -> str | Response:
    seat = queries.find(assignment_id)
    found = submissions.get(seat.submission_id) if seat else None
    if seat is None or found is None or not policy.may_see_review_process(actor(), found):
        raise NotFound(_("There is no such seat, or it is not for this account."))
    submission, _current = _open(found.ref)
    if not is_open(seat):
        raise WrongState(_("This has moved on: the step is no longer open."))
    home = url_for(".panel", ref=submission.ref)
    if form.was_sent_and_is_valid():
        try:
            do(seat, form)
            db.session.commit()
            flash(str(done), "success")
            return redirect(home)
        except InvalidInput as error:
            db.session.rollback()
            form.refuse(error)
            submission = submissions.by_ref(submission.ref)
    return render_template(
        f"reviews/{verb}.html", submission=submission, seat=seat, form=form, home=home,
        name=names_of([seat.person_id])[seat.person_id][0],
    )  # fmt: skip
