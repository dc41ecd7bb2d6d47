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
from reviewhub.library import workflow as library
from reviewhub.library.models import Resource
from reviewhub.reviews import workflow as reviews
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.roster import workflow as roster
from reviewhub.roster.models import Application
from reviewhub.submissions import workflow as submissions
from reviewhub.submissions.models import Submission

PAGE = 50

_STEPS = {
    "submissions": submissions.TOLD,
    "assignments": reviews.TOLD,
    "roster_applications": roster.APPLICATION_TOLD,
    "roster_memberships": roster.MEMBERSHIP_TOLD,
    "resources": library.TOLD,
}
WORDS = {
    **{(kind, verb): told for kind, steps in _STEPS.items() for verb, told in steps.items()},
    ("submissions", "create"): _l("started a suggestion"),
    ("submissions", "refile"): _l("corrected the filing"),
    ("submissions", "ask"): _l("asked the submitter a question"),
    ("submissions", "answer"): _l("answered the question"),
    ("submissions", "take"): _l("took it on"),
    ("submissions", "confirm"): _l("confirmed the address"),
    ("submissions", "record_for"): _l("entered what came by mail"),
    ("submissions", "escalate"): _l("named somebody else to act"),
    ("submissions", "wait_for_owner"): _l("moved the date to when its owner is back"),
    ("assignments", "wait_for_answer"): _l("let a review wait for the submitter’s answer"),
    ("assignments", "go_on"): _l("let a review go on after the wait"),
    ("submissions", "propose"): _l("decided, and asked a second person to confirm it"),
    ("submissions", "confirm_decision"): _l("confirmed the decision"),
    ("submissions", "send_back"): _l("sent the decision back"),
    ("submissions", "take_back"): _l("took the decision back before it was confirmed"),
    ("submissions", "decide_alone"): _l("decided alone, because nobody else could confirm it"),
    ("assignments", "propose"): _l("proposed a reviewer"),
    ("assignments", "relieve"): _l("asked somebody beside a late reviewer"),
    ("assignments", "extend"): _l("moved the date of a review"),
    ("assignments", "give_time"): _l("gave a reviewer more time"),
    ("assignments", "find_conflict"): _l("found a conflict after a change of employer"),
    ("assignments", "clear_conflict"): _l("found the conflict gone"),
    ("assignments", "keep"): _l("let a reviewer go on despite a conflict"),
    ("assignments", "choose"): _l("chose a reviewer"),
    ("assignments", "submit_late"): _l("sent a review that was no longer waited for"),
    ("assignments", "follow"): _l("asked to hear what becomes of the resource"),
    ("assignments", "unfollow"): _l("asked to hear no more of the resource"),
    ("assignments", "ask_for_time"): _l("asked for more time"),
    ("assignments", "refuse_time"): _l("left the date of a review as it was"),
    ("assignments", "raise_question"): _l("asked a question to the submitter"),
    ("assignments", "forward_question"): _l("passed a reviewer’s question on"),
    ("assignments", "reply_to_question"): _l("told the panel an answer"),
    ("assignments", "record_for"): _l("entered what a reviewer had sent by mail"),
    ("assignments", "disown"): _l("said that a link had reached somebody else"),
    ("submissions", "record_answer"): _l("entered the submitter’s answer from a mail"),
    ("submissions", "correct_answer"): _l("put right an answer that had been entered"),
    ("review_rounds", "open"): _l("opened a round of review"),
    ("review_rounds", "close"): _l("closed a round of review"),
    ("review_rounds", "pause"): _l("paused the search for reviewers"),
    ("review_rounds", "resume"): _l("went on looking for reviewers"),
    ("review_rounds", "ask_first"): _l("put somebody first in the line of reviewers"),
    ("review_rounds", "forget"): _l("took somebody out of the line of reviewers"),
    ("roster_applications", "apply"): _l("filled in an application"),
    ("roster_applications", "assess"): _l("assessed an application"),
    ("roster_invitations", "invite"): _l("invited somebody to the roster"),
    ("roster_invitations", "change"): _l("changed an invitation to the roster"),
    ("roster_invitations", "accept"): _l("said yes to an invitation to the roster"),
    ("roster_invitations", "decline"): _l("said no to an invitation to the roster"),
    ("roster_invitations", "lapse"): _l("let an invitation to the roster lapse"),
    ("roster_memberships", "join"): _l("joined the roster"),
    ("roster_memberships", "edit"): _l("changed the profile"),
    ("roster_memberships", "plan_pause"): _l("planned a pause"),
    ("roster_memberships", "extend_pause"): _l("extended a pause"),
    ("roster_memberships", "ask_return"): _l("asked to return to the roster"),
    ("roster_memberships", "call_off_pause"): _l("called off a pause"),
    ("roster_memberships", "renew"): _l("renewed the term"),
    ("roster_memberships", "begin_practice"): _l("began a review for practice"),
    ("roster_memberships", "finish_practice"): _l("finished a review for practice"),
    ("roster_memberships", "extend_term"): _l("let the term go on, for a reminder came late"),
    ("resources", "publish"): _l("put it in the library"),
    ("resources", "check_in"): _l("entered it as checked"),
    ("resources", "correct"): _l("corrected the record"),
    ("resources", "look_over"): _l("looked it over: it still holds"),
    ("people", "confirm"): _l("confirmed an address"),
    ("people", "set_password"): _l("set a password"),
    ("people", "bounce"): _l("could not be reached by mail"),
    ("people", "correct_address"): _l("was given another address"),
    ("people", "choose_mails"): _l("chose which mails to get"),
    ("people", "stop_mails"): _l("stopped a kind of mail"),
    ("people", "merge"): _l("was merged with another account"),
    ("people", "plan_erasure"): _l("asked to be erased"),
    ("people", "cancel_erasure"): _l("called the erasure off"),
    ("people", "erase"): _l("was erased"),
    ("people", "grant"): _l("was given a role"),
    ("review_policies", "adopt_policy"): _l("adopted a review policy"),
    ("outbox", "resend"): _l("sent a mail again"),
}

KINDS = {
    "submissions": _l("Suggestions"),
    "assignments": _l("Assignments"),
    "review_rounds": _l("Rounds"),
    "roster_applications": _l("Applications"),
    "roster_invitations": _l("Invitations to the roster"),
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


def recent(
    wanted: Filter, actor: Actor, *, before: int | None = None, most: int = PAGE + 1
) -> list[Entry]:
    """At most `most` events of the whole hub, the newest first."""
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
        .limit(most)
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
