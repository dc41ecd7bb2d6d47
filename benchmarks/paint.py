"""How soon the suggestion form shows over a slow line, and how many bytes that takes.

    python -m benchmarks.paint --path /suggest --json

Starts the whole hub and opens the page in a browser that has nothing of it, at 400 kbit/s and with
400 ms before each answer. From a few turns: seconds to the first paint, bytes of the page and of
everything with it. A browser counts the wait once for every file it asks for.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.journeys.stack import Stack
from tests.pages.chromium import chromium

LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
TURNS = 5
FIRST_PAINT = (
    "performance.getEntriesByType('paint').find(e => e.name === 'first-contentful-paint').startTime"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.paint", description=__doc__)
    parser.add_argument("--path", default="/suggest")
    parser.add_argument("--json", action="store_true", help="one object, for machines")
    asked = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="rh-paint-") as folder,
        Stack(Path(folder)) as stack,
        chromium() as browser,
    ):
        turns = [_open(browser, stack.base_url + asked.path) for _ in range(TURNS + 1)][1:]
    found = {
        "first_paint_s": statistics.median(turn["first_paint_s"] for turn in turns),
        "page_bytes": turns[0]["page_bytes"],
        "all_bytes": turns[0]["all_bytes"],
        "files": turns[0]["files"],
    }
    print(json.dumps(found) if asked.json else found)
    return 0


def _open(browser: Browser, address: str) -> dict[str, Any]:
    sizes: dict[str, int] = {}
    first: list[str] = []
    with browser.new_context() as window:
        page = window.new_page()
        line = window.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", LINE)
        line.on("Network.requestWillBeSent", lambda asked: first.append(asked["requestId"]))
        line.on(
            "Network.loadingFinished",
            lambda done: sizes.__setitem__(done["requestId"], int(done["encodedDataLength"])),
        )
        page.goto(address, wait_until="networkidle")
        painted = float(page.evaluate(FIRST_PAINT))
    return {
        "first_paint_s": round(painted / 1000, 2),
        "page_bytes": sizes[first[0]],
        "all_bytes": sum(sizes.values()),
        "files": len(sizes),
    }


if __name__ == "__main__":
    sys.exit(main())
