"""Parts that are away: the pages answer all the same, and nothing that was promised is lost."""

import time

import pytest
import sqlalchemy as sa

from reviewhub.notifications.models import Message, MessageState
from tests.journeys import steps
from tests.journeys.stack import Stack, free_port

pytestmark = pytest.mark.slow

PATIENCE_S = 3.0  # for a page on a busy machine; a wait for the broker would be longer


def states(stack: Stack) -> dict[MessageState, int]:
    """How many mails are in each state."""
    with stack.session() as session:
        rows = session.execute(sa.select(Message.state, sa.func.count()).group_by(Message.state))
        return dict(rows.all())


def test_without_broker_and_mail_server_everything_waits_and_goes_when_they_are_back(
    tmp_path,
) -> None:
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    with Stack(tmp_path, environment={"REDIS_URL": nobody}, mail_from_the_start=False) as stack:
        for number in range(3):
            began = time.monotonic()
            steps.suggest(
                stack.browser(),
                email=f"guest{number}@suggests{number}.example",
                title=f"A handbook for quiet days {number}",
                url=f"https://quiet{number}.example/",
            )
            assert time.monotonic() - began < 2 * PATIENCE_S
        assert states(stack) == {MessageState.QUEUED: 3}

        stack.stop()
        stack.environment.clear()  # from now on there is a broker
        stack.start()
        stack.wait(
            lambda session: (
                session.scalar(
                    sa.select(sa.func.count()).where(
                        Message.last_error != "", Message.state == MessageState.QUEUED
                    )
                )
                == 3
            ),
            what="each mail is tried while the mail server is away",
        )
        assert stack.mails.accepted == []

        stack.mails.start()
        stack.make_due()
        for number in range(3):
            stack.mail(f"guest{number}@suggests{number}.example", "submissions/confirm")
        stack.drain()
        assert len(stack.mails.accepted) == 3, "each once"
