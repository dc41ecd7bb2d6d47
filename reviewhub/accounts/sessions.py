"""Who is signed in where: rows that the server keeps, so that each can be ended at any time.

A browser holds a random token and nothing else; the database holds its hash, so that neither a
copy of the one nor of the other is enough to make up a session.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from reviewhub.accounts.models import BrowserSession, Person, SecondFactor
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.text import clean_line
from reviewhub.notifications.queries import unread

LIFETIME = timedelta(days=14)
CODE_WITHIN = timedelta(minutes=10)  # between the password and the second factor's code
SEEN_EVERY = timedelta(hours=1)  # how exactly "last used" is known
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Held:
    """The session that a browser holds, and whose it is."""

    id: int
    person: Person
    totp_passed: bool
    has_second_factor: bool
    seen_at: datetime
    unread: int  # notices, as the layout of every page shows


def begin(person: Person, *, user_agent: str, totp_passed: bool = True) -> str:
    """Open a session; returns the token for the browser. Sweeps out the person's expired ones.

    Until the second factor is `totp_passed`, it is good for nothing but sending the code.
    """
    moment, token = clock.now(), secrets.token_urlsafe(32)
    db.session.execute(
        sa.delete(BrowserSession).where(
            BrowserSession.person_id == person.id, BrowserSession.expires_at <= moment
        )
    )
    db.session.add(
        BrowserSession(
            token_hash=_hash(token),
            person_id=person.id,
            expires_at=moment + (LIFETIME if totp_passed else CODE_WITHIN),
            user_agent=clean_line(user_agent)[:_LONGEST_NAME],
            totp_passed=totp_passed,
        )
    )
    db.session.flush()
    return token


# Values that every page needs, each with what to do with it: they come in the same statement.
_along: list[tuple[Any, Callable[[Any], None]]] = []


def read_along(value: sa.ScalarSelect[Any], keep: Callable[[Any], None]) -> None:
    """Let a value that every page needs be read along with the session, and be given to `keep`.

    To be called while the program is imported: the statement is written out once.
    """
    _along.append((value, keep))


@cache
def _held() -> sa.Select[Any]:
    """Every page of a signed-in person asks it. Roles and identities come with it."""
    return (
        sa.select(
            BrowserSession.id,
            BrowserSession.expires_at,
            BrowserSession.totp_passed,
            BrowserSession.seen_at,
            SecondFactor.confirmed_at,
            unread(BrowserSession.person_id).label("unread"),
            Person,
            *(value for value, _keep in _along),
        )
        .join(Person, Person.id == BrowserSession.person_id)
        .outerjoin(SecondFactor, SecondFactor.person_id == BrowserSession.person_id)
        .where(BrowserSession.token_hash == sa.bindparam("token_hash"))
        .options(joinedload(Person.grants), undefer(Person.has_identity))
    )


def find(token: str) -> Held | None:
    """What a token stands for, unless it is wrong or over, or its person may not sign in."""
    rows = db.session.execute(_held(), {"token_hash": _hash(token), "moment": clock.now()})
    found = rows.unique().one_or_none()
    if found is None:
        return None
    session_id, expires_at, totp_passed, seen_at, confirmed_at, notices, person, *more = found
    for (_value, keep), value in zip(_along, more, strict=True):
        keep(value)
    if expires_at <= clock.now() or not person.is_active:
        return None
    return Held(session_id, person, totp_passed, confirmed_at is not None, seen_at, notices)


def see(held: Held) -> None:
    """Note that the session was used, at most once in `SEEN_EVERY`."""
    if held.seen_at + SEEN_EVERY <= clock.now():
        db.session.execute(
            sa.update(BrowserSession)
            .where(BrowserSession.id == held.id)
            .values(seen_at=clock.now())
        )


def of_person(person_id: int) -> list[BrowserSession]:
    """The sessions of a person that still hold, newest first."""
    return list(
        db.session.scalars(
            sa.select(BrowserSession)
            .where(
                BrowserSession.person_id == person_id,
                BrowserSession.expires_at > clock.now(),
                BrowserSession.totp_passed,
            )
            .order_by(BrowserSession.created_at.desc(), BrowserSession.id.desc())
        )
    )


def end(session_id: int) -> None:
    """Sign this browser out; ending twice is no error."""
    db.session.execute(sa.delete(BrowserSession).where(BrowserSession.id == session_id))


def end_all(person_id: int, *, but: int | None = None) -> None:
    """Sign a person out everywhere, or everywhere but in the session `but`."""
    query = sa.delete(BrowserSession).where(BrowserSession.person_id == person_id)
    if but is not None:
        query = query.where(BrowserSession.id != but)
    db.session.execute(query)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
