"""Every mail of the roster: it renders, says what next, and leads to its page."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from reviewhub.notifications.models import Message, Notice
from reviewhub.notifications.rendering import notice_text, render
from reviewhub.roster import emails
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
    member = make.member(application_id=application.id, paused_to=clock().date())
    for verb in ("confirm", "submit", "ask", "remind", "lapse", "decline", "new", "withdraw",
                 "overdue", "escalate"):  # fmt: skip
        getattr(emails, verb)(application)
    emails.approve(application, member)
    emails.answer(application, asked_by=None)
    for verb in ("pause", "resume", "renew", "leave"):
        getattr(emails, verb)(member)
    emails.end(member, how="resigned")
    db.flush()
    assert admin.id
    return {message.event: message for message in db.scalars(sa.select(Message))}


def test_every_template_has_its_function(told):
    assert set(told) == {f"roster/{path.stem}" for path in TEMPLATES.glob("*.txt")}


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


def test_applicants_get_their_link_and_staff_the_plain_page(told):
    for event in ("confirm", "submit", "ask", "approve", "decline"):
        assert "?key=" in render(told[f"roster/{event}"]).get_body(("plain",)).get_content()
    for event in ("new", "answer", "overdue", "escalate", "leave"):
        assert "?key=" not in render(told[f"roster/{event}"]).get_body(("plain",)).get_content()


@pytest.mark.parametrize("how", ["resigned", "removed", "term"])
def test_the_end_of_a_membership_says_how_it_came(db, clock, make, how):
    emails.end(make.member(), how=how)
    text = render(db.scalars(sa.select(Message)).one()).get_body(("plain",)).get_content()
    word = {"resigned": "you have left", "removed": "hub@example.org", "term": "your term"}[how]
    assert word in text


def test_a_pause_without_a_last_day_is_told_as_one(db, clock, make):
    emails.pause(make.member())
    text = render(db.scalars(sa.select(Message)).one()).get_body(("plain",)).get_content()
    assert "until you or they resume it" in text


def test_each_mail_has_a_notice_of_one_line(app, db, told):
    with app.test_request_context():
        for notice in db.scalars(sa.select(Notice)).all():
            line = notice_text(notice)
            assert line
            assert "\n" not in line
