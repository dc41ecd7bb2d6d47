"""The history in words, for one item or for the whole hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import LABELS as ROLES
from reviewhub.accounts.roles import Role
from reviewhub.admin import sight
from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import db
from reviewhub.core.i18n import _l
from reviewhub.library.models import Resource
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.roster.models import Application
from reviewhub.submissions.models import Submission

PAGE = 50

WORDS = {
    ("submissions", "create"): _l("started a suggestion"),
    ("submissions", "submit"): _l("sent the suggestion"),
    ("submissions", "start_review"): _l("started the review"),
    ("submissions", "decline"): _l("declined it at screening"),
    ("submissions", "finish_review"): _l("closed the panel"),
    ("submissions", "consult"): _l("asked for one more reviewer"),
    ("submissions", "request_changes"): _l("asked for changes"),
    ("submissions", "approve"): _l("approved it"),
    ("submissions", "reject"): _l("rejected it"),
    ("submissions", "publish"): _l("published it"),
    ("submissions", "withdraw"): _l("withdrew it"),
    ("submissions", "lapse"): _l("let it lapse, because reminders stayed unanswered"),
    ("submissions", "revive"): _l("took it up again"),
    ("submissions", "appeal"): _l("appealed"),
    ("submissions", "reopen"): _l("undid the decision"),
    ("submissions", "rescreen"): _l("undid the decision at screening"),
    ("submissions", "refile"): _l("corrected the filing"),
    ("submissions", "ask"): _l("asked the submitter a question"),
    ("submissions", "answer"): _l("answered the question"),
    ("submissions", "take"): _l("took it on"),
    ("submissions", "confirm"): _l("confirmed the address"),
    ("submissions", "record_for"): _l("entered what came by mail"),
    ("submissions", "escalate"): _l("named somebody else to act"),
    ("assignments", "propose"): _l("proposed a reviewer"),
    ("assignments", "relieve"): _l("asked somebody beside a late reviewer"),
    ("assignments", "invite"): _l("invited a reviewer"),
    ("assignments", "accept"): _l("accepted to review"),
    ("assignments", "decline"): _l("declined to review"),
    ("assignments", "expire"): _l("closed an invitation without an answer"),
    ("assignments", "recuse"): _l("stepped back for a conflict of interest"),
    ("assignments", "submit"): _l("sent a review"),
    ("assignments", "give_up"): _l("could not judge it"),
    ("assignments", "return_"): _l("returned a review to be made clearer"),
    ("assignments", "cancel"): _l("called off a reviewer"),
    ("assignments", "surpass"): _l("no longer needs a reviewer"),
    ("assignments", "extend"): _l("moved the date of a review"),
    ("review_rounds", "open"): _l("opened a round of review"),
    ("review_rounds", "close"): _l("closed a round of review"),
    ("roster_applications", "apply"): _l("filled in an application"),
    ("roster_applications", "submit"): _l("applied to the roster"),
    ("roster_applications", "ask"): _l("asked the applicant for more"),
    ("roster_applications", "answer"): _l("answered"),
    ("roster_applications", "approve"): _l("approved the application"),
    ("roster_applications", "decline"): _l("declined the application"),
    ("roster_applications", "withdraw"): _l("withdrew the application"),
    ("roster_applications", "lapse"): _l("let the application lapse"),
    ("roster_memberships", "join"): _l("joined the roster"),
    ("roster_memberships", "edit"): _l("changed the profile"),
    ("roster_memberships", "plan_pause"): _l("planned a pause"),
    ("roster_memberships", "call_off_pause"): _l("called off a pause"),
    ("roster_memberships", "pause"): _l("paused"),
    ("roster_memberships", "resume"): _l("is available again"),
    ("roster_memberships", "end"): _l("left the roster"),
    ("roster_memberships", "renew"): _l("renewed the term"),
    ("resources", "publish"): _l("put it in the library"),
    ("resources", "check_in"): _l("entered it as checked"),
    ("resources", "correct"): _l("corrected the record"),
    ("resources", "archive"): _l("archived it"),
    ("resources", "restore"): _l("brought it back"),
    ("resources", "remove"): _l("removed it"),
    ("people", "confirm"): _l("confirmed an address"),
    ("people", "set_password"): _l("set a password"),
    ("people", "grant"): _l("was given a role"),
    ("review_policies", "adopt_policy"): _l("adopted a review policy"),
    ("outbox", "resend"): _l("sent a mail again"),
}

KINDS = {
    "submissions": _l("Suggestions"),
    "assignments": _l("Assignments"),
    "review_rounds": _l("Rounds"),
    "roster_applications": _l("Applications"),
    "roster_memberships": _l("Memberships"),
    "resources": _l("Resources"),
    "people": _l("People"),
    "review_policies": _l("Review policies"),
    "outbox": _l("Mails"),
}


@dataclass(frozen=True)
class Entry:
    """One event in words: who did what, when; `whom` is the reviewer it is about."""

    id: int
    at: datetime
    who: str
    what: str
    whom: str
    note: str
    old_state: str
    new_state: str
    kind: str
    ref: str = ""
    title: str = ""


@dataclass(frozen=True)
class Filter:
    """What the history page shows: by person, verb and kind of object."""

    person_id: int | None = None
    verb: str = ""
    kind: str = ""


def entries(
    events: Sequence[AuditEvent],
    names: Mapping[int, str],
    seats: Mapping[int, str],
    *,
    with_notes: bool,
) -> list[Entry]:
    """The events of one item; `seats` names the reviewer of each assignment by id.

    The notes are for those who are no part of the item.
    """
    found = []
    for event in events:
        whom = seats.get(event.object_id, "") if event.object_type == "assignments" else ""
        entry = _entry(event, names.get(event.actor_id or 0, ""), whom)
        found.append(entry if with_notes else replace(entry, note=""))
    return found


def recent(wanted: Filter, actor: Actor, *, before: int | None = None) -> list[Entry]:
    """At most PAGE + 1 events of the whole hub, the newest first."""
    actors, seated = aliased(Person), aliased(Person)
    query = (
        sa.select(
            AuditEvent, actors.name, actors.email, Submission.ref, Submission.title,
            Application.ref, Resource.slug, Resource.title, seated.name,
        )
        .outerjoin(actors, actors.id == AuditEvent.actor_id)
        .outerjoin(Assignment, _is("assignments", Assignment.id))
        .outerjoin(seated, seated.id == Assignment.person_id)
        .outerjoin(ReviewRound, _is("review_rounds", ReviewRound.id))
        .outerjoin(
            Submission,
            sa.or_(
                _is("submissions", Submission.id),
                Submission.id == Assignment.submission_id,
                Submission.id == ReviewRound.submission_id,
            ),
        )
        .outerjoin(Application, _is("roster_applications", Application.id))
        .outerjoin(Resource, _is("resources", Resource.id))
        .where(*_conditions(wanted, actor, before))
        .order_by(AuditEvent.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    rows = db.session.execute(query).all()
    own = sight.items_of(actor, [row[0].object_id for row in rows if _is_item(row[0])])
    return [_row(*row, is_own=_is_item(row[0]) and row[0].object_id in own) for row in rows]


def actors() -> list[tuple[int, str]]:
    """Staff whose steps one may look for, by name."""
    rows = db.session.scalars(
        sa.select(Person).where(Person.grants.any()).order_by(Person.name, Person.id).limit(200)
    )
    return [(person.id, person.shown_name) for person in rows]


def verbs(kind: str) -> list[tuple[str, Any]]:
    """The verbs of one kind of object that one may look for, with their words."""
    return [(verb, words) for (of, verb), words in WORDS.items() if of == kind]


def _is(kind: str, id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(AuditEvent.object_type == kind, AuditEvent.object_id == id)


def _conditions(wanted: Filter, actor: Actor, before: int | None) -> list[sa.ColumnElement[bool]]:
    found = [sight.shown_events(actor)]
    if wanted.person_id is not None:
        found.append(AuditEvent.actor_id == wanted.person_id)
    if wanted.kind:
        found.append(AuditEvent.object_type == wanted.kind)
    if wanted.verb:
        found.append(AuditEvent.verb == wanted.verb)
    if before is not None:
        found.append(AuditEvent.id < before)
    return found


def _is_item(event: AuditEvent) -> bool:
    return event.object_type == Submission.__tablename__


def _row(
    event: AuditEvent, name: str, email: str, *about: str | None, is_own: bool = False
) -> Entry:
    ref, title, application, slug, resource, whom = about
    entry = _entry(event, name or email or "", whom or "")
    if is_own:  # notes are for those who are no part of the item
        entry = replace(entry, note="")
    return replace(entry, ref=ref or application or slug or "", title=title or resource or "")


def _entry(event: AuditEvent, name: str, whom: str) -> Entry:
    words = WORDS.get((event.object_type, event.verb), event.verb.replace("_", " ").strip())
    return Entry(
        id=event.id,
        at=event.at,
        who=name or _role(event.role),
        what=str(words),
        whom="" if whom == name else whom,
        note=event.note,
        old_state=event.old_state or "",
        new_state=event.new_state or "",
        kind=event.object_type,
    )


def _role(role: str) -> str:
    return str(ROLES[Role(role)]) if role in set(Role) else role
