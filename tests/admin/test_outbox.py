"""The outbox page: what did not arrive, and sending it again."""

import pytest

from reviewhub.accounts.queries import recipient
from reviewhub.accounts.roles import Role
from reviewhub.audit.queries import history
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.outbox import page, tell
from tests.admin.queries import counted


@pytest.fixture
def mail(make, db):
    """Makes a mail in a state."""

    def _mail(state, person=None):
        person = person or make.person()
        submission = make.submission()
        tell(
            "submissions/submit",
            to=recipient(person),
            about=submission,
            target=page("admin.item", ref=submission.ref),
        )
        message = db.query(Message).order_by(Message.id.desc()).first()
        message.state, message.last_error = state, "550 no such mailbox"
        db.flush()
        return message

    return _mail


def test_what_did_not_arrive_is_shown_first(mail, make, sign_in):
    failed, queued = mail(MessageState.FAILED), mail(MessageState.QUEUED)
    browser = sign_in(make.editor())
    text = browser.get("/desk/outbox").text
    assert failed.address in text
    assert "550 no such mailbox" in text
    assert queued.address not in text
    assert queued.address in browser.get("/desk/outbox?state=queued").text


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.DEAD, MessageState.HELD])
def test_a_mail_that_failed_is_sent_again(mail, make, sign_in, db, state):
    message = mail(state)
    editor = make.editor()
    answer = sign_in(editor).post(f"/desk/outbox/{message.id}/resend")
    assert answer.status_code == 302
    assert db.get(Message, message.id).state is MessageState.QUEUED
    (event,) = history("outbox", message.id)
    assert (event.verb, event.actor_id) == ("resend", editor.id)


def test_a_mail_on_its_way_is_not_sent_twice(mail, make, sign_in, db):
    message = mail(MessageState.QUEUED)
    assert sign_in(make.editor()).post(f"/desk/outbox/{message.id}/resend").status_code == 409


def test_an_auditor_sends_nothing(mail, make, sign_in, db):
    message = mail(MessageState.FAILED)
    browser = sign_in(make.staff(Role.AUDITOR))
    assert "Send again" not in browser.get("/desk/outbox").text
    assert browser.post(f"/desk/outbox/{message.id}/resend").status_code == 403
    assert db.get(Message, message.id).state is MessageState.FAILED


def test_the_page_costs_the_same_for_one_mail_and_three(mail, make, sign_in):
    browser = sign_in(make.editor())
    numbers = []
    for more in (1, 2):
        for _mail in range(more):
            mail(MessageState.FAILED)
        with counted() as statements:
            assert browser.get("/desk/outbox").status_code == 200
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= 8
