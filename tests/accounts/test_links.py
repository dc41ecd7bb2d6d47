"""Links from mails open one object, for one person, for as long as they should."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import links
from reviewhub.accounts.actor import Actor, Capability, Grant
from reviewhub.accounts.models import Link, Person
from reviewhub.core import clock as core_clock
from tests.conftest import SetClock
from tests.factories import Factory
from tests.second_app import changed_settings

SUBMISSION, ASSIGNMENT = Capability.SUBMISSION, Capability.ASSIGNMENT


@pytest.fixture
def person(make: Factory, clock: SetClock) -> Person:
    """Whom the links are for."""
    return make.person()


@pytest.fixture
def link(person: Person) -> Iterator[Link]:
    """A link to submission 7."""
    return links.ensure(SUBMISSION, 7, person_id=person.id)


def test_a_token_gives_exactly_what_its_link_was_made_for(link: Link, person: Person) -> None:
    grant = links.resolve(links.token(link))
    assert grant == Grant(link.id, SUBMISSION, 7, person.id)
    assert links.token_for(link.id) == links.token(link)


def test_following_a_link_twice_gives_the_same_twice(link: Link) -> None:
    assert links.resolve(links.token(link)) == links.resolve(links.token(link)) is not None


def test_a_link_opens_no_other_object_and_no_other_kind(link: Link, person: Person) -> None:
    actor = Actor(grant=links.resolve(links.token(link)))
    assert actor.holds_link_to(SUBMISSION, 7)
    assert not actor.holds_link_to(SUBMISSION, 8)
    assert not actor.holds_link_to(ASSIGNMENT, 7)
    assert not Actor(person_id=person.id).holds_link_to(SUBMISSION, 7)


def test_the_number_of_one_link_with_the_seal_of_another_opens_nothing(
    link: Link, make: Factory
) -> None:
    other = links.ensure(SUBMISSION, 7, person_id=make.person().id)
    seal = links.token(other).partition(".")[2]
    assert links.resolve(f"{link.id}.{seal}") is None


@pytest.mark.parametrize("wrong", ["", ".", "1", "1.", ".abc", "-1.abc", "²." + "a" * 32, "9" * 40])
def test_what_is_no_token_opens_nothing(link: Link, wrong: str) -> None:
    assert links.resolve(wrong) is None


@pytest.mark.parametrize("number", ["99999999999", "2147483648", "0", "0" * 11 + "9" * 40])
def test_a_number_that_no_link_has_opens_nothing(link: Link, number: str) -> None:
    assert links.resolve(f"{number}.{'a' * 32}") is None


@given(st.integers(0, 60), st.characters(exclude_categories=["Cs"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_token_with_one_sign_changed_opens_nothing(link: Link, place: int, sign: str) -> None:
    token = links.token(link)
    changed = token[: place % len(token)] + sign + token[place % len(token) + 1 :]
    assert changed == token or links.resolve(changed) is None


def test_a_revoked_link_opens_nothing(link: Link) -> None:
    links.revoke(SUBMISSION, 7)
    assert links.resolve(links.token(link)) is None


def test_revoking_one_persons_link_leaves_the_others_open(link: Link, make: Factory) -> None:
    other = links.ensure(SUBMISSION, 7, person_id=make.person().id)
    elsewhere = links.ensure(SUBMISSION, 8, person_id=link.person_id)
    links.revoke(SUBMISSION, 7, person_id=link.person_id)
    assert links.resolve(links.token(link)) is None
    assert links.resolve(links.token(other)) is not None
    assert links.resolve(links.token(elsewhere)) is not None


def test_a_link_that_is_needed_again_has_a_new_token_and_the_old_one_stays_shut(link: Link) -> None:
    old = links.token(link)
    links.revoke(SUBMISSION, 7)
    assert links.ensure(SUBMISSION, 7, person_id=link.person_id) is link
    assert links.resolve(old) is None
    assert links.resolve(links.token(link)) is not None


def test_one_person_has_one_link_to_one_object(
    link: Link, person: Person, db: scoped_session[Session]
) -> None:
    token = links.token(link)
    assert links.ensure(SUBMISSION, 7, person_id=person.id) is link
    assert links.token(link) == token
    assert links.ensure(ASSIGNMENT, 7, person_id=person.id) is not link


def test_a_link_for_nobody_in_particular_is_made_once(db: scoped_session[Session]) -> None:
    link = links.ensure(SUBMISSION, 9, person_id=None)
    assert links.ensure(SUBMISSION, 9, person_id=None) is link
    assert links.resolve(links.token(link)) == Grant(link.id, SUBMISSION, 9, None)


def test_a_link_ends_at_its_moment(person: Person, clock: SetClock) -> None:
    until = core_clock.now() + timedelta(days=2)
    link = links.ensure(SUBMISSION, 7, person_id=person.id, expires_at=until)
    clock.advance(days=2, microseconds=-1)
    assert links.resolve(links.token(link)) is not None
    clock.advance(microseconds=1)
    assert links.resolve(links.token(link)) is None


def test_another_secret_makes_every_token_worthless(link: Link) -> None:
    token = links.token(link)
    with changed_settings(secret_key="another" * 6):
        assert links.resolve(token) is None
    assert links.resolve(token) is not None


def test_a_suspended_persons_links_open_nothing(link: Link, person: Person) -> None:
    token = links.token(link)
    person.suspended_at = core_clock.now()
    assert links.resolve(token) is None
    person.suspended_at = None
    assert links.resolve(token) is not None


def test_no_secret_is_stored_with_a_link(link: Link) -> None:
    seal = links.token(link).partition(".")[2]
    assert len(seal) == 32
    assert seal not in str({column.key: getattr(link, column.key) for column in Link.__table__.c})
