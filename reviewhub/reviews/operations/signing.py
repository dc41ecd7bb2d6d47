"""A second person's yes: proposing a decision, confirming it, sending it back, taking it back.

The submission is locked in each step, so that of two people who act at once one is told what the
other did.
"""

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _
from reviewhub.reviews import emails
from reviewhub.reviews.clocks import decision_due_at
from reviewhub.reviews.operations.effects import take_effect
from reviewhub.reviews.policy import may_confirm, may_take_back, roles_towards
from reviewhub.reviews.queries import rules_for
from reviewhub.reviews.rules import Rules
from reviewhub.reviews.signing import SignOff, SignOffOutcome, Wanted, open_sign_off
from reviewhub.submissions import progress
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.queries import lock


def needs_second(rules: Rules, by: Actor) -> bool:
    """Whether a decision of this actor waits for somebody else: an editor's, where the policy
    says so; a panel is several people already."""
    return rules.second_sign_off and not by.roles & {Role.PANEL, Role.SYSTEM}


def seconds_for(submission: Submission, first: Actor) -> list[Person]:
    """Who could confirm: other editors without a stake, whoever is away last."""
    now = clock.now()
    free = [
        person
        for person in accounts.with_role(Role.EDITOR)
        if person.id != first.person_id
        and Role.EDITOR in roles_towards(Actor(person.id, person.roles), submission)
    ]
    return sorted(free, key=lambda p: (p.away_until is not None and p.away_until > now, p.id))


def decide(
    submission: Submission, wanted: Wanted, *, by: Actor, second_id: int | None
) -> Decision | SignOff:
    """Let it take effect, or have it wait for the second person whom the policy asks for.

    Where nobody else could confirm it, it takes effect all the same, and the reason is kept.
    """
    if not needs_second(rules_for(submission.id), by):
        return take_effect(submission, wanted, by=by)
    seconds = seconds_for(submission, by)
    if not seconds:
        return _alone(submission, wanted, by)
    chosen = {person.id: person for person in seconds}
    if second_id is not None and second_id not in chosen:
        raise InvalidInput(
            _("This person can't confirm it. Choose somebody of the list."), field="second"
        )
    return _propose(submission, wanted, by, chosen.get(second_id or 0, seconds[0]))


def _propose(submission: Submission, wanted: Wanted, by: Actor, second: Person) -> SignOff:
    due_at = decision_due_at(rules_for(submission.id))
    sign_off = _row(submission, wanted, by, second_id=second.id, due_at=due_at)
    _record("propose", submission, by, kind=wanted.kind.value, second=second.id)
    progress.wait_for(submission, owner_id=second.id, due_at=due_at)
    emails.propose(submission, sign_off)
    return sign_off


def _alone(submission: Submission, wanted: Wanted, by: Actor) -> Decision:
    decision = take_effect(submission, wanted, by=by)
    now = clock.now()
    _row(
        submission, wanted, by, outcome=SignOffOutcome.ALONE, answered_at=now,
        decision_id=decision.id,
    )  # fmt: skip
    _record("decide_alone", submission, by)
    return decision


def _row(submission: Submission, wanted: Wanted, by: Actor, **values: object) -> SignOff:
    sign_off = SignOff(
        submission_id=submission.id, kind=wanted.kind, reason=wanted.reason, text=wanted.text,
        release=list(wanted.release), proposed_by_id=by.acting_person_id, **values,
    )  # fmt: skip
    db.session.add(sign_off)
    db.session.flush()
    return sign_off


def confirm_decision(submission: Submission, *, by: Actor, sign_off_id: int) -> Decision:
    """The second person says yes: the decision takes effect now, in the name of the first."""
    submission = lock(submission.id)
    sign_off = _open(submission, sign_off_id)
    _require(may_confirm(by, submission, sign_off))
    first = accounts.get(sign_off.proposed_by_id)
    acting = Actor(first.id, first.roles)
    if first.suspended_at is not None or Role.EDITOR not in roles_towards(acting, submission):
        raise WrongState(
            _("%(name)s can no longer decide on this item. Send it back.", name=first.shown_name)
        )
    decision = take_effect(submission, sign_off.wanted, by=acting)
    _answer(sign_off, SignOffOutcome.CONFIRMED, by)
    sign_off.decision_id = decision.id
    _record("confirm_decision", submission, by)
    emails.confirm_decision(submission, sign_off)
    return decision


def send_back(submission: Submission, *, by: Actor, sign_off_id: int, note: str) -> None:
    """The second person says no, and why: the decision is the first one's to take anew."""
    if not note:
        raise InvalidInput(_("Please say why it is sent back."), field="note")
    submission = lock(submission.id)
    sign_off = _open(submission, sign_off_id)
    _require(may_confirm(by, submission, sign_off))
    _answer(sign_off, SignOffOutcome.SENT_BACK, by, note)
    _record("send_back", submission, by, note=note)
    _wait_for_first(submission, sign_off)
    emails.send_back(submission, sign_off)


def take_back(submission: Submission, *, by: Actor, sign_off_id: int) -> None:
    """The first one wants to decide otherwise, or to ask somebody else."""
    submission = lock(submission.id)
    sign_off = _open(submission, sign_off_id)
    _require(may_take_back(by, submission, sign_off))
    _answer(sign_off, SignOffOutcome.TAKEN_BACK, by)
    _record("take_back", submission, by)
    _wait_for_first(submission, sign_off)
    emails.take_back(submission, sign_off)


def overtake(submission: Submission) -> None:
    """The submission left the desk: nothing waits for a second person any more."""
    sign_off = open_sign_off(submission.id)
    if sign_off is not None:
        sign_off.outcome, sign_off.answered_at = SignOffOutcome.OVERTAKEN, clock.now()
        emails.take_back(submission, sign_off)


def refuse_waiting(submission: Submission) -> None:
    """Raise WrongState while a decision waits for its second person."""
    sign_off = open_sign_off(submission.id)
    if sign_off is not None:
        name = accounts.get(sign_off.second_id or 0).shown_name
        raise WrongState(
            _("A decision waits for %(name)s to confirm it. Have it taken back first.", name=name)
        )


def _open(submission: Submission, sign_off_id: int) -> SignOff:
    """What waits, if it is what was looked at."""
    sign_off = open_sign_off(submission.id)
    if sign_off is None or sign_off.id != sign_off_id:
        raise WrongState(_("This is no longer what waits here. Look at the item again."))
    return sign_off


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed(_("This step is somebody else's to take."))


def _answer(sign_off: SignOff, outcome: SignOffOutcome, by: Actor, note: str = "") -> None:
    sign_off.outcome, sign_off.answered_at = outcome, clock.now()
    sign_off.answered_by_id, sign_off.note = by.acting_person_id, note


def _wait_for_first(submission: Submission, sign_off: SignOff) -> None:
    due_at = decision_due_at(rules_for(submission.id))
    progress.wait_for(submission, owner_id=sign_off.proposed_by_id, due_at=due_at)


def _record(verb: str, submission: Submission, by: Actor, note: str = "", **data: object) -> None:
    record(submission, verb, actor_id=by.acting_person_id, role="editor", note=note, **data)
