"""What members of staff must not see in lists, because they are part of it themselves.

Whoever suggested an item, reviews it or has a conflict with it may be an editor of the hub as
well. Towards that item they are not: no list of the desk shows them its panel or its mails. What
one item's page shows is decided by reviews/policy.py.
"""

from typing import Any

import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import DeclaredConflict, Person
from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import db, one_of
from reviewhub.library.models import Resource
from reviewhub.notifications.models import Message
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.roster.models import Application, Membership
from reviewhub.roster.policy import READERS as ROSTER_READERS
from reviewhub.submissions.models import Submission
from reviewhub.submissions.workflow import State


def items_of(actor: Actor, submission_ids: list[int]) -> frozenset[int]:
    """Which of these items the viewer is part of."""
    if not submission_ids:
        return frozenset()
    found = db.session.scalars(_OWN_AMONG, {"me": actor.person_id, "ids": submission_ids})
    return frozenset(found.all())


def shown_events(actor: Actor) -> sa.ColumnElement[bool]:
    """Keeps the panel of one's own items, others' applications, and drafts, out of a list of
    events."""
    kind, about = AuditEvent.object_type, AuditEvent.object_id
    return sa.and_(
        kind.not_in(_closed_kinds(actor)),
        sa.not_(_about_own_panel(actor, kind, about)),
        sa.not_(_about_draft(kind, about)),
    )


def shown_messages(actor: Actor) -> sa.ColumnElement[bool]:
    """Keeps other people's mail about one's own items out of a list of mails."""
    about_own = sa.or_(
        _about_own_panel(actor, Message.object_type, Message.object_id),
        sa.and_(
            Message.object_type == Submission.__tablename__,
            Message.object_id.in_(_own_items(actor.person_id)),
        ),
        sa.and_(
            Message.object_type == Resource.__tablename__,
            Message.object_id.in_(
                sa.select(Resource.id).where(
                    Resource.submission_id.in_(_own_items(actor.person_id))
                )
            ),
        ),
    )
    open_to = sa.and_(Message.object_type.not_in(_closed_kinds(actor)), sa.not_(about_own))
    return sa.or_(Message.recipient_id == actor.person_id, open_to)


def _closed_kinds(actor: Actor) -> tuple[str, ...]:
    """What only the roster's staff may read about."""
    if actor.roles & ROSTER_READERS:
        return ()
    return Application.__tablename__, Membership.__tablename__


# Columns, no objects: a list of the desk asks for them each time.
_items, _asked = Submission.__table__.c, Assignment.__table__.c
_people, _conflicts = Person.__table__.c, DeclaredConflict.__table__.c


def _own_items(me: Any) -> sa.Select[Any]:
    """What this person (an id) suggested, was asked to review, or declared a conflict with."""
    asked = sa.select(_asked.submission_id).where(_asked.person_id == me)
    return sa.select(_items.id).where(
        sa.or_(
            _items.submitter_id == me,
            _items.id.in_(asked),
            _items.submitter_id.in_(_declared(me, _conflicts.other_person_id)),
            _items.submitter_id.in_(
                sa.select(_people.id).where(
                    _people.organisation_id.in_(_declared(me, _conflicts.organisation_id))
                )
            ),
            sa.and_(
                _items.for_government != "",
                _items.for_government.in_(_declared(me, _conflicts.country)),
            ),
        )
    )


def _declared(person_id: Any, target: Any) -> sa.Select[Any]:
    return sa.select(target).where(_conflicts.person_id == person_id, target.is_not(None))


_OWN_AMONG = _own_items(sa.bindparam("me", type_=sa.Integer)).where(one_of(_items.id, "ids"))


def _about_draft(kind: Any, id: Any) -> sa.ColumnElement[bool]:
    drafts = sa.select(Submission.id).where(Submission.state == State.DRAFT)
    return sa.and_(kind == Submission.__tablename__, id.in_(drafts))


def _about_own_panel(actor: Actor, kind: Any, id: Any) -> sa.ColumnElement[bool]:
    own = _own_items(actor.person_id)
    assignments = sa.select(Assignment.id).where(Assignment.submission_id.in_(own))
    rounds = sa.select(ReviewRound.id).where(ReviewRound.submission_id.in_(own))
    return sa.or_(
        sa.and_(kind == Assignment.__tablename__, id.in_(assignments)),
        sa.and_(kind == ReviewRound.__tablename__, id.in_(rounds)),
    )
