"""A state machine that is a plain class: states are an enum, transitions are attributes.

    class DoorWorkflow(Workflow):
        initial = Door.SHUT
        open = Transition(from_={Door.SHUT}, to=Door.OPEN, by={Role.PORTER})

    DoorWorkflow.open(door, {Role.PORTER})   # checks and moves; never commits
    DoorWorkflow.mermaid()                   # the diagram in docs/workflows.md

Effects are not here: they are read top to bottom in each package's operations.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from reviewhub.core.errors import NotAllowed, WrongState
from reviewhub.core.i18n import _


class Stateful(Protocol):
    """Anything with a state that a workflow may move."""

    state: Any


@dataclass(frozen=True)
class Arrow:
    """One arrow of the diagram, with who may follow it."""

    from_: frozenset[StrEnum]
    to: StrEnum
    by: frozenset[StrEnum]


@dataclass(frozen=True)
class Waits:
    """What is waited for in a state, in words: who acts, until when, and what comes after that."""

    who: str
    until: str
    late: str


class Weight(StrEnum):
    """How a page offers a verb."""

    ON = "on"  # it moves the subject on
    ASIDE = "aside"  # it takes it elsewhere, or something back
    AGAINST = "against"  # it refuses


@dataclass(frozen=True)
class Button:
    """A verb as a page offers it.

    `says` is what will happen, for a verb that asks for no more than a note: such a verb has no
    page of its own to say it on.
    """

    words: str
    weight: Weight
    says: str = ""


@dataclass(frozen=True)
class Move:
    """A transition that happened: what the history records."""

    verb: str
    old: StrEnum
    new: StrEnum
    role: StrEnum


class Transition:
    """A verb: one arrow (`from_`, `to`, `by`), or several given as `Arrow`s.

    `only_if` is a guard on the subject beyond its state; `because` is the sentence that a
    person reads when the guard refuses.
    """

    name: str

    def __init__(
        self,
        *arrows: Arrow,
        from_: Set[StrEnum] = frozenset(),
        to: StrEnum | None = None,
        by: Set[StrEnum] = frozenset(),
        only_if: Callable[[Any], bool] | None = None,
        because: object = "",
    ) -> None:
        own = () if to is None else (Arrow(frozenset(from_), to, frozenset(by)),)
        self.arrows = (*own, *arrows)
        self.only_if = only_if
        self.because = because

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def is_open_to(self, subject: Stateful, roles: Set[StrEnum]) -> bool:
        """Whether a page should offer this transition as a button."""
        return self._arrow(subject.state, roles) is not None and self._holds(subject)

    def __call__(self, subject: Stateful, roles: Set[StrEnum]) -> Move:
        """Move the subject.

        Raises NotAllowed when no role may use this verb at all, and WrongState when the subject
        is not where the verb starts from, or its guard refuses.
        """
        if not any(arrow.by & roles for arrow in self.arrows):
            raise NotAllowed(_("You may not do this here."))
        if not any(subject.state in arrow.from_ for arrow in self.arrows):
            raise WrongState(_("This has moved on: the step is no longer open."))
        arrow = self._arrow(subject.state, roles)
        if arrow is None:
            raise NotAllowed(_("You may not do this here."))
        if not self._holds(subject):
            raise WrongState(self.because or _("This step is not open here."))
        old, subject.state = subject.state, arrow.to
        return Move(self.name, old, arrow.to, min(arrow.by & roles))

    def _arrow(self, state: StrEnum, roles: Set[StrEnum]) -> Arrow | None:
        return next((a for a in self.arrows if state in a.from_ and a.by & roles), None)

    def _holds(self, subject: Stateful) -> bool:
        return self.only_if is None or self.only_if(subject)


class Workflow:
    """Base class; subclasses declare `initial` and one Transition per verb."""

    initial: ClassVar[StrEnum]

    @classmethod
    def transitions(cls) -> list[Transition]:
        """Every verb, in the order it is written."""
        return [value for value in vars(cls).values() if isinstance(value, Transition)]

    @classmethod
    def offered(cls, subject: Stateful, roles: Set[StrEnum]) -> list[str]:
        """The verbs that a page may offer these roles now."""
        return [t.name for t in cls.transitions() if t.is_open_to(subject, roles)]

    @classmethod
    def arrows(cls) -> Iterator[tuple[Transition, Arrow]]:
        """Every arrow of the diagram with its verb."""
        for transition in cls.transitions():
            for arrow in transition.arrows:
                yield transition, arrow

    @classmethod
    def mermaid(cls) -> str:
        """The diagram, as Mermaid source."""
        lines = ["stateDiagram-v2", f"    [*] --> {cls.initial}"]
        left: set[StrEnum] = set()
        reached: set[StrEnum] = set()
        for transition, arrow in cls.arrows():
            left |= arrow.from_
            reached.add(arrow.to)
            lines += [
                f"    {source} --> {arrow.to}: {transition.name}" for source in sorted(arrow.from_)
            ]
        lines += [f"    {end} --> [*]" for end in sorted(reached - left)]
        return "\n".join(lines)
