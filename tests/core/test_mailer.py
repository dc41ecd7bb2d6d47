"""The dialogue with a mail server: over in time, whatever the server does."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import BinaryIO, cast

import pytest

from reviewhub.core.mailer import Mailer, ServerAway


@pytest.fixture
def mail() -> EmailMessage:
    """A short mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "hub@a.example", "ada@b.example", "Hello"
    message.set_content("Hello.")
    return message


class Drip:
    """A mail server that never stops speaking at one point of the dialogue, and keeps each timeout.

    Every line it says is one more within the time for one answer, for ever.
    """

    def __init__(self, at: str) -> None:
        self.at = at
        self.heard: list[str] = []
        self.took: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"

    def stop(self) -> None:
        self._over.set()
        self._socket.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            line, _peer = self._socket.accept()
            with line, line.makefile("rb") as said:
                self._answer(line, "greeting", "220 here")
                for heard in said:
                    word = heard.decode().split()[0].lower() if heard.strip() else ""
                    self.heard.append(heard.decode().strip())
                    self._answer(line, word, "250 ok" if word != "data" else "354 go on")
                    if word == "data":
                        self._take(line, cast(BinaryIO, said))

    def _take(self, line: socket.socket, said: BinaryIO) -> None:
        for heard in said:
            if heard == b".\r\n":
                break
        self.took.append("mail")
        self._answer(line, "end", "250 taken")

    def _answer(self, line: socket.socket, word: str, answer: str) -> None:
        code, text = answer.split(" ", maxsplit=1)
        while word == self.at and not self._over.wait(0.02):
            line.sendall(f"{code}-still thinking\r\n".encode())
        line.sendall(f"{code} {text}\r\n".encode())


@pytest.fixture
def drip() -> Iterator[Callable[[str], Drip]]:
    """Starts such a server."""
    running: list[Drip] = []

    def start(at: str) -> Drip:
        running.append(Drip(at))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.mark.lasting
@pytest.mark.parametrize("at", ["ehlo", "mail", "rcpt", "data"])
def test_a_server_that_speaks_for_ever_is_cut_off_before_it_has_the_mail(
    drip: Callable[[str], Drip], mail: EmailMessage, at: str
) -> None:
    server = drip(at)
    with pytest.raises(TimeoutError):
        Mailer(server.url).send(mail, "ada@b.example", within=0.3)
    assert server.took == []


@pytest.mark.lasting
def test_so_is_one_whose_greeting_never_ends(
    drip: Callable[[str], Drip], mail: EmailMessage
) -> None:
    with pytest.raises((TimeoutError, ServerAway)):
        Mailer(drip("greeting").url).send(mail, "ada@b.example", within=0.3)


@pytest.mark.lasting
def test_a_mail_that_was_taken_is_taken_however_long_the_goodbye(
    drip: Callable[[str], Drip], mail: EmailMessage
) -> None:
    server = drip("quit")
    Mailer(server.url).send(mail, "ada@b.example", within=1)
    assert server.took == ["mail"]


def test_so_it_is_when_the_goodbye_is_answered_strangely(
    drip: Callable[[str], Drip], mail: EmailMessage
) -> None:
    server = drip("nowhere")  # says 250 to everything, where 221 belongs
    Mailer(server.url).send(mail, "ada@b.example", within=5)
    assert server.took == ["mail"]


def test_where_no_time_is_left_nothing_is_sent(
    drip: Callable[[str], Drip], mail: EmailMessage
) -> None:
    server = drip("nowhere")
    with pytest.raises(TimeoutError):
        Mailer(server.url).send(mail, "ada@b.example", within=0)
    assert server.took == []


def test_the_envelope_has_a_sender_of_its_own(
    drip: Callable[[str], Drip], mail: EmailMessage
) -> None:
    server = drip("nowhere")
    Mailer(server.url).send(mail, "ada@b.example", sender="bounce+1.a@a.example", within=5)
    assert server.heard[1].startswith("mail FROM:<bounce+1.a@a.example>")
