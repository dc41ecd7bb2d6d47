"""The rows behind the vocabularies: one per term, and one for the hub itself."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core.db import Model


class Vocabulary(StrEnum):
    """The lists that every hub has; their names on pages come from the hub's data."""

    TOPICS = "topics"
    THEMES = "themes"
    REGIONS = "regions"
    COUNTRIES = "countries"
    DOCUMENT_TYPES = "document_types"
    SECTIONS = "sections"
    LANGUAGES = "languages"


class Term(Model):
    """One entry of a vocabulary.

    Terms are never deleted, because resources are filed under them: one that left the hub's
    data is deprecated. `label` is the text in the hub's default language, `labels` has every
    language (null: translation needed), `data` whatever else the entry says.
    """

    __tablename__ = "terms"
    __table_args__ = (
        sa.UniqueConstraint("vocabulary", "code", name="uq_terms_vocabulary_code"),
        sa.CheckConstraint("length(vocabulary) >= 1", name="vocabulary_given"),
        sa.CheckConstraint("length(code) >= 1", name="code_given"),
        sa.CheckConstraint("length(label) >= 1", name="label_given"),
        sa.CheckConstraint("position >= 1", name="position_counted"),
        sa.Index("ix_terms_vocabulary_position", "vocabulary", "position", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vocabulary: Mapped[str] = mapped_column(sa.String(32))
    code: Mapped[str] = mapped_column(sa.String(50))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(sa.String(300))
    labels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    parent_code: Mapped[str | None] = mapped_column(sa.String(50))
    deprecated: Mapped[bool] = mapped_column(default=False)


class Hub(Model):
    """What the hub calls itself and how it reviews: one row, with id 1.

    `version` counts the loads that changed something. `stamp` is new with each of them and
    names one state of the vocabularies for good, also where a load was rolled back.
    `data` has the keys hub, review_form, reasons and policy, and calendar and roster_form where the
    hub has them.
    """

    __tablename__ = "hub"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.CheckConstraint("version >= 1", name="version_counted"),
        sa.CheckConstraint("length(slug) >= 1", name="slug_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    slug: Mapped[str] = mapped_column(sa.String(50))
    version: Mapped[int] = mapped_column(default=1)
    stamp: Mapped[str] = mapped_column(sa.String(32))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
