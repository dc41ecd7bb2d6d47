"""Changing people: making them known, confirming addresses, passwords and roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reviewhub.accounts import emails, links, passwords, queries, sessions
from reviewhub.accounts.actor import Capability
from reviewhub.accounts.models import DeclaredConflict, Link, Organisation, Person, StandingRole
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.audit.operations import record
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.nudges import nudge
from reviewhub.core.text import clean_line, fold, normalise_email
from reviewhub.notifications import choices
from reviewhub.notifications.kinds import How, Kind

if TYPE_CHECKING:
    from argon2 import PasswordHasher

REGISTER_WITHIN = timedelta(hours=24)
RESET_WITHIN = timedelta(hours=1)
LOOK_AT_CONFLICTS = "reviews.look_at_conflicts"  # the task that a change of employer is for

_hasher: "PasswordHasher | None" = None  # one of another cost than usual


@cache
def _nobodys_hash() -> str:
    """Verified against when nobody has the address, so that both answers take the same time."""
    return _argon2().hash("nobody has this password")


@dataclass(frozen=True)
class Profile:
    """What a person says of themselves; `away_until` is the day on which they are back."""

    name: str
    organisation: str
    locale: str
    timezone: str
    away_until: date | None


def know(email: str, *, name: str = "", locale: str = "en", timezone: str = "") -> Person:
    """The person with this address, made on first sight. An existing name is kept.

    Whose time zone nobody knows is taken to be where the hub is.
    """
    person = queries.by_email(email)
    if person is None:
        person = Person(
            email=normalise_email(email),
            name=clean_line(name),
            locale=locale,
            timezone=timezone or config.current().timezone,
        )
        db.session.add(person)
        db.session.flush()
    elif not person.name and name:
        person.name = clean_line(name)
    return person


def confirm(person: Person) -> None:
    """The person has shown that mail to this address reaches them."""
    person.bouncing_since = None
    if person.confirmed_at is None:
        person.confirmed_at = clock.now()
        record(person, "confirm", actor_id=person.id, role="self")


def register(email: str, *, name: str, locale: str, timezone: str) -> None:
    """Send the link that opens an account; whoever has one is sent the link to a new password.

    What a guest has suggested or applied for is theirs afterwards: the person stays the same.
    """
    person = know(email, name=name, locale=locale, timezone=timezone)
    if person.has_account:
        reset(email)
    elif person.suspended_at is None:
        link = account_link(person, REGISTER_WITHIN)
        emails.register(person, link)


def reset(email: str) -> None:
    """Send the link to a new password, if anybody has an account under this address."""
    person = queries.by_email(email)
    if person is not None and person.is_active:
        emails.reset(person, account_link(person, RESET_WITHIN))


def choose_password(person: Person, password: str, *, link_id: int) -> None:
    """Set the password by the link from a mail, which is used up; signs out everywhere.

    Raises InvalidInput for a password that is too short or too easy to guess.
    """
    had_one = person.password_hash is not None
    confirm(person)
    set_password(person, password)
    links.use_up(link_id)
    sessions.end_all(person.id)
    if had_one:
        emails.password_changed(person)


def change_password(person: Person, old: str, new: str, *, here: int | None) -> None:
    """Set another password; signs out everywhere but in the session `here`.

    Raises InvalidInput for a wrong old password, or a new one that is too easy to guess.
    """
    if check_password(person.email, old) is None:
        raise InvalidInput(_("This is not your present password."), field="old")
    try:
        set_password(person, new)
    except InvalidInput as error:
        raise InvalidInput(error.sentence, field="new") from error
    links.revoke(Capability.ACCOUNT, person.id)
    sessions.end_all(person.id, but=here)
    emails.password_changed(person)


def edit_profile(person: Person, profile: Profile) -> None:
    """Change what a person says of themselves."""
    own = organisation(profile.organisation, internal=False) if profile.organisation else None
    person.name = clean_line(profile.name)
    if person.organisation_id != (own.id if own else None):
        person.organisation_id = own.id if own else None
        note_affiliation(person)
    person.locale = profile.locale
    person.timezone = profile.timezone
    back = None
    if profile.away_until is not None:
        zone = ZoneInfo(profile.timezone)
        back = datetime.combine(profile.away_until, time.min, tzinfo=zone)
    person.away_until = back if back and back > clock.now() else None
    record(person, "edit_profile", actor_id=person.id, role="self")


def note_affiliation(person: Person) -> None:
    """Somebody works for somebody else now: what that means for open reviews is looked at next."""
    person.affiliation_changed_at = clock.now()
    nudge(LOOK_AT_CONFLICTS)


def choose_mails(person: Person, chosen: Mapping[Kind, How], *, locale: str, timezone: str) -> None:
    """Keep how a person wants the mails that can wait, and how the hub speaks to them."""
    choices.choose(person.id, chosen)
    person.locale = locale
    person.timezone = timezone
    record(person, "choose_mails", actor_id=person.id, role="self")


def stop_mails(person: Person, kind: str) -> None:
    """No more mails of this kind to the person; doing it twice changes nothing."""
    choices.stop(person.id, kind)
    record(person, "stop_mails", actor_id=person.id, role="self", kind=kind)


def set_password(person: Person, password: str) -> None:
    """Give a confirmed person a password.

    Raises InvalidInput for one that is too short or too easy to guess.
    """
    settings = config.current()
    about = (person.name, person.email, settings.base_url, settings.mail_from)
    weakness = passwords.weakness(password, about=about)
    if weakness:
        raise InvalidInput(weakness, field="password")
    person.password_hash = _argon2().hash(password)
    record(person, "set_password", actor_id=person.id, role="self")


def check_password(email: str, password: str) -> Person | None:
    """Who signs in with this, if anybody; takes as long for unknown addresses."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 -- as below

    person = queries.by_email(email)
    known = person.password_hash if person and person.is_active else None
    try:
        _argon2().verify(known or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return None
    return person if known else None


def grant(person: Person, role: Role, *, by: int | None = None) -> None:
    """Give a standing role; giving it twice changes nothing."""
    if role not in STANDING:
        raise InvalidInput(_("This is no role that can be given."))
    if role not in person.roles:
        person.grants.append(StandingRole(role=role))
        record(person, "grant", actor_id=by, role="admin" if by else "system", given=role)


def suspend(person: Person, *, by: int | None = None, note: str = "") -> None:
    """Shut the account: signed out everywhere, links in mails open nothing, nobody invites them.

    Raises WrongState where it is shut.
    """
    if person.suspended_at is not None:
        raise WrongState(_("This account is suspended already."))
    person.suspended_at = clock.now()
    sessions.end_all(person.id)
    record(person, "suspend", actor_id=by, role="admin" if by else "system", note=note)


def reinstate(person: Person, *, by: int | None = None, note: str = "") -> None:
    """Open the account again, as it was. Raises WrongState where it is open, or gone for good."""
    if person.suspended_at is None:
        raise WrongState(_("This account is not suspended."))
    if person.merged_into_id is not None or person.erased_at is not None:
        raise WrongState(_("This account was merged or erased, and can’t be opened again."))
    person.suspended_at = None
    record(person, "reinstate", actor_id=by, role="admin" if by else "system", note=note)


def organisation(name: str, *, internal: bool) -> Organisation:
    """The organisation of this name, made on first sight."""
    found = queries.organisation_named(name)
    if found is None:
        shown = clean_line(name)
        found = Organisation(name=shown, folded=fold(shown), internal=internal)
        db.session.add(found)
        db.session.flush()
    return found


def declare_conflict(
    person: Person,
    *,
    other: Person | None = None,
    organisation: Organisation | None = None,
    country: str = "",
    reason: str = "",
) -> DeclaredConflict:
    """Record whose work this person must not judge: exactly one of the three is given."""
    conflict = DeclaredConflict(
        person_id=person.id,
        other_person_id=other.id if other else None,
        organisation_id=organisation.id if organisation else None,
        country=country,
        reason=reason,
    )
    db.session.add(conflict)
    return conflict


def _argon2() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415 -- few requests check a password

    return _hasher or PasswordHasher()


def account_link(person: Person, within: timedelta) -> Link:
    """The link that shows that mail to a person's address is read by them."""
    return links.ensure(
        Capability.ACCOUNT, person.id, person_id=person.id, expires_at=clock.now() + within
    )
