"""A second factor at sign-in: codes of a code generator (TOTP), and recovery codes for its loss.

Each code is taken once. The secret of a generator is kept locked with the hub's key. Ten recovery
codes are shown when the factor is set up, and never again: only their hashes, made with that key,
are kept.
"""

import hmac
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from reviewhub.accounts import keys, sessions
from reviewhub.accounts.models import Person, RecoveryCode, SecondFactor
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.audit.operations import record
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed
from reviewhub.core.i18n import _

if TYPE_CHECKING:
    from pyotp import TOTP

RECOVERY_CODES = 10
_STEP = 30  # seconds that a code is shown for
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read as something else


def required_roles() -> frozenset[Role]:
    """The roles that the hub asks a second factor of. Raises ValueError for one that is none."""
    names = [name.strip() for name in config.current().totp_required.split(",") if name.strip()]
    unknown = sorted(set(names) - STANDING)
    if unknown:
        raise ValueError(f"REVIEWHUB_TOTP_REQUIRED names no standing role: {', '.join(unknown)}")
    return frozenset(Role(name) for name in names)


def of_person(person_id: int) -> SecondFactor | None:
    """The person's second factor, set up or about to be."""
    return db.session.get(SecondFactor, person_id)


def is_on(person_id: int) -> bool:
    """Whether signing in takes a code."""
    factor = of_person(person_id)
    return factor is not None and factor.confirmed_at is not None


def codes_left(person_id: int) -> int:
    """How many recovery codes are unused."""
    query = sa.select(sa.func.count(RecoveryCode.id)).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(query) or 0


def secret_of(factor: SecondFactor) -> str:
    """The secret that a code generator is told. Raises InvalidInput where its key is lost."""
    try:
        return keys.unlock(factor.secret, about=_about(factor.person_id))
    except keys.KeyLostError as error:
        raise InvalidInput(
            _(
                "Your codes can't be checked any more. Write to whoever runs this site: they can "
                "take the codes off your account."
            ),
            field="code",
        ) from error


def address(person: Person, factor: SecondFactor, *, issuer: str) -> str:
    """What a code generator reads from the picture."""
    return _generator(factor).provisioning_uri(name=person.email, issuer_name=issuer)


def begin(person: Person) -> SecondFactor:
    """A fresh secret to be confirmed; one that is set up already is left as it is."""
    factor = of_person(person.id)
    if factor is None:
        factor = SecondFactor(person_id=person.id, secret=_new_secret(person.id))
        db.session.add(factor)
    elif factor.confirmed_at is None:
        factor.secret = _new_secret(person.id)
    db.session.flush()
    return factor


def set_up(person: Person, code: str, *, here: int | None) -> list[str]:
    """Confirm the secret by a first code; returns the recovery codes, to be shown once.

    Signs out everywhere but in the session `here`. Raises InvalidInput for a wrong code.
    """
    factor = of_person(person.id)
    if factor is None or factor.confirmed_at is not None:
        raise InvalidInput(_("Begin anew: there is nothing to confirm."), field="code")
    if not _takes(factor, code, clock.now()):
        raise _wrong_code()
    factor.confirmed_at = clock.now()
    codes = [_recovery_code() for _number in range(RECOVERY_CODES)]
    _forget_codes(person.id)
    db.session.add_all(
        RecoveryCode(person_id=person.id, code_hash=keys.sign(_signed(person.id, code)))
        for code in codes
    )
    sessions.end_all(person.id, but=here)
    record(person, "set_up_totp", actor_id=person.id, role="self")
    db.session.flush()
    return codes


def check(person: Person, code: str) -> None:
    """Take a code of the generator, or a recovery code. Raises InvalidInput for any other."""
    factor = db.session.get(SecondFactor, person.id, with_for_update=True)
    if factor is None or factor.confirmed_at is None:
        return
    if not _takes(factor, code, clock.now()) and not _recovers(person.id, code):
        raise _wrong_code()


def turn_off(person: Person, code: str) -> None:
    """Sign in without codes again. Raises NotAllowed where a role asks for them, InvalidInput."""
    if person.roles & required_roles():
        raise NotAllowed(_("Your role on this site needs the codes: they can't be turned off."))
    check(person, code)
    remove(person, by=person.id)


def remove(person: Person, *, by: int | None = None) -> None:
    """Take the second factor away, as for somebody who has lost generator and codes."""
    db.session.execute(sa.delete(SecondFactor).where(SecondFactor.person_id == person.id))
    _forget_codes(person.id)
    record(person, "remove_totp", actor_id=by, role="self" if by else "system")


def _takes(factor: SecondFactor, code: str, moment: datetime) -> bool:
    """Whether this is the code of now, the one before or the next, and later than the last."""
    now = int(moment.timestamp()) // _STEP
    totp = _generator(factor)
    sent = "".join(code.split()).encode()
    for step in (now - 1, now, now + 1):
        right = totp.generate_otp(step).encode()
        if step > factor.last_step and hmac.compare_digest(right, sent):
            factor.last_step = step
            # Locked anew, so that a former key may be forgotten some day.
            factor.secret = keys.lock(totp.secret, about=_about(factor.person_id))
            return True
    return False


def _recovers(person_id: int, code: str) -> bool:
    query = sa.select(RecoveryCode).where(
        RecoveryCode.person_id == person_id,
        RecoveryCode.code_hash.in_(keys.signatures(_signed(person_id, code))),
        RecoveryCode.used_at.is_(None),
    )
    found = db.session.scalar(query)
    if found is None:
        return False
    found.used_at = clock.now()
    return True


def _wrong_code() -> InvalidInput:
    return InvalidInput(_("This code does not fit, or it was used already."), field="code")


def _forget_codes(person_id: int) -> None:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _letter in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def _signed(person_id: int, code: str) -> str:
    bare = "".join(letter for letter in code.casefold() if letter.isalnum())
    return f"recovery:{person_id}:{bare}"


def _generator(factor: SecondFactor) -> "TOTP":
    import pyotp  # noqa: PLC0415 -- few requests need it

    return pyotp.TOTP(secret_of(factor))


def _new_secret(person_id: int) -> str:
    import pyotp  # noqa: PLC0415 -- few requests need it

    return keys.lock(pyotp.random_base32(), about=_about(person_id))


def _about(person_id: int) -> str:
    return f"second factor of {person_id}"
