"""A hub with one member of staff: their own finds, an appeal and a fortnight's absence all end.

The days pass by the clock, with the periodic tasks; reviewers answer the day after they are asked.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import Role
from reviewhub.cli.invariants import INVARIANTS, broken
from reviewhub.notifications.models import Message
from reviewhub.notifications.outbox import deliver_due
from reviewhub.notifications.rendering import render
from reviewhub.reviews import operations as reviews
from reviewhub.reviews import tasks as review_tasks
from reviewhub.reviews.models import Assignment, PanelResult, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.policy import roles_towards
from reviewhub.reviews.workflow import AssignmentState as A
from reviewhub.submissions import operations as submissions
from reviewhub.submissions.models import Decision, Submission
from reviewhub.submissions.workflow import OPEN, State
from reviewhub.taxonomy.queries import catalogue
from tests.reviews.scene import as_editor, as_reviewer, send
from tests.test_two_hundred_days import TASKS

pytestmark = pytest.mark.slow

WHY = "The second edition answers what the reviewers missed in the first."
AGREE, REFUSE = ("include",) * 3, ("do_not_include",) * 3
TIED = ("include", "do_not_include", "include", "do_not_include")  # the fourth breaks no tie


class Hub:
    """One editor who is also administrator and roster manager, and a roster without silence."""

    def __init__(self, make, db, clock, *, external=24):
        self.make, self.db, self.clock = make, db, clock
        self.editor = make.staff(
            Role.EDITOR, Role.ADMIN, Role.ROSTER_MANAGER, name="Edda Alone", country="KEN"
        )
        self.by_editor = as_editor(self.editor)
        for number in range(12 + external):
            make.member(internal=number < 12)
        adopt_policy(catalogue().policy)
        self.says = {}
        self.mails = []
        db.commit()

    def suggest(self, says, *, own=False):
        """Somebody, or the editor, sends a suggestion of which the panel will say this."""
        submitter = self.editor if own else self.make.person(country="KEN")
        item = self.make.submission(state=State.DRAFT, submitter_id=submitter.id)
        submissions.submit(item, by=self.by_editor if own else Actor(submitter.id))
        self.says[item.id] = says
        self.db.commit()
        return item

    def appeal(self, item, says):
        """The submitter asks for a second look, of which a fresh panel will say this."""
        reviews.appeal(item, by=Actor(item.submitter_id), note=WHY)
        self.says[item.id] = says
        self.db.commit()

    def live(self, days):
        """So many days: reviewers answer, the tasks run, and the editor acts unless away."""
        for _day in range(days):
            self.clock.advance(days=1)
            self._reviewers()
            if self.editor.away_until is None or self.editor.away_until <= self.clock():
                self._sit_down()
            for task in (review_tasks.screen, *TASKS):
                task()
            deliver_due(self._take, limit=1000)
            self.db.expire_all()

    def _take(self, message):
        render(message)
        self.mails.append(message.id)

    def _reviewers(self):
        rows = self.db.scalars(
            sa.select(Assignment)
            .where(Assignment.state.in_([A.INVITED, A.ACCEPTED]))
            .order_by(Assignment.id)
        ).all()
        for one in rows:
            if one.state is A.INVITED:
                reviews.accept(one, by=as_reviewer(one))
            else:
                said = self.says[one.submission_id]
                done = self._written(one)
                send(one, said[min(done, len(said) - 1)])
            self.db.commit()

    def _written(self, assignment):
        return self.db.scalar(
            sa.select(sa.func.count())
            .select_from(Assignment)
            .where(Assignment.round_id == assignment.round_id, Assignment.state == A.SUBMITTED)
        )

    def _sit_down(self):
        """The editor handles whatever an editor may."""
        for item in self.db.scalars(sa.select(Submission).order_by(Submission.id)).all():
            if Role.EDITOR not in roles_towards(self.by_editor, item):
                continue
            if item.state is State.SUBMITTED:
                reviews.start_review(item, by=self.by_editor)
            elif item.state is State.REVIEWED:
                reviews.reject(item, by=self.by_editor, reason="outdated", note="It is too old.")
            self.db.commit()

    def decision(self, item):
        """The decision that counts."""
        return self.db.scalars(
            sa.select(Decision).where(
                Decision.submission_id == item.id, Decision.superseded_at.is_(None)
            )
        ).one()

    def mails_to_editor(self, event):
        """How many of this kind the editor was promised."""
        return self.db.scalar(
            sa.select(sa.func.count()).where(
                Message.event == event, Message.recipient_id == self.editor.id
            )
        )

    def panels(self, item):
        """Who was asked in each round."""
        rounds = sa.select(ReviewRound).where(ReviewRound.submission_id == item.id)
        return [
            {one.person_id for one in current.assignments}
            for current in self.db.scalars(rounds.order_by(ReviewRound.number))
        ]


@pytest.fixture
def hub(make, db, clock):
    """A hub with one member of staff."""
    return Hub(make, db, clock)


def test_the_editors_own_finds_are_decided_by_their_panels(hub):
    good, bad, tied = (hub.suggest(says, own=True) for says in (AGREE, REFUSE, TIED))
    hub.live(12)
    assert good.state is State.PUBLISHED
    assert (bad.state, tied.state) == (State.REJECTED, State.REJECTED)
    for item in (good, bad, tied):
        assert hub.decision(item).by_panel, "nobody judged their own find"
    assert tied.progress.panel_result == PanelResult.TIED
    everything_holds(hub)


def test_an_appeal_of_the_editors_own_find_ends_with_a_fresh_panel(hub):
    item = hub.suggest(REFUSE, own=True)
    hub.live(10)
    assert item.state is State.REJECTED
    hub.appeal(item, AGREE)
    hub.live(12)
    assert item.state is State.PUBLISHED
    before, after = hub.panels(item)
    assert not before & after
    everything_holds(hub)


def test_an_appeal_against_the_only_editor_ends_without_them(hub):
    item = hub.suggest(REFUSE)
    hub.live(8)
    decision = hub.decision(item)
    assert decision.decided_by_id == hub.editor.id
    hub.appeal(item, AGREE)
    hub.live(12)
    assert item.state is State.PUBLISHED
    assert hub.decision(item).by_panel
    before, after = hub.panels(item)
    assert not before & after
    everything_holds(hub)


def test_two_weeks_of_absence_delay_what_needs_the_editor_and_nothing_else(hub):
    own = hub.suggest(AGREE, own=True)
    under_way = hub.suggest(AGREE)
    hub.live(1)
    assert under_way.state is State.IN_REVIEW
    hub.editor.away_until = hub.clock() + timedelta(days=14)
    hub.db.commit()
    new = hub.suggest(AGREE)
    hub.live(13)
    assert (own.state, under_way.state) == (State.PUBLISHED, State.PUBLISHED)
    assert new.state is State.SUBMITTED
    assert new.progress.owner_id == hub.editor.id
    assert new.progress.due_at is not None
    assert hub.mails_to_editor("submissions/escalate") == 0, "there is nobody to pass it on to"
    hub.live(14)
    assert new.state is State.PUBLISHED
    everything_holds(hub)


def test_what_the_roster_cannot_judge_is_named(make, db, clock):
    hub = Hub(make, db, clock, external=1)
    item = hub.suggest(AGREE)
    hub.live(60)
    assert item.state is State.IN_REVIEW
    assert item.progress.shortage
    assert (item.progress.owner_id, item.progress.due_at < clock()) == (hub.editor.id, True)
    assert hub.mails_to_editor("reviews/shortage") == 1
    everything_holds(hub)


def everything_holds(hub):
    """Nothing is open without an owner and a date; no mail went out twice; every rule holds."""
    for item in hub.db.scalars(sa.select(Submission)):
        if item.state in OPEN:
            assert item.progress.owner_id is not None, item.ref
            assert item.progress.due_at is not None, item.ref
    assert len(hub.mails) == len(set(hub.mails))
    assert [(one.says, broken(one)) for one in INVARIANTS if broken(one)] == []
