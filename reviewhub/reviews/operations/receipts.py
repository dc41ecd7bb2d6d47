"""Receipts and certificates: made with a review or on request, taken back by whom they are for."""

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.receipts import Receipt
from reviewhub.reviews.statements import COMPLETED, completed_in


def thank(assignment: Assignment) -> Receipt:
    """The receipt of a review that has just come; one that was taken back stays so."""
    receipt = _of(assignment)
    if receipt is None:
        receipt = Receipt(person_id=assignment.person_id, assignment_id=assignment.id)
        db.session.add(receipt)
    receipt.completed_on = clock.today()
    db.session.flush()
    return receipt


def issue(assignment: Assignment, *, by: Actor) -> Receipt:
    """A receipt for a review without one, or a new address for one whose old one is worthless.

    Raises WrongState before the review has been sent.
    """
    _refuse_others(assignment.person_id, by)
    review = assignment.review
    if assignment.state not in COMPLETED or review is None or review.submitted_at is None:
        raise WrongState(_("There is a receipt once the review has been sent."))
    receipt = _of(assignment)
    if receipt is None:
        receipt = thank(assignment)
    elif receipt.revoked_at is not None:
        receipt.revoked_at = None
        receipt.epoch += 1
    receipt.completed_on = review.submitted_at.date()
    return receipt


def certify(person_id: int, year: int, *, by: Actor) -> Receipt:
    """The certificate of a calendar year that is over: a number that grew would tell days.

    Raises WrongState for another year, or one without a review.
    """
    _refuse_others(person_id, by)
    if year >= clock.today().year:
        raise WrongState(_("A certificate can be made when its year is over."))
    if not completed_in(person_id, year):
        raise WrongState(_("No review of yours arrived in that year."))
    found = db.session.scalar(
        sa.select(Receipt).where(Receipt.person_id == person_id, Receipt.year == year)
    )
    if found is None:
        found = Receipt(person_id=person_id, year=year)
        db.session.add(found)
    elif found.revoked_at is not None:
        found.revoked_at = None
        found.epoch += 1
    db.session.flush()
    return found


def revoke(receipt: Receipt, *, by: Actor) -> None:
    """Make an address worthless: whoever has it learns nothing from it any more."""
    _refuse_others(receipt.person_id, by)
    receipt.revoked_at = receipt.revoked_at or clock.now()


def _of(assignment: Assignment) -> Receipt | None:
    return db.session.scalar(sa.select(Receipt).where(Receipt.assignment_id == assignment.id))


def _refuse_others(person_id: int, by: Actor) -> None:
    if by.acting_person_id != person_id:
        raise NotAllowed(_("Only whoever reviewed can do this."))
