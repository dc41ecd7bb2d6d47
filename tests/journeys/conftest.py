"""One running hub for the journeys that need no other, with its team and a roster."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest
import sqlalchemy as sa

from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.submissions.models import Progress, Submission
from reviewhub.submissions.workflow import State
from tests import databases
from tests.journeys import people, steps
from tests.journeys.browser import Browser
from tests.journeys.people import Somebody
from tests.journeys.stack import Stack

INTERNAL, EXTERNAL = 14, 26


@dataclass(frozen=True)
class Team:
    """The people of a hub: two editors, and reviewers with names that occur nowhere else."""

    editor: Somebody
    deputy: Somebody
    reviewers: tuple[Somebody, ...]


@dataclass(frozen=True)
class Asked:
    """A reviewer who was asked, with the number of the assignment."""

    name: str
    email: str
    assignment_id: int


@dataclass(frozen=True)
class Suggested:
    """A suggestion that a guest sent, with the browser and the address that they used."""

    ref: str
    email: str
    browser: Browser


class Hub:
    """A running hub with its people, and what a story needs to know of it."""

    def __init__(self, stack: Stack, locale: str = "en") -> None:
        self.stack, self.locale = stack, locale
        self.team = stack.seed(lambda: _team(locale))
        self._guests = 0

    @cached_property
    def desk(self) -> Browser:
        """The editor's browser."""
        return steps.sign_in(self.stack, self.team.editor)

    def suggest(self, title: str) -> Suggested:
        """A guest suggests something, and confirms it by the link in the mail."""
        self._guests += 1
        email = f"guest{self._guests}@suggests{self._guests}.example"
        browser = self.stack.browser()
        steps.suggest(browser, email=email, title=title, url=f"https://{email[:6]}.example/book")
        steps.confirm(browser, self.stack.link(email, "submissions/confirm"))
        return Suggested(self.sent_by(email), email, browser)

    def sent_by(self, email: str, then: State = State.SUBMITTED) -> str:
        """The reference of what this guest suggested, once it is sent, or further by itself."""
        return self.stack.wait(
            lambda session: session.scalar(
                sa.select(Submission.ref)
                .join(Person, Person.id == Submission.submitter_id)
                .where(Person.email == email, Submission.state == then)
            ),
            what=f"the suggestion of {email} is sent",
        )

    def start_review(self, ref: str) -> list[Asked]:
        """The editor completes the record and starts the review; who is asked."""
        steps.refile(self.desk, ref)
        steps.take_step(self.desk, ref, "start_review", "Invite these reviewers")
        return self.asked(ref, 3)

    def asked(self, ref: str, number: int, *, slot: Slot | None = None) -> list[Asked]:
        """Whose answer is waited for, once it is this many."""
        query = (
            sa.select(Person.name, Person.email, Assignment.id)
            .join(Assignment, Assignment.person_id == Person.id)
            .join(Submission, Submission.id == Assignment.submission_id)
            .where(Submission.ref == ref, Assignment.state == AssignmentState.INVITED)
            .order_by(Assignment.id)
        )
        if slot is not None:
            query = query.where(Assignment.slot == slot)
        rows = self.stack.wait(
            lambda session: [row for row in [session.execute(query).all()] if len(row) == number],
            what=f"{number} people are asked about {ref}",
        )
        return [Asked(*row) for row in rows[0]]

    def editor_of(self, ref: str) -> str:
        """The address of the editor who handles it."""
        with self.stack.session() as session:
            return session.execute(
                sa.select(Person.email)
                .join(Progress, Progress.editor_id == Person.id)
                .join(Submission, Submission.id == Progress.submission_id)
                .where(Submission.ref == ref)
            ).scalar_one()

    def invitation(self, who: Asked) -> str:
        """The link in the invitation."""
        return self.stack.link(who.email, "reviews/invite", about=who.assignment_id)

    def review(self, who: Asked, said: str = "include") -> Browser:
        """A reviewer accepts and reviews, with nothing but the link in the invitation."""
        return steps.accept_and_review(self.stack, self.invitation(who), said)

    def is_in(self, ref: str, *states: State) -> State:
        """Wait until the submission is in one of these states."""
        return self.stack.wait(
            lambda session: session.scalar(
                sa.select(Submission.state).where(
                    Submission.ref == ref, Submission.state.in_(states)
                )
            ),
            what=f"{ref} becomes {' or '.join(states)}",
        )


def _team(locale: str) -> Team:
    editor = people.staff("edda@hub.example", "Edda Editor", Role.EDITOR)
    deputy = people.staff("dora@deputy.example", "Dora Deputy", Role.EDITOR)
    reviewers = [
        people.member(
            f"quillon{number}@quillon{number}.example",
            f"Xanthippe Quillon-{number}",
            internal=number < INTERNAL,
            topics={"14": 3},
        )
        for number in range(INTERNAL + EXTERNAL)
    ]
    db.session.execute(sa.update(Person).values(locale=locale))
    return Team(editor, deputy, tuple(reviewers))


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub on a database of each kind, which runs for all modules that start none of their own."""
    folder = tmp_path_factory.mktemp("hub")
    with databases.of_kind(request.param, folder) as url:
        given = "" if request.param == "sqlite" else url
        with Stack(folder, database_url=given) as stack:
            yield Hub(stack)
