"""`reviewhub mail-test` hands one mail over and repeats the server's answer."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.mailserver import MailServer
from tests.production.shell import Shell

pytestmark = pytest.mark.slow
KEY = {"SECRET_KEY": "k" * 40, "REVIEWHUB_BASE_URL": "https://hub.example"}


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


def test_a_mail_goes_out_and_the_answer_is_shown(tmp_path: Path, mail_server: MailServer) -> None:
    told = {**KEY, "SMTP_URL": mail_server.url}
    said = Shell(tmp_path, told)("mail-test", "ana@host.example")
    assert "The mail server answered: 250" in said
    (mail,) = mail_server.accepted
    assert mail.to == "ana@host.example"
    assert "https://hub.example" in mail.text
    assert not (tmp_path / "reviewhub.db").exists()


def test_a_refusal_is_shown_as_the_server_said_it(tmp_path: Path, mail_server: MailServer) -> None:
    mail_server.refusal = "550 5.1.1 nobody of that name"
    told = {**KEY, "SMTP_URL": mail_server.url}
    said = Shell(tmp_path, told)("mail-test", "ana@host.example", fails=True)
    assert "The mail server refused it: 550 5.1.1 nobody of that name" in said


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    told = {**KEY, "SMTP_URL": f"smtp://hub:open-sesame@127.0.0.1:{port}"}
    said = Shell(tmp_path, told)("mail-test", "ana@host.example", fails=True)
    assert "check SMTP_URL" in said
    assert "sesame" not in said


def test_without_a_mail_server_there_is_nowhere_to_send_to(tmp_path: Path) -> None:
    assert "SMTP_URL is not set" in Shell(tmp_path, KEY)("mail-test", "a@b.example", fails=True)


def test_an_address_can_add_no_header(tmp_path: Path, mail_server: MailServer) -> None:
    told = {**KEY, "SMTP_URL": mail_server.url}
    Shell(tmp_path, told)("mail-test", "a@b.example\nBcc: c@d.example", fails=True)
    assert mail_server.accepted == []
