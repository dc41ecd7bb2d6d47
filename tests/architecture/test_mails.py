"""Steps and mails, held together: whoever adds one says what it tells, and to whom."""

import re
from typing import Any

import pytest

from reviewhub.cli.docs import MACHINES, steps
from reviewhub.notifications.kinds import Kind
from reviewhub.notifications.mails import mails, words
from reviewhub.notifications.outbox import DIGEST
from tests.architecture.telling import Function, functions_of, mails_of

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
TOLD = steps()
STEPS = list(TOLD)
SETS = {(kind, verb): functions_of(HOMES[kind], verb) for kind, verb in STEPS}


# Steps that tell nobody by mail: who has to know sees it on their page. Written apart from the
# code, so that whoever adds a step without a mail says here that none was forgotten.
TELL_NOBODY = {
    "submissions": {
        "create",
        "confirm",  # what follows is `submit`
        "finish_review",  # the round's `close` tells it
        "refile",  # its difference stands on the item's page
        "take",
        "wait_for_owner",
    },
    "assignments": {
        "propose",
        "choose",
        "relieve",  # whoever is asked beside them is told by `invite`
        "forward_question",  # the submission's `ask` tells the submitter
        "follow",
        "unfollow",
        "wait_for_answer",
        "go_on",
        "clear_conflict",  # the panel's page says it no more
        "keep",
    },
    "review_rounds": {
        "open",
        "pause",
        "resume",
        "ask_first",  # the seat's `invite` tells them
        "forget",
    },
    "roster_applications": {
        "lapse",  # a draft that nobody confirmed; the others are closed by the clock
    },
    "roster_invitations": {"change", "decline", "lapse"},
    "roster_memberships": {
        "join",  # the application's `approve` tells it
        "edit",
        "renew",  # the page says it at once
        "extend_term",
        "begin_practice",  # the page says what comes next
        "finish_practice",
    },
    "resources": {
        "check_in",  # nobody suggested it
        "look_over",
    },
    "people": {
        "confirm",
        "set_password",
        "correct_address",
        "choose_mails",
        "stop_mails",
        "cancel_erasure",  # the page says it at once
        "erase",  # there is nobody left to write to
        "grant",
    },
    "review_policies": {"adopt_policy"},
    "outbox": {"resend"},  # the same mail goes out once more
}


def test_every_step_of_every_machine_is_told_in_the_history() -> None:
    drawn = {
        (OF_MACHINE[title], step.name)
        for title, machine in MACHINES
        for step in machine.transitions()
    }
    assert drawn - set(STEPS) == set()


def test_a_step_tells_somebody_or_is_known_to_tell_nobody() -> None:
    silent = {step for step, events in TOLD.items() if not events}
    assert silent == {(kind, verb) for kind, verbs in TELL_NOBODY.items() for verb in verbs}


@pytest.mark.parametrize(("kind", "verb"), STEPS, ids=[f"{k}.{v}" for k, v in STEPS])
def test_a_step_tells_what_its_mails_say(kind: str, verb: str) -> None:
    assert set(TOLD[kind, verb]) - mails_of(SETS[kind, verb]) == set()


def owners() -> dict[Function, set[tuple[str, str]]]:
    """The steps that each operation belongs to."""
    found: dict[Function, set[tuple[str, str]]] = {}
    for step, functions in SETS.items():
        for function in functions:
            found.setdefault(function, set()).add(step)
    return found


@pytest.mark.lasting
def test_no_operation_tells_what_no_mail_says_of_its_step() -> None:
    every = set(owners())
    by_the_clock = {one.event for one in mails().values() if one.when}
    unsaid = {}
    for function, taken in owners().items():
        said = {event for step in taken for event in TOLD[step]}
        said |= DECIDED if said & DECIDED else set()
        more = mails_of({function}, every - {function}) - said - by_the_clock
        if more:
            unsaid[function] = more
    assert unsaid == {}


@pytest.mark.parametrize("event", sorted(mails()))
def test_a_mail_says_to_whom_it_goes_and_what_brings_it_about(event: str) -> None:
    told = mails()[event]
    assert re.match(r"To [^:]+: .+\.$", told.to), (
        f"the docstring of the sender of {event} begins with “To …: ”, for docs/mails.md"
    )
    assert told.after or told.when
    assert {kind for kind, _verb in told.after} <= set(HOMES)
    assert str(told.about)


def test_mails_of_every_kind_are_told() -> None:
    assert {one.can_wait for one in mails().values()} == {None, *Kind}


def test_a_mail_that_nobody_tells_any_more_is_called_by_its_verb() -> None:
    assert words("reviews/no_longer_told") == "no longer told"
    assert words(DIGEST) == "What happened, in one mail"


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
    assert mails()[event].can_wait is None


# -- the reader of the code, on code of its own --


def test_the_reader_finds_what_is_told_through_other_modules() -> None:
    [panel] = functions_of(("reviews",), "surpass")
    assert mails_of({panel}) == {"reviews/cancel"}


def test_the_reader_stops_where_it_is_told_to() -> None:
    own = functions_of(("library",), "publish")
    assert mails_of(own) == {"library/publish"}
    sender: Any = ("reviewhub.library.emails", "publish")
    assert mails_of(own, {sender}) == set()


def test_a_mail_of_two_steps_is_drawn_with_both() -> None:
    assert mails()["reviews/invite"].after == (
        ("assignments", "invite"),
        ("assignments", "ask_again"),
    )
