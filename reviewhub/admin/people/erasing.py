"""Taking somebody out of the hub: asked for, thought over, and done.

What they gave for themselves goes. What they did for others stays as the record of how a decision
came about, under a pseudonym: reviews, decisions, and the suggestions that were judged.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.admin import emails
from reviewhub.admin.people import holdings
from reviewhub.admin.people.duties import duties
from reviewhub.admin.people.holdings import HOLDINGS, PSEUDONYM, Erase, column_of
from reviewhub.admin.people.words import Hidden, hide
from reviewhub.audit.models import AuditEvent
from reviewhub.audit.operations import record
from reviewhub.core import clock, config, files
from reviewhub.core.db import db, locked
from reviewhub.core.errors import WrongState
from reviewhub.core.i18n import _
from reviewhub.notifications import mailbox
from reviewhub.notifications.models import Message, Notice
from reviewhub.notifications.outbox import ON_THE_WAY, RESENDABLE, UNSENT
from reviewhub.reviews.models import Assignment, Review
from reviewhub.reviews.operations import withdraw as withdraw_suggestion
from reviewhub.reviews.texts import ItemText
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.operations import applications, memberships
from reviewhub.roster.workflow import ApplicationState, MembershipState
from reviewhub.submissions import attachments
from reviewhub.submissions.models import Submission, SubmissionFile, Upload
from reviewhub.submissions.workflow import OPEN, State

COOLING_OFF = timedelta(days=7)
AGAIN_AFTER = timedelta(days=1)  # where something stands in the way when the day has come
NOWHERE = "erased.invalid"  # a domain that no mail ever reaches
_OPEN_APPLICATIONS = (
    ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.MORE_INFORMATION,
)  # fmt: skip


@dataclass(frozen=True)
class Erased:
    """What is left to do once the transaction is committed: bytes to remove, mails to forget."""

    files: tuple[tuple[Path, str], ...]
    addresses: tuple[str, ...]

    def clear(self) -> None:
        """Remove the bytes, and what an own mailbox of the hub keeps."""
        for store, path in self.files:
            files.drop(store, path)
        for address in self.addresses:
            mailbox.forget(config.current().var / "mailbox", address)


def plan_erasure(person: Person) -> None:
    """The person wants to be erased: in some days, so that they can think it over.

    Raises WrongState while something waits for them.
    """
    _refuse_duties(person)
    person.erase_at = clock.now() + COOLING_OFF
    record(person, "plan_erasure", actor_id=person.id, role="self")
    emails.plan_erasure(person)


def cancel_erasure(person: Person) -> None:
    """They stay; calling it off twice changes nothing."""
    if person.erase_at is not None:
        person.erase_at = None
        record(person, "cancel_erasure", actor_id=person.id, role="self")


def due(now: datetime, *, limit: int = 20) -> list[int]:
    """Whose day has come."""
    found = (
        sa.select(Person.id)
        .where(Person.erase_at <= now)
        .order_by(Person.erase_at, Person.id)
        .limit(limit)
    )
    return list(db.session.scalars(found))


def erase_due(person_id: int) -> Erased | None:
    """Erase somebody whose day has come, or look again tomorrow where something waits for them."""
    person = locked(Person, person_id)
    if person.erase_at is None or person.erase_at > clock.now():
        return None
    if duties(person):
        person.erase_at = clock.now() + AGAIN_AFTER
        return None
    return erase(person, by=None)


def erase(person: Person, *, by: int | None, note: str = "") -> Erased:
    """Turn somebody into a pseudonym, whole or not at all.

    Their suggestions and applications that are under way are withdrawn and their membership ends,
    as they could do themselves. Raises WrongState while something else waits for them. Whoever
    calls it commits, and then clears what it returns.
    """
    person = locked(Person, person.id)
    if person.erased_at is not None or person.merged_into_id is not None:
        raise WrongState(_("This person was erased or merged already."))
    _refuse_duties(person)
    _leave(person)
    db.session.flush()
    everyone = [person, *_merged_into(person)]
    number = secrets.token_hex(2)
    pseudonym = f"Former member {number}"  # stored, and so in one language
    words = _words_of(everyone)
    left = _files_of(person)
    _forget_unsent(person, number)
    for name in HOLDINGS:
        _treat(name, person, pseudonym)
    _treat_parts(person)
    _forget_likeness(person)
    _forget_own_history(everyone)
    hide(Hidden.of(words, pseudonym))
    db.session.expire_all()
    for one in everyone:
        _empty(one, pseudonym, number)
    db.session.flush()
    record(person, "erase", actor_id=by, role="admin" if by else "self", note=note)
    return Erased(tuple(left), tuple(word for word in words if "@" in word))


# -- private: leaving what is under way --


def _refuse_duties(person: Person) -> None:
    waiting = duties(person)
    if waiting:
        raise WrongState(waiting[0])


def _leave(person: Person) -> None:
    """What the person would take back themselves, in their own name."""
    themselves = Actor(person_id=person.id)
    open_items = sa.select(Submission).where(
        Submission.submitter_id == person.id, Submission.state.in_({State.DRAFT, *OPEN})
    )
    for submission in db.session.scalars(open_items.order_by(Submission.id)).all():
        withdraw_suggestion(submission, by=themselves)
    waiting = sa.select(Application).where(
        Application.person_id == person.id, Application.state.in_(_OPEN_APPLICATIONS)
    )
    for application in db.session.scalars(waiting.order_by(Application.id)).all():
        applications.withdraw(application, by=themselves)
    membership = db.session.scalar(sa.select(Membership).where(Membership.person_id == person.id))
    if membership is not None and membership.state != MembershipState.ENDED:
        memberships.end(membership, by=themselves)


# -- private: what goes --


def _merged_into(person: Person) -> list[Person]:
    return list(db.session.scalars(sa.select(Person).where(Person.merged_into_id == person.id)))


def _words_of(everyone: list[Person]) -> set[str]:
    """Every name and address under which they are known."""
    ids = [one.id for one in everyone]
    named = sa.select(Application.name).where(Application.person_id.in_(ids))
    written = sa.select(Message.address).where(Message.recipient_id.in_(ids))
    noted = sa.select(Invitation.answers["name"].as_string()).where(Invitation.person_id.in_(ids))
    found = {word for query in (named, written, noted) for word in db.session.scalars(query)}
    return {word for word in found if word} | {
        word for one in everyone for word in (one.name, one.email) if word
    }


def _files_of(person: Person) -> list[tuple[Path, str]]:
    """CVs, and what came with suggestions that were never sent."""
    cvs = db.session.scalars(sa.select(Application.cv).where(Application.person_id == person.id))
    found = [(applications.cv_store(), str(cv["path"])) for cv in cvs if "path" in cv]
    drafts = _drafts_of(person)
    for path in (SubmissionFile.path, SubmissionFile.clean_path, Upload.path):
        rows = db.session.scalars(sa.select(path).where(path.class_.submission_id.in_(drafts)))
        found += [(attachments.store(), str(row)) for row in rows if row]
    return found


def _drafts_of(person: Person) -> "sa.Select[int]":
    """What was never sent, and so never anybody else's business."""
    return sa.select(Submission.id).where(
        Submission.submitter_id == person.id, Submission.submitted_at.is_(None)
    )


def _forget_unsent(person: Person, number: str) -> None:
    """No further mail goes to them; what has gone out stays as a line without words."""
    waiting = sa.and_(
        Message.recipient_id == person.id,
        Message.state.in_({*UNSENT, *ON_THE_WAY, *RESENDABLE}),
    )
    digests = list(db.session.scalars(sa.select(Message.id).where(waiting)))
    db.session.execute(  # what a digest held that is deleted, and went out by itself since
        sa.update(Message)
        .where(Message.digest_id.in_(digests), sa.not_(waiting))
        .values(digest_id=None)
    )
    db.session.execute(sa.delete(Message).where(waiting))
    db.session.execute(
        sa.update(Message)
        .where(Message.recipient_id == person.id)
        .values(address=f"{number}-{person.id}@{NOWHERE}")
    )


def _treat(name: str, person: Person, pseudonym: str) -> None:
    """Delete or empty the rows that one column calls theirs."""
    column, holding = column_of(name), HOLDINGS[name]
    mine = column == person.id
    if holding.erase is Erase.DELETE:
        db.session.execute(sa.delete(column.table).where(mine))
    elif holding.erase is Erase.EMPTY:
        values = {
            field: pseudonym if value is PSEUDONYM else value
            for field, value in holding.empties.items()
        }
        db.session.execute(sa.update(column.table).where(mine).values(values))


def _treat_parts(person: Person) -> None:
    """What hangs on their rows: all of a membership, and drafts of whatever kind."""
    members = sa.select(Membership.id).where(Membership.person_id == person.id)
    for part in holdings.PARTS:
        if part.of == Membership.__tablename__:
            column = column_of(f"{part.table}.{part.column}")
            db.session.execute(sa.delete(column.table).where(column.in_(members)))
    seats = sa.select(Assignment.id).where(Assignment.person_id == person.id)
    db.session.execute(
        sa.update(Review)
        .where(Review.assignment_id.in_(seats))
        .values(draft={}, draft_tab="")
        .execution_options(synchronize_session=False)
    )
    drafts = _drafts_of(person)
    for model in (SubmissionFile, Upload):
        db.session.execute(
            sa.delete(model)
            .where(model.submission_id.in_(drafts))
            .execution_options(synchronize_session=False)
        )
    db.session.execute(
        sa.update(Submission)
        .where(Submission.id.in_(drafts))
        .values(_EMPTY_DRAFT)
        .execution_options(synchronize_session=False)
    )


def _forget_likeness(person: Person) -> None:
    """The words of theirs that a waiting item shares with them."""
    key = str(person.id)
    held = sa.cast(ItemText.shared, sa.Text).contains(f'"{key}"', autoescape=True)
    for item in db.session.scalars(sa.select(ItemText).where(held)):
        item.shared = {other: words for other, words in item.shared.items() if other != key}


_EMPTY_DRAFT: dict[str, Any] = {
    "title": "", "title_en": "", "description": "", "why_useful": "", "url": "", "url_key": "",
    "publisher": "", "authors": [], "published_on": "", "details": {}, "for_government": "",
    "response_note": "",
}  # fmt: skip


def _forget_own_history(everyone: list[Person]) -> None:
    """What is about them alone keeps its verbs: not what was written in it, and no mail about it.

    Colleagues' mails and notices about their application or membership quote it.
    """
    people = [one.id for one in everyone]
    theirs = {"people": people} | {
        model.__tablename__: list(
            db.session.scalars(sa.select(model.id).where(model.person_id.in_(people)))
        )
        for model in (Application, Membership)
    }
    for kind, ids in theirs.items():
        events = sa.and_(AuditEvent.object_type == kind, AuditEvent.object_id.in_(ids))
        mails = sa.and_(Message.object_type == kind, Message.object_id.in_(ids))
        messages = sa.select(Message.id).where(mails)
        unsent = Message.state.in_({*UNSENT, *ON_THE_WAY, *RESENDABLE})
        for statement in (
            sa.update(AuditEvent).where(events).values(note="", data={}),
            sa.delete(Notice).where(Notice.message_id.in_(messages)),
            sa.delete(Message).where(mails, unsent),
            sa.update(Message).where(mails).values(context={}, reply_to="", last_error=""),
        ):
            db.session.execute(statement, execution_options={"synchronize_session": False})


def _empty(person: Person, pseudonym: str, number: str) -> None:
    now = clock.now()
    person.name, person.email = pseudonym, f"{number}-{person.id}@{NOWHERE}"
    person.password_hash = person.confirmed_at = person.away_until = person.bouncing_since = None
    person.suspended_at = person.suspended_at or now
    person.erased_at, person.erase_at = now, None
    person.organisation_id, person.country = None, ""
    person.locale, person.timezone = "en", config.current().timezone
