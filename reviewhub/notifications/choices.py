"""What each person wants of the mails that can wait, and the link by which they say so."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from reviewhub.core.db import db, insert_into
from reviewhub.notifications.kinds import KINDS, WHOLE_DIGEST, How, Kind
from reviewhub.notifications.models import MailChoice

LinkOf = Callable[[int], int]


def _no_links(person_id: int) -> int:
    raise RuntimeError("use_links has not been called")


_link_of: LinkOf = _no_links


def use_links(link_of: LinkOf) -> None:
    """Let `link_of(person_id)` make the link to a person's choices; called at start.

    Links belong to accounts, which lies above this package: hence the hand-over.
    """
    global _link_of  # set once per process
    _link_of = link_of


def link_of(person_id: int) -> int:
    """The id of the link by which a person without an account reaches their choices."""
    return _link_of(person_id)


def wanted(person_id: int, kind: Kind) -> How:
    """How this person gets the mails of this kind."""
    chosen = db.session.scalar(
        sa.select(MailChoice.how).where(MailChoice.person_id == person_id, MailChoice.kind == kind)
    )
    return KINDS[kind].usual if chosen is None else chosen


def choices_of(person_id: int) -> dict[Kind, How]:
    """How this person gets the mails of every kind."""
    rows = db.session.execute(
        sa.select(MailChoice.kind, MailChoice.how).where(MailChoice.person_id == person_id)
    )
    return {kind: words.usual for kind, words in KINDS.items()} | dict(rows.all())


def choose(person_id: int, chosen: Mapping[Kind, How]) -> None:
    """Keep what a person wants. What a kind does not offer, its usual way stands for."""
    for kind, how in chosen.items():
        kept = how if how in KINDS[kind].choices else KINDS[kind].usual
        db.session.execute(
            insert_into(MailChoice)
            .values(person_id=person_id, kind=kind, how=kept)
            .on_conflict_do_update(index_elements=["person_id", "kind"], set_={"how": kept})
        )


def stop(person_id: int, kind: str) -> None:
    """No more mails of this kind; for the digest as a whole, of every kind that comes in it."""
    if kind == WHOLE_DIGEST:
        found = [one for one, how in choices_of(person_id).items() if how is How.DIGEST]
    else:
        found = [Kind(kind)] if kind in set(Kind) else []
    choose(person_id, dict.fromkeys(found, How.NONE))
