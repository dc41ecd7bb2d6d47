"""Everything about one item on one page: what was suggested, its panel, its history, its mails."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import defer, joinedload, lazyload, load_only

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Organisation, Person
from reviewhub.accounts.roles import Role
from reviewhub.admin.history import Entry, entries
from reviewhub.admin.likeness import Likeness, alike
from reviewhub.admin.queue import STAFF_ACTS
from reviewhub.audit.models import AuditEvent
from reviewhub.core import clock
from reviewhub.core.db import among, db, numbers, one_of
from reviewhub.core.i18n import _
from reviewhub.library.link_checks import LinkCheck
from reviewhub.notifications.models import Message
from reviewhub.notifications.queries import messages_about
from reviewhub.reviews import policy
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.signing import SignOff
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.letters import Letter
from reviewhub.submissions.messages import Question, Thread, thread_for
from reviewhub.submissions.models import Decision, Submission, SubmissionFile
from reviewhub.submissions.policy import may_see
from reviewhub.submissions.trail import Trail, trail
from reviewhub.submissions.workflow import OPEN, State, SubmissionWorkflow
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue

MOST_EVENTS = 300
MOST_ALTERNATES = 3  # shown per slot

# The pages of the verbs, each in the package that owns it: what moves an item on first, refusals
# last. What is left out is not for staff: the submitter does it, or the system.
PAGES = {
    "start_review": "reviews.start_review",
    "confirm_decision": "reviews.confirm_decision",
    "approve": "reviews.approve",
    "publish": "library.publish",
    "rescreen": "submissions.rescreen",
    "revive": "submissions.revive",
    "consult": "reviews.consult",
    "finish_review": "reviews.finish_review",
    "request_changes": "reviews.request_changes",
    "reopen": "reviews.reopen",
    "take_back": "reviews.take_back",
    "refile": "submissions.refile",
    "decline": "submissions.decline",
    "reject": "reviews.reject",
    "send_back": "reviews.send_back",
}
# What decides, and so waits while a second person is asked.
DECIDING = frozenset({"approve", "reject", "request_changes", "consult"})


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
    alike: Sequence[Likeness]
    away_until: datetime | None  # of whoever handles it
    written: "Written"

    @property
    def waiting(self) -> SignOff | None:
        """What waits for a second person, for those who see the panel."""
        return self.written.waiting if self.sees_panel else None

    def decided_before(self, moment: datetime) -> bool:
        """Whether something had been decided by then."""
        return any(one.decided_at < moment for one in self.decisions)

    def name(self, person_id: int | None) -> str:
        """Somebody's name, or nothing."""
        return self.names.get(person_id or 0, "")


@dataclass(frozen=True)
class Written:
    """What editors wrote to the submitter and to one another about decisions."""

    waiting: SignOff | None = None
    changes: Letter | None = None  # what went with the last wish for changes
    letters: dict[int, Letter] = field(default_factory=dict)  # by decision
    signed: dict[int, SignOff] = field(default_factory=dict)  # by decision


# The page's statements are written out once: to build them took as long as to send them.
_last_changes = (
    sa.select(sa.func.max(Letter.id))
    .where(Letter.submission_id == Submission.id, Letter.decision_id.is_(None))
    .correlate(Submission)
    .scalar_subquery()
)
# Only what the page shows: the driver reads what is longer than 4,096 characters anew each time.
_OF_LINK = (
    LinkCheck.verdict, LinkCheck.checked_at, LinkCheck.failures, LinkCheck.failing_since,
    LinkCheck.moved_to, LinkCheck.is_dead,
)  # fmt: skip
_OF_LETTER = (Letter.sources, Letter.released, Letter.people)
_OF_FILE = (SubmissionFile.name, SubmissionFile.size, SubmissionFile.media_type)
_organisation = (
    sa.select(Person.organisation_id)
    .where(Person.id == Submission.submitter_id)
    .correlate(Submission)
    .scalar_subquery()
)
_compromised = policy.compromised(
    person_id=sa.bindparam("me", type_=sa.Integer),
    submission_id=Submission.id,
    submitter_id=Submission.submitter_id,
    organisation_id=_organisation,
    country=sa.func.nullif(Submission.for_government, ""),
)
_ITEM = (
    sa.select(
        Submission, LinkCheck, SignOff, Letter, _compromised,
        sa.exists().where(Question.submission_id == Submission.id),
    )
    .outerjoin(
        LinkCheck,
        sa.and_(LinkCheck.submission_id == Submission.id, LinkCheck.verdict.is_not(None)),
    )
    .outerjoin(
        SignOff, sa.and_(SignOff.submission_id == Submission.id, SignOff.answered_at.is_(None))
    )
    .outerjoin(Letter, Letter.id == _last_changes)
    .where(Submission.ref == sa.bindparam("ref"))
    .options(
        joinedload(Submission.submitter).options(
            load_only(Person.name, Person.email, Person.organisation_id, Person.country),
            joinedload(Person.organisation).load_only(Organisation.name),
            lazyload(Person.grants),
        ),
        defer(Submission.consented_at), defer(Submission.external_id), defer(Submission.is_demo),
        load_only(*_OF_LINK),
        load_only(*_OF_LETTER),
        joinedload(Submission.filing),
        joinedload(Submission.files).load_only(*_OF_FILE),
    )
)  # fmt: skip
_DECISIONS = (
    sa.select(Decision, Letter, SignOff)
    .outerjoin(Letter, Letter.decision_id == Decision.id)
    .outerjoin(SignOff, SignOff.decision_id == Decision.id)
    .where(Decision.submission_id == sa.bindparam("submission_id"))
    .order_by(Decision.decided_at.desc(), Decision.id.desc())
)
_ROUNDS = (
    sa.select(ReviewRound)
    .options(joinedload(ReviewRound.assignments).joinedload(Assignment.review))
    .where(ReviewRound.submission_id == sa.bindparam("submission_id"))
    .order_by(ReviewRound.number.desc(), ReviewRound.id)
)
_KINDS = (Submission.__tablename__, ReviewRound.__tablename__, Assignment.__tablename__)
_EVENTS = (
    sa.select(AuditEvent)
    .where(among(AuditEvent.object_type, AuditEvent.object_id, _KINDS))
    .order_by(AuditEvent.id.desc())
    .limit(MOST_EVENTS)
)
_PEOPLE = sa.select(Person.id, Person.name, Person.email, Person.away_until).where(
    one_of(Person.id, "ids")
)


@dataclass(frozen=True)
class Found:
    """An item as it is read first, with what the page would otherwise have to ask for apart."""

    submission: Submission
    link_check: LinkCheck | None
    written: Written
    compromised: bool  # whether the viewer is part of it
    has_questions: bool

    def thread(self, *, asks: bool) -> Thread:
        """The questions to the submitter; where nobody ever asked, only whether one may."""
        if not self.has_questions:
            return Thread(may_ask=asks, asks=asks)
        return thread_for(self.submission, asks=asks)


def by_ref(ref: str, actor: Actor) -> Found:
    """The submission with all that its page shows of it.

    Raises NoResultFound, for drafts as well.
    """
    rows = db.session.execute(_ITEM, {"ref": ref, "me": actor.person_id})
    submission, check, waiting, changes, compromised, has_questions = rows.unique().one()
    if not may_see(actor, submission):
        raise NoResultFound
    return Found(submission, check, Written(waiting, changes), compromised, has_questions)


def view(found: Found, actor: Actor) -> ItemView:
    """The page for this viewer."""
    submission, written = found.submission, found.written
    roles = policy.roles_towards(actor, submission, found=found.compromised)
    # Whoever may act as an editor is not part of it; the others are looked at once more.
    sees_panel = Role.EDITOR in roles or policy.may_see_review_process(actor, submission)
    rows = _decisions(submission.id)
    decisions: Sequence[Decision] = [decision for decision, _letter, _signed in rows]
    written = replace(
        written,
        letters={decision.id: letter for decision, letter, _signed in rows if letter},
        signed={decision.id: signed for decision, _letter, signed in rows if signed},
    )
    if not sees_panel:  # they learn it when the submitter does
        decisions = [one for one in decisions if submissions.is_told(one)]
    rounds = _rounds(submission) if sees_panel else []
    events = _events(submission, rounds)
    mails = _mails(submission, rounds) if sees_panel else []
    people = _people(submission, decisions, rounds, events, mails, written)
    names = {person.id: person.name or person.email for person in people}
    handling = next((one for one in people if one.id == submission.progress.editor_id), None)
    offered = _offered(submission, actor, roles, written.waiting)
    told = entries(events, names, _seats(rounds, names), with_notes=sees_panel)
    return ItemView(
        submission, sees_panel, decisions, rounds, told, mails, names,
        [verb for verb in PAGES if verb in offered], _filing(submission),
        _with_who(
            _way(submission, events, decisions, written if sees_panel else Written()),
            submission, actor, names, sees_panel,
        ),
        alike(submission) if submission.state is State.SUBMITTED else (),
        _away(handling.away_until if handling else None), written,
    )  # fmt: skip


def _offered(
    submission: Submission, actor: Actor, roles: frozenset[Role], waiting: SignOff | None
) -> list[str]:
    """The verbs open to these roles now; refiling moves no state and is open until publication.

    While a second person is asked, the verbs that decide are theirs and the first one's.
    """
    offered = SubmissionWorkflow.offered(submission, roles)
    if waiting is not None:
        offered = [verb for verb in offered if verb not in DECIDING]
        if policy.may_confirm(actor, submission, waiting):
            offered += ["confirm_decision", "send_back"]
        if policy.may_take_back(actor, submission, waiting):
            offered.append("take_back")
    may_refile = Role.EDITOR in roles and submission.state in OPEN
    return [*offered, "refile"] if may_refile else offered


def _way(
    submission: Submission,
    events: Sequence[AuditEvent],
    decisions: Sequence[Decision],
    written: Written,
) -> Trail:
    own = [event for event in events if event.object_type == Submission.__tablename__]
    way = trail(submission, own[::-1], _live(decisions))
    if written.waiting is None or way.next is None:
        return way
    return replace(way, next=replace(way.next, label=_("confirm the decision")))


def _with_who(
    way: Trail, submission: Submission, actor: Actor, names: dict[int, str], sees_panel: bool
) -> Trail:
    """The next step with the name of whoever acts, where that is somebody of the staff."""
    progress = submission.progress
    acts = progress.owner_id or progress.editor_id
    if way.next is None or submission.state not in STAFF_ACTS or submission.publish_at:
        return way
    if acts is None or not (sees_panel or acts == progress.editor_id):
        return way
    yours = acts == actor.person_id
    who = str(_("you")) if yours else names.get(acts, way.next.who)
    return replace(way, next=replace(way.next, who=who, yours=yours))


def _away(until: datetime | None) -> datetime | None:
    return until if until is not None and until > clock.now() else None


def _live(decisions: Sequence[Decision]) -> Decision | None:
    return next((decision for decision in decisions if decision.superseded_at is None), None)


def _filing(submission: Submission) -> dict[str, list[TermView]]:
    """The terms of each vocabulary, the primary topic first."""
    terms = [catalogue().term(row.term_id) for row in submission.filing]
    return {name: [t for t in terms if t.vocabulary == name] for name in VOCABULARIES}


def _decisions(submission_id: int) -> Sequence[Any]:
    """Each decision with what went to the submitter, and with its second person."""
    return db.session.execute(_DECISIONS, {"submission_id": submission_id}).all()


def _rounds(submission: Submission) -> Sequence[ReviewRound]:
    """With assignments and reviews, the newest round first."""
    if not submission.appeals and submission.state is State.SUBMITTED:
        return ()  # nobody was asked yet
    return db.session.scalars(_ROUNDS, {"submission_id": submission.id}).unique().all()


def _assignments(rounds: Iterable[ReviewRound]) -> list[Assignment]:
    return [assignment for one in rounds for assignment in one.assignments]


def _objects(submission: Submission, rounds: Sequence[ReviewRound]) -> dict[str, list[int]]:
    return {
        Submission.__tablename__: [submission.id],
        ReviewRound.__tablename__: [one.id for one in rounds],
        Assignment.__tablename__: [assignment.id for assignment in _assignments(rounds)],
    }


def _events(submission: Submission, rounds: Sequence[ReviewRound]) -> Sequence[AuditEvent]:
    return db.session.scalars(_EVENTS, numbers(_objects(submission, rounds))).all()


def _mails(submission: Submission, rounds: Sequence[ReviewRound]) -> Sequence[Message]:
    return messages_about(_objects(submission, rounds))[::-1]


def _people(
    submission: Submission,
    decisions: Sequence[Decision],
    rounds: Sequence[ReviewRound],
    events: Sequence[AuditEvent],
    mails: Sequence[Message],
    written: Written,
) -> Sequence[Any]:
    """Everybody whose name the page shows: id, name, address, and until when they are away."""
    ids = {submission.progress.editor_id, submission.progress.owner_id}
    ids |= {decision.decided_by_id for decision in decisions}
    for one in (*written.signed.values(), *((written.waiting,) if written.waiting else ())):
        ids |= {one.proposed_by_id, one.second_id, one.answered_by_id}
    ids |= {assignment.person_id for assignment in _assignments(rounds)}
    ids |= {
        person
        for each in rounds
        if not each.closed_at
        for person in (one["person_id"] for one in reserve(each))
    }
    ids |= {event.actor_id for event in events} | {mail.recipient_id for mail in mails}
    known = sorted(one for one in ids if one is not None)
    return db.session.execute(_PEOPLE, {"ids": known}).all()


def reserve(current: ReviewRound) -> list[dict[str, Any]]:
    """The ranked alternates of every slot, as the round keeps them."""
    by_slot = current.standing.get("alternates", {})
    return [one for ranked in by_slot.values() for one in ranked[:MOST_ALTERNATES]]


def _seats(rounds: Sequence[ReviewRound], names: dict[int, str]) -> dict[int, str]:
    return {a.id: names.get(a.person_id, "") for a in _assignments(rounds)}
