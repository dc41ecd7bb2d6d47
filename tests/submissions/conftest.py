"""Suggestions, and the people who send and screen them."""

from collections.abc import Callable
from typing import Any

import pytest

from reviewhub.accounts import links
from reviewhub.accounts.actor import Actor, Capability, Grant
from reviewhub.accounts.models import Person
from reviewhub.submissions.answers import Answers
from reviewhub.submissions.models import Submission
from tests.factories import Factory


@pytest.fixture
def editor(make: Factory) -> Person:
    """An editor of an organisation of their own."""
    return make.editor("Ed Editor")


@pytest.fixture
def by() -> Callable[[Person], Actor]:
    """The actor that a signed-in person is."""
    return lambda person: Actor(person_id=person.id, roles=person.roles)


@pytest.fixture
def by_link() -> Callable[[Submission], Actor]:
    """The actor that the holder of the submitter's mailed link is."""
    return lambda submission: Actor(
        grant=Grant(1, Capability.SUBMISSION, submission.id, submission.submitter_id)
    )


@pytest.fixture
def by_draft_link() -> Callable[[Submission], Actor]:
    """The actor that whoever began a draft without signing in is."""
    return lambda submission: Actor(grant=Grant(1, Capability.SUBMISSION, submission.id, None))


@pytest.fixture
def key_of() -> Callable[[Submission], str]:
    """The key in the submitter's mails."""

    def _key_of(submission: Submission) -> str:
        person_id = submission.submitter_id
        return links.token(links.ensure(Capability.SUBMISSION, submission.id, person_id=person_id))

    return _key_of


@pytest.fixture
def answers() -> Callable[..., Answers]:
    """Good answers, each of which may be replaced."""

    def _answers(**values: Any) -> Answers:
        return Answers(
            **{
                "url": "https://library.example/consular-handbook",
                "title": "A handbook of consular practice",
                "language": "en",
                "why_useful": "It is the only handbook that covers posts with a single officer.",
                "topics": ("14",),
                **values,
            }
        )

    return _answers


@pytest.fixture
def form() -> Callable[..., dict[str, Any]]:
    """What the browser of a guest sends for the seven answers."""

    def _form(**values: Any) -> dict[str, Any]:
        return {
            "url": "https://library.example/consular-handbook",
            "title": "A handbook of consular practice",
            "language": "en",
            "why_useful": "It is the only handbook that covers posts with a single officer.",
            "main_topic": "14",
            "email": "gia@guest.example",
            "consent": "y",
            **values,
        }

    return _form
