"""The roster's clock: what comes due, how often, and that twice is as good as once."""

import os
import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reviewhub.accounts.roles import Role
from reviewhub.core import clock as core_clock
from reviewhub.notifications.models import Message, MessageState
from reviewhub.roster import emails
from reviewhub.roster.operations import applications
from reviewhub.roster.tasks import sweep, tick
from reviewhub.roster.workflow import ApplicationState, MembershipState

S, M = ApplicationState, MembershipState
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def events(mails):
    return [event for event, _address in mails()]


def run_for(clock, days, every=1):
    """Let the clock run, ticking twice at each stop."""
    for _stop in range(0, days, every):
        clock.advance(days=every)
        tick()
        tick()


def test_with_nothing_due_nothing_happens(make, clock, make_application, mails):
    make.member()
    make_application()
    assert tick() == 0
    assert mails() == []


def test_an_unconfirmed_draft_lapses_after_the_policys_days(db, clock, make_application, mails):
    draft = make_application(S.DRAFT)
    clock.advance(days=14)
    tick()
    db.refresh(draft)
    assert draft.state == S.DRAFT
    clock.advance(days=1)
    assert tick() == 1
    assert tick() == 0
    db.refresh(draft)
    assert draft.state == S.WITHDRAWN
    assert mails() == []


@pytest.mark.lasting
def test_an_overdue_application_is_chased_weekly_and_then_by_the_administrators(
    make, clock, make_application, manager, mails
):
    admin = make.staff(Role.ADMIN)
    make_application()
    run_for(clock, 29)
    assert mails() == []
    run_for(clock, 100)
    assert mails() == [("roster/overdue", manager.email)] * 4 + [("roster/escalate", admin.email)]


def test_weeks_without_a_clock_are_not_caught_up(clock, make, make_application, manager, mails):
    make_application()
    clock.advance(days=30 + 15)
    tick()
    tick()
    assert events(mails) == ["roster/overdue"]


@pytest.mark.lasting
def test_a_question_without_an_answer_is_asked_twice_more_and_then_closes(
    db, clock, make_application, mails
):
    application = make_application(
        S.MORE_INFORMATION, question="Which posts?", due_at=clock() + timedelta(days=14)
    )
    run_for(clock, 13)
    assert mails() == []
    run_for(clock, 15)
    db.refresh(application)
    assert application.state == S.WITHDRAWN
    assert events(mails) == ["roster/remind", "roster/remind", "roster/lapse"]


def test_a_question_is_never_closed_without_its_reminders(db, clock, make_application, mails):
    application = make_application(S.MORE_INFORMATION, question="Which posts?")
    clock.advance(days=300)
    tick()
    db.refresh(application)
    assert application.state == S.MORE_INFORMATION
    assert events(mails) == ["roster/remind"]


def test_a_pause_begins_and_ends_by_its_dates(db, make, clock, mails):
    today = clock().date()
    member = make.member(absences=[(today + timedelta(days=2), today + timedelta(days=4))])
    seen = []
    for _day in range(6):
        tick()
        tick()
        db.refresh(member)
        seen.append(member.state)
        clock.advance(days=1)
    assert seen == [M.ACTIVE, M.ACTIVE, M.PAUSED, M.PAUSED, M.PAUSED, M.ACTIVE]
    assert events(mails) == ["roster/resume"]


def test_a_pause_that_passed_while_no_clock_ran_moves_nothing(db, make, clock, mails):
    today = clock().date()
    member = make.member(absences=[(today, today)])
    clock.advance(days=3)
    tick()
    db.refresh(member)
    assert (member.state, member.absence_on(clock().date())) == (M.ACTIVE, None)
    assert mails() == []


@pytest.mark.lasting
def test_a_term_is_announced_twice_and_ends_after_its_last_day(db, make, clock, mails):
    today = clock().date()
    member = make.member(term_ends_on=today + timedelta(days=70))
    run_for(clock, 9)
    assert mails() == []
    run_for(clock, 1)
    assert events(mails) == ["roster/renew"]
    run_for(clock, 60)
    db.refresh(member)
    assert (member.state, events(mails)) == (M.ACTIVE, ["roster/renew", "roster/renew"])
    run_for(clock, 1)
    db.refresh(member)
    assert member.state == M.ENDED
    assert events(mails) == ["roster/renew", "roster/renew", "roster/end"]
    run_for(clock, 30, every=10)
    assert len(mails()) == 3


def test_reminders_that_came_due_together_are_one_mail(make, clock, mails):
    make.member(term_ends_on=clock().date() + timedelta(days=5))
    tick()
    tick()
    assert events(mails) == ["roster/renew"]


@pytest.mark.lasting
def test_nobody_leaves_the_roster_who_was_never_reminded_of_the_term(db, make, clock, mails):
    member = make.member(term_ends_on=clock().date() - timedelta(days=20))
    tick()
    tick()
    db.refresh(member)
    assert (member.state, events(mails)) == (M.ACTIVE, ["roster/renew"])
    assert member.term_ends_on == clock().date() + timedelta(days=14), "as the last one leaves"
    run_for(clock, 15)
    db.refresh(member)
    assert (member.state, events(mails)) == (M.ENDED, ["roster/renew", "roster/end"])


def test_the_days_of_a_draft_count_from_when_its_mail_went_out(db, clock, make_application):
    draft = make_application(S.DRAFT)
    emails.confirm(draft)
    clock.advance(days=40)
    tick()
    db.refresh(draft)
    assert draft.state == S.DRAFT, "the mail server was away: nobody could confirm it"
    message = db.scalars(sa.select(Message)).one()
    message.state, message.sent_at = MessageState.SENT, clock()
    db.commit()
    clock.advance(days=15)
    tick()
    db.refresh(draft)
    assert draft.state == S.WITHDRAWN


def test_a_term_that_ends_while_paused_ends(db, make, clock):
    today = clock().date()
    member = make.member(
        state=M.PAUSED, absences=[(today, None)], term_ends_on=today + timedelta(days=1)
    )
    run_for(clock, 2)
    db.refresh(member)
    assert (member.state, member.absence_on(clock().date())) == (M.ENDED, None)


def test_one_row_that_fails_does_not_hold_up_the_others(db, make, clock, caplog):
    today = clock().date()
    broken = make.member(term_ends_on=today - timedelta(days=1), reminders=2)
    other = make.member(term_ends_on=today - timedelta(days=1), reminders=2)
    trap = _refuse_to_end(db, broken.id)
    assert tick() == 1
    assert f"row {broken.id}" in caplog.text
    db.execute(sa.text(trap))
    db.refresh(other)
    assert other.state == M.ENDED


def test_many_due_rows_are_each_done_once(make, clock, mails):
    for _number in range(3):
        make.member(term_ends_on=clock().date() - timedelta(days=1), reminders=2)
    assert tick() == 3
    assert tick() == 0
    assert events(mails) == ["roster/end"] * 3


def _refuse_to_end(db, membership_id):
    """Make the database refuse to end one member; returns the statement that undoes it."""
    if db.get_bind().dialect.name == "sqlite":
        db.execute(
            sa.text(
                "CREATE TRIGGER trap BEFORE UPDATE ON roster_memberships "
                f"WHEN new.id = {membership_id} BEGIN SELECT RAISE(ABORT, 'trap'); END"
            )
        )
        return "DROP TRIGGER trap"
    db.execute(
        sa.text(
            "ALTER TABLE roster_memberships ADD CONSTRAINT trap "
            f"CHECK (id <> {membership_id} OR state <> 'ended')"
        )
    )
    return "ALTER TABLE roster_memberships DROP CONSTRAINT trap"


def test_a_cv_that_no_application_names_goes_after_a_week(db, clock, make_application):
    store = applications.cv_store()
    shutil.rmtree(store, ignore_errors=True)
    named, orphan, fresh = (applications.keep_cv("cv.pdf", PDF) for _ in range(3))
    make_application(cv=named)
    db.commit()
    week_ago = (core_clock.now() - timedelta(days=8)).timestamp()
    for kept in (named, orphan):
        os.utime(store / kept["path"], (week_ago, week_ago))
    assert sweep() == 1
    assert sweep() == 0
    left = {path.relative_to(store).as_posix() for path in store.rglob("*.pdf")}
    assert left == {named["path"], fresh["path"]}
