"""Published resources as rows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewhub.core import clock
from reviewhub.core.db import Model, enum_type
from reviewhub.library.workflow import ResourceState
from reviewhub.submissions.models import Breadth, Scope
from reviewhub.taxonomy.models import Term


class Origin(StrEnum):
    """How a resource came into the library; readers are told which."""

    REVIEWED = "reviewed"
    CHECKED = "checked"
    IMPORTED = "imported"


class Resource(Model):
    """A published resource: the public fields, and where it stands in the default order."""

    __tablename__ = "resources"
    __table_args__ = (
        sa.CheckConstraint("(origin = 'reviewed') = (submission_id IS NOT NULL)",
                           name="reviewed_has_submission"),
        sa.CheckConstraint(
            "(state = 'removed') = (removed_at IS NOT NULL)", name="removed_has_date"
        ),
        sa.CheckConstraint("state <> 'removed' OR removal_reason <> ''", name="removed_has_reason"),
        sa.Index("ix_resources_rank", "state", "rank_scope", "rank_breadth", "rank_date",
                 "rank_title", "id"),
        sa.Index("ix_resources_newest", "state", "published_at", "id"),
        sa.Index("ix_resources_review_by", "state", "review_by", "id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    slug: Mapped[str] = mapped_column(sa.String(120), unique=True)
    state: Mapped[ResourceState] = mapped_column(
        enum_type(ResourceState), default=ResourceState.PUBLISHED
    )
    origin: Mapped[Origin] = mapped_column(enum_type(Origin))
    submission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("submissions.id"), unique=True)
    external_id: Mapped[str | None] = mapped_column(sa.String(120), unique=True)

    title: Mapped[str] = mapped_column(sa.String(300))
    title_en: Mapped[str] = mapped_column(sa.String(300), default="")
    language: Mapped[str] = mapped_column(sa.String(35), default="")
    description: Mapped[str] = mapped_column(sa.Text, default="")
    url: Mapped[str] = mapped_column(sa.String(2000), default="")
    url_key: Mapped[str] = mapped_column(sa.String(2000), default="", index=True)
    publisher: Mapped[str] = mapped_column(sa.String(200), default="")
    authors: Mapped[list[Any]] = mapped_column(default=list)
    published_on: Mapped[str] = mapped_column(sa.String(10), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scope: Mapped[Scope | None] = mapped_column(enum_type(Scope))
    breadth: Mapped[Breadth | None] = mapped_column(enum_type(Breadth))
    section_id: Mapped[int] = mapped_column(sa.ForeignKey("terms.id"), index=True)
    document_type_id: Mapped[int | None] = mapped_column(sa.ForeignKey("terms.id"), index=True)

    edition: Mapped[int] = mapped_column(default=1)
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    review_by: Mapped[date | None]
    review_summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    removed_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    archive_reason: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")
    removal_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)

    # The parts of the default order, ascending; see docs/architecture.md.
    rank_scope: Mapped[int]
    rank_breadth: Mapped[int]
    rank_date: Mapped[int]
    # Compared byte by byte on both databases, so that both give the same order.
    rank_title: Mapped[str] = mapped_column(
        sa.String(300).with_variant(sa.String(300, collation="C"), "postgresql")
    )
    search_text: Mapped[str] = mapped_column(sa.Text, default="")

    section: Mapped[Term] = relationship(foreign_keys=[section_id], lazy="raise_on_sql")
    filing: Mapped[list["ResourceTerm"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="ResourceTerm.position"
    )

    __mapper_args__ = {"version_id_col": version}


class ResourceTerm(Model):
    """One filing of a resource."""

    __tablename__ = "resource_terms"
    __table_args__ = (
        sa.Index(
            "uq_resource_terms_primary", "resource_id", unique=True,
            sqlite_where=sa.text("is_primary"), postgresql_where=sa.text("is_primary"),
        ),
        sa.Index("ix_resource_terms_term", "term_id", "resource_id"),
    )  # fmt: skip

    resource_id: Mapped[int] = mapped_column(
        sa.ForeignKey("resources.id", ondelete="CASCADE"), primary_key=True
    )
    term_id: Mapped[int] = mapped_column(sa.ForeignKey("terms.id"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    is_primary: Mapped[bool] = mapped_column(default=False)


class Edition(Model):
    """What a correction changed, field by field."""

    __tablename__ = "resource_editions"
    __table_args__ = (
        sa.UniqueConstraint("resource_id", "edition", name="uq_resource_editions_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(sa.ForeignKey("resources.id"))
    edition: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    difference: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Posting(Model):
    """The resources of one stretch of 65,536 that stand under a term, as a bitmap."""

    __tablename__ = "search_postings"
    __table_args__ = {"sqlite_with_rowid": False}

    # Compared byte by byte on both databases, so that a beginning is a stretch of the key.
    term: Mapped[str] = mapped_column(
        sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql"), primary_key=True
    )
    chunk: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bits: Mapped[bytes] = mapped_column(sa.LargeBinary)


class SearchVersion(Model):
    """The one row that every change of the index moves on; its lock puts them in a line.

    The stamp tells a version from another with the same number that was rolled back.
    """

    __tablename__ = "search_version"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    stamp: Mapped[str] = mapped_column(sa.String(16))
    analyser: Mapped[str] = mapped_column(sa.String(16))


class SearchChange(Model):
    """Which resource a version of the index changed."""

    __tablename__ = "search_changes"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[str] = mapped_column(sa.String(16))
    resource_id: Mapped[int]
