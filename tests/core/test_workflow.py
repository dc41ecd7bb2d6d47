"""The engine of every state machine, tried on a door."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pytest
from flask import Flask

from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.core.workflow import Arrow, Move, Transition, Workflow


class Door(StrEnum):
    SHUT = "shut"
    OPEN = "open"
    LOCKED = "locked"
    GONE = "gone"


class Role(StrEnum):
    PORTER = "porter"
    GUEST = "guest"
    OWNER = "owner"


@dataclass
class House:
    state: Door
    has_key: bool = True


class DoorWorkflow(Workflow):
    initial = Door.SHUT

    open_ = Transition(from_={Door.SHUT}, to=Door.OPEN, by={Role.PORTER, Role.GUEST})
    lock = Transition(
        from_={Door.SHUT},
        to=Door.LOCKED,
        by={Role.PORTER},
        only_if=lambda house: house.has_key,
        because="There is no key.",
    )
    shut = Transition(
        Arrow(frozenset({Door.OPEN}), Door.SHUT, frozenset({Role.PORTER, Role.GUEST})),
        Arrow(frozenset({Door.LOCKED}), Door.SHUT, frozenset({Role.PORTER})),
    )
    remove = Transition(
        Arrow(frozenset({Door.SHUT}), Door.GONE, frozenset({Role.OWNER})),
        Arrow(frozenset({Door.SHUT, Door.OPEN}), Door.LOCKED, frozenset({Role.PORTER})),
    )


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> Iterator[None]:
    """Refusals are sentences in the reader's language."""
    with app.app_context():
        yield


# Who may follow which verb from where, and where it leads; everything else is refused.
ALLOWED = {
    ("open_", Door.SHUT, Role.PORTER): Door.OPEN,
    ("open_", Door.SHUT, Role.GUEST): Door.OPEN,
    ("lock", Door.SHUT, Role.PORTER): Door.LOCKED,
    ("shut", Door.OPEN, Role.PORTER): Door.SHUT,
    ("shut", Door.OPEN, Role.GUEST): Door.SHUT,
    ("shut", Door.LOCKED, Role.PORTER): Door.SHUT,
    ("remove", Door.SHUT, Role.OWNER): Door.GONE,
    ("remove", Door.SHUT, Role.PORTER): Door.LOCKED,
    ("remove", Door.OPEN, Role.PORTER): Door.LOCKED,
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", Door)
@pytest.mark.parametrize("verb", ["open_", "lock", "shut", "remove"])
def test_each_verb_moves_exactly_where_its_arrows_lead(verb: str, state: Door, role: Role) -> None:
    house = House(state)
    transition = getattr(DoorWorkflow, verb)
    to = ALLOWED.get((verb, state, role))
    assert transition.is_open_to(house, {role}) == (to is not None)
    if to is None:
        with pytest.raises((NotAllowed, WrongState)):
            transition(house, {role})
        assert house.state == state
    else:
        assert transition(house, {role}) == Move(verb, state, to, role)
        assert house.state == to


def test_a_role_that_never_may_is_told_so_whatever_the_state() -> None:
    with pytest.raises(NotAllowed):
        DoorWorkflow.lock(House(Door.OPEN), {Role.GUEST})


def test_a_thing_that_moved_on_is_another_refusal_than_a_wrong_role() -> None:
    with pytest.raises(WrongState):
        DoorWorkflow.lock(House(Door.OPEN), {Role.PORTER})
    with pytest.raises(NotAllowed):
        DoorWorkflow.shut(House(Door.LOCKED), {Role.GUEST})


def test_nobody_without_a_role_moves_anything() -> None:
    with pytest.raises(NotAllowed):
        DoorWorkflow.open_(House(Door.SHUT), set())


def test_a_guard_refuses_with_its_own_sentence_and_moves_nothing() -> None:
    house = House(Door.SHUT, has_key=False)
    with pytest.raises(WrongState, match=r"There is no key\."):
        DoorWorkflow.lock(house, {Role.PORTER})
    assert house.state == Door.SHUT


def test_a_guard_without_a_sentence_of_its_own_still_refuses_in_words() -> None:
    knock = Transition(
        from_={Door.SHUT}, to=Door.OPEN, by={Role.GUEST}, only_if=lambda house: False
    )
    with pytest.raises(WrongState, match=r"\w+"):
        knock(House(Door.SHUT), {Role.GUEST})


def test_what_is_offered_is_what_would_be_accepted() -> None:
    assert DoorWorkflow.offered(House(Door.SHUT), {Role.PORTER}) == ["open_", "lock", "remove"]
    assert DoorWorkflow.offered(House(Door.SHUT, has_key=False), {Role.PORTER}) == [
        "open_",
        "remove",
    ]
    assert DoorWorkflow.offered(House(Door.GONE), set(Role)) == []


def test_the_history_names_one_role_of_several_and_always_the_same() -> None:
    move = DoorWorkflow.open_(House(Door.SHUT), {Role.PORTER, Role.GUEST})
    assert move.role == Role.GUEST


def test_the_diagram_draws_every_arrow_and_where_it_begins_and_ends() -> None:
    assert DoorWorkflow.mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> shut",
        "    shut --> open: open_",
        "    shut --> locked: lock",
        "    open --> shut: shut",
        "    locked --> shut: shut",
        "    shut --> gone: remove",
        "    open --> locked: remove",
        "    shut --> locked: remove",
        "    gone --> [*]",
    ]
