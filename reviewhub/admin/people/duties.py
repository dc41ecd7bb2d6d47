"""What waits for somebody, and so has to be handed over before they can go."""

from collections.abc import Iterator

import sqlalchemy as sa

from reviewhub.accounts import queries as accounts
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.core.db import db
from reviewhub.core.i18n import _, ngettext
from reviewhub.reviews.models import Assignment
from reviewhub.reviews.signing import SignOff
from reviewhub.reviews.workflow import ACTIVE
from reviewhub.submissions.models import Progress
from reviewhub.submissions.workflow import OPEN


def duties(person: Person) -> list[str]:
    """Each as a sentence that says who can take it over; none where nothing waits."""
    return [str(sentence) for sentence in _duties(person)]


def _duties(person: Person) -> Iterator[object]:
    others = [one.id for one in accounts.with_role(Role.ADMIN) if one.id != person.id]
    if Role.ADMIN in person.roles and not others:
        yield _("This is the only administrator. Give the role to somebody else first.")
    handled = _number(
        sa.select(sa.func.count(Progress.submission_id)).where(
            Progress.editor_id == person.id, Progress.state.in_(OPEN)
        )
    )
    if handled:
        yield ngettext(
            "%(num)d open suggestion is handled from this account. Another editor takes it "
            "on first.",
            "%(num)d open suggestions are handled from this account. Other editors take them "
            "on first.",
            handled,
        )
    seats = _number(
        sa.select(sa.func.count(Assignment.id)).where(
            Assignment.person_id == person.id, Assignment.state.in_(ACTIVE)
        )
    )
    if seats:
        yield ngettext(
            "%(num)d review or invitation waits. Answer it or step back first; an editor can also "
            "let the reviewer go.",
            "%(num)d reviews or invitations wait. Answer them or step back first; an editor can "
            "also let the reviewer go.",
            seats,
        )
    signing = _number(
        sa.select(sa.func.count(SignOff.id)).where(
            sa.or_(SignOff.proposed_by_id == person.id, SignOff.second_id == person.id),
            SignOff.answered_at.is_(None),
        )
    )
    if signing:
        yield _("A decision waits to be confirmed by a second person. It is settled first.")


def _number(query: "sa.Select[int]") -> int:
    return db.session.scalar(query) or 0
