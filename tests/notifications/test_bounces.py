"""Mail that comes back: whoever reports it, the same follows, and nobody can make a report up."""

import logging
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts import addresses
from reviewhub.accounts.models import Person
from reviewhub.accounts.queries import recipient
from reviewhub.accounts.roles import Role
from reviewhub.audit.models import AuditEvent
from reviewhub.core.errors import InvalidInput, WrongState
from reviewhub.notifications import dsn
from reviewhub.notifications.bounces import Report, take_in
from reviewhub.notifications.envelopes import sender_of, token_of
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.outbox import deliver_due, page, resend, tell
from tests.conftest import SetClock
from tests.factories import Factory
from tests.second_app import changed_settings

Database = scoped_session[Session]
S = MessageState
SAID = "5.1.1 550 5.1.1 no such user here"


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Whose mail comes back."""
    return make.person(email="ada@host.example")


@pytest.fixture
def mail(db: Database, ada: Person) -> Message:
    """A mail to her that went out."""
    tell("accounts/password_changed", recipient(ada), ada, target=page("accounts.reset"))
    deliver_due(lambda _message: None)
    return db.scalars(sa.select(Message)).one()


def report(
    address: str, action: str = "failed", status: str = "5.1.1", header: str = "To"
) -> bytes:
    """A delivery status notification, as a mail server writes it."""
    lines = [
        "From: MAILER-DAEMON@mx.host.example",
        f"{header}: {address}",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"',
        "", "--B", "Content-Type: text/plain", "", "I am sorry to have to tell you.", "",
        "--B", "Content-Type: message/delivery-status", "",
        "Reporting-MTA: dns; mx.host.example", "",
        "Final-Recipient: rfc822; ada@host.example",
        f"Action: {action}",
        f"Status: {status}",
        "Diagnostic-Code: smtp; 550 5.1.1", "  no such user here", "",
        "--B", "Content-Type: message/rfc822", "", "Subject: Your password was changed", "",
        "--B--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def bounce_of(message: Message, *, permanent: bool = True) -> Report:
    return Report(f"bounce+{token_of(message)}@hub.example", permanent, SAID)


# -- the envelope --


def test_each_mail_has_a_return_path_of_its_own(mail: Message) -> None:
    with changed_settings(bounce_address="bounce@hub.example"):
        sender = sender_of(mail)
    assert sender == f"bounce+{token_of(mail)}@hub.example"
    assert len(sender.partition("@")[0]) <= 64  # as long as the part before the @ may be


def test_without_the_setting_the_envelope_is_the_mails_own(mail: Message) -> None:
    assert sender_of(mail) == ""


# -- reading a report --


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To"])
def test_a_report_says_which_mail_and_why(mail: Message, header: str) -> None:
    address = f"bounce+{token_of(mail)}@hub.example"
    assert dsn.read(report(address, header=header)) == Report(address, True, SAID)


def test_a_report_of_a_delay_is_no_bounce(mail: Message) -> None:
    found = dsn.read(report("bounce+1.a@hub.example", "delayed", "4.4.1"))
    assert found is not None
    assert (found.is_permanent, found.detail[:5]) == (False, "4.4.1")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", ""])
def test_word_that_it_arrived_is_no_bounce(action: str) -> None:
    assert dsn.read(report("bounce+1.a@hub.example", action)) is None


def test_an_answer_from_somebody_on_holiday_is_no_bounce() -> None:
    answer = EmailMessage()
    answer["To"] = "bounce+1.0123456789abcdef0123@hub.example"
    answer.set_content("I am away until Monday. Action: failed")
    assert dsn.read(answer.as_bytes()) is None


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"Content-Type: multipart/report\r\n\r\n"])
def test_what_can_not_be_read_is_no_bounce(content: bytes) -> None:
    assert dsn.read(content) is None


# -- what follows --


def test_a_mail_that_came_back_failed_and_its_address_is_marked(
    db: Database, ada: Person, mail: Message, clock: SetClock
) -> None:
    assert take_in(bounce_of(mail))
    assert (mail.state, mail.sent_at, mail.bounced_at) == (S.FAILED, None, clock.moment)
    assert mail.last_error == SAID
    assert ada.bouncing_since == clock.moment
    told = db.scalars(sa.select(AuditEvent).where(AuditEvent.verb == "bounce")).one()
    assert (told.object_type, told.object_id) == ("people", ada.id)


def test_the_administrators_are_told_once(
    db: Database, make: Factory, ada: Person, mail: Message
) -> None:
    admin = make.staff(Role.ADMIN)
    take_in(bounce_of(mail))
    take_in(bounce_of(mail))
    [told] = db.scalars(sa.select(Message).where(Message.event == "accounts/bounce"))
    assert (told.address, told.context["said"]) == (admin.email, SAID)


def test_the_same_report_twice_changes_nothing_more(
    db: Database, ada: Person, mail: Message, clock: SetClock
) -> None:
    take_in(bounce_of(mail))
    first = mail.bounced_at
    clock.advance(hours=1)
    assert take_in(bounce_of(mail))
    assert mail.bounced_at == first
    assert db.scalar(sa.select(sa.func.count()).where(AuditEvent.verb == "bounce")) == 1


def test_a_delay_is_noted_and_nothing_else(ada: Person, mail: Message) -> None:
    assert take_in(bounce_of(mail, permanent=False))
    assert (mail.state, mail.bounced_at, ada.bouncing_since) == (S.SENT, None, None)
    assert mail.last_error == SAID


def forged(message: Message) -> list[str]:
    number, mac = token_of(message).split(".")
    return [
        "", "bounce@hub.example", f"bounce+{number}@hub.example", f"bounce+{number}.@hub.example",
        f"bounce+{number}.{'0' * 20}@hub.example", f"bounce+{int(number) + 1}.{mac}@hub.example",
        f"bounce+{number}.{mac[:-1]}@hub.example", f"bounce+99999999999.{mac}@hub.example",
        f"bounce+4000000000.{mac}@hub.example", f"bounce+{number}.{mac}0@hub.example",
    ]  # fmt: skip


def test_a_forged_report_changes_nothing_and_is_logged(
    ada: Person, mail: Message, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "reviewhub.notifications.bounces"):
        for address in forged(mail):
            caplog.clear()
            assert not take_in(Report(address, True, SAID)), address
            assert "not ours" in caplog.text
    assert (mail.state, ada.bouncing_since) == (S.SENT, None)


def test_a_key_that_was_changed_still_knows_its_reports(ada: Person, mail: Message) -> None:
    address = bounce_of(mail).address
    with changed_settings(secret_key="n" * 40, secret_key_fallbacks=_present_key()):
        assert take_in(Report(address, True, SAID))


def _present_key() -> str:
    from reviewhub.core import config  # noqa: PLC0415 -- the settings of the running test

    return config.current().secret_key


# -- a corrected address --


def test_a_corrected_address_ends_the_mark_and_mail_goes_there(
    db: Database, make: Factory, ada: Person, mail: Message
) -> None:
    take_in(bounce_of(mail))
    addresses.correct_address(ada, " Ada@New.example ", by=None)
    assert (ada.email, ada.bouncing_since) == ("ada@new.example", None)
    resend(mail)
    assert (mail.address, mail.state, mail.bounced_at) == ("ada@new.example", S.QUEUED, None)


def test_late_word_of_the_old_address_marks_nothing(
    ada: Person, mail: Message, clock: SetClock
) -> None:
    late = bounce_of(mail)
    take_in(late)
    addresses.correct_address(ada, "ada@new.example")
    resend(mail)
    deliver_due(lambda _message: None)
    assert not take_in(late)
    assert (mail.state, ada.bouncing_since) == (S.SENT, None)


def test_an_address_that_works_is_not_changed_for_anybody(ada: Person) -> None:
    with pytest.raises(WrongState):
        addresses.correct_address(ada, "ada@new.example")


def test_nobody_is_given_the_address_of_somebody_else(
    make: Factory, ada: Person, mail: Message
) -> None:
    other = make.person()
    take_in(bounce_of(mail))
    with pytest.raises(InvalidInput):
        addresses.correct_address(ada, other.email)


def test_only_an_administrator_corrects_it_on_a_page(
    db: Database, make: Factory, sign_in: Callable[[Person], FlaskClient], ada: Person,
    mail: Message,
) -> None:  # fmt: skip
    take_in(bounce_of(mail))
    where = f"/people/{ada.id}/address"
    assert sign_in(make.editor()).post(where, data={"email": "b@c.example"}).status_code == 403
    browser = sign_in(make.staff(Role.ADMIN))
    assert "has come back since" in browser.get(where).text
    assert browser.post(where, data={"email": "ada@new.example"}).status_code == 302
    assert db.get_one(Person, ada.id).email == "ada@new.example"
    assert "Mail reaches this address" in browser.get(where).text
    assert browser.post(where, data={"email": "b@c.example"}).status_code == 409


# -- the ways in --


HOOK = "/hooks/bounces"


def test_without_a_secret_there_is_no_hook(client: FlaskClient) -> None:
    assert client.post(HOOK, json={}).status_code == 404


def test_the_hook_opens_to_the_secret_alone(client: FlaskClient, mail: Message) -> None:
    sent = {"address": bounce_of(mail).address, "type": "permanent"}
    with changed_settings(bounce_hook_secret="the right one"):
        for given in ("", "Bearer wrong", "Bearer é"):
            answer = client.post(HOOK, json=sent, headers={"Authorization": given})
            assert answer.status_code == 403
    assert mail.state is S.SENT


def test_the_hook_takes_one_report_or_many(
    db: Database, client: FlaskClient, ada: Person, mail: Message
) -> None:
    ours = {"address": token_of(mail), "type": "permanent", "detail": SAID}
    other = {"address": "1.0123456789abcdef0123", "type": "permanent"}
    with changed_settings(bounce_hook_secret="the right one"):
        answer = client.post(
            HOOK, json=[other, ours], headers={"Authorization": "Bearer the right one"}
        )
    assert (answer.status_code, answer.json) == (200, {"taken": 1, "unknown": 1})
    assert db.get_one(Person, ada.id).bouncing_since is not None


@pytest.mark.parametrize(
    "sent", [None, 3, {}, [3], {"address": 3, "type": "permanent"}, {"address": "a", "type": "?"}]
)
def test_the_hook_refuses_what_is_no_report(client: FlaskClient, sent: object) -> None:
    with changed_settings(bounce_hook_secret="s"):
        answer = client.post(HOOK, json=sent, headers={"Authorization": "Bearer s"})
    assert answer.status_code == 400


def test_a_refusal_while_the_mail_is_handed_over_is_a_bounce(
    db: Database, ada: Person, clock: SetClock
) -> None:
    import smtplib  # noqa: PLC0415 -- for its errors only

    tell("accounts/password_changed", recipient(ada), ada, target=page("accounts.reset"))

    def refuse(_message: Message) -> None:
        raise smtplib.SMTPRecipientsRefused({"ada@host.example": (550, b"no such user")})

    deliver_due(refuse)
    message = db.scalars(sa.select(Message)).one()
    assert (message.state, message.bounced_at) == (S.FAILED, clock.moment)
    assert ada.bouncing_since == clock.moment


def test_a_digest_that_comes_back_takes_its_lines_along(
    db: Database, ada: Person, clock: SetClock
) -> None:
    from reviewhub.notifications.digests import collect  # noqa: PLC0415

    for ref in ("RH-1", "RH-2"):
        tell("reviews/decline", recipient(ada), ada, target=page("admin.item", ref=ref),
             occurrence=ref, ref=ref, title="T")  # fmt: skip
    clock.advance(days=1)
    collect(ada.id)
    deliver_due(lambda _message: None)
    digest = db.scalars(sa.select(Message).order_by(Message.id.desc())).first()
    assert digest is not None
    take_in(bounce_of(digest))
    db.expire_all()
    assert set(db.scalars(sa.select(Message.state))) == {S.FAILED}


@pytest.fixture
def shell(app: Any, db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`reviewhub mail bounces`, in the test's own application."""
    from reviewhub.cli import mail as commands  # noqa: PLC0415

    monkeypatch.setattr(commands, "create_app", lambda: app)

    def run(*arguments: str, given: bytes = b"") -> str:
        db.commit()
        result = CliRunner().invoke(commands.mail, ["bounces", *arguments], input=given)
        assert result.exit_code == 0, result.output
        db.expire_all()
        return result.output.splitlines()[-1]  # before it, what the log says

    return run


def test_the_shell_takes_one_report_from_its_input(
    db: Database, shell: Callable[..., str], ada: Person, mail: Message
) -> None:
    assert shell(given=report(bounce_of(mail).address)).startswith("1 taken in, 0 about")
    assert mail.state is S.FAILED
    assert shell(given=b"Subject: hello\r\n\r\nNo report.").startswith("0 taken in, 1 about")


def test_the_shell_reads_a_maildir_and_marks_what_it_saw(
    shell: Callable[..., str], mail: Message, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.host").write_bytes(report(bounce_of(mail).address))
    (tmp_path / "new" / "2.host").write_bytes(report("bounce+1.0@hub.example"))
    assert shell("--maildir", str(tmp_path)).startswith("1 taken in, 1 about")
    assert mail.state is S.FAILED
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == [
        "1.host:2,S",
        "2.host:2,S",
    ]
    assert shell("--maildir", str(tmp_path)).startswith("0 taken in, 0 about")


def test_the_shell_reads_an_mbox(shell: Callable[..., str], mail: Message, tmp_path: Path) -> None:
    content = report(bounce_of(mail).address).replace(b"\r\n", b"\n")
    (tmp_path / "mbox").write_bytes(b"From MAILER-DAEMON Mon Mar  2 09:00:00 2026\n" + content)
    assert shell("--mbox", str(tmp_path / "mbox")).startswith("1 taken in, 0 about")
    assert mail.state is S.FAILED


def test_the_shell_corrects_an_address(
    app: Any, db: Database, ada: Person, mail: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reviewhub.cli import accounts as commands  # noqa: PLC0415

    monkeypatch.setattr(commands, "create_app", lambda: app)
    arguments = ["address", "ada@host.example", "ada@new.example"]
    db.commit()
    refused = CliRunner().invoke(commands.user, arguments)
    assert "Mail reaches this address" in refused.output
    take_in(bounce_of(mail))
    db.commit()
    done = CliRunner().invoke(commands.user, arguments)
    assert done.exit_code == 0, done.output
    db.expire_all()
    assert ada.email == "ada@new.example"
