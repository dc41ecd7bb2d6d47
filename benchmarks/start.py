"""How long it takes until the first page: from nothing, with demo content, and on a next start.

    python -m benchmarks.start --json

Prints one JSON object: the seconds of processor that the import of the application takes, the
seconds until the front page came at the first and at a second start, how long the demo content
took, and what the processes hold of the memory. Each is the best of `--rounds`, as whatever else
the machine does only ever adds.
"""

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import processes
from tests.journeys.stack import OURS, ROOT, free_port

WITHIN_S = 180.0
IMPORTS = """
import time
began = time.process_time()
import reviewhub.app
print(time.process_time() - began)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts")
    parser.add_argument("--json", action="store_true", default=True, help="print JSON; always so")
    print(json.dumps(measure(parser.parse_args(arguments).rounds), indent=2))
    return 0


def measure(rounds: int) -> dict[str, Any]:
    """The figures."""
    starts = [_two_starts() for _round in range(rounds)]
    figures: dict[str, Any] = {"import_s": round(min(_import_s() for _ in range(rounds)), 2)}
    for name in ("first_page_s", "demo_content_s", "next_first_page_s"):
        figures[name] = round(min(float(start[name]) for start in starts), 2)
    figures["processes"] = starts[-1]["processes"]
    figures["pss_mb"] = starts[-1]["pss_mb"]
    return figures


def _import_s() -> float:
    said = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        cwd=ROOT, env=_told(Path("var")), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return float(said)


def _two_starts() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="rh-start-") as folder:
        var = Path(folder) / "var"
        with _running(var) as (hub, port, began):
            found: dict[str, Any] = {"first_page_s": _seconds(began, lambda: _shows_a_page(port))}
            found["demo_content_s"] = _seconds(
                began, lambda: (var / "demo_logins.json").exists() and not _is_filling(var)
            )
            _seconds(began, lambda: "worker" in _roles(hub))
            shares = processes.of_hub(hub.pid) if processes.has_figures() else []
            found["processes"] = len(shares)
            found["pss_mb"] = round(sum(share.pss_mb for share in shares), 1)
        with _running(var) as (_hub, port, began):
            found["next_first_page_s"] = _seconds(began, lambda: _shows_a_page(port))
        return found


@contextmanager
def _running(var: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, float]]:
    """`reviewhub run` on a free port, and when it was started."""
    port, began = free_port(), time.monotonic()
    hub = subprocess.Popen(
        [sys.executable, "-m", "reviewhub.cli", "run", "--demo", "--port", str(port)],
        cwd=ROOT, env=_told(var), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield hub, port, began
    finally:
        hub.send_signal(signal.SIGTERM)
        hub.wait(timeout=60)


def _seconds(began: float, holds: Callable[[], bool]) -> float:
    while not holds():
        if time.monotonic() > began + WITHIN_S:
            raise RuntimeError("the hub did not get this far in time")
        time.sleep(0.01)
    return time.monotonic() - began


def _shows_a_page(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_filling(var: Path) -> bool:
    return (var / "demo_being_made").exists()


def _roles(hub: subprocess.Popen[bytes]) -> set[str]:
    return {process.role for process in processes.of_hub(hub.pid)}


def _told(var: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**own, "REVIEWHUB_VAR": str(var)}


if __name__ == "__main__":
    sys.exit(main())
