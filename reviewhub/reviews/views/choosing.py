"""Why each person of a panel was chosen, everybody else and why not, and what another weighting
would do: an editor's pages. None of them changes anything but `assign`."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from reviewhub.accounts.access import BY_OBJECT, actor, allow
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _, get_locale
from reviewhub.matching.rules import Facet
from reviewhub.reviews import operations, policy, queries
from reviewhub.reviews.everybody import SHOWN, everybody
from reviewhub.reviews.explained import names_of
from reviewhub.reviews.models import ReviewRound
from reviewhub.reviews.operations.screening import round_to_be
from reviewhub.reviews.outlooks import Change, Outlook, loads, people_in
from reviewhub.reviews.queries import rules_of
from reviewhub.reviews.reasons import FACETS
from reviewhub.reviews.seat_reasons import seat_reasons_of
from reviewhub.reviews.tuning import Tuning
from reviewhub.reviews.tuning_forms import AssignForm, TuningForm
from reviewhub.reviews.views.blueprint import bp
from reviewhub.reviews.why import tuned_words
from reviewhub.submissions import policy as submissions_policy
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State


@bp.get("/submissions/<ref>/panel/reasons")
@allow(BY_OBJECT)
def reasons(ref: str) -> str:
    """Why each person of the latest round was asked, as it was kept then."""
    submission = _item(ref)
    current = queries.latest_round(submission.id)
    if current is None:
        raise WrongState(_("Nobody has been asked about this yet."))
    return render_template(
        "reviews/reasons.html",
        submission=submission,
        current=current,
        seats=seat_reasons_of(submission, current),
        is_open=_is_open(submission, current),
    )


@bp.get("/submissions/<ref>/panel/people")
@allow(BY_OBJECT)
def people(ref: str) -> str:
    """Everybody on the roster, best score first, and why they are not on the panel."""
    submission, current = _open(ref)
    q = request.args.get("q", "").strip()[:100]
    show = request.args.get("show", "all")
    page = request.args.get("page", "1")
    show = show if show in SHOWN else "all"
    found = everybody(
        submission,
        current,
        starts=submission.state is State.SUBMITTED,
        q=q,
        show=show,
        number=int(page[:6]) if page.isascii() and page.isdigit() else 1,
    )
    return render_template(
        "reviews/people.html", submission=submission, found=found, q=q, show=show
    )


@bp.get("/submissions/<ref>/panel/what_if")
@allow(BY_OBJECT)
def what_if(ref: str) -> str | Response:
    """Whom other weights, limits, pins and bans would ask; nothing is sent."""
    submission, current = _open(ref)
    try:
        tuning = tuning_of(request.args)
        found = operations.outlook(submission, tuning, by=actor())
    except InvalidInput as error:
        page = _page(submission, current, Tuning(), None, _refused(error))
        return make_response(page, error.status)
    return _page(submission, current, tuning, found)


@bp.post("/submissions/<ref>/panel/assign")
@allow(BY_OBJECT)
def assign(ref: str) -> str | Response:
    """Ask everybody who was shown, or nobody where it would turn out otherwise now."""
    submission, current = _open(ref)
    tuning, form = tuning_of(request.form), AssignForm()
    if not form.was_sent_and_is_valid():
        found = operations.outlook(submission, tuning, by=actor())
        return make_response(_page(submission, current, tuning, found, assigning=form), 422)
    before = _before(form.before.data)
    try:
        operations.assign(submission, tuning, seen=form.seen.data, by=actor(), note=form.note.data)
        db.session.commit()
    except operations.Changed as changed:
        db.session.rollback()
        submission, current = _open(ref)
        differs = Change.between(before, changed.now)
        page = _page(submission, current, tuning, changed.now, differs=differs)
        return make_response(page, changed.status)
    except InvalidInput as error:
        db.session.rollback()
        submission, current = _open(ref)
        form.refuse(error)
        found = operations.outlook(submission, tuning, by=actor())
        return make_response(_page(submission, current, tuning, found, assigning=form), 422)
    flash(_("They are asked by mail now."), "success")
    return redirect(url_for("admin.item", ref=ref))


def tuning_of(given: MultiDict[str, str]) -> Tuning:
    """What an address or a form changes."""
    return Tuning.read(given, given.getlist("pin"), given.getlist("off"))


def _page(
    submission: Submission,
    current: ReviewRound,
    tuning: Tuning,
    found: Outlook | None,
    form: TuningForm | None = None,
    *,
    assigning: AssignForm | None = None,
    differs: Change | None = None,
) -> str:
    rules = rules_of(current)
    if form is None:
        form = TuningForm(formdata=None)
        form.show(tuning)
    form.hint(rules.weights, rules)
    if found is not None and (assigning is None or not assigning.errors):
        assigning = AssignForm(formdata=None)
    if found is not None and assigning is not None:
        assigning.seen.data = found.digest
        assigning.before.data = ",".join(f"{seat.slot}:{seat.person_id}" for seat in found.seats)
    named = {seat.candidate_id for seat in tuning.pinned} | set(tuning.kept_off)
    named |= people_in([found]) if found else set()
    named |= {*differs.new, *differs.gone} if differs else set()
    return render_template(
        "reviews/what_if.html",
        submission=submission,
        tuning=tuning,
        tuned=tuned_words(tuning.stored()),
        found=found,
        form=form,
        assigning=assigning,
        differs=differs,
        loads=loads([found]) if found else (),
        names=names_of(named),
        facets=[(facet, FACETS[facet.value]) for facet in Facet],
        language=get_locale(),
        address=lambda changed: url_for(
            ".what_if", ref=submission.ref, **_grouped(changed.query())
        ),
    )


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _refused(error: InvalidInput) -> TuningForm:
    form = TuningForm(formdata=request.args)
    form.refuse(error)
    return form


def _before(text: str) -> list[tuple[str, int]]:
    found = []
    for one in text.split(","):
        slot, _colon, number = one.partition(":")
        if number.isascii() and number.isdigit():
            found.append((slot, int(number)))
    return found


def _item(ref: str) -> Submission:
    """The item, for an editor without a part in it."""
    submission = submissions.find(ref)
    if submission is None or not submissions_policy.may_see(actor(), submission):
        raise NotFound(_("There is no such suggestion, or it is not for this account."))
    if Role.EDITOR not in policy.roles_towards(actor(), submission):
        raise NotAllowed(_("This step is somebody else's to take."))
    return submission


def _open(ref: str) -> tuple[Submission, ReviewRound]:
    """The item with its open round, or with the one that would open if its review started now."""
    submission = _item(ref)
    if submission.state is State.SUBMITTED:
        return submission, round_to_be(submission)
    current = queries.latest_round(submission.id)
    if current is None or not _is_open(submission, current):
        raise WrongState(_("There is no open panel here."))
    return submission, current


def _is_open(submission: Submission, current: ReviewRound) -> bool:
    return submission.state is State.IN_REVIEW and current.closed_at is None
