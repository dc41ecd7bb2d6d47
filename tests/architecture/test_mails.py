"""Steps and mails, held together: whoever adds one says what it tells, and to whom."""

import inspect
import re
from typing import Any

import pytest

from reviewhub.admin.history import WORDS
from reviewhub.admin.mail_table import BY_THE_CLOCK, SENDERS, TELLS, kind_of, said_by, steps_of
from reviewhub.admin.mail_words import EVENTS
from reviewhub.cli.docs import MACHINES
from reviewhub.notifications.kinds import WHOLE_DIGEST, Kind
from reviewhub.notifications.outbox import DIGEST
from tests.architecture.telling import Function, functions_of, mails_of, modules

# Where the steps of each kind of object are taken.
HOMES = {
    "submissions": ("submissions", "reviews", "library"),
    "assignments": ("reviews",),
    "review_rounds": ("reviews",),
    "roster_applications": ("roster",),
    "roster_memberships": ("roster",),
    "roster_invitations": ("roster",),
    "resources": ("library",),
    "people": ("accounts", "admin"),
    "review_policies": ("reviews",),
    "outbox": ("admin",),
}
OF_MACHINE = {
    "Submission": "submissions",
    "Resource": "resources",
    "Assignment": "assignments",
    "Roster application": "roster_applications",
    "Roster membership": "roster_memberships",
}
DECIDED = {"reviews/approve", "reviews/reject"}  # either is told in the place where both are
STEPS = [(kind, verb) for kind, verbs in TELLS.items() for verb in verbs]
SETS = {(kind, verb): functions_of(HOMES[kind], verb) for kind, verb in STEPS}


def test_every_step_of_every_machine_says_what_it_tells() -> None:
    drawn = {
        (OF_MACHINE[title], step.name)
        for title, machine in MACHINES
        for step in machine.transitions()
    }
    assert drawn - set(STEPS) == set()


def test_every_step_of_the_history_says_what_it_tells() -> None:
    assert set(WORDS) - set(STEPS) == set()


@pytest.mark.parametrize(("kind", "verb"), STEPS, ids=[f"{k}.{v}" for k, v in STEPS])
def test_a_step_tells_what_it_says(kind: str, verb: str) -> None:
    declared = set(TELLS[kind][verb])
    assert declared - mails_of(SETS[kind, verb]) == set()


def owners() -> dict[Function, set[tuple[str, str]]]:
    """The steps that each operation belongs to."""
    found: dict[Function, set[tuple[str, str]]] = {}
    for step, functions in SETS.items():
        for function in functions:
            found.setdefault(function, set()).add(step)
    return found


@pytest.mark.lasting
def test_no_operation_tells_what_its_step_does_not_say() -> None:
    every = set(owners())
    unsaid = {}
    for function, steps in owners().items():
        said = {event for kind, verb in steps for event in TELLS[kind][verb]}
        said |= DECIDED if said & DECIDED else set()
        more = mails_of({function}, every - {function}) - said - set(BY_THE_CLOCK)
        if more:
            unsaid[function] = more
    assert unsaid == {}


def test_every_mail_belongs_to_a_step_or_to_the_clock() -> None:
    said = {event for verbs in TELLS.values() for events in verbs.values() for event in events}
    assert said | set(BY_THE_CLOCK) == set(EVENTS)


@pytest.mark.parametrize("event", sorted(set(EVENTS) - {DIGEST}))
def test_a_mail_says_to_whom_it_goes(event: str) -> None:
    assert re.match(r"To [^:]+: .+\.$", said_by(event)), (
        f"the docstring of the sender of {event} begins with “To …: ”, for docs/mails.md"
    )


def test_the_digest_and_the_rest_are_told_apart() -> None:
    kinds = {event: kind_of(event) for event in EVENTS}
    assert kinds[DIGEST] == WHOLE_DIGEST
    assert set(kinds.values()) == {"", WHOLE_DIGEST, *Kind}


# A mail by which somebody is asked to do something, or gets what they wait for.
URGENT = {
    "submissions/confirm", "submissions/ask", "reviews/invite", "reviews/remind_invitation",
    "reviews/remind_review", "reviews/remind_owner", "reviews/finish_review", "reviews/return_",
    "reviews/shortage", "reviews/request_changes", "reviews/approve", "reviews/reject",
    "reviews/appealed", "reviews/propose", "roster/ask", "roster/approve", "roster/decline",
    "roster/renew", "accounts/reset", "accounts/register",
}  # fmt: skip


@pytest.mark.parametrize("event", sorted(URGENT))
def test_what_asks_for_something_never_waits(event: str) -> None:
    assert kind_of(event) == ""


# -- the reader of the code, on code of its own --


def test_the_reader_finds_what_is_told_through_other_modules() -> None:
    [panel] = functions_of(("reviews",), "surpass")
    assert mails_of({panel}) == {"reviews/cancel"}


def test_the_reader_stops_where_it_is_told_to() -> None:
    own = functions_of(("library",), "publish")
    assert mails_of(own) == {"library/publish"}
    sender: Any = ("reviewhub.library.emails", "publish")
    assert mails_of(own, {sender}) == set()


def test_the_reader_looks_at_every_sender() -> None:
    named = {inspect.getmodule(one) for senders in SENDERS.values() for one in senders}
    assert named
    for senders in SENDERS.values():
        for module in senders:
            assert module.__name__ in modules()


def test_a_mail_of_two_steps_is_drawn_with_both() -> None:
    assert steps_of("reviews/invite") == [("assignments", "invite"), ("assignments", "ask_again")]
