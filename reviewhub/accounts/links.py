"""Links in mails: scoped to one object, revocable, used as often as the work needs.

A link never changes anything by being followed; it only says who is asking. Mail scanners follow
links too, so what it opens has a button that POSTs.
"""

import hmac
from datetime import datetime

import sqlalchemy as sa

from reviewhub.accounts import keys
from reviewhub.accounts.actor import Capability, Grant
from reviewhub.accounts.models import Link, Person
from reviewhub.core import clock
from reviewhub.core.db import db

_MAC_LENGTH = 32
_LARGEST_ID = 2**31 - 1  # PostgreSQL refuses to compare its integers with anything larger


def ensure(
    capability: Capability,
    object_id: int,
    *,
    person_id: int | None,
    expires_at: datetime | None = None,
) -> Link:
    """The one link of this person to this object; made on first need, renewed if it was over."""
    link = db.session.scalar(
        sa.select(Link).where(
            Link.capability == capability,
            Link.object_id == object_id,
            Link.person_id.is_not_distinct_from(person_id),
        )
    )
    if link is None:
        link = Link(capability=capability, object_id=object_id, person_id=person_id, epoch=1)
        db.session.add(link)
    elif link.revoked_at is not None or _is_over(link):
        link.revoked_at = None
        link.epoch += 1  # what stands in older mails stays as dead as it was
    link.expires_at = expires_at
    db.session.flush()
    return link


def choices_of(person_id: int) -> int:
    """The id of the link by which a person says which mails they want."""
    return ensure(Capability.MAIL, person_id, person_id=person_id).id


def revoke(capability: Capability, object_id: int, *, person_id: int | None = None) -> None:
    """Close the links to this object: all of them, or those of one person."""
    query = sa.select(Link).where(
        Link.capability == capability, Link.object_id == object_id, Link.revoked_at.is_(None)
    )
    if person_id is not None:
        query = query.where(Link.person_id == person_id)
    for link in db.session.scalars(query):
        link.revoked_at = clock.now()
    db.session.flush()


def use_up(link_id: int) -> None:
    """Make a link's token worthless: what it was good for once is done."""
    db.session.get_one(Link, link_id).epoch += 1
    db.session.flush()


def token(link: Link) -> str:
    """The text that stands in the address. Derived, never stored."""
    return f"{link.id}.{keys.sign(_signed(link.id, link.epoch))[:_MAC_LENGTH]}"


def token_for(link_id: int) -> str:
    """The token of a link, read at the moment a mail is rendered."""
    return token(db.session.get_one(Link, link_id))


def resolve(text: str) -> Grant | None:
    """What a token gives, or None: it is wrong, revoked or expired, or its person suspended."""
    number, _, mac = text.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        return None
    if int(number) > _LARGEST_ID:
        return None
    found = db.session.execute(
        sa.select(Link, Person.suspended_at)
        .outerjoin(Person, Person.id == Link.person_id)
        .where(Link.id == int(number))
    ).one_or_none()
    if found is None:
        return None
    link, suspended_at = found
    if not _is_of(link, mac) or link.revoked_at is not None or _is_over(link):
        return None
    if suspended_at is not None:
        return None
    return Grant(link.id, link.capability, link.object_id, link.person_id)


def opened(text: str, capability: Capability, object_id: int) -> bool:
    """Whether a token opened this object at some time, be its link closed or renewed since."""
    number, _, mac = text.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        return False
    link = db.session.get(Link, int(number)) if int(number) <= _LARGEST_ID else None
    if link is None or (link.capability, link.object_id) != (capability, object_id):
        return False
    return any(_is_of(link, mac, epoch) for epoch in range(1, link.epoch + 1))


def _is_over(link: Link) -> bool:
    return link.expires_at is not None and link.expires_at <= clock.now()


def _is_of(link: Link, mac: str, epoch: int = 0) -> bool:
    signed = _signed(link.id, epoch or link.epoch)
    right = (signature[:_MAC_LENGTH] for signature in keys.signatures(signed))
    return any(hmac.compare_digest(mac.encode(), one.encode()) for one in right)


def _signed(link_id: int, epoch: int) -> str:
    return f"link:{link_id}:{epoch}"
