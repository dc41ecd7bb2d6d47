"""Pausing, renewing, editing and ending a membership."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewhub.accounts.models import Person
from reviewhub.audit.models import AuditEvent
from reviewhub.core.errors import InvalidInput, NotAllowed, WrongState
from reviewhub.roster import availability
from reviewhub.roster import operations as verbs
from reviewhub.roster.answers import Profile
from reviewhub.roster.availability import Period
from reviewhub.roster.operations import memberships as operations
from reviewhub.roster.queries import absences
from reviewhub.roster.tasks import tick
from reviewhub.roster.workflow import MembershipState

M = MembershipState
TODAY = date(2026, 3, 2)


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def oneself(make, member, by):
    return by(make.session.get_one(Person, member.person_id))


def profile(**values):
    return Profile(
        **{
            "languages": ("en",),
            "topics": {"14": 3},
            "regions": (),
            "themes": (),
            "backgrounds": (),
            "capacity": 2,
            "competing_interests": "none",
            **values,
        }
    )


def test_the_history_keeps_what_the_profile_said_before(db, clock, member, oneself):
    operations.edit(
        member,
        profile(languages=("en", "ar"), topics={"2": 2, "14": 2}, backgrounds=("policy",)),
        by=oneself,
    )
    db.flush()
    event = db.scalars(sa.select(AuditEvent).where(AuditEvent.verb == "edit")).one()
    assert event.role == "member"
    assert event.data["changed"] == {
        "languages": [["en"], ["en", "ar"]],
        "topics": [{"14": 3}, {"14": 2, "2": 2}],
        "backgrounds": [[], ["policy"]],
        "competing_interests": ["", "none"],
    }


def test_saving_an_unchanged_profile_leaves_no_trace(db, clock, member, oneself):
    operations.edit(member, profile(), by=oneself)
    operations.edit(member, profile(), by=oneself)
    count = sa.select(sa.func.count()).select_from(AuditEvent).where(AuditEvent.verb == "edit")
    assert db.scalar(count) == 1  # the first one wrote "none" as competing interests


def test_only_a_manager_says_who_counts_as_internal(clock, member, oneself, by, manager):
    operations.edit(member, profile(internal=True), by=oneself)
    assert member.internal is False
    operations.edit(member, profile(internal=True), by=by(manager))
    assert member.internal is True


@pytest.mark.parametrize("name", ["regions", "themes", "backgrounds", "languages"])
def test_a_profile_names_what_the_hub_knows(clock, member, oneself, name):
    with pytest.raises(InvalidInput) as caught:
        operations.edit(member, profile(**{name: ("nonsense",)}), by=oneself)
    assert caught.value.field == name


def test_a_stranger_changes_nothing(make, clock, member, by):
    stranger = by(make.person())
    for do in (
        lambda: operations.edit(member, profile(), by=stranger),
        lambda: verbs.pause(member, by=stranger, first=TODAY, last=None),
        lambda: operations.renew(member, by=stranger),
        lambda: operations.end(member, by=stranger),
    ):
        with pytest.raises(NotAllowed):
            do()


def test_a_pause_from_today_holds_at_once_and_ends_by_hand(clock, member, oneself, mails):
    verbs.pause(member, by=oneself, first=TODAY, last=None)
    assert member.state == M.PAUSED
    operations.resume(member, by=oneself)
    assert (member.state, member.periods) == (M.ACTIVE, ())
    assert mails() == []  # the member did it, and knows


def test_a_planned_pause_can_be_called_off(clock, member, oneself):
    later = TODAY + timedelta(days=5)
    verbs.pause(member, by=oneself, first=later, last=later)
    assert (member.state, member.periods) == (M.ACTIVE, (Period(later, later),))
    operations.resume(member, by=oneself)
    assert member.periods == ()
    with pytest.raises(WrongState, match="no pause"):
        operations.resume(member, by=oneself)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(-1, None, "first"), (3, 2, "last"), (0, 800, "last")],
)
def test_a_pause_runs_forward_from_today(clock, member, oneself, first, last, field):
    with pytest.raises(InvalidInput) as caught:
        verbs.pause(
            member, by=oneself, first=TODAY + timedelta(days=first),
            last=None if last is None else TODAY + timedelta(days=last),
        )  # fmt: skip
    assert caught.value.field == field


def test_who_is_paused_or_resumed_by_a_manager_gets_a_mail(clock, member, by, manager, mails):
    verbs.pause(member, by=by(manager), first=TODAY, last=None)
    operations.resume(member, by=by(manager))
    assert [event for event, _address in mails()] == ["roster/pause", "roster/resume"]


def test_a_term_is_renewed_once_its_end_is_near(clock, member, oneself):
    member.term_ends_on = TODAY + timedelta(days=61)
    with pytest.raises(WrongState, match="near"):
        operations.renew(member, by=oneself)
    clock.advance(days=1)
    operations.renew(member, by=oneself)
    assert member.term_ends_on == date(2028, 5, 2)


def test_a_term_renewed_on_a_leap_day_ends_on_the_28th(clock, member, oneself):
    member.term_ends_on = date(2028, 2, 29)
    clock.advance(days=(date(2028, 2, 1) - TODAY).days)
    operations.renew(member, by=oneself)
    assert member.term_ends_on == date(2030, 2, 28)


def test_resigning_thanks_the_member_and_tells_the_managers(
    db, clock, member, oneself, manager, mails
):
    operations.end(member, by=oneself)
    db.flush()
    assert (member.state, member.ended_at) == (M.ENDED, clock())
    assert [event for event, _a in mails()] == ["roster/end", "roster/leave"]
    with pytest.raises(NotAllowed):
        operations.resume(member, by=oneself)


def test_a_manager_takes_an_ended_member_back_for_a_full_term(
    db, clock, member, by, manager, mails
):
    operations.end(member, by=by(manager), note="No answer for two years.")
    clock.advance(days=900)
    operations.resume(member, by=by(manager))
    db.flush()
    assert (member.state, member.ended_at) == (M.ACTIVE, None)
    assert member.term_ends_on == date(2030, 8, 18)
    assert [event for event, _a in mails()] == ["roster/end", "roster/resume"]


@pytest.mark.lasting
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.integers(0, 6),
    length=st.none() | st.integers(0, 5),
    ticks=st.sets(st.integers(0, 14)),
)
def test_whatever_days_the_clock_runs_a_member_is_paused_on_the_pauses_days(
    db, make, clock, by, first, length, ticks
):
    start = clock.moment
    member = make.member()
    oneself = by(db.get_one(Person, member.person_id))
    begins = TODAY + timedelta(days=first)
    ends = None if length is None else begins + timedelta(days=length)
    verbs.pause(member, by=oneself, first=begins, last=ends)
    db.flush()
    for offset in range(15):
        clock.moment = start + timedelta(days=offset)
        if offset in ticks:
            tick()
        expected = offset >= first and (length is None or offset <= first + length)
        known = absences().get(member.person_id, ())
        assert bool(availability.on(known, clock.moment.date())) == expected
        if offset in ticks:
            db.refresh(member)
            assert (member.state == M.PAUSED) == expected
    clock.moment = start
