"""Reading the vocabularies: one tiny query per session, the rest is kept by the process.

Where somebody is signed in, it is a part of the query that finds out who.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from reviewhub.accounts import sessions
from reviewhub.core.db import db
from reviewhub.core.errors import NotFound
from reviewhub.core.i18n import _
from reviewhub.taxonomy.catalogue import Catalogue, TermView
from reviewhub.taxonomy.models import Hub, Term

_KEY, _STAMP_KEY = "taxonomy.catalogue", "taxonomy.stamp"
_STAMP = sa.select(Hub.__table__.c.stamp)  # written out once: every page asks it
_latest: dict[str, Catalogue] = {}  # the newest state by its stamp; never more than one


def catalogue() -> Catalogue:
    """The hub's vocabularies and policy, as this session sees them.

    Raises NotFound when no hub has been loaded yet.
    """
    known: Catalogue | None = db.session.info.get(_KEY)
    if known is None:
        known = db.session.info[_KEY] = _current()
    return known


def forget_catalogue() -> None:
    """Let this session look again: what it knew has just been changed."""
    _forget(db.session.info)


@event.listens_for(Session, "after_soft_rollback")
def _forget_what_was_rolled_back(session: Session, _previous: Any) -> None:
    _forget(session.info)


def _forget(info: dict[Any, Any]) -> None:
    info.pop(_KEY, None)
    info.pop(_STAMP_KEY, None)


def _keep_stamp(stamp: str | None) -> None:
    db.session.info[_STAMP_KEY] = stamp


sessions.read_along(_STAMP.scalar_subquery(), _keep_stamp)


def _current() -> Catalogue:
    stamp = db.session.info.pop(_STAMP_KEY, None) or db.session.scalar(_STAMP)
    if stamp is None:
        raise NotFound(_("This hub has no vocabularies yet: they have to be loaded first."))
    known = _latest.get(stamp)
    if known is None:
        known = _read()
        _latest.clear()
        _latest[known.stamp] = known
    return known


def _read() -> Catalogue:
    hub = db.session.execute(sa.select(Hub.slug, Hub.version, Hub.stamp, Hub.data)).one()
    default = hub.data["hub"]["default_locale"]
    rows = db.session.scalars(sa.select(Term).order_by(Term.vocabulary, Term.position, Term.id))
    terms = tuple(_view(term, default) for term in rows)
    return Catalogue(hub.slug, hub.version, hub.stamp, hub.data, terms)


def _view(term: Term, default_locale: str) -> TermView:
    return TermView(
        id=term.id,
        vocabulary=term.vocabulary,
        code=term.code,
        position=term.position,
        labels=dict(term.labels),
        data=dict(term.data),
        parent_code=term.parent_code,
        deprecated=term.deprecated,
        default_locale=default_locale,
    )
