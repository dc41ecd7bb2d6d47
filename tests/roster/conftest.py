"""Applications, and the people who send and decide them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.actor import Actor, Capability, Grant
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.roster.answers import Answers
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import ApplicationState
from tests.factories import Factory

DECIDED = {ApplicationState.APPROVED, ApplicationState.DECLINED}


@pytest.fixture
def manager(make: Factory) -> Person:
    """A roster manager of an organisation of their own."""
    return make.staff(Role.ROSTER_MANAGER, name="Mara Manager")


@pytest.fixture
def by() -> Callable[[Person], Actor]:
    """The actor that a signed-in person is."""
    return lambda person: Actor(person_id=person.id, roles=person.roles)


@pytest.fixture
def by_link() -> Callable[[Application], Actor]:
    """The actor that the holder of an application's link is."""
    return lambda application: Actor(
        grant=Grant(1, Capability.APPLICATION, application.id, application.person_id)
    )


@pytest.fixture
def answers() -> Callable[..., Answers]:
    """Ten good answers, each of which may be replaced."""

    def _answers(**values: Any) -> Answers:
        return Answers(
            **{
                "name": "Ana Applicant",
                "organisation_name": "Institute of Crossings",
                "internal": False,
                "country": "KEN",
                "languages": ("en", "fr"),
                "topics": {"14": 3, "2": 2},
                "years_experience": 8,
                "statement": "I have run consular help desks in three countries and taught others.",
                "competing_interests": "none",
                "capacity": 2,
                **values,
            }
        )

    return _answers


@pytest.fixture
def make_application(make: Factory, manager: Person) -> Callable[..., Application]:
    """An application in any state, consistent with what the database demands."""
    numbers = count(1)

    def _make(state: ApplicationState = ApplicationState.SUBMITTED, **values: Any) -> Application:
        number = next(numbers)
        now = core_clock.now()
        sent = state != ApplicationState.DRAFT
        if state in DECIDED:
            values.setdefault("decided_at", now)
            values.setdefault("decided_by_id", manager.id)
        if state == ApplicationState.DECLINED:
            values.setdefault("reason", "expertise_covered")
        if "person_id" not in values:
            values["person_id"] = make.person().id
        application = Application(
            **{
                "ref": f"RA-2026-9{number:05d}",
                "state": state,
                "name": f"Applicant {number}",
                "organisation_name": f"Institute {number}",
                "internal": False,
                "country": "KEN",
                "languages": ["en"],
                "topics": {"14": 3},
                "years_experience": 8,
                "statement": "I have run consular help desks in three countries for years.",
                "competing_interests": "none",
                "consented_at": now,
                "submitted_at": now if sent else None,
                "due_at": now + timedelta(days=30) if sent else None,
                **values,
            }
        )
        make.session.add(application)
        make.session.flush()
        return application

    return _make


@pytest.fixture
def count_queries(db: scoped_session[Session]) -> Callable[[], Any]:
    """`with count_queries() as statements:` collects the SELECTs of the block."""

    @contextmanager
    def _count() -> Iterator[list[str]]:
        statements: list[str] = []

        def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.lstrip().startswith("SELECT"):
                statements.append(statement)

        connection = db.connection()
        sa.event.listen(connection, "before_cursor_execute", collect)
        try:
            yield statements
        finally:
            sa.event.remove(connection, "before_cursor_execute", collect)

    return _count
