"""The mail sink as its own process: what it answers 250 to is in the mailbox."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewhub.cli import mailsink
from reviewhub.notifications import mailbox
from tests.cli.programs import python, started

pytestmark = pytest.mark.slow

SINK = "import sys; from reviewhub.cli.mailsink import command; command(sys.argv[1:])"


@contextmanager
def _sink(folder: Path) -> Iterator[int]:
    """The port of a running sink that chose it itself."""
    with started(python(SINK, "--dir", str(folder)), PYTHONUNBUFFERED="1") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield int(line.split("127.0.0.1:")[1].split(",")[0])
        process.terminate()
        assert process.wait(10) == 0


def test_a_mail_that_was_accepted_is_in_the_mailbox(tmp_path: Path) -> None:
    with _sink(tmp_path) as port, smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.sendmail("hub@example.org", ["ada@example.org"], b"Subject: Hello\r\n\r\nBody\r\n")
        (view,) = mailbox.recent(tmp_path, 5)
    assert (view.subject, view.to) == ("Hello", ("ada@example.org",))


def test_a_mail_that_cannot_be_kept_is_refused_for_now(tmp_path: Path) -> None:
    in_the_way = tmp_path / "mailbox"
    in_the_way.write_text("a file where the folder should be")
    with _sink(in_the_way) as port, smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            server.sendmail("hub@example.org", ["ada@example.org"], b"Subject: x\r\n\r\nx\r\n")
        assert refused.value.smtp_code == 451


def test_a_sink_takes_mail_on_an_inherited_socket(tmp_path: Path) -> None:
    listener = mailsink.listen()
    port = listener.getsockname()[1]
    argv = python(SINK, "--socket", str(listener.fileno()), "--dir", str(tmp_path))
    with started(argv, fds=(listener.fileno(),)), smtplib.SMTP("127.0.0.1", port, timeout=10) as s:
        s.sendmail("hub@example.org", ["ada@example.org"], b"Subject: Hi\r\n\r\nx\r\n")
    listener.close()
    assert len(mailbox.recent(tmp_path, 5)) == 1
