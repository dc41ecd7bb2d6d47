"""Who people are at providers: sending a browser there, knowing it again, connecting and parting.

An identity belongs to one person and is connected by that person alone: signed in, or by a mail to
their address opened in the browser that comes from the provider. What a provider says of an address
never gives anybody an account that is there already.
"""

import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

import sqlalchemy as sa

from reviewhub.accounts import emails, links, oidc, operations, queries
from reviewhub.accounts.models import Identity, Person, ProviderVisit
from reviewhub.accounts.oidc import Claims, Question
from reviewhub.audit.operations import record
from reviewhub.core import clock, config
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.core.providers import Provider

BACK_WITHIN = timedelta(minutes=15)  # with the provider's own password and second factor
CONNECT_WITHIN = timedelta(hours=1)  # as long as the mail's link


def new_token() -> str:
    """What a browser is given to be known by when it comes back."""
    return secrets.token_urlsafe(32)


def question(token: str) -> Question:
    """What is sent along to the provider, drawn from the token: no copy of it is kept."""

    def drawn(what: str) -> str:
        return urlsafe_b64encode(sha256(f"{what} {token}".encode()).digest()).decode().rstrip("=")

    return Question(drawn("state"), drawn("nonce"), drawn("verifier"))


def begin(token: str, provider: Provider, *, person: Person | None, target: str) -> ProviderVisit:
    """Note that a browser leaves for the provider. Sweeps out the visits that are over."""
    moment = clock.now()
    db.session.execute(sa.delete(ProviderVisit).where(ProviderVisit.expires_at <= moment))
    visit = ProviderVisit(
        token_hash=_hash(token),
        provider=provider.name,
        person_id=person.id if person else None,
        target=target[:2000],
        expires_at=moment + BACK_WITHIN,
    )
    db.session.add(visit)
    db.session.flush()
    return visit


def visit_of(token: str) -> ProviderVisit | None:
    """The visit that this browser is on, unless it is over."""
    query = sa.select(ProviderVisit).where(
        ProviderVisit.token_hash == _hash(token), ProviderVisit.expires_at > clock.now()
    )
    return db.session.scalar(query) if token else None


def take(visit: ProviderVisit) -> bool:
    """Take the provider's answer to this visit; False where one was taken before."""
    taken = db.session.scalar(
        sa.update(ProviderVisit)
        .where(ProviderVisit.id == visit.id, ProviderVisit.answered_at.is_(None))
        .values(answered_at=clock.now())
        .returning(ProviderVisit.id)
    )
    return taken is not None


def keep(visit: ProviderVisit, claims: Claims) -> None:
    """Keep what the provider said until it is connected with an account."""
    visit.issuer, visit.subject = claims.issuer, claims.subject
    visit.email, visit.name, visit.mfa = claims.email, claims.name, claims.mfa
    visit.expires_at = clock.now() + CONNECT_WITHIN
    db.session.flush()


def end(visit: ProviderVisit) -> None:
    """The visit is over."""
    db.session.execute(sa.delete(ProviderVisit).where(ProviderVisit.id == visit.id))


def find(issuer: str, subject: str) -> Identity | None:
    """The identity, if it is anybody's here."""
    return db.session.scalar(
        sa.select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    )


def of_person(person_id: int) -> list[Identity]:
    """How a person is known elsewhere, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Identity).where(Identity.person_id == person_id).order_by(Identity.id)
        )
    )


def recognise(visit: ProviderVisit) -> Person | None:
    """Who signs in with what the visit brought: the identity's person, or a new one.

    None where somebody has to say first whose it is. Raises NotAllowed for the suspended.
    """
    identity = find(visit.issuer, visit.subject)
    if identity is not None:
        identity.used_at = clock.now()
        return _let_in(queries.get(identity.person_id))
    if not visit.email or not config.current().oidc_register:
        return None
    if queries.by_email(visit.email) is not None:
        return None
    person = operations.know(visit.email, name=visit.name, timezone=config.current().timezone)
    operations.confirm(person)
    connect(person, visit)
    return person


def connect(person: Person, visit: ProviderVisit) -> None:
    """Let the person sign in with this identity from now on; they are told by mail.

    Raises WrongState where it is somebody else's, NotAllowed for the suspended.
    """
    _let_in(person)
    identity = find(visit.issuer, visit.subject)
    if identity is not None and identity.person_id != person.id:
        raise WrongState(
            _("This is connected with another account here. Sign in to that one, or part it first.")
        )
    if identity is not None:
        return
    db.session.add(
        Identity(
            person_id=person.id,
            issuer=visit.issuer,
            subject=visit.subject,
            shown=visit.email or visit.name or visit.subject,
        )
    )
    db.session.flush()
    shown = provider_name(visit.issuer)
    record(person, "connect_identity", actor_id=person.id, role="self", provider=shown)
    emails.identity_connected(person, shown)


def ask_to_connect(visit: ProviderVisit, email: str, *, locale: str) -> None:
    """Send the link by which whoever has this address connects the identity with it.

    Nothing is sent where the hub takes no new accounts this way and there is none.
    """
    may_register = config.current().oidc_register
    known = queries.by_email(email)
    if known is None and may_register:
        timezone = config.current().timezone
        known = operations.know(email, name=visit.name, locale=locale, timezone=timezone)
    if known is None or known.suspended_at is not None:
        return
    if known.has_account or may_register:
        link = operations.account_link(known, CONNECT_WITHIN)
        emails.connect_identity(known, link, provider_name(visit.issuer))


def connect_by_mail(person: Person, visit: ProviderVisit, *, link_id: int) -> None:
    """Connect by the link from the mail, which is used up; opens an account for a guest.

    Raises WrongState and NotAllowed as `connect` does.
    """
    if not person.has_account and not config.current().oidc_register:
        raise NotAllowed(_("New accounts are not opened this way here. Register first."))
    operations.confirm(person)
    if visit.name and not person.name:
        person.name = visit.name
    connect(person, visit)
    links.use_up(link_id)


def part(person: Person, identity_id: int) -> None:
    """Let the person sign in with this identity no more.

    Raises NotFound where it is not theirs, InvalidInput where it is their last way to sign in.
    """
    own = of_person(person.id)
    identity = next((one for one in own if one.id == identity_id), None)
    if identity is None:
        raise NotFound(_("There is nothing like this to part from your account."))
    if len(own) == 1 and person.password_hash is None:
        raise InvalidInput(
            _("This is your only way to sign in. Set a password first, then part it.")
        )
    db.session.delete(identity)
    shown = provider_name(identity.issuer)
    record(person, "part_identity", actor_id=person.id, role="self", provider=shown)
    db.session.flush()


def provider_name(issuer: str) -> str:
    """What people call the provider, also one that is not offered any more."""
    label = next((one.shown for one in config.current().oidc if one.issuer == issuer), "")
    return label or issuer.partition("://")[2]


def passes_second_factor(visit: ProviderVisit) -> bool:
    """Whether the provider has asked for a second factor, and is believed in this."""
    provider = oidc.named(visit.provider)
    return provider is not None and provider.mfa and visit.mfa


def _let_in(person: Person) -> Person:
    if person.suspended_at is not None:
        raise NotAllowed(_("This account is suspended. Write to whoever runs this site."))
    return person


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
