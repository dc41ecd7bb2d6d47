"""Policies, rounds, assignments and reviews as rows."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import Model, enum_type
from reviewhub.reviews.workflow import AssignmentState, Slot
from reviewhub.submissions.models import Submission

# What a reviewer writes has a type by whom it is for, so that one is never sent as the other.
ForSubmitter = NewType("ForSubmitter", str)
ForEditors = NewType("ForEditors", str)


class Recommendation(StrEnum):
    """What a reviewer says about a finished document of somebody else's."""

    INCLUDE = "include"
    INCLUDE_CORRECTED = "include_corrected"
    DO_NOT_INCLUDE = "do_not_include"
    CANNOT_JUDGE = "cannot_judge"


class PanelResult(StrEnum):
    """What a panel's reviews add up to."""

    SHORT = "short"
    GATE = "gate"
    INCLUDE = "include"
    CORRECT = "correct"
    EXCLUDE = "exclude"
    SPLIT = "split"
    MAJORITY_INCLUDE = "majority_include"
    MAJORITY_EXCLUDE = "majority_exclude"
    TIED = "tied"


class ReviewPolicy(Model):
    """The rules of review, versioned: an item keeps those under which its review started."""

    __tablename__ = "review_policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    rules: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))


class ReviewRound(Model):
    """One round of review of one submission under one policy."""

    __tablename__ = "review_rounds"
    __table_args__ = (
        sa.UniqueConstraint("submission_id", "number", name="uq_review_rounds_number"),
        sa.CheckConstraint("tie_breakers >= 0", name="tie_breakers_positive"),
        sa.Index(
            "uq_review_rounds_open", "submission_id", unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index(
            "ix_review_rounds_fill", "fill_at", "id",
            sqlite_where=sa.text("fill_at IS NOT NULL"),
            postgresql_where=sa.text("fill_at IS NOT NULL"),
        ),
        sa.CheckConstraint("closed_at IS NULL OR fill_at IS NULL", name="closed_asks_nobody"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    number: Mapped[int]
    policy_id: Mapped[int] = mapped_column(sa.ForeignKey("review_policies.id"))
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    closed_at: Mapped[datetime | None]
    closed_early: Mapped[str] = mapped_column(sa.Text, default="")
    result: Mapped[PanelResult | None] = mapped_column(enum_type(PanelResult))
    tie_breakers: Mapped[int] = mapped_column(default=0)
    fresh_panel: Mapped[bool] = mapped_column(default=False)
    fill_at: Mapped[datetime | None]  # when reviewers are next looked for; None: nobody is missing
    paused_at: Mapped[datetime | None]  # since when nobody new is asked, because an editor said so
    # Whom an editor wants asked first: person_id, slot, by_id, note, and the rules overruled.
    wanted: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    kept_off: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # by an editor
    standing: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # alternates, excluded, shortages

    submission: Mapped[Submission] = relationship(lazy="raise_on_sql")
    policy: Mapped[ReviewPolicy] = relationship(lazy="joined", innerjoin=True)
    assignments: Mapped[list["Assignment"]] = relationship(
        lazy="selectin", order_by="Assignment.id", back_populates="round"
    )


class Assignment(Model):
    """One person asked to fill one slot of one round, with the reasons why."""

    __tablename__ = "assignments"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "person_id", name="uq_assignments_person_once"),
        sa.CheckConstraint(
            "state NOT IN ('invited', 'accepted', 'submitted', 'returned')"
            " OR invited_at IS NOT NULL",
            name="asked_has_date",
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'submitted', 'returned') OR"
            " (conflict_denied_at IS NOT NULL AND due_at IS NOT NULL)",
            name="accepted_without_conflict",
        ),
        sa.CheckConstraint(
            "slot IN ('any', 'tie_breaker') OR internal = (slot = 'internal')",
            name="slot_fits_reviewer",
        ),
        sa.CheckConstraint(
            "state <> 'declined' OR decline_reason <> ''", name="declined_has_reason"
        ),
        sa.CheckConstraint("asked_of >= 1", name="asked_of_sensible"),
        sa.CheckConstraint(
            "(conflict_found = '') = (conflict_found_at IS NULL)", name="conflict_has_date"
        ),
        sa.CheckConstraint(
            "conflict_kept_at IS NULL OR conflict_found <> ''", name="kept_has_conflict"
        ),
        sa.Index("ix_assignments_person", "person_id", "state"),
        sa.Index("ix_assignments_asked", "invited_at", "person_id", "state"),
        sa.Index(
            "ix_assignments_waiting", "state", "next_tick_at", "id",
            sqlite_where=sa.text("next_tick_at IS NOT NULL"),
            postgresql_where=sa.text("next_tick_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_assignments_paused", "submission_id", "id",
            sqlite_where=sa.text("paused_from IS NOT NULL"),
            postgresql_where=sa.text("paused_from IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_rounds.id"))
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    slot: Mapped[Slot] = mapped_column(enum_type(Slot))
    internal: Mapped[bool]  # where the reviewer came from when they were asked
    state: Mapped[AssignmentState] = mapped_column(
        enum_type(AssignmentState), default=AssignmentState.PROPOSED
    )
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    choice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("panel_choices.id"))
    chosen_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    invited_at: Mapped[datetime | None]
    answer_by: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    conflict_denied_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    next_tick_at: Mapped[datetime | None]
    extended_days: Mapped[int] = mapped_column(default=0)
    wanted_days: Mapped[int | None]  # asked for beyond what a reviewer can take; an editor decides
    decline_reason: Mapped[str] = mapped_column(sa.String(40), default="")
    decline_note: Mapped[str] = mapped_column(sa.String(1000), default="")
    relieved_at: Mapped[datetime | None]  # so late that somebody else is asked beside them
    # Whether the reviewer wants to hear what becomes of the resource after it is published.
    follows: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    asked_of: Mapped[int | None]  # reviews per half-year that they offered when this one counted
    # What came up when somebody changed employer, and when an editor let them go on all the same.
    conflict_found: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    conflict_found_at: Mapped[datetime | None]
    conflict_kept_at: Mapped[datetime | None]
    called_off_at: Mapped[datetime | None]  # another was faster: may be asked again in this round
    # The last question to the submitter for which the date was moved, and since when it waits.
    paused_for: Mapped[int | None]
    paused_from: Mapped[datetime | None]

    round: Mapped[ReviewRound] = relationship(lazy="raise_on_sql", back_populates="assignments")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    review: Mapped["Review | None"] = relationship(lazy="selectin", back_populates="assignment")

    __mapper_args__ = {"version_id_col": version}


class Review(Model):
    """A review, or the draft of one: `answers` is the draft until `submitted_at` is set."""

    __tablename__ = "reviews"
    __table_args__ = (
        sa.CheckConstraint(
            "submitted_at IS NULL OR recommendation IS NOT NULL", name="sent_recommends"
        ),
        sa.CheckConstraint("confidence IS NULL OR confidence BETWEEN 1 AND 4", name="confidence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignments.id"), unique=True)
    form_version: Mapped[int] = mapped_column(default=1)
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # How often the draft was saved, and from which open page last: so two tabs notice each other.
    draft_version: Mapped[int] = mapped_column(default=0, server_default="0")
    draft_tab: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    gates: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)
    recommendation: Mapped[Recommendation | None] = mapped_column(enum_type(Recommendation))
    comment_to_submitter: Mapped[ForSubmitter] = mapped_column(sa.Text, default=ForSubmitter(""))
    comment_to_editor: Mapped[ForEditors] = mapped_column(sa.Text, default=ForEditors(""))
    confidence: Mapped[int | None]
    submitted_at: Mapped[datetime | None]
    after_decision: Mapped[bool] = mapped_column(default=False)

    assignment: Mapped[Assignment] = relationship(lazy="raise_on_sql", back_populates="review")
