"""What a member has published: rows that the choice of reviewers compares a text with."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model


class Publication(Model):
    """One work of a member, as their own list of references gave it."""

    __tablename__ = "roster_publications"
    __table_args__ = (
        sa.UniqueConstraint("membership_id", "key", name="uq_roster_publications_once"),
        sa.CheckConstraint("length(title) >= 3", name="title_given"),
        sa.CheckConstraint("year IS NULL OR year BETWEEN 1800 AND 2200", name="year_sensible"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    membership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("roster_memberships.id", ondelete="CASCADE"), index=True
    )
    key: Mapped[str] = mapped_column(sa.String(64))  # of the DOI, or of title and year
    title: Mapped[str] = mapped_column(sa.String(500))
    year: Mapped[int | None]
    authors: Mapped[list[Any]] = mapped_column(default=list)
    venue: Mapped[str] = mapped_column(sa.String(300), default="")
    doi: Mapped[str] = mapped_column(sa.String(200), default="")
    url: Mapped[str] = mapped_column(sa.String(1000), default="")
    abstract: Mapped[str] = mapped_column(sa.Text, default="")
    keywords: Mapped[list[Any]] = mapped_column(default=list)
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
