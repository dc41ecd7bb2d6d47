"""Lists of the desk that somebody keeps: an address under a name of their own."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reviewhub.core import clock
from reviewhub.core.db import Model


class SavedList(Model):
    """What the desk was asked for, as the query of its address, and what one person calls it."""

    __tablename__ = "saved_lists"
    __table_args__ = (
        sa.CheckConstraint("name <> ''", name="named"),
        sa.UniqueConstraint("person_id", "name", name="uq_saved_lists_once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(60))
    query: Mapped[str] = mapped_column(sa.String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
