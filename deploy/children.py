"""What the supervisor keeps running; what dies is started again, a little later each time."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from deploy.embedded.process import ProgramFailed, spawn, stop, tail

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0


class Service(Protocol):
    """Something that runs beside us: an embedded server or a program of ours."""

    @property
    def running(self) -> bool: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Program:
    """One of our own entry points: `python -m NAME`.

    log: where its output goes, from the beginning each time; None means to our terminal.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        env: Mapping[str, str],
        grace_seconds: float = 5,
        log: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = module
        self.log = log
        self._command = [sys.executable, "-m", module, *arguments]
        self._env = env
        self._grace_seconds = grace_seconds
        self._pass_fds = pass_fds
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def succeeded(self) -> bool:
        return self._child is not None and self._child.poll() == 0

    def start(self) -> None:
        if self.log:
            self.log.write_bytes(b"")
        # When we are killed there is nobody left to wait for a gentle end, and a lingering
        # process would keep the next start from its port.
        self._child = spawn(
            self._command,
            ends_by=signal.SIGKILL,
            cwd=ROOT,
            log=self.log,
            env=self._env,
            pass_fds=self._pass_fds,
        )

    def output(self) -> str:
        """The end of what it logged."""
        return tail(self.log) if self.log else ""

    def ask_to_stop(self) -> None:
        if self._child and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self._child and self._child.poll() is None:
            self._child.kill()

    def stop(self) -> None:
        if self._child:
            stop(
                self._child,
                by=signal.SIGTERM,
                seconds=self._grace_seconds,
                at_last=signal.SIGKILL,
            )


@dataclass
class Watched:
    """A service and how it has been doing."""

    name: str
    service: Service
    pause_seconds: float = FIRST_PAUSE_SECONDS
    started_at: float = field(default_factory=time.monotonic)
    start_again_at: float | None = None

    def look_after(self, say: Callable[[str], None]) -> None:
        """Notice that it died; start it again when its pause is over."""
        now = time.monotonic()
        if self.service.running:
            return
        if self.start_again_at is None:
            if now - self.started_at > STEADY_SECONDS:
                self.pause_seconds = FIRST_PAUSE_SECONDS
            self.start_again_at = now + self.pause_seconds
            say(f"The {self.name} ended; it starts again in {self.pause_seconds:.1f} s.")
            self.pause_seconds = min(2 * self.pause_seconds, LONGEST_PAUSE_SECONDS)
        elif now >= self.start_again_at:
            self.start_again_at, self.started_at = None, now
            try:
                self.service.start()
            except ProgramFailed as failure:
                say(str(failure))
