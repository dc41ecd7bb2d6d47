"""Roster applications and memberships as rows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import Model, enum_type
from reviewhub.roster import availability
from reviewhub.roster.availability import Period
from reviewhub.roster.workflow import ApplicationState, MembershipState


class Gender(StrEnum):
    """What members say of themselves, if they like: read by themselves alone, and counted."""

    WOMAN = "woman"
    MAN = "man"
    ANOTHER = "another"
    PREFER_NOT_TO_SAY = "prefer_not_to_say"


class Application(Model):
    """An expert's ten answers, and what a roster manager made of them."""

    __tablename__ = "roster_applications"
    __table_args__ = (
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (decided_at IS NOT NULL)",
            name="decided_has_date",
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_has_decider"
        ),
        sa.CheckConstraint("state <> 'declined' OR reason <> ''", name="declined_has_reason"),
        sa.CheckConstraint("years_experience BETWEEN 0 AND 60", name="years_sensible"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 20", name="capacity_sensible"),
        sa.Index(
            "uq_roster_applications_open", "person_id", unique=True,
            sqlite_where=sa.text("state IN ('submitted', 'more_information')"),
            postgresql_where=sa.text("state IN ('submitted', 'more_information')"),
        ),
        sa.Index("ix_roster_applications_state", "state", "due_at", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    ref: Mapped[str] = mapped_column(sa.String(20), unique=True)
    state: Mapped[ApplicationState] = mapped_column(
        enum_type(ApplicationState), default=ApplicationState.DRAFT
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)

    name: Mapped[str] = mapped_column(sa.String(200))
    organisation_name: Mapped[str] = mapped_column(sa.String(200))
    internal: Mapped[bool]
    country: Mapped[str] = mapped_column(sa.String(12))
    languages: Mapped[list[Any]] = mapped_column(default=list)
    topics: Mapped[dict[str, Any]] = mapped_column(default=dict)  # topic code -> level 3 or 2
    years_experience: Mapped[int]
    statement: Mapped[str] = mapped_column(sa.Text)
    cv: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"url": …} or a stored file
    competing_interests: Mapped[str] = mapped_column(sa.Text)
    capacity: Mapped[int] = mapped_column(default=2)
    consented_at: Mapped[datetime]
    locale: Mapped[str] = mapped_column(sa.String(12), default="en")

    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    submitted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    question: Mapped[str] = mapped_column(sa.Text, default="")
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    decision_text: Mapped[str] = mapped_column(sa.Text, default="")
    may_reapply_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))  # who has to act

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}


class Membership(Model):
    """A reviewer: what they can judge, and how much they can be asked."""

    __tablename__ = "roster_memberships"
    __table_args__ = (
        sa.CheckConstraint("capacity BETWEEN 1 AND 20", name="capacity_sensible"),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_date"),
        sa.CheckConstraint("return_asked_at IS NULL OR state = 'ended'", name="ended_asks"),
        sa.Index("ix_roster_memberships_state", "state", "internal", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[MembershipState] = mapped_column(
        enum_type(MembershipState), default=MembershipState.ACTIVE
    )
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), unique=True)
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("roster_applications.id"))
    internal: Mapped[bool]
    government: Mapped[str] = mapped_column(sa.String(12), default="")  # whose civil servant
    languages: Mapped[list[Any]] = mapped_column(default=list)
    languages_written: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    regions: Mapped[list[Any]] = mapped_column(default=list)
    themes: Mapped[list[Any]] = mapped_column(default=list)
    backgrounds: Mapped[list[Any]] = mapped_column(default=list)
    gender: Mapped[Gender | None] = mapped_column(enum_type(Gender))
    years_experience: Mapped[int] = mapped_column(default=0)
    statement: Mapped[str] = mapped_column(sa.Text, default="")
    competing_interests: Mapped[str] = mapped_column(sa.Text, default="")
    capacity: Mapped[int] = mapped_column(default=2)
    list_publicly: Mapped[bool] = mapped_column(default=False)
    sector: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    orcid: Mapped[str] = mapped_column(sa.String(19), default="", server_default="")
    joined_at: Mapped[datetime] = mapped_column(default=clock.now)
    term_ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    return_asked_at: Mapped[datetime | None]  # they would like to come back
    reminders: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    absences: Mapped[list["Absence"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="Absence.first_day"
    )
    topics: Mapped[list["MembershipTopic"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="MembershipTopic.term_id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def periods(self) -> tuple[Period, ...]:
        """When this member is away, by what they or a roster manager stated."""
        return tuple(Period(one.first_day, one.last_day) for one in self.absences)

    def absence_on(self, day: date) -> Period | None:
        """The period of absence that holds `day`: dates tell, the state follows by the clock."""
        return availability.on(self.periods, day)


class Absence(Model):
    """Days on which a member is not asked; of one member, no two overlap or touch."""

    __tablename__ = "roster_absences"
    __table_args__ = (
        sa.CheckConstraint("last_day IS NULL OR first_day <= last_day", name="forward"),
        sa.UniqueConstraint("membership_id", "first_day", name="uq_roster_absences_first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("roster_memberships.id", ondelete="CASCADE")
    )
    first_day: Mapped[date]
    last_day: Mapped[date | None]  # none: until they resume
    stated_at: Mapped[datetime] = mapped_column(default=clock.now)


class MembershipTopic(Model):
    """A topic that a member can review (level 2) or is an expert in (level 3)."""

    __tablename__ = "roster_membership_topics"
    __table_args__ = (
        sa.CheckConstraint("level IN (2, 3)", name="level_known"),
        sa.Index("ix_roster_membership_topics_term", "term_id", "membership_id"),
    )

    membership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("roster_memberships.id", ondelete="CASCADE"), primary_key=True
    )
    term_id: Mapped[int] = mapped_column(sa.ForeignKey("terms.id"), primary_key=True)
    level: Mapped[int]
