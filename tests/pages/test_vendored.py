"""What others wrote and stands here unchanged: its licence beside it, its checksums kept."""

import hashlib
from pathlib import Path

import pytest

VENDOR = Path(__file__).parent.parent / "vendor"
FOLDERS = sorted(path for path in VENDOR.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_vendored_files_are_what_their_checksums_say(folder: Path):
    lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    expected = {name: digest for digest, name in (line.split() for line in lines)}
    there = {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert there == set(expected)
    assert any(name.startswith("LICENSE") for name in there)
    for name, digest in expected.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_axe_says_its_version_and_licence():
    head = (VENDOR / "axe" / "axe.min.js").read_text(encoding="utf-8")[:400]
    assert "axe v4." in head
    assert "Mozilla Public" in head
