"""What is shipped: the wheel holds all that the program reads beside its modules."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DATA = ("templates", "static", "translations", "migrations", "taxonomy/hubs", "demo/content")
LEFT_OUT = {"__pycache__"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel that was built just now; skips, visibly, where none can be built."""
    uv = ROOT / ".venv" / "bin" / "uv"
    program = str(uv) if uv.exists() else shutil.which("uv")
    if program is None:
        pytest.skip("no uv found: nothing here builds a wheel")
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [program, "build", "--wheel", "--quiet", "--out-dir", folder, ROOT],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    if built.returncode and "resolve" in built.stderr:
        pytest.skip("the build backend can't be fetched here")
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as file:
        return set(file.namelist())


@pytest.mark.slow
@pytest.mark.parametrize("part", DATA)
def test_the_wheel_holds_what_the_program_reads(wheel, part):
    folder = ROOT / "reviewhub" / part
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }
    assert wanted
    assert wanted - wheel == set()


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel):
    assert {name.split("/")[0] for name in wheel if ".dist-info" not in name} == {"reviewhub"}
