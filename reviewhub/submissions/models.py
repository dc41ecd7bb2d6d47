"""Submissions as rows: the suggestion, its filing, its files, its decisions, its progress."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewhub.accounts.models import Person
from reviewhub.core import clock
from reviewhub.core.db import Model, enum_type
from reviewhub.submissions.workflow import OPEN, State
from reviewhub.taxonomy.models import Term


class Scope(StrEnum):
    """How much of the world a resource covers, widest first."""

    GLOBAL = "global"
    MULTI_REGION = "multi_region"
    REGIONAL = "regional"
    NATIONAL = "national"
    LOCAL = "local"


class Breadth(StrEnum):
    """How much of its topic a resource covers, widest first."""

    COMPREHENSIVE = "comprehensive"
    BROAD = "broad"
    SPECIFIC = "specific"


class Relation(StrEnum):
    """What the submitter has to do with the resource."""

    NONE = "none"
    AUTHOR = "author"
    PUBLISHER = "publisher"
    FUNDER = "funder"


class Licence(StrEnum):
    """On what ground the resource may be listed."""

    LINK_ONLY = "link_only"
    OPEN = "open"
    PERMISSION = "permission"
    PUBLIC_DOMAIN = "public_domain"


class Submission(Model):
    """A suggested resource on its way to the library."""

    __tablename__ = "submissions"
    __table_args__ = (
        sa.CheckConstraint("state = 'draft' OR submitter_id IS NOT NULL OR submitted_at IS NULL",
                           name="sent_by_somebody"),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", name="sent_has_time"
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'published') OR reviewed_at IS NOT NULL",
            name="approved_was_reviewed",
        ),
        sa.CheckConstraint("appeals BETWEEN 0 AND 1", name="one_appeal"),
        sa.Index("ix_submissions_state", "state", "id", unique=True),  # what Progress refers to
        sa.Index("ix_submissions_url_key", "url_key"),
        sa.Index("ix_submissions_sent", "submitted_at", "state"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    ref: Mapped[str] = mapped_column(sa.String(20), unique=True)
    state: Mapped[State] = mapped_column(enum_type(State), default=State.DRAFT)

    title: Mapped[str] = mapped_column(sa.String(300), default="")
    title_en: Mapped[str] = mapped_column(sa.String(300), default="")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    why_useful: Mapped[str] = mapped_column(sa.Text, default="")
    url: Mapped[str] = mapped_column(sa.String(2000), default="")
    url_key: Mapped[str] = mapped_column(sa.String(2000), default="")
    language: Mapped[str] = mapped_column(sa.String(35), default="")
    publisher: Mapped[str] = mapped_column(sa.String(200), default="")
    authors: Mapped[list[Any]] = mapped_column(default=list)
    published_on: Mapped[str] = mapped_column(sa.String(10), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scope: Mapped[Scope | None] = mapped_column(enum_type(Scope))
    breadth: Mapped[Breadth | None] = mapped_column(enum_type(Breadth))
    licence: Mapped[Licence | None] = mapped_column(enum_type(Licence))
    relation: Mapped[Relation | None] = mapped_column(enum_type(Relation))
    section_id: Mapped[int | None] = mapped_column(sa.ForeignKey("terms.id"))
    document_type_id: Mapped[int | None] = mapped_column(sa.ForeignKey("terms.id"))

    submitter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    for_government: Mapped[str] = mapped_column(sa.String(12), default="")
    consented_at: Mapped[datetime | None]
    external_id: Mapped[str | None] = mapped_column(sa.String(120), unique=True)

    round: Mapped[int] = mapped_column(default=0)
    appeals: Mapped[int] = mapped_column(default=0)
    changes_wanted: Mapped[str] = mapped_column(sa.Text, default="")
    response_note: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    submitted_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    publish_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)

    submitter: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    section: Mapped[Term | None] = relationship(foreign_keys=[section_id], lazy="raise_on_sql")
    filing: Mapped[list["SubmissionTerm"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="SubmissionTerm.position"
    )
    files: Mapped[list["SubmissionFile"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="SubmissionFile.id"
    )
    progress: Mapped["Progress"] = relationship(
        lazy="joined", innerjoin=True, cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}


class SubmissionTerm(Model):
    """One filing of a submission: a topic, theme, region, country or language."""

    __tablename__ = "submission_terms"
    __table_args__ = (
        sa.Index(
            "uq_submission_terms_primary", "submission_id", unique=True,
            sqlite_where=sa.text("is_primary"), postgresql_where=sa.text("is_primary"),
        ),
        sa.Index("ix_submission_terms_term", "term_id", "submission_id"),
    )  # fmt: skip

    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True
    )
    term_id: Mapped[int] = mapped_column(sa.ForeignKey("terms.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    is_primary: Mapped[bool] = mapped_column(default=False)


class Cleaning(StrEnum):
    """How far a file's copy for reviewers is who must not learn where it comes from."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    CLEAN = "clean"
    FAILED = "failed"


class SubmissionFile(Model):
    """A file that came with a submission; `path` is inside the upload store.

    `clean_path` is its copy without what tells who made it, where reviewers must not know.
    """

    __tablename__ = "submission_files"
    __table_args__ = (
        sa.CheckConstraint("size > 0", name="not_empty"),
        sa.CheckConstraint(
            "(cleaning = 'clean') = (clean_path IS NOT NULL)", name="clean_has_a_copy"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(
        sa.ForeignKey("submissions.id", ondelete="CASCADE"), index=True
    )
    path: Mapped[str] = mapped_column(sa.String(120), unique=True)
    name: Mapped[str] = mapped_column(sa.String(150))
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    cleaning: Mapped[Cleaning] = mapped_column(
        enum_type(Cleaning), default=Cleaning.NOT_ASKED, server_default=Cleaning.NOT_ASKED.value
    )
    clean_path: Mapped[str | None] = mapped_column(sa.String(120), unique=True)


class Upload(Model):
    """A file on its way: what of it has arrived lies at `path` inside the upload store.

    `fingerprint` is what its sender's browser knows it by, so that it goes on where it broke off;
    64 hexadecimal digits are the SHA-256 of the content, which it is held to.
    """

    __tablename__ = "submission_uploads"
    __table_args__ = (
        sa.CheckConstraint("size > 0", name="not_empty"),
        sa.CheckConstraint("received >= 0 AND received <= size", name="received_within"),
        sa.UniqueConstraint("submission_id", "fingerprint", name="uq_submission_uploads_once"),
        sa.Index("ix_submission_uploads_touched", "touched_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id", ondelete="CASCADE"))
    fingerprint: Mapped[str] = mapped_column(sa.String(80))
    name: Mapped[str] = mapped_column(sa.String(300))
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    path: Mapped[str] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    touched_at: Mapped[datetime] = mapped_column(default=clock.now)


_IN_HAND = sa.text(f"state IN ({', '.join(repr(state.value) for state in State if state in OPEN)})")


class Progress(Model):
    """What a submission's pages show of the packages above; unversioned on purpose.

    A review that arrives changes this row, not the submission's version, so it gives no editor a
    false "somebody was first". `owner_id` and `due_at` say who has to act and by when. `state` is
    the submission's, which the database carries over: so the desk finds what is open, in order,
    in one small index, however much lies behind it.
    """

    __tablename__ = "submission_progress"
    __table_args__ = (
        sa.CheckConstraint(
            "reviews_received >= 0 AND reviews_expected >= 0", name="counts_positive"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "state"], ["submissions.id", "submissions.state"],
            ondelete="CASCADE", onupdate="CASCADE",
        ),
        sa.Index("ix_submission_progress_due", "due_at", "submission_id"),
        sa.Index(
            "ix_submission_progress_open", "due_at", "submission_id", "state", "editor_id",
            "owner_id", sqlite_where=_IN_HAND, postgresql_where=_IN_HAND,
        ),
        sa.Index(
            "ix_submission_progress_since", "since", "submission_id",
            sqlite_where=_IN_HAND, postgresql_where=_IN_HAND,
        ),
        sa.Index(
            "ix_submission_progress_short", "submission_id",
            sqlite_where=sa.text("shortage IS NOT NULL"),
            postgresql_where=sa.text("shortage IS NOT NULL"),
        ),
        sa.Index(
            "ix_submission_progress_screen", "screen_at", "submission_id",
            sqlite_where=sa.text("screen_at IS NOT NULL"),
            postgresql_where=sa.text("screen_at IS NOT NULL"),
        ),
    )  # fmt: skip

    submission_id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(enum_type(State))
    editor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    due_at: Mapped[datetime | None]
    since: Mapped[datetime] = mapped_column(default=clock.now)
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None]  # when the last of them was written
    reviews_expected: Mapped[int] = mapped_column(default=0)
    reviews_received: Mapped[int] = mapped_column(default=0)
    panel_result: Mapped[str] = mapped_column(sa.String(20), default="")
    shortage: Mapped[dict[str, Any] | None]
    screen_at: Mapped[datetime | None]  # when to see whether it may pass without an editor's look


class DecisionKind(StrEnum):
    """What was decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Decision(Model):
    """A decision on a submission. Old ones are kept; one at most is live."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.CheckConstraint("(decided_by_id IS NULL) = by_panel", name="has_decider"),
        sa.CheckConstraint("kind <> 'rejected' OR reason <> ''", name="rejection_has_reason"),
        sa.CheckConstraint("NOT (at_screening AND by_panel)", name="panel_never_screens"),
        sa.Index(
            "uq_decisions_live", "submission_id", unique=True,
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    kind: Mapped[DecisionKind] = mapped_column(enum_type(DecisionKind))
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    by_panel: Mapped[bool] = mapped_column(default=False)
    at_screening: Mapped[bool] = mapped_column(default=False)
    panel: Mapped[dict[str, Any]] = mapped_column(default=dict)
    superseded_at: Mapped[datetime | None]
    appealed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
