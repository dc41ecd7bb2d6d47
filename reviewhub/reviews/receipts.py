"""Receipts for reviews and certificates for years: what a reviewer can show to anybody.

The code in an address is derived from the row's random number and its epoch, as the links of mails
are: what stands in the database opens nothing, and a new epoch makes an old address worthless. The
number is random because a counted one would tell which receipts were made one after another.
"""

import hmac
import secrets
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.accounts import keys
from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import Model, db

_NUMBER_BYTES = 6
_MAC_LENGTH = 20


def _new_number() -> str:
    return secrets.token_hex(_NUMBER_BYTES)


class Receipt(Model):
    """For one review (`assignment_id`), or for all of a calendar year (`year`)."""

    __tablename__ = "receipts"
    __table_args__ = (
        sa.CheckConstraint("(assignment_id IS NULL) <> (year IS NULL)", name="one_kind"),
        sa.CheckConstraint(
            "(assignment_id IS NULL) = (completed_on IS NULL)", name="review_has_day"
        ),
        sa.UniqueConstraint("assignment_id", name="uq_receipts_review"),
        sa.UniqueConstraint("person_id", "year", name="uq_receipts_year"),
        sa.Index("ix_receipts_completed", "completed_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(32), unique=True, default=_new_number)
    epoch: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    assignment_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("assignments.id", ondelete="CASCADE")
    )
    year: Mapped[int | None]
    completed_on: Mapped[date | None]
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    revoked_at: Mapped[datetime | None]


def code(receipt: Receipt) -> str:
    """The text that stands in the address. Derived, never stored."""
    return f"{receipt.number}-{keys.sign(_signed(receipt))[:_MAC_LENGTH]}"


def code_of_review(assignment_id: int) -> str:
    """The code of a review's receipt, read at the moment a mail or page is written; "" for none."""
    found = db.session.scalar(
        sa.select(Receipt).where(
            Receipt.assignment_id == assignment_id, Receipt.revoked_at.is_(None)
        )
    )
    return code(found) if found is not None else ""


def resolve(text: str) -> Receipt | None:
    """The receipt that a code is for, or None: it is wrong, or was taken back."""
    number, _, mac = text.partition("-")
    if not (number.isascii() and number.isalnum() and len(number) == 2 * _NUMBER_BYTES):
        return None
    found = db.session.scalar(
        sa.select(Receipt)
        .join(Person, Person.id == Receipt.person_id)
        .where(Receipt.number == number, Receipt.revoked_at.is_(None), Person.erased_at.is_(None))
    )
    if found is None:
        return None
    right = (signature[:_MAC_LENGTH] for signature in keys.signatures(_signed(found)))
    return found if any(hmac.compare_digest(mac.encode(), one.encode()) for one in right) else None


def _signed(receipt: Receipt) -> str:
    return f"receipt:{receipt.number}:{receipt.epoch}"
