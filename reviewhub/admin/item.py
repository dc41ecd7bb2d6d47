"""Everything about one item on one page: what was suggested, its panel, its history, its mails."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import joinedload, lazyload, selectinload

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.admin.history import Entry, entries
from reviewhub.audit.models import AuditEvent
from reviewhub.core.db import among, db
from reviewhub.notifications.models import Message
from reviewhub.notifications.queries import messages_about
from reviewhub.reviews import policy
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.policy import may_see
from reviewhub.submissions.trail import Trail, trail
from reviewhub.submissions.workflow import OPEN, SubmissionWorkflow
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue

MOST_EVENTS = 300
MOST_ALTERNATES = 3  # shown per slot

# The pages of the verbs, each in the package that owns it: what moves an item on first, refusals
# last. What is left out is not for staff: the submitter does it, or the system.
PAGES = {
    "start_review": "reviews.start_review",
    "approve": "reviews.approve",
    "publish": "library.publish",
    "rescreen": "submissions.rescreen",
    "revive": "submissions.revive",
    "consult": "reviews.consult",
    "finish_review": "reviews.finish_review",
    "request_changes": "reviews.request_changes",
    "reopen": "reviews.reopen",
    "refile": "submissions.refile",
    "decline": "submissions.decline",
    "reject": "reviews.reject",
}


VOCABULARIES = ("topics", "themes", "regions", "countries", "languages")


@dataclass(frozen=True)
class ItemView:
    """What the page shows. `sees_panel` is false for those who are part of the item."""

    submission: Submission
    sees_panel: bool
    decisions: Sequence[Decision]
    rounds: Sequence[ReviewRound]
    entries: Sequence[Entry]
    mails: Sequence[Message]
    names: dict[int, str]
    verbs: Sequence[str]
    filing: dict[str, list[TermView]]
    way: Trail

    def name(self, person_id: int | None) -> str:
        """Somebody's name, or nothing."""
        return self.names.get(person_id or 0, "")


def by_ref(ref: str, actor: Actor) -> Submission:
    """The submission with all that its page shows. Raises NoResultFound, for drafts as well."""
    found = db.session.execute(
        sa.select(Submission)
        .where(Submission.ref == ref)
        .options(
            joinedload(Submission.submitter).options(
                joinedload(Person.organisation), lazyload(Person.grants)
            ),
            selectinload(Submission.files),
        )
    ).scalar_one()
    if not may_see(actor, found):
        raise NoResultFound
    return found


def view(submission: Submission, actor: Actor) -> ItemView:
    """The page for this viewer."""
    roles = policy.roles_towards(actor, submission)
    # Whoever may act as an editor is not part of it; the others are looked at once more.
    sees_panel = Role.EDITOR in roles or policy.may_see_review_process(actor, submission)
    decisions = _decisions(submission.id)
    if not sees_panel:  # they learn it when the submitter does
        decisions = [one for one in decisions if submissions.is_told(one)]
    rounds = _rounds(submission.id) if sees_panel else []
    events = _events(submission, rounds)
    mails = _mails(submission, rounds) if sees_panel else []
    names = _names(_people(submission, decisions, rounds, events, mails))
    offered = _offered(submission, roles)
    told = entries(events, names, _seats(rounds, names), with_notes=sees_panel)
    return ItemView(
        submission, sees_panel, decisions, rounds, told, mails, names,
        [verb for verb in PAGES if verb in offered], _filing(submission),
        _way(submission, events, decisions),
    )  # fmt: skip


def _offered(submission: Submission, roles: frozenset[Role]) -> list[str]:
    """The verbs open to these roles now; refiling moves no state and is open until publication."""
    offered = SubmissionWorkflow.offered(submission, roles)
    may_refile = Role.EDITOR in roles and submission.state in OPEN
    return [*offered, "refile"] if may_refile else offered


def _way(
    submission: Submission, events: Sequence[AuditEvent], decisions: Sequence[Decision]
) -> Trail:
    own = [event for event in events if event.object_type == Submission.__tablename__]
    return trail(submission, own[::-1], _live(decisions))


def _live(decisions: Sequence[Decision]) -> Decision | None:
    return next((decision for decision in decisions if decision.superseded_at is None), None)


def _filing(submission: Submission) -> dict[str, list[TermView]]:
    """The terms of each vocabulary, the primary topic first."""
    terms = [catalogue().term(row.term_id) for row in submission.filing]
    return {name: [t for t in terms if t.vocabulary == name] for name in VOCABULARIES}


def _decisions(submission_id: int) -> Sequence[Decision]:
    return db.session.scalars(
        sa.select(Decision)
        .where(Decision.submission_id == submission_id)
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
    ).all()


def _rounds(submission_id: int) -> Sequence[ReviewRound]:
    """With assignments and reviews, the newest round first."""
    return db.session.scalars(
        sa.select(ReviewRound)
        .options(selectinload(ReviewRound.assignments).joinedload(Assignment.review))
        .where(ReviewRound.submission_id == submission_id)
        .order_by(ReviewRound.number.desc(), ReviewRound.id)
    ).all()


def _assignments(rounds: Iterable[ReviewRound]) -> list[Assignment]:
    return [assignment for one in rounds for assignment in one.assignments]


def _objects(submission: Submission, rounds: Sequence[ReviewRound]) -> list[tuple[str, int]]:
    return [
        (Submission.__tablename__, submission.id),
        *((ReviewRound.__tablename__, one.id) for one in rounds),
        *((Assignment.__tablename__, assignment.id) for assignment in _assignments(rounds)),
    ]


def _events(submission: Submission, rounds: Sequence[ReviewRound]) -> Sequence[AuditEvent]:
    objects = _objects(submission, rounds)
    return db.session.scalars(
        sa.select(AuditEvent)
        .where(among(AuditEvent.object_type, AuditEvent.object_id, objects))
        .order_by(AuditEvent.id.desc())
        .limit(MOST_EVENTS)
    ).all()


def _mails(submission: Submission, rounds: Sequence[ReviewRound]) -> Sequence[Message]:
    return messages_about(_objects(submission, rounds))[::-1]


def _people(
    submission: Submission,
    decisions: Sequence[Decision],
    rounds: Sequence[ReviewRound],
    events: Sequence[AuditEvent],
    mails: Sequence[Message],
) -> set[int]:
    ids = {submission.progress.editor_id, submission.progress.owner_id}
    ids |= {decision.decided_by_id for decision in decisions}
    ids |= {assignment.person_id for assignment in _assignments(rounds)}
    ids |= {one["person_id"] for each in rounds for one in reserve(each)}
    ids |= {event.actor_id for event in events} | {mail.recipient_id for mail in mails}
    return {person_id for person_id in ids if person_id is not None}


def reserve(current: ReviewRound) -> list[dict[str, Any]]:
    """The ranked alternates of every slot, as the round keeps them."""
    by_slot = current.standing.get("alternates", {})
    return [one for ranked in by_slot.values() for one in ranked[:MOST_ALTERNATES]]


def _names(ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(ids))
    )
    return {number: name or email for number, name, email in rows}


def _seats(rounds: Sequence[ReviewRound], names: dict[int, str]) -> dict[int, str]:
    return {a.id: names.get(a.person_id, "") for a in _assignments(rounds)}
