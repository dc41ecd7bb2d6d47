"""People, their organisations and declared conflicts, how they sign in, and the links for them."""

from datetime import datetime

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from reviewhub.accounts.actor import Capability
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.core import clock
from reviewhub.core.db import Model, enum_type


class Organisation(Model):
    """An organisation; whether it is internal to the hub decides which slots its people fill."""

    __tablename__ = "organisations"
    __table_args__ = (sa.CheckConstraint("length(name) >= 2", name="name_given"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    folded: Mapped[str] = mapped_column(sa.String(200), unique=True)
    internal: Mapped[bool] = mapped_column(default=False)


class Identity(Model):
    """Who a person is at a provider that they sign in with."""

    __tablename__ = "identities"
    __table_args__ = (
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_once"),
        sa.CheckConstraint("issuer <> '' AND subject <> ''", name="identity_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    issuer: Mapped[str] = mapped_column(sa.String(255))
    subject: Mapped[str] = mapped_column(sa.String(255))
    shown: Mapped[str] = mapped_column(sa.String(254), default="")  # by what a person knows it
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime] = mapped_column(default=clock.now)


class Person(UserMixin, Model):
    """Everybody the hub knows: guests who suggested something, experts, staff.

    A person with neither a password nor an identity has no account yet and acts through links in
    mails only.
    """

    __tablename__ = "people"
    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_lower"),
        sa.CheckConstraint(
            "password_hash IS NULL OR confirmed_at IS NOT NULL", name="account_confirmed"
        ),
        sa.Index(
            "ix_people_affiliation_changed",
            "affiliation_changed_at",
            "id",
            sqlite_where=sa.text("affiliation_changed_at IS NOT NULL"),
            postgresql_where=sa.text("affiliation_changed_at IS NOT NULL"),
        ),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR (password_hash IS NULL AND suspended_at IS NOT NULL)",
            name="merged_is_closed",
        ),
        sa.CheckConstraint(
            "erased_at IS NULL OR (password_hash IS NULL AND suspended_at IS NOT NULL)",
            name="erased_is_closed",
        ),
        sa.Index(
            "ix_people_erase",
            "erase_at",
            "id",
            sqlite_where=sa.text("erase_at IS NOT NULL"),
            postgresql_where=sa.text("erase_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    confirmed_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(sa.String(12), default="en")
    timezone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    country: Mapped[str] = mapped_column(sa.String(12), default="")
    away_until: Mapped[datetime | None]
    # Since when it waits to be seen what a change of employer means for open reviews.
    affiliation_changed_at: Mapped[datetime | None]
    bouncing_since: Mapped[datetime | None]  # since when mail to the address comes back
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    is_demo: Mapped[bool] = mapped_column(default=False)
    # Who they are as well: the same person under another address, which leads there.
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    erase_at: Mapped[datetime | None]  # when what is known of them goes, as they asked
    erased_at: Mapped[datetime | None]  # since when they are a pseudonym

    has_identity: Mapped[bool] = column_property(
        sa.exists().where(Identity.person_id == id).correlate_except(Identity),  # noqa: A003 -- the column
        deferred=True,
    )
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    grants: Mapped[list["StandingRole"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="StandingRole.role"
    )

    @property
    def has_account(self) -> bool:
        """Whether there is a way for them to sign in."""
        return self.password_hash is not None or self.has_identity

    @property
    def is_active(self) -> bool:
        """Whether Flask-Login lets this person in."""
        return self.suspended_at is None and self.has_account

    @property
    def roles(self) -> frozenset[Role]:
        """The standing roles of the account."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def shown_name(self) -> str:
        """The name, or the address where no name was given."""
        return self.name or self.email


class StandingRole(Model):
    """One role of one account."""

    __tablename__ = "standing_roles"
    __table_args__ = (
        sa.CheckConstraint(
            "role IN ({})".format(", ".join(f"'{r.value}'" for r in sorted(STANDING))),
            name="role_standing",
        ),
    )

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(enum_type(Role), primary_key=True)


class DeclaredConflict(Model):
    """A person says: I must not judge what comes from this person, organisation or country."""

    __tablename__ = "declared_conflicts"
    __table_args__ = (
        sa.CheckConstraint(
            "(CASE WHEN other_person_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN organisation_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN country = '' THEN 0 ELSE 1 END) = 1",
            name="one_target",
        ),
        sa.CheckConstraint("person_id <> other_person_id", name="not_self"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    other_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    country: Mapped[str] = mapped_column(sa.String(12), default="")
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    declared_at: Mapped[datetime] = mapped_column(default=clock.now)


class Link(Model):
    """A link in a mail. Its token is derived from id and epoch, so no secret is stored."""

    __tablename__ = "links"
    __table_args__ = (
        sa.UniqueConstraint("capability", "object_id", "person_id", name="uq_links_one_each"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    capability: Mapped[Capability] = mapped_column(enum_type(Capability))
    object_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    epoch: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class BrowserSession(Model):
    """One browser in which somebody is signed in. Its cookie holds the token, this row its hash."""

    __tablename__ = "sessions"
    __table_args__ = (
        sa.CheckConstraint("length(token_hash) = 64", name="token_hashed"),
        sa.CheckConstraint("expires_at > created_at", name="expires_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    user_agent: Mapped[str] = mapped_column(sa.String(200), default="")
    totp_passed: Mapped[bool] = mapped_column(default=False)


class ProviderVisit(Model):
    """A browser that was sent to a provider: until it is back, and until we know who it is.

    Its cookie holds the token, this row its hash. Once the provider has answered, it holds what
    the provider said, for as long as it takes to connect that with an account.
    """

    __tablename__ = "provider_visits"
    __table_args__ = (
        sa.CheckConstraint("length(token_hash) = 64", name="visit_token_hashed"),
        sa.CheckConstraint("expires_at > created_at", name="visit_expires_later"),
        sa.CheckConstraint("subject = '' OR answered_at IS NOT NULL", name="answered_first"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    provider: Mapped[str] = mapped_column(sa.String(30))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    target: Mapped[str] = mapped_column(sa.String(2000), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    issuer: Mapped[str] = mapped_column(sa.String(255), default="")
    subject: Mapped[str] = mapped_column(sa.String(255), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")  # only one that was verified
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    mfa: Mapped[bool] = mapped_column(default=False)


class SecondFactor(Model):
    """The secret, locked, that a person's code generator shares with us; counts once confirmed."""

    __tablename__ = "second_factors"
    __table_args__ = (
        sa.CheckConstraint(
            "substr(secret, 1, 2) = '1.' AND length(secret) >= 80", name="secret_locked"
        ),
    )

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)  # so that no code is taken twice


class RecoveryCode(Model):
    """The hash of a code for the day on which the code generator is lost; good for one use."""

    __tablename__ = "recovery_codes"
    __table_args__ = (sa.UniqueConstraint("person_id", "code_hash", name="uq_recovery_codes_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]
