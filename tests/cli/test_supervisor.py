"""The supervisor with tiny programs in the place of the real services."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewhub.cli.launcher.service import Service
from tests.cli.programs import (
    IGNORES_TERM,
    STAYS,
    SUPERVISE,
    Run,
    is_running,
    python,
    started,
    until,
)


@pytest.mark.lasting
def test_a_stage_starts_only_when_the_one_before_is_ready(tmp_path: Path) -> None:
    order = tmp_path / "order"
    writes = "import sys, time; open(sys.argv[1], 'a').write(sys.argv[2]); time.sleep(300)"
    slow = "import sys, time; time.sleep(0.3); open(sys.argv[1], 'a').write(sys.argv[2])"
    run = Run(
        tmp_path,
        [
            Service(
                "first",
                python(writes, str(order), "1"),
                ready=lambda: order.exists() and "1" in order.read_text(),
            )
        ],
        [Service("step", python(slow, str(order), "2"), once=True)],
        [Service("last", python(writes, str(order), "3"))],
    )
    assert run(lambda: order.read_text().endswith("3")) == 0
    assert order.read_text() == "123"


@pytest.mark.lasting
def test_people_are_let_in_before_everything_is_there(tmp_path: Path) -> None:
    order = tmp_path / "order"
    writes = "import sys; open(sys.argv[1], 'a').write('filled ')"
    run = Run(
        tmp_path,
        [Service("web", python(STAYS), opens=True)],
        [Service("step", python(writes, str(order)), once=True)],
    )
    outcome = run.supervisor.run(
        lambda: _append(order, "complete", then=run.supervisor.request_stop),
        on_open=lambda: _append(order, "open "),
    )
    assert outcome == 0
    assert order.read_text() == "open filled complete"


def _append(file: Path, word: str, *, then: Callable[[], None] = lambda: None) -> None:
    with file.open("a") as stream:
        stream.write(word)
    then()


@pytest.mark.lasting
def test_a_crashed_service_is_started_again(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    crashes_once = (
        "import sys, time\n"
        "with open(sys.argv[1], 'a') as file: file.write('x')\n"
        "if len(open(sys.argv[1]).read()) == 1: sys.exit(3)\n"
        "time.sleep(300)\n"
    )
    run = Run(tmp_path, [Service("shaky", python(crashes_once, str(starts)))])
    assert run(lambda: starts.exists() and starts.read_text() == "xx") == 0
    assert len(run.said) == 1
    assert "'shaky' stopped unexpectedly (exit code 3)" in run.said[0]


@pytest.mark.lasting
def test_a_service_that_keeps_crashing_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    service = Service("broken", python("raise SystemExit('the disk is upside down')"))
    run = Run(tmp_path, [Service("fine", python(STAYS))], [service])
    assert run(lambda: False) == 1
    assert "'broken' stopped 3 times within 60 seconds" in run.said[-1]
    assert "the disk is upside down" in run.said[-1]
    assert str(tmp_path / "broken.log") in run.said[-1]


def test_what_an_earlier_run_wrote_is_not_shown_as_last_words(tmp_path: Path) -> None:
    (tmp_path / "step.log").write_text("trouble of last week\n")
    run = Run(
        tmp_path, [Service("step", python("raise SystemExit('trouble of today')"), once=True)]
    )
    assert run() == 1
    assert "trouble of today" in run.said[-1]
    assert "last week" not in run.said[-1]


def test_a_failed_step_stops_everything_before_the_next_stage(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    run = Run(
        tmp_path,
        [Service("step", python("raise SystemExit(4)"), once=True)],
        [Service("next", python("import sys; open(sys.argv[1], 'w')", str(mark)))],
    )
    assert run() == 1
    assert "The step 'step' failed (exit code 4)" in run.said[-1]
    assert not mark.exists()
    assert not run.was_ready


@pytest.mark.lasting
def test_a_service_that_never_answers_is_given_up(tmp_path: Path) -> None:
    mute = Service("mute", python(STAYS), ready=lambda: False, ready_within_s=0.2)
    run = Run(tmp_path, [mute])
    assert run() == 1
    assert "'mute' did not answer within 0 s" in run.said[-1]


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    run = Run(tmp_path, [Service("absent", ("/nowhere/absent-program",))])
    assert run() == 1
    assert "/nowhere/absent-program could not be started" in run.said[-1]


@pytest.mark.lasting
def test_services_stop_in_reverse_order_and_the_deaf_are_ended(tmp_path: Path) -> None:
    order, deaf = tmp_path / "order", tmp_path / "deaf"
    notes_its_end = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open(sys.argv[1] + sys.argv[2], 'w')\n"
        "time.sleep(300)\n"
    )

    def note(name: str) -> Service:
        return Service(name, python(notes_its_end, str(order), name))

    stubborn = Service("deaf", python(IGNORES_TERM, str(deaf)), grace_s=0.3)
    run = Run(tmp_path, [note("1")], [note("2")], [stubborn])
    marks = [deaf, Path(f"{order}1"), Path(f"{order}2")]
    assert run(lambda: all(mark.exists() for mark in marks)) == 0
    assert order.read_text() == "21"


@pytest.mark.lasting
def test_a_log_that_grew_large_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "step.log"
    log.write_bytes(b"x" * (5 * 1024 * 1024 + 1))
    assert Run(tmp_path, [Service("step", python("print('new')"), once=True)])() == 0
    assert log.read_text() == "new\n"
    assert (tmp_path / "step.log.1").stat().st_size > 5 * 1024 * 1024


@pytest.mark.lasting
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    with started(python(SUPERVISE, str(tmp_path))) as supervisor:
        assert until((tmp_path / "children").exists)
        assert until((tmp_path / "grandchild").exists)
        pids = _pids(tmp_path)
        supervisor.send_signal(number)
        supervisor.wait(15)
    assert supervisor.returncode == 0
    assert not any(is_running(pid) for pid in pids)


@pytest.mark.lasting
def test_what_nohup_began_goes_on_when_the_terminal_is_closed(tmp_path: Path) -> None:
    with started(python(SUPERVISE, str(tmp_path), "nohup")) as supervisor:
        assert until((tmp_path / "children").exists)
        assert until((tmp_path / "grandchild").exists)
        supervisor.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            supervisor.wait(1)
        assert all(is_running(pid) for pid in _pids(tmp_path))
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(15) == 0


@pytest.mark.slow
def test_nothing_is_orphaned_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with started(python(SUPERVISE, str(tmp_path))) as supervisor:
        assert until((tmp_path / "grandchild").exists)
        assert until((tmp_path / "deaf").exists)
        assert until((tmp_path / "children").exists)
        pids = _pids(tmp_path)
        assert len(pids) == 3
        assert all(is_running(pid) for pid in pids)
        supervisor.kill()
        supervisor.wait()
        assert until(lambda: not any(is_running(pid) for pid in pids), 15)


def _pids(folder: Path) -> list[int]:
    """The two services and the child of one of them."""
    text = f"{(folder / 'children').read_text()} {(folder / 'grandchild').read_text()}"
    return [int(pid) for pid in text.split()]
