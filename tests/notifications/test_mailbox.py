"""The mailbox of files: what is stored comes back, however odd the mail was."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from reviewhub.core import clock
from reviewhub.notifications import mailbox

NOON = datetime(2030, 5, 6, 12, tzinfo=UTC)


def _mail(subject: str, number: int = 1) -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message["Message-ID"] = f"<{number}@hub.example>"
    message.set_content("Grüße,\nthe hub\n")
    message.add_alternative("<p>Grüße</p>", subtype="html")
    return message.as_bytes()


def _store(folder: Path, minute: int, content: bytes, to: str = "ada@example.org") -> str:
    with clock.set_to(lambda: NOON + timedelta(minutes=minute)):
        return mailbox.store(folder, "hub@example.org", [to], content).stem


def test_a_stored_mail_comes_back_whole(tmp_path: Path) -> None:
    with clock.set_to(lambda: NOON):
        path = mailbox.store(
            tmp_path, "hub@example.org", ["ada@example.org", "bo@example.org"], _mail("Señal")
        )
    (view,) = mailbox.recent(tmp_path, 10)
    assert view == mailbox.get(tmp_path, path.stem)
    assert view.at == NOON
    assert view.to == ("ada@example.org", "bo@example.org")
    assert (view.subject, view.message_id) == ("Señal", "<1@hub.example>")
    assert view.text.startswith("Grüße,")
    assert "<p>Grüße</p>" in view.html
    assert not list((tmp_path / "tmp").iterdir())


def test_the_newest_come_first_page_by_page(tmp_path: Path) -> None:
    for minute in (2, 0, 1, 3):
        _store(tmp_path, minute, _mail(str(minute), minute))
    first = mailbox.recent(tmp_path, 2)
    second = mailbox.recent(tmp_path, 2, before=first[-1].id)
    assert [view.subject for view in first + second] == ["3", "2", "1", "0"]
    assert [v.subject for v in mailbox.iter_mailbox(tmp_path)] == ["3", "2", "1", "0"]


def test_one_recipients_mails_are_found_by_the_envelope(tmp_path: Path) -> None:
    _store(tmp_path, 0, _mail("hers", 1), to="Ada@Example.org")
    _store(
        tmp_path, 1, b"X-Envelope-To: ada@example.org\r\n" + _mail("his", 2), to="bo@example.org"
    )
    assert [v.subject for v in mailbox.recent(tmp_path, 9, to="ada@example.org")] == ["hers"]


def test_the_same_mail_at_the_same_moment_is_kept_twice(tmp_path: Path) -> None:
    ids = {_store(tmp_path, 0, _mail("again")), _store(tmp_path, 0, _mail("again"))}
    assert len(ids) == 2 == len(mailbox.recent(tmp_path, 9))


def test_an_accepted_message_id_is_known(tmp_path: Path) -> None:
    assert not mailbox.has_message(tmp_path, "<7@hub.example>")
    _store(tmp_path, 0, _mail("here", 7))
    assert mailbox.has_message(tmp_path, "<7@hub.example>")
    assert not mailbox.has_message(tmp_path, "<8@hub.example>")
    assert not mailbox.has_message(tmp_path, "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        b"\xff\xfe\x00 no header at all \x80",
        b"Subject: =?utf-8?b?broken\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xff body",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\nwithout a boundary",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nunclosed",
        b"Message-ID: <[bad]\r\n\xe9 folded>\r\nSubject: \xe9\xe9\r\n\r\nlatin",
        b"Subject: a\r\nSubject: b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64",
        b"To: " + b"<" * 2000 + b"\r\n\r\nx",
    ],
)
def test_a_malformed_mail_is_kept_and_shown(tmp_path: Path, content: bytes) -> None:
    mail_id = _store(tmp_path, 0, content)
    (view,) = mailbox.recent(tmp_path, 5)
    assert view.id == mail_id
    assert view.to == ("ada@example.org",)
    for value in (view.subject, view.text, view.html, view.message_id):
        value.encode("utf-8")  # can be put on a page
    assert (tmp_path / "new" / f"{mail_id}.eml").read_bytes().endswith(content)


@pytest.mark.parametrize("mail_id", ["", "..", "../tmp/x", "nothing", "/etc/passwd"])
def test_an_id_that_is_none_opens_nothing(tmp_path: Path, mail_id: str) -> None:
    _store(tmp_path, 0, _mail("here"))
    assert mailbox.get(tmp_path, mail_id) is None


def test_a_recipient_cannot_add_lines_to_the_envelope(tmp_path: Path) -> None:
    _store(tmp_path, 0, _mail("here"), to="ada@example.org\r\nSubject: forged")
    (view,) = mailbox.recent(tmp_path, 5)
    assert view.subject == "here"


def test_an_empty_or_absent_mailbox_is_just_empty(tmp_path: Path) -> None:
    assert mailbox.recent(tmp_path / "nowhere", 5) == []
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "README").write_text("not a mail")
    assert mailbox.recent(tmp_path, 5) == []
