"""Only one module goes out to addresses that people give us."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import reviewhub

ROOT = Path(reviewhub.__file__).parent
GOING_OUT = {
    "socket", "ssl", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp",
    "ftplib", "authlib",
}  # fmt: skip

# Who else may, and why that is no address of a visitor's.
ALLOWED = {
    "core/fetch.py": "the one that goes out",
    "core/bounds.py": "the reader of its sockets",
    "core/mailer.py": "cuts the line to the mail server of the settings",
    "cli/mailsink.py": "listens on this machine, for the demo's mails",
    "cli/services.py": "asks the hub's own web process whether it is up",
    "cli/broker.py": "looks for a free port on this machine",
    "cli/run.py": "looks for a free port on this machine",
}
# Signing in with a provider speaks through Authlib, to the issuers of the settings only.
ALLOWED_IN = {"accounts/": {"authlib", "requests"}}


def imported(source: str) -> Iterator[str]:
    """Every module that is imported, wherever in the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def goes_out(module: str) -> bool:
    """Whether an import is of something that opens connections."""
    return any(module == name or module.startswith(f"{name}.") for name in GOING_OUT)


def excused(path: str, module: str) -> bool:
    """Whether a reason for this import is written above."""
    here = [names for folder, names in ALLOWED_IN.items() if path.startswith(folder)]
    return path in ALLOWED or any(module.split(".", maxsplit=1)[0] in names for names in here)


@pytest.mark.lasting
def test_nothing_else_opens_connections() -> None:
    found = {
        f"{path}: {module}"
        for file in ROOT.rglob("*.py")
        for path in [file.relative_to(ROOT).as_posix()]
        for module in imported(file.read_text(encoding="utf-8"))
        if goes_out(module) and not excused(path, module)
    }
    assert not found


def test_every_exception_is_still_one() -> None:
    for path in ALLOWED:
        assert any(map(goes_out, imported((ROOT / path).read_text(encoding="utf-8")))), path


def test_an_import_in_a_function_is_found_as_well() -> None:
    source = "def f():\n    from urllib import request\n    import http.client as h\n"
    assert [name for name in imported(source) if goes_out(name)] == [
        "urllib.request",
        "http.client",
    ]
