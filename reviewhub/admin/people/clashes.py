"""Why two accounts can't be one: what a single person could never have done."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from reviewhub.accounts.models import Person
from reviewhub.core.db import db
from reviewhub.core.i18n import _
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.signing import SignOff
from reviewhub.roster.assessments import Assessment
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.queries.applications import OPEN
from reviewhub.submissions.entered import EnteredFor
from reviewhub.submissions.models import Decision, Progress, Submission


def between(kept: Person, other: Person) -> list[str]:
    """Each obstacle as a sentence with what can be done about it; none where they can be one."""
    return [str(sentence) for sentence in _between(kept, other)]


def _between(kept: Person, other: Person) -> Iterator[object]:
    if kept.id == other.id:
        yield _("This is one and the same account.")
        return
    yield from _of_accounts(kept, other)
    yield from _of_roster(kept.id, other.id)
    for one, two in ((kept.id, other.id), (other.id, kept.id)):
        yield from _of_items(one, two)
        yield from _of_applications(one, two)
    yield from _of_rounds(kept.id, other.id)
    yield from _of_decisions(kept.id, other.id)


def _of_accounts(kept: Person, other: Person) -> Iterator[object]:
    if {kept.erased_at, other.erased_at, kept.merged_into_id, other.merged_into_id} != {None}:
        yield _("One of these accounts was erased or merged already.")
    elif kept.suspended_at or other.suspended_at:
        yield _("One of these accounts is suspended. Reinstate it first, or leave them apart.")
    if other.has_account and not kept.has_account:
        yield _("Keep the one with an account: the other one has no way to sign in.")


def _of_roster(one: int, two: int) -> Iterator[object]:
    both = (one, two)
    if _number(Membership.id, Membership.person_id.in_(both)) > 1:
        yield _(
            "Both have a membership of the roster, with a record each. There can be only one: "
            "these stay apart; end the one that is not used."
        )
    if _number(Application.id, Application.person_id.in_(both), Application.state.in_(OPEN)) > 1:
        yield _("Both have an open application. Decide on one of them first.")


def _of_items(one: int, two: int) -> Iterator[object]:
    """What the first suggested and the second judged."""
    of_one = sa.select(Submission.id).where(Submission.submitter_id == one)
    for ref in _refs(sa.select(Assignment.submission_id).where(
        Assignment.person_id == two, Assignment.submission_id.in_(of_one)
    )):  # fmt: skip
        yield _("One of them suggested %(ref)s, and the other was asked to review it.", ref=ref)
    seats = sa.select(Assignment.submission_id).where(Assignment.person_id == one)
    handled = sa.union(
        sa.select(Progress.submission_id).where(Progress.editor_id == two),
        sa.select(Decision.submission_id).where(Decision.decided_by_id == two),
    ).subquery()
    for ref in _refs(sa.select(handled.c[0]).where(handled.c[0].in_(of_one))):
        yield _("One of them suggested %(ref)s, and the other handled or decided it.", ref=ref)
    for ref in _refs(sa.select(handled.c[0]).where(handled.c[0].in_(seats))):
        yield _("One of them was asked to review %(ref)s, which the other handled.", ref=ref)


def _of_applications(one: int, two: int) -> Iterator[object]:
    """What the first applied for and the second judged."""
    decided = _number(
        Application.id, Application.person_id == one, Application.decided_by_id == two
    )
    assessed = db.session.scalar(
        sa.select(sa.func.count(Assessment.id))
        .join(Application, Application.id == Assessment.application_id)
        .where(Application.person_id == one, Assessment.person_id == two)
    )
    if decided or assessed:
        yield _("One of them applied to the roster, and the other judged the application.")


def _of_rounds(one: int, two: int) -> Iterator[object]:
    mine = sa.select(Assignment.submission_id).where(Assignment.person_id == one)
    both = sa.select(Assignment.submission_id).where(
        Assignment.person_id == two, Assignment.submission_id.in_(mine)
    )
    for ref in _refs(both):
        yield _("Both were asked to review %(ref)s: that makes two seats of one person.", ref=ref)


def _of_decisions(one: int, two: int) -> Iterator[object]:
    pair = {(one, two), (two, one)}
    proposed, second, answered = SignOff.proposed_by_id, SignOff.second_id, SignOff.answered_by_id
    is_signed = sa.or_(
        *(sa.and_(proposed == a, sa.or_(second == b, answered == b)) for a, b in pair)
    )
    if _number(SignOff.id, is_signed):
        yield _("One of them confirmed what the other had decided: that takes two people.")
    entered = (sa.and_(EnteredFor.person_id == a, EnteredFor.entered_by_id == b) for a, b in pair)
    if _number(EnteredFor.id, sa.or_(*entered)):
        yield _("One of them entered something for the other, from a mail.")


def _number(counted: "InstrumentedAttribute[int]", *conditions: "sa.ColumnElement[bool]") -> int:
    return db.session.scalar(sa.select(sa.func.count(counted)).where(*conditions)) or 0


def _refs(submission_ids: "sa.Select[int]") -> list[str]:
    """At most three, which is enough to see why."""
    found = (
        sa.select(Submission.ref)
        .where(Submission.id.in_(submission_ids))
        .order_by(Submission.id)
        .limit(3)
    )
    return list(db.session.scalars(found))
