"""Emptying the outbox: nothing lost, nothing held up, and nothing sent twice without need."""

import smtplib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from reviewhub.accounts.models import Person
from reviewhub.accounts.queries import recipient
from reviewhub.core import clock as core_clock
from reviewhub.core.db import db as database
from reviewhub.notifications import outbox
from reviewhub.notifications.models import Message, MessageState, Notice
from reviewhub.notifications.outbox import deliver_due, page, tell
from reviewhub.notifications.rendering import message_id, render
from tests.conftest import START, SetClock
from tests.factories import Factory

Database = scoped_session[Session]
Tell = Callable[..., Message]


@pytest.fixture
def ada(make: Factory, clock: SetClock) -> Person:
    """Whom the mails are for."""
    return make.person()


@pytest.fixture
def say(db: Database, ada: Person) -> Tell:
    """Promises a mail, known by its occurrence, and commits."""

    def promise(occurrence: str, event_: str = "reviews/invite", **values: object) -> Message:
        target = page("library.resource", slug="a")
        context = {"title": "T", "name": "A", "days": 3, "answer_by": "2026-03-09", **values}
        tell(event_, recipient(ada), ada, target=target, occurrence=occurrence, **context)
        db.commit()
        return db.scalars(sa.select(Message).where(Message.occurrence == occurrence)).one()

    return promise


class Server:
    """Takes what it is sent; `answers` are raised first, one each."""

    def __init__(self, *answers: BaseException) -> None:
        self.answers = list(answers)
        self.took: list[str] = []

    def __call__(self, message: Message) -> None:
        if self.answers:
            raise self.answers.pop(0)
        self.took.append(message.occurrence)


class Killed(BaseException):
    """The worker is gone: no handler gets to see it."""


def away() -> smtplib.SMTPResponseException:
    return smtplib.SMTPResponseException(451, b"try later")


def test_what_is_due_goes_out_in_order_and_nothing_else(say: Tell, clock: SetClock) -> None:
    say("late", at=START + timedelta(hours=2))
    say("second")
    say("early", at=START - timedelta(hours=1))
    server = Server()
    assert deliver_due(server) == 2
    assert server.took == ["early", "second"]
    clock.advance(hours=2)
    assert deliver_due(server) == 1
    assert deliver_due(server) == 0
    assert server.took == ["early", "second", "late"]


def test_a_mail_that_went_out_says_when(say: Tell, clock: SetClock) -> None:
    message = say("1")
    now = clock.advance(minutes=1)
    deliver_due(Server())
    assert (message.state, message.sent_at, message.attempts) == (MessageState.SENT, now, 1)
    assert (message.claim, message.lease_until, message.last_error) == (None, None, "")


def test_no_more_than_asked_for_goes_out_at_once(say: Tell) -> None:
    for number in range(3):
        say(str(number))
    server = Server()
    assert deliver_due(server, limit=2) == 2
    assert server.took == ["0", "1"]


def test_each_mail_is_a_transaction_of_its_own(say: Tell, db: Database) -> None:
    messages = [say(str(number)) for number in range(3)]
    states: list[list[MessageState]] = []

    def look(_message: Message) -> None:
        db.rollback()  # what is seen now is what has been committed
        states.append([message.state for message in messages])

    assert deliver_due(look) == 3
    queued, sending, sent = MessageState.QUEUED, MessageState.SENDING, MessageState.SENT
    assert states == [[sending, queued, queued], [sent, sending, queued], [sent, sent, sending]]


def test_a_mail_that_is_not_taken_now_is_tried_again_after_growing_waits(
    say: Tell, clock: SetClock
) -> None:
    message = say("1")
    waits = []
    for attempt in range(1, outbox.MOST_ATTEMPTS):
        assert deliver_due(Server(away())) == 0
        assert (message.state, message.attempts) == (MessageState.QUEUED, attempt)
        assert message.last_error == "451 b'try later'"
        waits.append((message.due_at - core_clock.now()).total_seconds())
        clock.moment = message.due_at
    for attempt, wait in enumerate(waits):
        planned = min(30 * 2**attempt, 3600)
        assert planned * 0.5 <= wait <= planned * 1.5
    assert len(set(waits)) == len(waits)  # never all at the same moment
    assert deliver_due(Server()) == 1
    assert message.last_error == ""


def test_a_mail_that_is_never_taken_is_given_up_at_last(say: Tell, clock: SetClock) -> None:
    message = say("1")
    for _attempt in range(outbox.MOST_ATTEMPTS):
        clock.moment = message.due_at
        deliver_due(Server(away()))
    assert (message.state, message.attempts) == (MessageState.DEAD, outbox.MOST_ATTEMPTS)
    clock.advance(days=30)
    assert deliver_due(Server()) == 0


def test_a_reminder_told_long_before_is_not_given_up_at_its_first_failure(
    say: Tell, clock: SetClock
) -> None:
    message = say("1", at=START + timedelta(days=30))
    clock.advance(days=30)
    deliver_due(Server(away()))
    assert message.state == MessageState.QUEUED


@pytest.mark.parametrize(
    "answer",
    [
        smtplib.SMTPResponseException(550, b"no such person"),
        smtplib.SMTPDataError(554, b"refused"),
        smtplib.SMTPRecipientsRefused({"a": (550, b"no such person")}),
        smtplib.SMTPRecipientsRefused({}),
        ValueError("this mail can't be written"),
    ],
)
def test_a_mail_that_is_refused_for_good_is_not_tried_again(
    say: Tell, clock: SetClock, answer: Exception
) -> None:
    message = say("1")
    assert deliver_due(Server(answer)) == 0
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert message.last_error
    clock.advance(days=1)
    assert deliver_due(Server()) == 0


@pytest.mark.parametrize(
    "answer",
    [
        away(),
        smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}),
        smtplib.SMTPServerDisconnected("gone"),
        ConnectionRefusedError("nobody listens"),
        TimeoutError("slow"),
    ],
)
def test_a_server_that_is_away_costs_nothing_but_time(
    say: Tell, clock: SetClock, answer: Exception
) -> None:
    message = say("1")
    assert deliver_due(Server(answer)) == 0
    assert message.state == MessageState.QUEUED
    clock.advance(minutes=1)
    assert deliver_due(Server()) == 1


def test_an_endless_answer_of_a_server_is_cut(say: Tell) -> None:
    message = say("1")
    deliver_due(Server(smtplib.SMTPResponseException(550, b"x" * 9000)))
    assert len(message.last_error) == 500


def test_a_template_that_breaks_fails_alone(say: Tell) -> None:
    first, broken, last = say("1"), say("2", "reviews/no_such_letter"), say("3")
    took: list[str] = []
    assert deliver_due(lambda message: took.append(str(render(message)["Message-ID"]))) == 2
    assert took == [message_id(first), message_id(last)]
    assert broken.state == MessageState.FAILED
    assert "TemplateNotFound" in broken.last_error


def test_a_row_whose_worker_died_is_taken_over_when_its_lease_ran_out(
    say: Tell, clock: SetClock
) -> None:
    message = say("1")
    with pytest.raises(Killed):
        deliver_due(Server(Killed()))
    server = Server()
    clock.moment += outbox.LEASE
    assert deliver_due(server) == 0
    assert message.state == MessageState.SENDING
    clock.advance(seconds=1)
    assert deliver_due(server) == 1
    assert (message.state, message.attempts) == (MessageState.SENT, 2)


def test_a_crash_between_sending_and_marking_sends_the_same_message_id_again(
    say: Tell, clock: SetClock
) -> None:
    say("1")
    ids: list[str] = []

    def send_and_die(message: Message) -> None:
        ids.append(str(render(message)["Message-ID"]))
        raise Killed

    def send(message: Message) -> None:
        ids.append(str(render(message)["Message-ID"]))

    with pytest.raises(Killed):
        deliver_due(send_and_die)
    clock.advance(minutes=1)
    assert deliver_due(send) == 1
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_mail_that_kills_every_worker_is_given_up(say: Tell, clock: SetClock) -> None:
    message = say("1")
    for _attempt in range(outbox.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            deliver_due(Server(Killed()))
        clock.advance(minutes=1)
    server = Server()
    assert deliver_due(server) == 0
    assert server.took == []
    assert message.state == MessageState.DEAD


@pytest.mark.parametrize("outcome", [None, away(), smtplib.SMTPResponseException(550, b"no")])
def test_a_worker_that_was_overtaken_marks_nothing(
    say: Tell, clock: SetClock, outcome: Exception | None
) -> None:
    message = say("1")

    def slow(_message: Message) -> None:
        clock.moment += outbox.LEASE + timedelta(seconds=1)
        assert deliver_due(Server()) == 1
        clock.advance(seconds=1)
        if outcome is not None:
            raise outcome

    deliver_due(slow, limit=1)
    assert (message.state, message.attempts, message.last_error) == (MessageState.SENT, 2, "")
    assert message.sent_at == core_clock.now() - timedelta(seconds=1)


@pytest.fixture
def hundred(app: Flask) -> Iterator[int]:
    """A hundred committed mails, for several connections to see; removed afterwards."""
    with app.app_context():
        person = Person(email="everybody@host.example")
        database.session.add(person)
        database.session.flush()
        for number in range(100):
            tell(
                "reviews/invite", recipient(person), person,
                target=page("library.resource", slug="a"), occurrence=str(number),
            )  # fmt: skip
        database.session.commit()
        number = person.id
    yield number
    with app.app_context():
        for table in (Notice, Message):
            database.session.execute(sa.delete(table))
        database.session.execute(sa.delete(Person).where(Person.id == number))
        database.session.commit()


@pytest.mark.lasting
def test_two_workers_at_once_send_each_mail_exactly_once(app: Flask, hundred: int) -> None:
    took: Counter[str] = Counter()
    both_are_there = threading.Barrier(2)

    def work() -> int:
        first = True

        def send(message: Message) -> None:
            nonlocal first
            took[message.occurrence] += 1
            if first:
                first = False
                both_are_there.wait(timeout=10)

        with app.app_context():
            return deliver_due(send)

    with ThreadPoolExecutor(2) as threads:
        results = [done.result() for done in [threads.submit(work) for _ in range(2)]]
    assert sum(results) == 100
    assert min(results) >= 1
    assert took == Counter(str(number) for number in range(100))
    with app.app_context():
        states = database.session.scalars(sa.select(Message.state).distinct()).all()
        assert states == [MessageState.SENT]


def test_others_can_write_while_a_mail_is_being_sent(app: Flask, hundred: int) -> None:
    def send(message: Message) -> None:
        assert message.address == "everybody@host.example"
        with ThreadPoolExecutor(1) as thread:
            thread.submit(_write, app, hundred).result(timeout=5)

    with app.app_context():
        assert deliver_due(send, limit=1) == 1


def _write(app: Flask, person_id: int) -> None:
    with app.app_context():
        query = sa.update(Person).where(Person.id == person_id)
        database.session.execute(query.values(name="Written meanwhile"))
        database.session.commit()
