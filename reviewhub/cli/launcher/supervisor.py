"""Starts services in stages, starts crashed ones again, and stops everything in reverse order."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from reviewhub.cli.launcher.guard import OrphanGuard
from reviewhub.cli.launcher.service import Child, Service

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class GaveUp(Exception):
    """A service can't be kept running; the text says which, and what it wrote last."""


@dataclass(frozen=True)
class Patience:
    """How long to put up with what: times in seconds."""

    restarts: int = 5
    within_s: float = 60.0
    first_delay_s: float = 0.25
    poll_s: float = 0.1
    start_poll_s: float = 0.02


PATIENT = Patience()


class Supervisor:
    """Keeps `stages` running: each stage starts when the one before it is ready."""

    def __init__(
        self,
        stages: Sequence[Sequence[Service]],
        *,
        logs: Path,
        env: Mapping[str, str],
        folder: Path,
        say: Callable[[str], None],
        fds: tuple[int, ...] = (),
        patience: Patience = PATIENT,
    ) -> None:
        self._stages = [
            [Child(service, logs / f"{service.name}.log") for service in stage] for stage in stages
        ]
        self._env, self._folder, self._fds = env, folder, fds
        self._say, self._patience = say, patience
        self._running: list[list[Child]] = []
        self._signals = 0

    def run(
        self, on_complete: Callable[[], None], *, on_open: Callable[[], None] = lambda: None
    ) -> int:
        """Start everything and stay until told to stop.

        `on_open` is called when people can come in, `on_complete` when everything is there.
        Returns the exit code: 0 after a wish to stop, 1 after giving up. Must be called in the
        main thread, which is the one the kernel's parent-death signal follows.
        """
        with self._listening_to_signals():
            self._guard = OrphanGuard()
            try:
                self._start(on_complete, on_open)
                return 0
            except GaveUp as reason:
                self._say(str(reason))
                return 1
            finally:
                self._stop()
                self._guard.close()

    def request_stop(self) -> None:
        """Ask for an orderly stop; a second time, for one without waiting."""
        self._signals += 1

    def _start(self, on_complete: Callable[[], None], on_open: Callable[[], None]) -> None:
        for stage in self._stages:
            self._running.append(stage)
            for child in stage:
                self._launch(child)
            while not all(child.ready for child in stage):
                if self._signals:
                    return
                self._tick()
                for child in stage:
                    self._ask_whether_ready(child)
                time.sleep(self._patience.start_poll_s)
            if any(child.service.opens for child in stage):
                on_open()
        if not self._signals:
            on_complete()
        while not self._signals:
            self._tick()
            time.sleep(self._patience.poll_s)

    def _launch(self, child: Child) -> None:
        try:
            child.start(self._guard, self._env, self._folder, self._fds)
        except OSError as problem:
            raise GaveUp(
                f"{child.service.argv[0]} could not be started for {child.service.name}: "
                f"{problem.strerror}."
            ) from problem

    def _tick(self) -> None:
        """Look at every child once: notice the crashed, start again those whose time has come."""
        self._guard.renew()
        for child in self._present():
            code = child.exit_code()
            if code is not None:
                self._ended(child, code)
            elif child.is_waiting() and time.monotonic() >= child.restart_at:
                self._launch(child)

    def _ended(self, child: Child, code: int) -> None:
        child.clear(self._guard)
        name = child.service.name
        if child.service.once:
            if code != 0:
                raise GaveUp(_with_tail(f"The step '{name}' failed ({_how(code)})", child))
            child.finished = child.ready = True
            return
        delay = self._delay_after_crash(child, code)
        child.restart_at = time.monotonic() + delay
        self._say(
            f"'{name}' stopped unexpectedly ({_how(code)}); starting it again in {delay:.2g} s. "
            f"Its log: {child.log}"
        )

    def _delay_after_crash(self, child: Child, code: int) -> float:
        """Seconds to wait, doubling with each crash of late. Raises GaveUp after too many."""
        now = time.monotonic()
        child.crashes.append(now)
        while child.crashes[0] < now - self._patience.within_s:
            child.crashes.popleft()
        times = len(child.crashes)
        if times > self._patience.restarts:
            sentence = (
                f"'{child.service.name}' stopped {times} times within "
                f"{self._patience.within_s:.0f} seconds, the last time with {_how(code)}"
            )
            raise GaveUp(_with_tail(sentence, child))
        return self._patience.first_delay_s * float(2 ** (times - 1))

    def _ask_whether_ready(self, child: Child) -> None:
        if child.ready or child.process is None or child.service.once:
            return
        child.ready = child.service.ready is None or child.service.ready()
        waited = time.monotonic() - child.started_at
        if not child.ready and waited > child.service.ready_within_s:
            raise GaveUp(
                _with_tail(f"'{child.service.name}' did not answer within {waited:.0f} s", child)
            )

    def _present(self) -> list[Child]:
        return [child for stage in self._running for child in stage]

    def _stop(self) -> None:
        """Stage by stage, the last one first: ask, wait, then end what is left."""
        so_far = self._signals
        for stage in reversed(self._running):
            for child in reversed(stage):
                child.terminate()
            asked_at = time.monotonic()
            while any(child.is_ending(asked_at) for child in stage):
                if self._signals > max(so_far, 1):
                    break
                time.sleep(0.02)
            for child in stage:
                child.clear(self._guard)

    @contextlib.contextmanager
    def _listening_to_signals(self) -> Iterator[None]:
        def told_to_stop(_number: int, _frame: FrameType | None) -> None:
            self.request_stop()

        # Under nohup a hang-up is ignored, and shall stay so.
        heard = [n for n in _SIGNALS if n != signal.SIGHUP or signal.getsignal(n) != signal.SIG_IGN]
        before = {number: signal.signal(number, told_to_stop) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _with_tail(sentence: str, child: Child) -> str:
    tail = child.last_lines()
    said = f" Its last lines:\n\n{tail}\n" if tail else " It wrote nothing."
    return f"{sentence}.{said}\nThe whole log: {child.log}"
