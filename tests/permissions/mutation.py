"""Asks, for every rule made wrong, whether a test of this folder notices.

In a first round every cell of the table is asked with the true rules, and it is written down which
wrong rules would have answered something else on the way. Only these cells are asked again under
a wrong rule, until one answers otherwise than the table, or shows a hidden word to whoever has no
right to it, or no longer shows what somebody must be able to read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from flask import Flask

from reviewhub.submissions.workflow import State
from tests.permissions.asking import Asker, Cell
from tests.permissions.expected import IN_EVERY_STATE, IN_ONE_STATE, ON_THE_SHELF, TABLE
from tests.permissions.mutants import Gate, Rule, gates, replaced, rules
from tests.permissions.policies import wrong_answers
from tests.permissions.principals import House
from tests.permissions.readers import Tokens, must_read, readers

# Which pages are asked in which state. What a rule says of drafts and of changes differs from
# what it says of the rest, and what is on the shelf has pages of its own.
PLAN: tuple[tuple[State, Mapping[str, Any]], ...] = (
    (State.IN_REVIEW, {**IN_ONE_STATE, **IN_EVERY_STATE}),
    (State.DRAFT, IN_EVERY_STATE),
    (State.CHANGES_REQUESTED, IN_EVERY_STATE),
    (State.PUBLISHED, {**IN_EVERY_STATE, **ON_THE_SHELF}),
)

PLAIN = bool | frozenset  # the rest are conditions of queries, which compare by identity


@dataclass
class Report:
    """How many wrong rules there were, and which of them nothing noticed.

    `the_same` are those that change nothing, as "without a role" does for whoever has none.
    """

    cases: int = 0
    killed: int = 0
    survivors: list[str] = field(default_factory=list)
    the_same: list[str] = field(default_factory=list)

    def add(self, name: str, *, was_noticed: bool) -> None:
        """Count one."""
        self.cases += 1
        self.killed += was_noticed
        if not was_noticed:
            self.survivors.append(name)

    def as_json(self) -> dict[str, object]:
        """As the run prints it."""
        return vars(self)


class Probe:
    """The scene in one state, and what is seen of it."""

    def __init__(self, app: Flask, db: Any, make: Any, sign_in: Any, state: State) -> None:
        self.app, self.state, self.tokens = app, state, Tokens()
        self.house = House(make, state, self.tokens)
        self.asker = Asker(app, db, self.house, sign_in)

    def answers_wrongly(self, rule: Rule) -> bool:
        """Whether a policy, asked by itself, answers somebody otherwise than it has to."""
        with rule.applied(self.app):
            return next(wrong_answers(self.house, rule.function), None) is not None

    def is_noticed(self, cell: Cell) -> bool:
        """Whether a test of this folder fails at this cell."""
        try:
            answer, text = self.asker.answer_with_text(cell)
        except Exception:  # a page that breaks is noticed, however it breaks
            return True
        if answer != TABLE[cell.endpoint](cell.ask):
            return True
        if cell.ask.method != "GET" or not text:
            return False
        shown = {kind for kind, token in self.tokens.items() if token in text.casefold()}
        principal, state = cell.ask.principal, cell.ask.state
        if any(principal not in readers(kind, state) for kind in shown):
            return True
        return bool(must_read(cell.endpoint, principal, state) - shown)

    def touching(self, cells: Iterator[Cell], wrong: list[Rule]) -> dict[Rule, list[Cell]]:
        """The cells that each wrong rule would answer for, found with the true rules."""
        touched: set[Rule] = set()
        by_function = defaultdict(list)
        for rule in wrong:
            by_function[rule.function].append(rule)
        found = defaultdict(list)
        with listening(by_function, touched):
            for cell in cells:
                touched.clear()
                if self.is_noticed(cell):
                    raise AssertionError(f"the table is not true before anything is wrong: {cell}")
                for rule in touched:
                    found[rule].append(cell)
        return found


@contextmanager
def listening(by_function: Mapping[FunctionType, list[Rule]], touched: set[Rule]) -> Iterator[None]:
    """Write down which rules would have answered otherwise."""

    def heard(function: FunctionType) -> Callable[..., Any]:
        def stand_in(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            true = original(*args, **kwargs)
            for rule in by_function[function]:
                altered = rule.alter(true, args)
                if altered is not true and not (isinstance(true, PLAIN) and altered == true):
                    touched.add(rule)
            return true

        return stand_in

    with ExitStack() as stack:
        for function in by_function:
            stack.enter_context(replaced(function, heard(function)))
        yield


def try_rules(probes: Callable[[State], Any]) -> Report:
    """Every wrong policy, over every state of the plan: by itself first, and then by the pages."""
    report, everyone = Report(), list(rules())
    alive = list(everyone)
    for state, _endpoints in PLAN:
        with probes(state) as probe:
            alive = [rule for rule in alive if not probe.answers_wrongly(rule)]
    asked = {rule for rule in everyone if rule not in alive}
    for state, endpoints in PLAN if alive else ():
        with probes(state) as probe:
            touching = probe.touching(probe.asker.cells(endpoints), alive)
            asked |= set(touching)
            killed = {rule for rule, cells in touching.items() if _dies(probe, rule, cells)}
            alive = [rule for rule in alive if rule not in killed]
    for rule in everyone:
        if rule in asked:
            report.add(rule.name, was_noticed=rule not in alive)
        else:
            report.the_same.append(rule.name)
    return report


def try_gates(app: Flask, probes: Callable[[State], Any]) -> Report:
    """Every route with every wrong gate."""
    report, alive = Report(), list(gates(app))
    everyone = list(alive)
    for state, endpoints in PLAN:
        with probes(state) as probe:
            alive = [
                gate
                for gate in alive
                if gate.endpoint not in endpoints
                or not _dies(probe, gate, probe.asker.cells({gate.endpoint: None}))
            ]
    for gate in everyone:
        report.add(gate.name, was_noticed=gate not in alive)
    return report


def _dies(probe: Probe, mutant: Gate | Rule, cells: Any) -> bool:
    cells = list(cells)  # addresses are built with the true rules
    with mutant.applied(probe.app):
        return any(probe.is_noticed(cell) for cell in cells)
