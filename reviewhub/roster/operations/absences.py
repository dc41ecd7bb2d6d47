"""When a member is away: stating it, extending it, calling it off, and the clock that follows.

A member may state as many periods as they like. They are kept as the fewest that hold the same days
(see availability), so to extend one is to state days that touch it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from reviewhub.accounts.actor import SYSTEM, Actor
from reviewhub.accounts.roles import Role
from reviewhub.audit.operations import record
from reviewhub.core import clock
from reviewhub.core.errors import InvalidInput, NotFound, WrongState
from reviewhub.core.i18n import _
from reviewhub.roster import availability, emails
from reviewhub.roster.availability import Period
from reviewhub.roster.models import Absence, Membership
from reviewhub.roster.operations.moving import move, role_in
from reviewhub.roster.workflow import MembershipState
from reviewhub.roster.workflow import MembershipWorkflow as Workflow

LONGEST_PAUSE = timedelta(days=731)
MOST_PERIODS = 20  # not over yet, of one member


def pause(membership: Membership, *, by: Actor, first: date, last: date | None) -> None:
    """Ask nothing of this member from `first` to `last`, both included; None is until they resume.

    Days that overlap or touch a period stated before extend it. What begins later is kept as dates,
    and the state follows by the clock.
    """
    role = role_in(membership, by)
    today = clock.today()
    stated = _checked(membership, first, last, today)
    before = membership.periods
    after = availability.merged([*before, stated])
    if after == before:
        raise InvalidInput(_("These days are noted already."), field="first")
    if sum(one.last is None or one.last >= today for one in after) > MOST_PERIODS:
        raise InvalidInput(_("There are too many periods. Please put some together."))
    _keep(membership, after)
    if membership.absence_on(today) and membership.state == MembershipState.ACTIVE:
        move(Workflow.pause, membership, by)
    elif stated in after:
        record(membership, "plan_pause", actor_id=by.acting_person_id, role=role, **_days(stated))
    else:
        record(membership, "extend_pause", actor_id=by.acting_person_id, role=role, **_days(stated))
    if role == Role.ROSTER_MANAGER:
        emails.pause(membership, stated)


def call_off(membership: Membership, absence_id: int, *, by: Actor) -> None:
    """Take back one period that was stated: all of it, or of the present one what is left."""
    role = role_in(membership, by)
    row = next((one for one in membership.absences if one.id == absence_id), None)
    if row is None:
        raise NotFound(_("There is no such period any more."))
    period, today = Period(row.first_day, row.last_day), clock.today()
    if period.last is not None and period.last < today:
        raise WrongState(_("These days have passed."))
    _take_out(membership, period, today)
    if period.holds(today):
        come_back(membership, by)
    else:
        record(
            membership, "call_off_pause", actor_id=by.acting_person_id, role=role, **_days(period)
        )
    if role == Role.ROSTER_MANAGER:
        emails.resume(membership)


def end_present(membership: Membership, *, by: Actor) -> None:
    """The absence of today is over, else the next planned one is called off."""
    role_in(membership, by)
    today = clock.today()
    found = [one for one in membership.absences if one.last_day is None or one.last_day >= today]
    if not found:
        raise WrongState(_("There is no pause to end."))
    call_off(membership, found[0].id, by=by)


def move_pause(membership: Membership) -> bool:
    """Let the state follow the dates: begin an absence whose day has come, end one that is over.

    Returns whether there was something to do.
    """
    away = membership.absence_on(clock.today())
    if membership.state == MembershipState.ACTIVE and away:
        move(Workflow.pause, membership, SYSTEM)
        return True
    if membership.state == MembershipState.PAUSED and not away:
        move(Workflow.resume, membership, SYSTEM)
        emails.resume(membership)
        return True
    return False


def come_back(membership: Membership, by: Actor) -> None:
    """From paused to active, where the clock has moved it to paused."""
    if membership.state == MembershipState.PAUSED:
        move(Workflow.resume, membership, by)
    else:
        record(
            membership, "call_off_pause", actor_id=by.acting_person_id, role=role_in(membership, by)
        )


def close(membership: Membership) -> None:
    """The membership has ended: what was planned is void, what was is kept."""
    _keep(membership, availability.before(membership.periods, clock.today()))


def _checked(membership: Membership, first: date, last: date | None, today: date) -> Period:
    if membership.state == MembershipState.ENDED:
        raise WrongState(_("Only a member of the roster can be paused."))
    if first < today:
        raise InvalidInput(_("A pause can begin today at the earliest."), field="first")
    if last is not None and not first <= last <= first + LONGEST_PAUSE:
        raise InvalidInput(
            _("The last day must be the first day or later, within two years."), field="last"
        )
    return Period(first, last)


def _days(period: Period) -> dict[str, str]:
    """A period as the history keeps it."""
    last = period.last.isoformat() if period.last else ""
    return {"first": period.first.isoformat(), "last": last}


def _take_out(membership: Membership, period: Period, today: date) -> None:
    others = [one for one in membership.periods if one != period]
    _keep(membership, [*others, *availability.before([period], today)])


def _keep(membership: Membership, periods: Iterable[Period]) -> None:
    """Make the absences these; a row that begins on the same day is kept, so none is twice."""
    rows = {row.first_day: row for row in membership.absences}
    kept = []
    for period in sorted(periods, key=lambda one: one.first):
        row = rows.get(period.first) or Absence(first_day=period.first)
        row.last_day = period.last
        kept.append(row)
    membership.absences = kept
