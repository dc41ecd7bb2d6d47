"""Assessing an application: marks, a note and a vote, and whose turn it is then.

An application is locked while somebody votes, so that of two last votes each sees the other.
"""

from collections.abc import Mapping

from reviewhub.accounts import queries as people
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.models import Person
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.db import db
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.core.i18n import _, ngettext
from reviewhub.roster import emails, policy
from reviewhub.roster.assessments import SIDES, Assessment, Mark, Standing, Vote, own
from reviewhub.roster.criteria import criteria
from reviewhub.roster.models import Application
from reviewhub.roster.workflow import ApplicationState

OPEN = (ApplicationState.SUBMITTED, ApplicationState.MORE_INFORMATION)


def assess(
    application: Application, *, by: Actor, marks: Mapping[str, str], note: str, vote: Vote
) -> Standing:
    """Give one's assessment, or another one until it is decided; returns where the votes stand.

    Who votes for more information has to vote again when it has come. Raises InvalidInput for a
    mark that is missing, and for a "decline" that does not say why.
    """
    _require_assessor(application, by)
    if application.state not in OPEN:
        raise WrongState(_("This has moved on: the step is no longer open."))
    before = policy.standing(application)
    if before.verdict is not None and by.person_id not in before.sides:
        raise WrongState(_("The votes agree already: the decision has to be sent."))
    checked = _checked(marks)
    if vote is Vote.DECLINE and not note:
        raise InvalidInput(_("Tell your colleagues why."), field="note")
    _cast(application, by, vote, marks=checked, note=note)
    record(application, "assess", actor_id=by.person_id, role=Role.ROSTER_MANAGER)
    after = policy.standing(application)
    wait_for_next(application)
    if vote in SIDES:
        _call_on_next(application, after)
    return after


def wait_for_next(application: Application) -> None:
    """Name whoever has to act now: for the desk's lists, and for who is reminded."""
    person = _next(application, policy.standing(application))
    application.owner_id = person.id if person else None


def require_votes(application: Application, by: Actor, vote: Vote) -> None:
    """Raise WrongState unless the votes decide for this; where one is enough, deciding is voting.

    An administrator who breaks a tie needs none.
    """
    refuse_undecided(application, by, vote)
    if policy.standing(application).needed == 1 and policy.may_assess(by, application):
        _cast(application, by, vote)


def refuse_undecided(application: Application, by: Actor, vote: Vote) -> None:
    """Raise WrongState while the votes do not decide for this."""
    if vote in decidable(application, by):
        return
    standing = policy.standing(application)
    if by.person_id not in standing.sides:
        raise WrongState(_("Several managers decide together: give your own assessment first."))
    if standing.missing and not standing.is_tied:
        raise WrongState(
            ngettext(
                "This is not decided yet: %(num)d more vote has to come.",
                "This is not decided yet: %(num)d more votes have to come.",
                standing.missing,
            )
        )
    raise WrongState(_("The votes do not say so."))


def decidable(
    application: Application, by: Actor, known: policy.Towards | None = None
) -> tuple[Vote, ...]:
    """Which decisions this person can send now, for the page to offer them."""
    known = known or policy.Towards(by, application)
    if policy.may_break_tie(by, application, known):
        return SIDES
    standing = known.standing
    if standing.needed == 1:
        return SIDES
    has_voted = by.person_id in standing.sides
    return tuple(side for side in SIDES if has_voted and standing.verdict is side)


def _require_assessor(application: Application, by: Actor) -> None:
    if policy.is_conflicted(by, application):
        raise NotAllowed(conflict_sentence())
    if not policy.may_assess(by, application):
        raise NotAllowed(_("You may not do this here."))


def conflict_sentence() -> str:
    """Why a roster manager close to the applicant can't decide."""
    return str(
        _("You and the applicant share an organisation or have declared a conflict of interest. "
          "Another roster manager decides.")
    )  # fmt: skip


def _checked(marks: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for criterion in criteria():
        mark = marks.get(criterion.code)
        if mark not in set(Mark):
            raise InvalidInput(_("Choose one of the three."), field=f"mark_{criterion.code}")
        found[criterion.code] = str(mark)
    return found


def _cast(
    application: Application,
    by: Actor,
    vote: Vote,
    *,
    marks: Mapping[str, str] | None = None,
    note: str | None = None,
) -> None:
    """Write the vote down; what was said before stays where nothing else is said."""
    said = own(application.id, by.person_id)
    if said is None:
        said = Assessment(application_id=application.id, person_id=by.person_id, marks={}, note="")
        db.session.add(said)
    said.vote, said.given_at = vote, clock.now()
    said.marks = dict(marks) if marks is not None else said.marks
    said.note = note if note is not None else said.note
    db.session.flush()


def _next(application: Application, standing: Standing) -> Person | None:
    """Who decided it with their vote; else an administrator for a tie; else who has yet to vote,
    whoever is away last."""
    if standing.verdict is not None:
        return people.get(list(standing.sides)[-1])
    breakers = policy.tie_breakers(application) if standing.is_tied else []
    voters = [person for person in policy.deciders(application) if person.id in standing.waiting]
    found = breakers or voters or people.with_role(Role.ADMIN)
    now = clock.now()
    found = sorted(found, key=lambda p: (p.away_until is not None and p.away_until > now, p.id))
    return found[0] if found else None


def _call_on_next(application: Application, standing: Standing) -> None:
    if standing.verdict is not None:
        return  # whoever gave the last vote is on the page where the decision is sent
    if standing.is_tied:
        emails.break_tie(application, votes=len(standing.sides))
    elif application.owner_id is not None:
        emails.assess(application, votes=len(standing.sides), differs=standing.differs)
