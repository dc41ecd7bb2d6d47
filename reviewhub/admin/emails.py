"""What the desk says to its staff: one mail at the beginning of the week, if anything waits."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.admin import counts, queue
from reviewhub.admin.filters import Filter, Whose
from reviewhub.admin.mails import TROUBLED
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.i18n import _l
from reviewhub.library.second_looks import number_due_for
from reviewhub.notifications.kinds import Kind
from reviewhub.notifications.mails import mail
from reviewhub.notifications.models import Message
from reviewhub.notifications.mornings import zone_of
from reviewhub.notifications.outbox import page, tell

MOST_NAMED = 7  # items that the mail names; the queue has the rest


@mail(
    _l("What needs doing this week"),
    when=_l("the week begins, and something waits"),
    can_wait=Kind.WEEKLY,
)
def monday(person: Person) -> None:
    """To a member of staff: what waits for them this week; nothing where nothing does."""
    actor = Actor(person.id, person.roles)
    items = _items(actor) if actor.has(Role.EDITOR) else []
    figures = _figures(actor)
    if not items and not any(figures.values()):
        return
    tell(
        "admin/monday", accounts.recipient(person), person,
        target=page("admin.queue"), occurrence=week_of(person, clock.now()),
        items=items, **figures,
    )  # fmt: skip


@mail(_l("Two accounts made one"), after=("people.merge",))
def merge(kept: Person, other: Person) -> None:
    """To the person: their two accounts are one now, and what that means for signing in."""
    tell(
        "admin/merge", accounts.recipient(kept), kept,
        target=page("accounts.account"), occurrence=str(other.id), other=other.email,
    )  # fmt: skip


@mail(_l("Erasure asked for"), after=("people.plan_erasure",))
def plan_erasure(person: Person) -> None:
    """To the person: on which day what is known of them goes, and where to call it off."""
    assert person.erase_at is not None  # the caller has just set it
    day = person.erase_at.date().isoformat()
    tell(
        "admin/plan_erasure", accounts.recipient(person), person,
        target=page("people.own_data"), occurrence=person.erase_at.isoformat(), day=day,
    )  # fmt: skip


def week_of(person: Person, moment: datetime) -> str:
    """The week that it is where this person is, as in "2026-W10"."""
    year, week, _day = moment.astimezone(zone_of(person.timezone)).isocalendar()
    return f"{year}-W{week:02}"


def _items(actor: Actor) -> list[dict[str, str]]:
    """The most urgent of what this editor can move on."""
    wanted = Filter(whose=Whose.ACTION)
    return [
        {
            "ref": row.ref,
            "title": row.title,
            "state": row.state.value,
            "due": row.due_at.date().isoformat() if row.due_at else "",
        }
        for row in queue.rows(wanted, actor, most=MOST_NAMED)
    ]


def _figures(actor: Actor) -> dict[str, Any]:
    """What waits, counted, of everything that these roles are asked to look after."""
    found = {
        "waiting": 0, "overdue": 0, "applications": 0, "late_applications": 0, "mails": 0,
        "second_looks": 0,
    }  # fmt: skip
    if actor.has(Role.EDITOR):
        of_items = counts.counts(actor)
        found |= {"waiting": of_items.action, "overdue": of_items.overdue}
        found["second_looks"] = number_due_for(actor.person_id) if actor.person_id else 0
    if actor.has(Role.ROSTER_MANAGER):
        of_roster = counts.applications()
        found |= {"applications": of_roster.waiting, "late_applications": of_roster.overdue}
    if actor.has(Role.ADMIN):
        troubled = sa.select(sa.func.count()).where(Message.state.in_(TROUBLED))
        found["mails"] = db.session.scalar(troubled) or 0
    return found
