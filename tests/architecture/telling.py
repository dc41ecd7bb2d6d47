"""Which operation tells which mails, read from the code: by what calls what, without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "reviewhub"
WHERE = ("accounts", "submissions", "roster", "reviews", "library", "admin")
TELLING = {"tell", "tell_of", "tell_submitter", "tell_reviewer", "tell_editor", "tell_signer"}

Function = tuple[str, str]  # its module and its name


@dataclass
class Module:
    """What a module defines, and what its names stand for."""

    package: str
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> module, name there
    variables: dict[str, str] = field(default_factory=dict)


@cache
def modules() -> dict[str, Module]:
    """Every module of the packages that tell, by its dotted name."""
    found = {}
    for package in WHERE:
        for path in sorted((PACKAGE / package).rglob("*.py")):
            dotted = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
            dotted = dotted.removesuffix(".__init__")
            found[dotted] = _read(package, ast.parse(path.read_text(encoding="utf-8")))
    return found


def _read(package: str, tree: ast.Module) -> Module:
    module = Module(package)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            module.functions[node.name] = node
    for inner in ast.walk(tree):
        if isinstance(inner, ast.ImportFrom) and inner.module:
            for alias in inner.names:
                module.names[alias.asname or alias.name] = (inner.module, alias.name)
    return module


def functions_of(packages: tuple[str, ...], verb: str) -> set[Function]:
    """The operations of a verb: those of its name, and those that write it in the history."""
    return {
        (dotted, name)
        for dotted, module in modules().items()
        if module.package in packages and _holds_operations(dotted)
        for name, node in module.functions.items()
        if name == verb or verb in _recorded(node)
    }


def _holds_operations(dotted: str) -> bool:
    return not any(
        part in dotted.split(".")
        for part in ("views", "emails", "seat_emails", "telling", "tasks", "queries", "forms")
    )


def _recorded(node: ast.FunctionDef) -> set[str]:
    """The verbs that a function writes in the history, or moves something by."""
    return {
        argument.value
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).split(".")[-1] in {"record", "move_assignment", "_record"}
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def mails_of(start: set[Function], stops: set[Function] = frozenset()) -> set[str]:  # type: ignore[assignment]
    """The mails that these functions can come to tell, without passing through the `stops`."""
    told: set[str] = set()
    waiting, seen = list(start), set(start)
    while waiting:
        dotted, name = waiting.pop()
        node = modules()[dotted].functions[name]
        told |= _told_in(dotted, node)
        for found in _called(dotted, node):
            if found not in seen and found not in stops:
                seen.add(found)
                waiting.append(found)
    return told


def _told_in(dotted: str, node: ast.FunctionDef) -> set[str]:
    """What a function tells by itself: the literal event of a telling call."""
    if not dotted.endswith(("emails", ".telling")):
        return set()
    package = modules()[dotted].package
    found = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and "tell" in ast.unparse(call.func):
            for argument in call.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    event = argument.value
                    found.add(event if "/" in event else f"{package}/{event}")
    return found


def _called(dotted: str, node: ast.FunctionDef) -> Iterator[Function]:
    """The functions of ours that a function names: called, or handed on."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield from _resolve(dotted, inner.id)
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            where = modules()[dotted].names.get(inner.value.id)
            if where is not None:
                yield from _resolve(".".join(where), inner.attr)


def _resolve(dotted: str, name: str) -> Iterator[Function]:
    module = modules().get(dotted)
    if module is None:
        return
    if name in module.functions:
        yield dotted, name
    elif name in module.names and module.names[name][0] != dotted:
        yield from _resolve(*module.names[name])
