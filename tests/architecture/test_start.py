"""What a web process is started without: an import costs time at once and memory for good."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Needed by workers, by a command, or by few requests, which import them when they come.
HEAVY = frozenset(
    {
        "numpy", "scipy", "ortools", "celery", "kombu", "alembic", "flask_migrate", "lxml",
        "pikepdf", "authlib", "joserfc", "cryptography.hazmat", "requests", "rich", "dns", "pyotp",
        "argon2", "segno", "safetensors", "tokenizers", "huggingface_hub",
        "reviewhub.demo", "reviewhub.cli", "reviewhub.reviews.tasks",
    }
)  # fmt: skip
OPTIONAL = frozenset(
    {"ortools", "scipy", "safetensors", "tokenizers", "huggingface_hub"}
)  # not installed everywhere
SAY_WHAT_IS_LOADED = """
import json, sys
import reviewhub.app
reviewhub.app.create_app(secret_key="k" * 40, redis_url="redis://127.0.0.1:1/0")
json.dump(sorted(sys.modules), sys.stdout)
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The modules of a web process that has been started and not been asked for anything."""
    process = subprocess.run(
        [sys.executable, "-c", SAY_WHAT_IS_LOADED],
        env={"REVIEWHUB_VAR": str(tmp_path_factory.mktemp("var")), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return frozenset(json.loads(process.stdout))


def test_a_web_process_starts_without_what_it_seldom_needs(loaded: frozenset[str]) -> None:
    assert loaded & HEAVY == set()


def test_whatever_is_kept_out_is_a_name_that_exists() -> None:
    """A name that is misspelt would be kept out for ever."""
    unknown = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlib.util import find_spec\n"
            "print(*(name for name in sys.argv[1:] if find_spec(name) is None))",
            *sorted(HEAVY - OPTIONAL),
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert unknown.stdout.split() == []
