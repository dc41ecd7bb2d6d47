"""Every mail of the roster: it renders, says what next, and leads to its page."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from reviewhub.core import clock as core_clock
from reviewhub.notifications.models import Message, Notice
from reviewhub.notifications.rendering import notice_text, render
from reviewhub.roster import emails
from reviewhub.roster.availability import Period
from reviewhub.roster.invitations import Invitation
from reviewhub.roster.workflow import ApplicationState

S = ApplicationState
TEMPLATES = Path(emails.__file__).parent.parent / "templates" / "email" / "roster"


@pytest.fixture
def told(db, clock, make, make_application, manager):
    """One of each: what the outbox holds after every function has been called."""
    admin = make.staff("admin", name="Ada Admin")
    application = make_application(
        S.DECLINED, question="Which posts?", answer="Nairobi & Lima", decision_text="Not <now>.",
        may_reapply_on=clock().date() + timedelta(days=180),
    )  # fmt: skip
    member = make.member(application_id=application.id, absences=[(clock().date(), clock().date())])
    for verb in ("confirm", "submit", "ask", "remind", "lapse", "decline", "new", "withdraw",
                 "overdue", "escalate"):  # fmt: skip
        getattr(emails, verb)(application)
    emails.approve(application, member)
    emails.answer(application, asked_by=None)
    application.owner_id = manager.id
    emails.assess(application, votes=1, differs=True)
    emails.break_tie(application, votes=2)
    emails.pause(member, member.periods[0])
    for verb in ("resume", "renew", "leave", "ask_return"):
        getattr(emails, verb)(member)
    emails.end(member, how="resigned")
    now = core_clock.now()
    invitation = Invitation(
        person_id=make.person().id, answers={}, invited_at=now, invited_by_id=manager.id,
        lapses_at=now + timedelta(days=30),
    )  # fmt: skip
    db.add(invitation)
    db.flush()
    emails.invite(invitation)
    db.flush()
    assert admin.id
    return {message.event: message for message in db.scalars(sa.select(Message))}


def test_every_template_has_its_function(told):
    assert set(told) == {f"roster/{path.stem}" for path in TEMPLATES.glob("*.txt")}


@pytest.mark.lasting
def test_every_mail_has_a_subject_a_greeting_free_of_code_and_a_button(told):
    for event, message in told.items():
        mail = render(message)
        plain = mail.get_body(("plain",)).get_content()
        page = mail.get_body(("html",)).get_content()
        assert 10 < len(mail["Subject"]) < 80, event
        assert "http://localhost/roster/" in plain, event
        assert 'class="button"' in page, event
        assert "{" not in plain, event
        assert "None" not in plain, event
        assert "&amp;" not in plain, event


def test_what_people_wrote_stays_text(told):
    mail = render(told["roster/decline"])
    assert "Not <now>." in mail.get_body(("plain",)).get_content()
    assert "Not &lt;now&gt;." in mail.get_body(("html",)).get_content()
    assert "Nairobi & Lima" in render(told["roster/answer"]).get_body(("plain",)).get_content()


def test_the_reason_and_the_dates_are_told(told):
    text = render(told["roster/decline"]).get_body(("plain",)).get_content()
    assert "This expertise is well covered at present" in text
    assert "29 Aug 2026" in text


@pytest.mark.lasting
def test_applicants_get_their_link_and_staff_the_plain_page(told):
    for event in ("confirm", "submit", "ask", "approve", "decline"):
        assert "?key=" in render(told[f"roster/{event}"]).get_body(("plain",)).get_content()
    for event in ("new", "answer", "assess", "break_tie", "overdue", "escalate", "leave"):
        plain = render(told[f"roster/{event}"]).get_body(("plain",)).get_content()
        assert "?key=" not in plain.partition("\n-- \n")[0]  # below it stands the foot


@pytest.mark.parametrize("how", ["resigned", "removed", "term"])
def test_the_end_of_a_membership_says_how_it_came(db, clock, make, how):
    emails.end(make.member(), how=how)
    text = render(db.scalars(sa.select(Message)).one()).get_body(("plain",)).get_content()
    word = {"resigned": "you have left", "removed": "hub@example.org", "term": "your term"}[how]
    assert word in text


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (0, None, "No invitations come until you or they resume it"),
        (0, 3, "has paused your membership until 5 Mar 2026"),
        (2, 3, "away from 4 Mar 2026 to 5 Mar 2026"),
        (2, None, "away from 4 Mar 2026 on"),
    ],
)
def test_a_pause_is_told_with_its_days(db, clock, make, begins, ends, said):
    today = clock().date()
    last = None if ends is None else today + timedelta(days=ends)
    emails.pause(make.member(), Period(today + timedelta(days=begins), last))
    text = render(db.scalars(sa.select(Message)).one()).get_body(("plain",)).get_content()
    assert said in text


def test_each_mail_has_a_notice_of_one_line(app, db, told):
    with app.test_request_context():
        for notice in db.scalars(sa.select(Notice)).all():
            line = notice_text(notice)
            assert line
            assert "\n" not in line


def test_the_welcome_leads_to_a_password_where_there_is_none(
    db, clock, make, make_application, client
):
    guest, known = make.person(password_hash=None), make.person()
    for person in (guest, known):
        application = make_application(S.APPROVED, person_id=person.id)
        emails.approve(application, make.member(person=person, application_id=application.id))
    db.flush()
    first, second = (
        render(message).get_body(("plain",)).get_content()
        for message in db.scalars(sa.select(Message).order_by(Message.id))
    )
    assert "sign in with it as ever" in second
    assert "choose-password" not in second
    way = next(line for line in first.splitlines() if "choose-password" in line)
    clock.advance(days=13)
    page = client.get(way.removeprefix("http://localhost"))
    assert page.status_code == 200
    assert guest.email in page.text
    done = client.post(
        way.removeprefix("http://localhost"), data={"password": "a door that opens once"}
    )
    assert done.status_code == 302
    assert guest.has_account
