#!/usr/bin/env python3
"""Everything `make` does, for machines with only Python: `python3 run.py [COMMAND] [ARGUMENTS]`.

Makes the virtual environment in .venv, installs what the lock files name, then does the command.
Uses the standard library only, and starts on any Python from 3.7, to say that 3.11 is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
UV = "uv>=0.9,<1"
COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
    *("--no-emit-index-url", "--python-version", "3.11", "--custom-compile-command", "make lock"),
)
# Two processes; the one that is done first takes over from the other.
SHARED = ("-n", "2", "--dist", "worksteal")
# One more where many tests wait for servers that they started.
WAITING = ("-n", "3", "--dist", "worksteal")
QUICKLY = ("--hypothesis-profile", "quick")
BRIEFLY = ("--hypothesis-profile", "brief")
FAST = ("pytest", *SHARED, "-m", "not lasting and not slow and not soak", *QUICKLY)
# Once more on PostgreSQL, without what never touches the database or starts its own.
APART = ("architecture", "cli", "journeys", "matching", "pages")
ON_POSTGRESQL = (
    *("pytest", *SHARED, "-m", "not slow and not soak", *QUICKLY),
    *("--database", "postgresql"),
    *(f"--ignore=tests/{name}" for name in APART),
)
# Every cell of the table of permissions; the quick run asks a sample there.
CELLS_ON_POSTGRESQL = (
    "pytest",
    *SHARED,
    *("-m", "slow or cells", "--database", "postgresql", "tests/permissions"),
)

# Per command: which packages it needs, what it runs, and what it says in the help.
COMMANDS: dict[str, tuple[str, list[tuple[str, ...]], str]] = {
    "run": ("run", [("reviewhub", "run")], "start the whole hub; --port 8001 changes the port"),
    "demo": ("run", [("reviewhub", "run", "--demo")], "the same with demo content, in var/demo"),
    "setup": ("dev", [], "install everything a developer needs"),
    "test": (
        "dev",
        [("pytest", *WAITING, "-m", "not soak", *BRIEFLY), ON_POSTGRESQL],
        "all tests but the long ones",
    ),
    # What is tried with made-up examples is tried with more of them here.
    "soak": (
        "dev",
        [("pytest", *SHARED, "-m", "soak or hypothesis"), CELLS_ON_POSTGRESQL],
        "the long tests",
    ),
    "looks": (
        "dev",
        [("pytest", *SHARED, "-m", "soak", "tests/pages")],
        "every page in every look, in Chromium; a part of soak",
    ),
    "check": (
        "dev",
        [
            ("ruff", "format", "--check"),
            ("ruff", "check"),
            ("mypy", "reviewhub", "worker.py", "run.py"),
            ("lint-imports",),
            FAST,
        ],
        "format, lint, types, import contracts, fast tests",
    ),
    "fmt": ("dev", [("ruff", "format"), ("ruff", "check", "--fix")], "format the code"),
    "bench": ("dev", [("python", "-m", "benchmarks")], "measure the figures of the README"),
    "lock": (
        "dev",
        [
            (*COMPILE, "pyproject.toml", "-o", LOCKS["run"]),
            (*COMPILE, "pyproject.toml", "--all-extras", "--group", "dev", "-o", LOCKS["dev"]),
        ],
        "write both lock files anew; --upgrade takes newer versions",
    ),
}
OWN_SETTINGS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SMTP_URL")
FOR_TESTS = ("REVIEWHUB_REQUIRE_", "REVIEWHUB_TEST_", "REVIEWHUB_CHROMIUM")


class Problem(Exception):
    """What went wrong, as a sentence for the person at the terminal."""


def main(arguments: list[str]) -> int:
    """Do one command; returns its exit code."""
    if any(word in ("-h", "--help", "help") for word in arguments[:1]):
        print(usage())
        return 0
    name = "run"
    if arguments and not arguments[0].startswith("-"):
        name, arguments = arguments[0], arguments[1:]
    if name not in COMMANDS:
        raise Problem(f"There is no command '{name}'.\n\n{usage()}")
    needs, steps, _help = COMMANDS[name]
    install(needs)
    env = environment(name)
    for step in steps[:-1]:
        code = call(step if name != "lock" else (*step, *arguments), env)
        if code:
            return code
    return replace_by((*steps[-1], *arguments), env) if steps else 0


def usage() -> str:
    """The commands, one a line."""
    lines = [f"  {name:<7} {entry[2]}" for name, entry in COMMANDS.items()]
    return "\n".join(["python3 run.py [COMMAND] [ARGUMENTS]   (or: make COMMAND)", "", *lines])


def install(needs: str) -> None:
    """Bring .venv to what a lock file names; returns at once when it is there already."""
    if is_current("dev") or (needs == "run" and is_current("run")):
        return
    if stamp("dev").exists():
        needs = "dev"  # a developer's tools stay when the locks have moved on
    make_venv()
    print(f"Installing what {LOCKS[needs]} names into .venv …", flush=True)
    for level in LOCKS:
        with contextlib.suppress(FileNotFoundError):
            stamp(level).unlink()
    if not (BIN / "uv").exists():
        must("pip", "install", "--quiet", "--disable-pip-version-check", UV)
    must("uv", "pip", "sync", "--quiet", "--require-hashes", LOCKS[needs])
    must("uv", "pip", "install", "--quiet", "--no-deps", "--editable", ".")
    stamp(needs).write_text(key(needs), encoding="ascii")


def stamp(level: str) -> Path:
    """The file that says what was installed last."""
    return VENV / f".installed-{level}"


def is_current(level: str) -> bool:
    """Whether .venv holds just what the lock file of this level names now."""
    try:
        return is_usable() and stamp(level).read_text("ascii") == key(level)
    except OSError:
        return False


def key(level: str) -> str:
    """Changes whenever something would be installed differently."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in (LOCKS[level], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    """Make .venv anew unless a working one is there."""
    if is_usable():
        return
    if sys.prefix == str(VENV):
        raise Problem("Leave the virtual environment in .venv first (`deactivate`).")
    print("Making a virtual environment in .venv …", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False)
    if made.returncode:
        raise Problem(
            "Python could not make a virtual environment. On Debian and Ubuntu, install it with "
            "`apt install python3-venv`; or name another Python: `make PYTHON=python3.12 run`."
        )


def is_usable() -> bool:
    """Whether .venv works: its programs name its place, so a moved checkout makes it anew."""
    with contextlib.suppress(OSError):
        return (BIN / "python").exists() and str(BIN) in (BIN / "pip").read_text("utf-8")[:500]
    return False


def must(program: str, *arguments: str) -> None:
    """Run a program of .venv that has to work."""
    if call((program, *arguments), environment("setup")):
        raise Problem(
            f"`{program} {' '.join(arguments)}` failed; what it said is above. The packages come "
            "from the package index that pip is set up for: is there a connection to it?"
        )


def call(step: tuple[str, ...], env: dict[str, str]) -> int:
    """Run a program of .venv and wait for it."""
    return subprocess.run(argv(step), cwd=str(ROOT), env=env, check=False).returncode


def replace_by(step: tuple[str, ...], env: dict[str, str]) -> int:
    """Become a program of .venv, so that signals reach it directly."""
    sys.stdout.flush()
    os.chdir(str(ROOT))
    os.execve(str(BIN / step[0]), argv(step), env)  # noqa: S606  # a shell would be in the way


def argv(step: tuple[str, ...]) -> list[str]:
    """A step with the program's whole path."""
    return [str(BIN / step[0]), *step[1:]]


def environment(name: str) -> dict[str, str]:
    """What the programs are told; tests must not see the settings of a hub."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    if name == "demo":
        env["REVIEWHUB_VAR"] = str(ROOT / "var" / "demo")
    if name in ("test", "check", "soak", "looks"):
        env = {key: value for key, value in env.items() if not is_setting(key)}
    return env


def is_setting(name: str) -> bool:
    """Whether a variable configures a hub (and not the tests themselves)."""
    if name.startswith("REVIEWHUB_"):
        return not name.startswith(FOR_TESTS)
    return name in OWN_SETTINGS or name in [f"{own}_FILE" for own in OWN_SETTINGS]


def use_new_python(arguments: list[str]) -> None:
    """Go on under a Python that is new enough, if there is one."""
    if tuple(sys.version_info) >= OLDEST_PYTHON:
        return
    for name in NEWER_PYTHONS:
        found = shutil.which(name)
        # A version manager's stand-in may be found and yet not run.
        if found and works(found):
            os.execv(found, [found, str(Path(__file__).resolve()), *arguments])  # noqa: S606
    shown = ".".join(map(str, sys.version_info[:2]))
    raise Problem(f"ReviewHub needs Python 3.11 or newer; this is {shown}, and none was found.")


def works(python: str) -> bool:
    """Whether this interpreter starts at all."""
    tried = subprocess.run([python, "-c", ""], stderr=subprocess.DEVNULL, check=False)
    return tried.returncode == 0


if __name__ == "__main__":
    try:
        if os.name != "posix":
            raise Problem("ReviewHub runs on Linux and macOS; on Windows, use WSL or Docker.")
        use_new_python(sys.argv[1:])
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
