"""Rules made wrong, one answer at a time: every gate of a route, every policy for every viewer.

A mutant is applied for the length of a block. A policy is changed by its code, so that it is wrong
wherever it is held: in other modules, in lists of checks, under another name.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any, get_type_hints

import sqlalchemy as sa
from flask import Flask

from reviewhub.accounts.access import BY_OBJECT, PUBLIC, SIGNED_IN
from reviewhub.accounts.actor import Actor
from reviewhub.accounts.roles import STANDING, Role
from reviewhub.admin import sight
from reviewhub.submissions.policy import runs_itself

PACKAGES = ("submissions", "reviews", "roster", "library")
# What a set of roles is made wrong with: the role that decides in the package.
NO_ACCESS = {runs_itself}  # says that nobody acts, and gives nobody access
DECIDES = {"roster": Role.ROSTER_MANAGER}
VIEWERS: dict[str, Callable[[Actor], bool]] = {
    **{role.value: partial(lambda role, actor: role in actor.roles, role) for role in STANDING},
    "a link": lambda actor: actor.grant is not None,
    "an account": lambda actor: (
        actor.grant is None and actor.person_id is not None and not actor.roles
    ),
    "nobody": lambda actor: actor.grant is None and actor.person_id is None and not actor.roles,
}

# Given the true answer and the arguments, the wrong answer.
Alter = Callable[[Any, tuple[Any, ...]], Any]


@dataclass(frozen=True)
class Gate:
    """A route that lets in others than it should."""

    endpoint: str
    allowed: frozenset[Any]

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"{self.endpoint} open to {', '.join(sorted(self.allowed)) or 'nobody'}"

    @contextmanager
    def applied(self, app: Flask) -> Iterator[None]:
        """The route with this gate."""
        view: Any = app.view_functions[self.endpoint]
        before, view.allowed = view.allowed, self.allowed
        try:
            yield
        finally:
            view.allowed = before


def gates(app: Flask) -> Iterator[Gate]:
    """For every route: each standing role put in or taken out, and each other kind of door."""
    for endpoint, view in sorted(app.view_functions.items()):
        if endpoint == "static":
            continue
        allowed = view.allowed  # type: ignore[attr-defined]  # set by allow()
        if allowed & {PUBLIC, BY_OBJECT}:  # one door: whoever comes in is looked at inside
            yield Gate(endpoint, frozenset({SIGNED_IN}))
            continue
        yield Gate(endpoint, frozenset({PUBLIC}))
        if SIGNED_IN in allowed:
            yield from (Gate(endpoint, frozenset({role})) for role in sorted(STANDING))
            continue
        yield Gate(endpoint, frozenset({SIGNED_IN}))
        yield from (Gate(endpoint, allowed ^ {role}) for role in sorted(STANDING))


@dataclass(frozen=True)
class Rule:
    """A policy whose answers are altered."""

    function: FunctionType
    says: str
    alter: Alter

    @property
    def name(self) -> str:
        """What a report calls it."""
        module = self.function.__module__.removeprefix("reviewhub.")
        return f"{module}.{self.function.__name__}: {self.says}"

    @contextmanager
    def applied(self, _app: Flask) -> Iterator[None]:
        """The policy with these answers."""

        def wrong(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            return self.alter(original(*args, **kwargs), args)

        with replaced(self.function, wrong):
            yield


def rules() -> Iterator[Rule]:
    """Every answer of every policy: always yes, always no, and turned round for each viewer."""
    for function in policies():
        answer = get_type_hints(function)["return"]
        if answer is bool:
            yield Rule(function, "always yes", lambda _true, _args: True)
            yield Rule(function, "always no", lambda _true, _args: False)
            wrong: dict[str, Any] = {"turned round": lambda true: not true}
        else:
            role = DECIDES.get(function.__module__.split(".")[1], Role.EDITOR)
            wrong = {
                f"as {role.value}, too": lambda true, role=role: frozenset(true | {role}),
                "without a role": lambda true: true & {Role.SYSTEM, Role.PANEL},
            }
        if _takes_actor(function):
            for says, alter in wrong.items():
                for viewer, is_meant in VIEWERS.items():
                    yield Rule(function, f"{says} for {viewer}", _only(is_meant, alter))
    everything = sa.literal(True)
    yield Rule(sight.items_of, "always none", lambda _true, _args: frozenset())  # type: ignore[arg-type]
    yield Rule(sight.shown_events, "all", lambda _true, _args: everything)  # type: ignore[arg-type]
    yield Rule(sight.shown_messages, "all", lambda _true, _args: everything)  # type: ignore[arg-type]


def policies() -> list[FunctionType]:
    """Every function of the policies that answers yes or no, or with roles."""
    modules = [importlib.import_module(f"reviewhub.{package}.policy") for package in PACKAGES]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isfunction(value) and value.__module__ == module.__name__
        if get_type_hints(value)["return"] in (bool, frozenset[Role]) and value not in NO_ACCESS
    ]


def _takes_actor(function: FunctionType) -> bool:
    return next(iter(get_type_hints(function).values())) is Actor


def _only(is_meant: Callable[[Actor], bool], alter: Callable[[Any], Any]) -> Alter:
    def altered(true: Any, args: tuple[Any, ...]) -> Any:
        actor: Actor = args[0]
        if actor.roles & {Role.SYSTEM, Role.PANEL} or not is_meant(actor):
            return true
        return alter(true)

    return altered


@contextmanager
def replaced(function: FunctionType, stand_in: Callable[..., Any]) -> Iterator[None]:
    """`stand_in(original, *args)` answers instead, whoever holds the function."""
    code, key = function.__code__, f"_stand_in_for_{function.__name__}"
    original = FunctionType(code, function.__globals__, function.__name__, function.__defaults__)
    original.__kwdefaults__ = function.__kwdefaults__
    scope: dict[str, Any] = {}
    exec(f"def called(*args, **kwargs): return {key}(*args, **kwargs)", scope)
    function.__globals__[key] = partial(stand_in, original)
    function.__code__ = scope["called"].__code__
    try:
        yield
    finally:
        function.__code__ = code
        del function.__globals__[key]
