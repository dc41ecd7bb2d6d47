"""The history is written with the change, keeps its order, and pairs its states."""

from enum import StrEnum

import pytest
from sqlalchemy.orm import Session, scoped_session

from reviewhub.audit.models import AuditEvent
from reviewhub.audit.operations import record
from reviewhub.audit.queries import history, history_of
from reviewhub.core.workflow import Move
from tests.conftest import START, SetClock
from tests.constraints import refused_by
from tests.factories import Factory


class Door(StrEnum):
    SHUT = "shut"
    OPEN = "open"
    PORTER = "porter"


MOVE = Move("open", Door.SHUT, Door.OPEN, Door.PORTER)


def test_a_move_is_recorded_with_both_its_states_and_its_role(
    db: scoped_session[Session], make: Factory, clock: SetClock
) -> None:
    person = make.person()
    record(person, MOVE, actor_id=person.id, note="Let some air in.", reason="air")
    db.flush()
    db.expire_all()
    (event,) = history("people", person.id)
    assert (event.verb, event.old_state, event.new_state) == ("open", "shut", "open")
    assert (event.role, event.actor_id, event.at) == ("porter", person.id, START)
    assert (event.note, event.data) == ("Let some air in.", {"reason": "air"})


def test_a_verb_that_moves_nothing_has_no_states(make: Factory) -> None:
    person = make.person()
    record(person, "remind")
    (event,) = history("people", person.id)
    assert (event.verb, event.role) == ("remind", "system")
    assert (event.old_state, event.new_state, event.actor_id) == (None, None, None)


def test_a_role_that_is_given_stands_above_that_of_the_move(make: Factory) -> None:
    assert record(make.person(), MOVE, role="editor").role == "editor"


def test_what_is_undone_leaves_no_history(db: scoped_session[Session], make: Factory) -> None:
    person = make.person()
    db.commit()
    record(person, "remind")
    db.flush()
    db.rollback()
    assert history("people", person.id) == []


def test_the_history_of_one_row_is_its_own_and_in_order(
    db: scoped_session[Session], make: Factory, clock: SetClock
) -> None:
    ada, bob, office = make.person(), make.person(), make.organisation()
    for person, verb in ((ada, "first"), (bob, "second"), (ada, "third")):
        record(person, verb)
        db.flush()
        clock.advance(hours=-1)  # a clock that was set back changes no order
    office.id, number = ada.id + 1_000, office.id
    record(office, "elsewhere")
    office.id = number
    assert [event.verb for event in history("people", ada.id)] == ["first", "third"]
    both = history_of("people", [ada.id, bob.id])
    assert [event.verb for event in both] == ["first", "second", "third"]
    assert [event.verb for event in history_of("people", [ada.id, bob.id], limit=2)] == [
        "first",
        "second",
    ]
    assert history_of("people", []) == []


@pytest.mark.parametrize("given", ["old_state", "new_state"])
def test_states_come_in_pairs(db: scoped_session[Session], given: str) -> None:
    with refused_by(db, "ck_audit_events_states_paired"):
        db.add(AuditEvent(object_type="doors", object_id=1, verb="x", role="x", **{given: "open"}))


def test_whoever_acted_exists(db: scoped_session[Session]) -> None:
    with refused_by(db, "fk_audit_events_actor_id_people"):
        db.add(AuditEvent(object_type="doors", object_id=1, verb="x", role="x", actor_id=999_999))
