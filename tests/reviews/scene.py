"""A submission under review with its people, for tests that tell what happens to it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock
from reviewhub.notifications.models import Message, MessageState
from reviewhub.reviews import operations, queries
from reviewhub.reviews.models import Assignment, ReviewRound
from reviewhub.reviews.operations import adopt_policy
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.submissions.models import Submission
from reviewhub.taxonomy.queries import catalogue
from tests.conftest import SetClock
from tests.factories import Factory


def answers(recommendation: str = "include", **changed: str) -> dict[str, str]:
    """A whole review, as the form sends it."""
    scores = ("relevance", "evidence", "applicability", "people_rights")
    return {
        "recommendation": recommendation,
        "comment_to_submitter": "Clear, recent, and written for the people who need it.",
        "gate_in_scope": "yes",
        "gate_principles": "yes",
        **{f"score_{code}": "2" for code in scores},
        **changed,
    }


class Scene:
    """One submission, its editor, and a roster of `internal` and `external` members.

    `rules` changes the policy under which the review starts.
    """

    def __init__(
        self,
        make: Factory,
        db: scoped_session[Session],
        *,
        internal: int = 3,
        external: int = 5,
        **rules: Any,
    ) -> None:
        self._held: ReviewRound | None = None
        self.db = db
        self.make = make
        self.editor = make.editor("Edda Editor")
        self.by_editor = as_editor(self.editor)
        self.submission = self.suggest()
        self.members = [make.member(internal=True) for _one in range(internal)]
        self.members += [make.member() for _one in range(external)]
        adopt_policy({**catalogue().policy, **rules})

    def suggest(self, **values: Any) -> Submission:
        """One more submission that nothing is missing of, with the scene's editor."""
        submission = self.make.submission(**values)
        self.db.get_one(Person, submission.submitter_id).country = "KEN"
        submission.progress.editor_id = self.editor.id
        submission.progress.owner_id = self.editor.id
        submission.progress.due_at = clock.now() + timedelta(days=7)
        return submission

    @property
    def by_submitter(self) -> Actor:
        """The submitter, signed in."""
        return Actor(self.submission.submitter_id)

    @property
    def round(self) -> ReviewRound:
        """The latest round as it stands in the database."""
        self.db.flush()
        current = queries.latest_round(self.submission.id)
        assert current is not None
        self.db.refresh(current, ["assignments"])
        self._held = current  # as long as it is held, its assignments find it without a query
        return current

    def start(self) -> list[Assignment]:
        """Start the review and have the panel invited."""
        operations.start_review(self.submission, by=self.by_editor)
        return self.fill()

    def fill(self) -> list[Assignment]:
        """Do what the task does for this round; the invitations that came of it."""
        before = {one.id for one in self.round.assignments}
        operations.fill(self.round)
        return [one for one in self.round.assignments if one.id not in before]

    def panel(self) -> list[Assignment]:
        """Start the review, and everybody accepts."""
        for one in (invited := self.start()):
            accept(one)
        return invited

    def reviewed(self, *said: str) -> list[Assignment]:
        """Start the review; every member of the panel says what is given, in order."""
        panel = self.panel()
        for one, recommendation in zip(panel, said, strict=True):
            send(one, recommendation)
        return panel

    def states(self) -> list[tuple[Slot, AssignmentState]]:
        """Slot and state of every assignment of the latest round, in the order of asking."""
        return [(one.slot, one.state) for one in self.round.assignments]

    def tick(self, clock: SetClock, **by: float) -> None:
        """Send the mails, let time pass, then do what every assignment's clock asks for."""
        self.deliver()
        clock.advance(**by)
        for one in self.round.assignments:
            operations.tick(one)
        self.db.flush()

    def deliver(self) -> None:
        """Let every mail that is due go out now: what waits for an answer counts from there."""
        self.db.flush()
        self.db.execute(
            sa.update(Message)
            .where(Message.state == MessageState.QUEUED, Message.due_at <= clock.now())
            .values(state=MessageState.SENT, sent_at=clock.now())
            .execution_options(synchronize_session="fetch")
        )

    def sent_to(self, event: str) -> list[str]:
        """Who gets this mail, oldest first."""
        named = sa.select(Message.address).where(Message.event == f"reviews/{event}")
        return list(self.db.scalars(named.order_by(Message.id)))

    def of(self, assignment: Assignment) -> str:
        """The address of the reviewer."""
        return self.db.get_one(Person, assignment.person_id).email


def as_editor(person: Person) -> Actor:
    """The actor that a signed-in editor is."""
    return Actor(person.id, frozenset({Role.EDITOR}))


def as_reviewer(assignment: Assignment) -> Actor:
    """The actor that the reviewer is."""
    return Actor(assignment.person_id)


def accept(assignment: Assignment) -> None:
    """The reviewer takes it on."""
    operations.accept(assignment, by=as_reviewer(assignment))


def send(assignment: Assignment, recommendation: str = "include", **changed: str) -> None:
    """The reviewer sends a whole review."""
    operations.submit(
        assignment, by=as_reviewer(assignment), answers=answers(recommendation, **changed)
    )


def people(assignments: Iterable[Assignment]) -> set[int]:
    """Who was asked."""
    return {one.person_id for one in assignments}
