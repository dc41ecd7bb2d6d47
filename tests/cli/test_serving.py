"""The application is loaded before the web processes are forked: nothing in it may mind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOAD = """
import gc, json, threading, time
from reviewhub.app import create_app
from reviewhub.cli import serving
from reviewhub.core.db import db
app = create_app(secret_key="k" * 40, redis_url="redis://127.0.0.1:1/0")
serving.pre_fork(None, None)
time.sleep(0.2)
with app.app_context():
    connections = db.engine.pool.checkedin() + db.engine.pool.checkedout()
print(json.dumps([connections, threading.active_count(), gc.get_freeze_count() > 0]))
"""


@pytest.mark.lasting
def test_a_loaded_application_has_no_connection_and_no_thread_to_lose(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", LOAD],
        env={"REVIEWHUB_VAR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    connections, threads, is_shared = json.loads(process.stdout)
    assert (connections, threads) == (0, 1)
    assert is_shared
