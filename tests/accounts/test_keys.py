"""What the hub's key signs and locks, and what happens when it is changed."""

import pyotp
import pytest
from flask.testing import FlaskClient

from reviewhub.accounts import keys, links, operations, second_factor
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import Person
from reviewhub.core import clock as core_clock
from reviewhub.core import config
from reviewhub.core.errors import InvalidInput
from tests.conftest import SetClock
from tests.factories import Factory
from tests.second_app import changed_settings

PASSWORD = "correct horse battery staple"
NEW = "n" * 40


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Somebody with a real password."""
    person = make.person("Ada Example", email="ada@host.example")
    operations.set_password(person, PASSWORD)
    return person


@pytest.fixture
def recovery(ada: Person, clock: SetClock) -> list[str]:
    """Ada has set up codes; these are her recovery codes."""
    factor = second_factor.begin(ada)
    code = pyotp.TOTP(second_factor.secret_of(factor)).at(core_clock.now())
    found = second_factor.set_up(ada, code, here=None)
    clock.advance(minutes=1)
    return found


@pytest.mark.usefixtures("db")
def test_what_is_locked_is_unreadable_and_opens_for_what_it_is_about() -> None:
    locked = [keys.lock("JBSWY3DPEHPK3PXP", about="ada") for _time in range(2)]
    assert locked[0] != locked[1]
    assert "JBSWY3DPEHPK3PXP" not in locked[0]
    assert keys.unlock(locked[0], about="ada") == "JBSWY3DPEHPK3PXP"
    with pytest.raises(keys.KeyLostError):
        keys.unlock(locked[0], about="bob")
    spoilt = locked[0][:-3] + ("A" if locked[0][-3] != "A" else "B") + locked[0][-2:]
    with pytest.raises(keys.KeyLostError):
        keys.unlock(spoilt, about="ada")


def test_no_secret_of_a_code_generator_stands_in_its_row(ada: Person) -> None:
    factor = second_factor.begin(ada)
    assert second_factor.secret_of(factor) not in factor.secret
    assert len(second_factor.secret_of(factor)) == 32
    other = second_factor.secret_of(factor)
    factor.person_id += 1  # a row that was copied to somebody else opens nothing
    with pytest.raises(InvalidInput, match="can't be checked"):
        second_factor.secret_of(factor)
    factor.person_id -= 1
    assert second_factor.secret_of(factor) == other


def test_a_former_key_still_opens_links_codes_and_secrets(ada: Person, recovery: list[str]) -> None:
    former = config.current().secret_key
    link = links.ensure(Capability.SUBMISSION, 7, person_id=ada.id)
    token = links.token(link)
    generator = pyotp.TOTP(second_factor.secret_of(second_factor.of_person(ada.id)))
    with changed_settings(secret_key=NEW, secret_key_fallbacks=f"{'o' * 40}, {former}"):
        assert links.resolve(token) is not None
        assert links.token(link) != token  # mails from now on are signed with the new key
        assert links.resolve(links.token(link)) is not None
        second_factor.check(ada, generator.at(core_clock.now()))
        second_factor.check(ada, recovery[0])


def test_a_secret_that_a_former_key_opens_is_locked_with_the_present_one_when_it_is_used(
    ada: Person, recovery: list[str]
) -> None:
    former = config.current().secret_key
    factor = second_factor.of_person(ada.id)
    generator = pyotp.TOTP(second_factor.secret_of(factor))
    with changed_settings(secret_key=NEW, secret_key_fallbacks=former):
        second_factor.check(ada, generator.at(core_clock.now()))
    with changed_settings(secret_key=NEW):
        assert second_factor.secret_of(factor) == generator.secret


def test_without_the_former_key_they_open_nothing_and_the_sentence_says_who_helps(
    ada: Person, recovery: list[str], client: FlaskClient
) -> None:
    token = links.token(links.ensure(Capability.SUBMISSION, 7, person_id=ada.id))
    with changed_settings(secret_key=NEW):
        assert links.resolve(token) is None
        client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
        page = client.post("/sign-in/code", data={"code": recovery[0]}).text
        assert "Write to whoever runs this site" in page
    second_factor.check(ada, recovery[0])
