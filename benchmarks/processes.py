"""What the processes of a running hub hold of the memory, as Linux tells it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process: what it is for, its id, and its share of the memory in MB.

    The share (PSS) counts a page that several processes have in common as a part for each.
    """

    role: str
    pid: int
    pss_mb: float


def of_hub(supervisor: int) -> list[Process]:
    """The processes that `reviewhub run` started, itself included, in the order of their start."""
    found = [supervisor, *_below(supervisor)]
    return [Process(_role(pid, supervisor), pid, _pss_mb(pid)) for pid in found if _is_there(pid)]


def pss_by_role(processes: list[Process]) -> dict[str, list[float]]:
    """The shares in MB by role; a role may have several processes."""
    found: dict[str, list[float]] = {}
    for process in processes:
        found.setdefault(process.role, []).append(process.pss_mb)
    return found


def _role(pid: int, supervisor: int) -> str:
    if pid == supervisor:
        return "supervisor"
    line = _read(pid, "cmdline").replace("\0", " ")
    if "gunicorn" in line:
        return "web parent" if "gunicorn" not in _line_of_parent(pid) else "web"
    if "celery" in line:
        return "worker" if "celery" not in _line_of_parent(pid) else "beat"
    if "mailsink" in line:
        return "mail"
    if "launcher/guard.py" in line:
        return "guard"
    return "broker" if "valkey" in line or "redis" in line else line[:40]


def _line_of_parent(pid: int) -> str:
    return _read(_parent(pid), "cmdline")


def _below(pid: int) -> Iterator[int]:
    parents = {int(entry.name): _parent(int(entry.name)) for entry in _PROC.glob("[0-9]*")}
    fresh = {pid}
    while fresh:
        fresh = {own for own, parent in parents.items() if parent in fresh}
        yield from sorted(fresh)


def _parent(pid: int) -> int:
    after_name = _read(pid, "stat").rpartition(")")[2].split()
    return int(after_name[1]) if after_name else 0


def _pss_mb(pid: int) -> float:
    for line in _read(pid, "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def _is_there(pid: int) -> bool:
    return bool(_read(pid, "cmdline"))


def _read(pid: int, name: str) -> str:
    try:
        return (_PROC / str(pid) / name).read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has ended meanwhile
        return ""


def has_figures() -> bool:
    """Whether this system tells these figures at all."""
    return os.access(_PROC / "self" / "smaps_rollup", os.R_OK)
