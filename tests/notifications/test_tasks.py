"""The door through which Celery empties the outbox, with a real mail server behind it."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.queries import recipient
from reviewhub.core.db import db as database
from reviewhub.core.mailer import DIALOGUE_S, Mailer
from reviewhub.notifications import outbox
from reviewhub.notifications.models import Message, MessageState
from reviewhub.notifications.outbox import page, tell
from reviewhub.notifications.rendering import render
from reviewhub.notifications.tasks import deliver
from tests.conftest import SetClock
from tests.factories import Factory
from tests.second_app import changed_settings

Database = scoped_session[Session]


class Desk(Sink):
    """Keeps what arrives, and says what it is told to say."""

    def __init__(self) -> None:
        self.arrived: list[tuple[list[str], bytes]] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.arrived.append((envelope.rcpt_tos, envelope.content))
        return self.answer


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A mail server in a thread, and the application told of it."""
    desk = Desk()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(desk, hostname="127.0.0.1", port=port)
    controller.start()
    with changed_settings(smtp_url=f"smtp://127.0.0.1:{port}"):
        yield desk
    controller.stop()


@pytest.fixture
def promised(db: Database, make: Factory) -> Message:
    """One mail that is due."""
    ada = make.person(email="ada@host.example")
    context = {"title": "Señal", "name": "Ada", "days": 3, "answer_by": "2026-03-09"}
    tell(
        "reviews/invite", recipient(ada), ada, target=page("library.resource", slug="a"), **context
    )
    db.commit()
    return db.scalars(sa.select(Message)).one()


def test_a_mail_arrives_with_its_words_and_address(
    db: Database, promised: Message, desk: Desk
) -> None:
    assert deliver() == 1
    ((to, content),) = desk.arrived
    assert to == ["ada@host.example"]
    assert b"Message-ID: <outbox-%d@example.org>" % promised.id in content
    db.expire_all()  # the task has a session of its own
    assert promised.state == MessageState.SENT


def test_a_task_that_runs_twice_sends_once(promised: Message, desk: Desk) -> None:
    assert (deliver(), deliver()) == (1, 0)
    assert len(desk.arrived) == 1


@pytest.mark.parametrize(
    ("answer", "state"),
    [("451 later", MessageState.QUEUED), ("554 never", MessageState.FAILED)],
)
def test_what_the_server_answers_decides(
    db: Database, promised: Message, desk: Desk, answer: str, state: MessageState
) -> None:
    desk.answer = answer
    assert deliver() == 0
    db.expire_all()
    assert (promised.state, promised.attempts) == (state, 1)
    assert promised.last_error.startswith(answer[:3])


def test_without_a_mail_server_everything_waits(db: Database, promised: Message) -> None:
    with changed_settings(smtp_url=""):
        assert deliver() == 0
    db.expire_all()
    assert (promised.state, promised.attempts) == (MessageState.QUEUED, 0)


def test_no_transaction_is_open_while_the_server_is_talked_to(
    promised: Message, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_while_sending: list[bool] = []
    send: Callable[..., None] = Mailer.send

    def watched(self: Mailer, *args: object, **more: object) -> None:
        open_while_sending.append(database.session().in_transaction())
        send(self, *args, **more)

    monkeypatch.setattr(Mailer, "send", watched)
    assert deliver() == 1
    assert open_while_sending == [False]


def test_a_server_that_is_not_there_is_an_error_of_the_network() -> None:
    with pytest.raises((OSError, smtplib.SMTPException)):
        Mailer("smtp://127.0.0.1:1").send(None, "ada@host.example")  # type: ignore[arg-type]


@pytest.mark.lasting
def test_a_server_that_is_away_costs_no_attempt_however_long(
    db: Database, clock: SetClock, promised: Message
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    clock.advance(hours=1)
    with changed_settings(smtp_url=f"smtp://127.0.0.1:{port}"):
        for _half_hour in range(40):
            clock.advance(minutes=30)
            assert deliver() == 0
    db.expire_all()
    assert (promised.state, promised.attempts) == (MessageState.QUEUED, 0)
    assert "ConnectionRefused" in promised.last_error


def test_the_dialogue_may_take_what_is_left_of_the_lease_and_no_more(
    clock: SetClock, promised: Message, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or another worker would take the mail up, and send it too, before this one is done."""
    sent: list[float] = []

    def watched(_self: Mailer, *_args: object, within: float, **_more: object) -> None:
        sent.append(within)

    def late(message: Message) -> EmailMessage:
        mail = render(message)
        clock.advance(seconds=15)
        return mail

    monkeypatch.setattr(Mailer, "send", watched)
    monkeypatch.setattr("reviewhub.notifications.tasks.render", late)
    deliver()
    assert sent == [(outbox.LEASE - outbox.TO_SETTLE).total_seconds() - 15]


def test_the_time_to_send_ends_well_within_the_lease() -> None:
    assert outbox.LEASE > outbox.TO_SETTLE
    assert (outbox.LEASE - outbox.TO_SETTLE).total_seconds() >= DIALOGUE_S
