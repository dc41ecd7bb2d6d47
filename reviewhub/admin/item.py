"""Everything about one item on one page: what was suggested, its panel, its history, its mails."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import NoResultFound

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.admin import reading
from reviewhub.admin.history import Entry, entries
from reviewhub.admin.likeness import Likeness, alike
from reviewhub.admin.queue import STAFF_ACTS
from reviewhub.core import clock
from reviewhub.core.db import db, numbers
from reviewhub.core.i18n import _, _l
from reviewhub.core.workflow import Button, Weight
from reviewhub.library.link_checks import LinkCheck
from reviewhub.notifications.queries import messages_about
from reviewhub.reviews import policy
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.signing import SignOff
from reviewhub.submissions import queries as submissions
from reviewhub.submissions.letters import Letter
from reviewhub.submissions.messages import Thread, thread_for
from reviewhub.submissions.models import Submission
from reviewhub.submissions.policy import may_see
from reviewhub.submissions.trail import Trail, trail
from reviewhub.submissions.workflow import BUTTONS as WORKFLOW_BUTTONS
from reviewhub.submissions.workflow import OPEN, State, SubmissionWorkflow
from reviewhub.taxonomy.catalogue import TermView
from reviewhub.taxonomy.queries import catalogue

MOST_ALTERNATES = 3  # shown per slot

# The desk's steps: those of the workflow, and those that move no state.
BUTTONS = {
    **WORKFLOW_BUTTONS,
    "confirm_decision": Button(_l("Confirm the decision"), Weight.ON),
    "take_back": Button(_l("Take the decision back"), Weight.ASIDE),
    "refile": Button(_l("Correct the record"), Weight.ASIDE),
    "send_back": Button(_l("Send it back"), Weight.AGAINST),
}
# What moves an item on first, refusals last.
_IN_ORDER = sorted(BUTTONS, key=lambda verb: [*Weight].index(BUTTONS[verb].weight))
# What decides, and so waits while a second person is asked.
DECIDING = frozenset({"approve", "reject", "request_changes", "consult"})


VOCABULARIES = ("topics", "themes", "regions", "countries", "languages")


@dataclass(frozen=True)
class ItemView:
    """What the page shows. `sees_panel` is false for those who are part of the item."""

    submission: Submission
    sees_panel: bool
    decisions: Sequence[Any]  # of Decision, what is shown
    rounds: Sequence[ReviewRound]
    entries: Sequence[Entry]
    mails: Sequence[Any]  # of Message, what is shown
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
    letters: dict[int, Any] = field(default_factory=dict)  # what was released, by decision
    signed: dict[int, Any] = field(default_factory=dict)  # who confirmed it, by decision


@dataclass(frozen=True)
class Found:
    """An item as it is read first, with what the page would otherwise have to ask for apart."""

    submission: Submission
    link_check: LinkCheck | None
    written: Written
    terms: Sequence[int]  # it is filed under, in their order
    compromised: bool  # whether the viewer is part of it
    has_decisions: bool
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
    rows = db.session.execute(reading.ITEM, {"ref": ref, "me": actor.person_id})
    (
        submission, check, terms, changes, compromised, waits, has_decisions, has_questions,
    ) = rows.unique().one()  # fmt: skip
    if not may_see(actor, submission):
        raise NoResultFound
    return Found(
        submission,
        check,
        Written(
            db.session.scalar(reading.WAITING, {"submission_id": submission.id}) if waits else None,
            db.session.scalar(reading.CHANGES, {"id": changes}) if changes else None,
        ),
        _in_order(terms or ""),
        compromised,
        has_decisions,
        has_questions,
    )


def _in_order(terms: str) -> list[int]:
    """The ids in a text like "1.17,0.4": each after its place."""
    places = [[int(part) for part in one.split(".")] for one in terms.split(",") if one]
    return [term_id for _place, term_id in sorted(places)]


def view(found: Found, actor: Actor) -> ItemView:
    """The page for this viewer."""
    submission, written = found.submission, found.written
    roles = policy.roles_towards(actor, submission, found=found.compromised)
    # Whoever may act as an editor is not part of it; the others are looked at once more.
    sees_panel = Role.EDITOR in roles or policy.may_see_review_process(actor, submission)
    decisions = _decisions(submission.id) if found.has_decisions else ()
    written = replace(
        written,
        letters={one.id: one for one in decisions if one.released},
        signed={one.id: one for one in decisions if one.sign_off_id},
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
        [verb for verb in _IN_ORDER if verb in offered], _filing(found.terms),
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
    events: Sequence[Any],
    decisions: Sequence[Any],
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


def _live(decisions: Sequence[Any]) -> Any:
    return next((decision for decision in decisions if decision.superseded_at is None), None)


def _filing(term_ids: Sequence[int]) -> dict[str, list[TermView]]:
    """The terms of each vocabulary, the primary topic first."""
    hub = catalogue()
    terms = [hub.term(term_id) for term_id in term_ids]
    return {name: [t for t in terms if t.vocabulary == name] for name in VOCABULARIES}


def _decisions(submission_id: int) -> Sequence[Any]:
    """Each decision, the newest first, with what went to the submitter and its second person."""
    return db.session.execute(reading.DECISIONS, {"submission_id": submission_id}).all()


def _rounds(submission: Submission) -> Sequence[ReviewRound]:
    """With assignments and reviews, the newest round first."""
    if not submission.appeals and submission.state is State.SUBMITTED:
        return ()  # nobody was asked yet
    statement = reading.ROUNDS if submission.state is State.IN_REVIEW else reading.CLOSED_ROUNDS
    return db.session.scalars(statement, {"submission_id": submission.id}).unique().all()


def _assignments(rounds: Iterable[ReviewRound]) -> list[Assignment]:
    return [assignment for one in rounds for assignment in one.assignments]


def _objects(submission: Submission, rounds: Sequence[ReviewRound]) -> dict[str, list[int]]:
    return {
        Submission.__tablename__: [submission.id],
        ReviewRound.__tablename__: [one.id for one in rounds],
        Assignment.__tablename__: [assignment.id for assignment in _assignments(rounds)],
    }


def _events(submission: Submission, rounds: Sequence[ReviewRound]) -> Sequence[Any]:
    """Of the newest AuditEvents, what is shown."""
    return db.session.execute(reading.EVENTS, numbers(_objects(submission, rounds))).all()


def _mails(submission: Submission, rounds: Sequence[ReviewRound]) -> Sequence[Any]:
    return messages_about(_objects(submission, rounds))[::-1]


def _people(
    submission: Submission,
    decisions: Sequence[Any],
    rounds: Sequence[ReviewRound],
    events: Sequence[Any],
    mails: Sequence[Any],
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
    return db.session.execute(reading.PEOPLE, {"ids": known}).all()


def reserve(current: ReviewRound) -> list[dict[str, Any]]:
    """The ranked alternates of every slot, as the round keeps them."""
    by_slot = current.standing.get("alternates", {})
    return [one for ranked in by_slot.values() for one in ranked[:MOST_ALTERNATES]]


def _seats(rounds: Sequence[ReviewRound], names: dict[int, str]) -> dict[int, str]:
    return {a.id: names.get(a.person_id, "") for a in _assignments(rounds)}
