"""Each rule of `reviewhub check` holds of sound data, and notices when it is broken."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.models import DeclaredConflict
from reviewhub.admin.waiting import WAITS
from reviewhub.audit.models import AuditEvent
from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.core import clock as core_clock
from reviewhub.library import tasks as library
from reviewhub.reviews import operations
from reviewhub.reviews.models import Assignment, Review, ReviewPolicy, ReviewRound
from reviewhub.reviews.signing import SignOff, SignOffOutcome
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.roster.models import Absence, Membership
from reviewhub.submissions.models import Decision, DecisionKind, Progress, Submission
from reviewhub.submissions.workflow import State
from tests.reviews.scene import Scene, accept, send


class Sound:
    """An item at work, one that was published, one that was rejected, one that was just sent."""

    def __init__(self, make, db, clock):
        self.db = db
        scene = Scene(make, db, internal=8, external=16)
        scene.reviewed("include", "include", "include")
        self.published = scene.submission
        clock.advance(days=1)
        library.publish_due()
        scene.submission = self.rejected = scene.suggest()
        scene.reviewed("do_not_include", "do_not_include", "do_not_include")
        operations.reject(
            self.rejected, by=scene.by_editor, reason="outdated", note="It was replaced in 2019."
        )
        scene.submission = self.at_work = scene.suggest()
        self.panel = scene.start()
        accept(self.panel[0])
        send(self.panel[0])
        accept(self.panel[1])
        self.sent = scene.suggest()
        self.editor = scene.editor
        db.commit()

    def set(self, model, id, **values):
        """Change a row behind everybody's back."""
        key = model.__mapper__.primary_key[0]
        self.db.execute(sa.update(model).where(key == id).values(**values))

    def gone(self, model, *where):
        """Delete rows likewise."""
        self.db.execute(sa.delete(model).where(*where))


def no_decision(hub, id):
    """Its decision no longer counts."""
    hub.db.execute(
        sa.update(Decision)
        .where(Decision.submission_id == id)
        .values(superseded_at=core_clock.now())
    )


def conflict(hub):
    """Somebody at work declares that they can't judge the submitter."""
    hub.db.add(
        DeclaredConflict(person_id=hub.panel[1].person_id, other_person_id=hub.at_work.submitter_id)
    )
    hub.db.flush()


def history(hub):
    """A line of the history is missing."""
    first = sa.select(sa.func.min(AuditEvent.id)).where(
        AuditEvent.object_type == "assignments",
        AuditEvent.object_id == hub.panel[0].id,
        AuditEvent.verb == "accept",
    )
    hub.gone(AuditEvent, AuditEvent.id == hub.db.scalar(first))


def sign_off(hub, submission, **values):
    """An editor's decision that the submitter should confirm."""
    hub.db.add(
        SignOff(
            submission_id=submission.id,
            kind=DecisionKind.APPROVED,
            proposed_by_id=hub.editor.id,
            second_id=submission.submitter_id,
            **values,
        )
    )
    hub.db.flush()


def busy(hub):
    """The rule under which the last one was asked allowed less."""
    person = hub.panel[1].person_id
    hub.set(Assignment, hub.panel[2].id, person_id=person, round_id=_another_round(hub))
    rules = hub.db.scalars(sa.select(ReviewPolicy)).one().rules
    hub.db.execute(sa.update(ReviewPolicy).values(rules={**rules, "open_items_cap": 1}))


def _another_round(hub):
    current = ReviewRound(
        submission_id=hub.sent.id,
        number=1,
        policy_id=hub.db.scalar(sa.select(ReviewPolicy.id)),
        closed_at=core_clock.now(),
    )
    hub.db.add(current)
    hub.db.flush()
    return current.id


def greedy(hub):
    """Two panels have taken the last place that somebody offered."""
    person = hub.panel[1].person_id
    hub.set(Assignment, hub.panel[2].id, person_id=person, round_id=_another_round(hub))
    hub.db.execute(sa.update(Assignment).where(Assignment.person_id == person).values(asked_of=1))


def away_twice(hub):
    """Somebody is away within days on which they are away."""
    member = hub.db.scalar(sa.select(sa.func.min(Membership.id)))
    first = core_clock.today()
    hub.db.add(Absence(membership_id=member, first_day=first))
    hub.db.add(Absence(membership_id=member, first_day=first + timedelta(days=4)))
    hub.db.flush()


BREAKS = {
    "Nobody has more to review in a half-year than they offered.": greedy,
    "No member's absences overlap.": away_twice,
    "What is published as reviewed was approved.": lambda hub: no_decision(hub, hub.published.id),
    "A published submission has its resource.": lambda hub: hub.set(
        Submission, hub.rejected.id, state=State.PUBLISHED
    ),
    "A decided submission has its live decision.": lambda hub: no_decision(hub, hub.rejected.id),
    "Nobody reviews their own suggestion.": lambda hub: hub.set(
        Submission, hub.at_work.id, submitter_id=hub.panel[0].person_id
    ),
    "Nobody decides on their own suggestion.": lambda hub: hub.set(
        Submission, hub.rejected.id, submitter_id=hub.editor.id
    ),
    "Nobody confirms a decision on their own suggestion.": lambda hub: sign_off(
        hub,
        hub.published,
        outcome=SignOffOutcome.CONFIRMED,
        answered_at=core_clock.now(),
        answered_by_id=hub.published.submitter_id,
    ),
    "What waits for a second person is still to be decided.": lambda hub: sign_off(
        hub, hub.rejected
    ),
    "The state is the one that the history says.": lambda hub: hub.set(
        Submission, hub.at_work.id, state=State.REVIEWED, reviewed_at=core_clock.now()
    ),
    "Whatever waits has a date.": lambda hub: hub.set(Progress, hub.sent.id, due_at=None),
    "A round is open only while its submission is in review.": lambda hub: hub.set(
        Submission, hub.at_work.id, state=State.SUBMITTED
    ),
    "Nobody is at work in a closed round.": lambda hub: hub.set(
        ReviewRound, hub.panel[0].round_id, closed_at=core_clock.now(), fill_at=None
    ),
    "A submitted assignment has its review.": lambda hub: hub.gone(
        Review, Review.assignment_id == hub.panel[0].id
    ),
    "The count of reviews received is right.": lambda hub: hub.set(
        Progress, hub.at_work.id, reviews_received=3
    ),
    "Each step in the history begins where the one before ended.": history,
    "What is rejected or withdrawn waits for nobody.": lambda hub: hub.set(
        Progress, hub.rejected.id, due_at=core_clock.now()
    ),
    "Nobody is at work on what they have a conflict with.": conflict,
    "Where a seat is open, somebody is looked for.": lambda hub: hub.set(
        Assignment, hub.panel[2].id, state=A.EXPIRED
    ),
    "A panel that has every review is finished.": lambda hub: hub.set(
        ReviewRound, _round_of(hub, hub.published), closed_at=None
    ),
    "Nobody is asked beyond the items that may lie with them.": busy,
    "No mail waits that tells of an undone decision.": lambda hub: no_decision(
        hub, hub.rejected.id
    ),
}
# What the database keeps out whoever writes; the rule is for one that was made another way.
KEPT_OUT = {"No mail stands in the outbox twice."}


def _round_of(hub, submission):
    return hub.db.scalar(
        sa.select(ReviewRound.id).where(ReviewRound.submission_id == submission.id)
    )


def named():
    """The rules, but for those of each waiting state, which tests/admin/test_waiting.py breaks."""
    waits = {f"({wait.name})" for wait in WAITS}
    return [one for one in INVARIANTS if not any(name in one.says for name in waits)]


def test_every_rule_is_broken_here_once():
    assert {one.says for one in named()} == BREAKS.keys() | KEPT_OUT


@pytest.mark.lasting
def test_each_rule_notices_what_breaks_it_and_nothing_else(make, db, clock):
    hub = Sound(make, db, clock)
    for invariant in named():
        assert broken(invariant) == [], f"the data are sound: {invariant.says}"
        if invariant.says in KEPT_OUT:
            continue
        undone = db.begin_nested()
        BREAKS[invariant.says](hub)
        assert broken(invariant), invariant.says
        undone.rollback()
        db.expire_all()
