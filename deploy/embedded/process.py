"""Children that live and die with us, in folders that only one run owns at a time."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil  # type: ignore[import-untyped]  # it ships no types

PR_SET_PDEATHSIG = 1
LOG_TAIL_CHARACTERS = 2_000


class ProgramFailed(Exception):
    """A program of ours did not do its work; the message is for the person at the terminal."""


class FolderInUse(ProgramFailed):
    """Another run owns the folder."""


@dataclass(frozen=True)
class Account:
    """The user a child runs as, when that is not ourselves."""

    uid: int
    gid: int


class FolderLock:
    """Keeps a second run out of a folder. The kernel frees it however we die."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = (folder / "lock").open("w")
        except PermissionError:
            raise ProgramFailed(f"{folder} belongs to another user") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise FolderInUse(f"{folder} is in use by another run") from None

    def release(self) -> None:
        self._file.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def remembered_port(folder: Path) -> int:
    """The port the last run in this folder used, or another one when somebody else has it now."""
    memory = folder / "port"
    try:
        port = int(memory.read_text())
    except (FileNotFoundError, ValueError):
        port = 0
    if not port or not _is_free(port):
        port = free_port()
        memory.write_text(f"{port}\n")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections of the last run may still linger; only a listener is in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, account: Account | None = None
) -> str:
    """What a short program printed. Raises: ProgramFailed with what it complained about."""
    finished = subprocess.run(  # noqa: S603 (our own programs, no shell)
        list(command),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if finished.returncode:
        name = Path(command[0]).name
        raise ProgramFailed(f"{name} failed: {(finished.stderr or finished.stdout).strip()}")
    return finished.stdout


def spawn(
    command: Sequence[str | Path],
    *,
    ends_by: signal.Signals,
    cwd: Path,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches only us.

    ends_by: the signal it gets when we die without having stopped it (Linux only; to be called
    from the main thread, because the kernel means the thread).
    log: where its output goes; None means to our own output.
    """
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(  # noqa: S603 (our own programs, no shell)
            list(command),
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=_dying_with_parent(ends_by),  # noqa: PLW1509 (async-signal-safe calls only)
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            pass_fds=pass_fds,
        )
    finally:
        if output:
            output.close()


def _dying_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


def stop(
    child: subprocess.Popen[bytes], *, by: signal.Signals, seconds: float, at_last: signal.Signals
) -> None:
    """End a child politely, and with `at_last` when it has not gone in time."""
    if child.poll() is not None:
        return
    child.send_signal(by)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(at_last)
        child.wait()


def end_leftovers(name: str, *, folder: Path, by: signal.Signals, seconds: float = 30) -> None:
    """End what a killed parent left running: processes of this name that work in this folder.

    A number in a pid file alone would not do: it may belong to somebody else by now.
    """
    leftovers = [process for process in psutil.process_iter() if _works_in(process, name, folder)]
    for process in leftovers:
        _signal(process, by)
    _, alive = psutil.wait_procs(leftovers, timeout=seconds)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)


def _works_in(process: psutil.Process, name: str, folder: Path) -> bool:
    try:
        return bool(process.name() == name and Path(process.cwd()) == folder.resolve())
    except psutil.Error:
        return False  # gone meanwhile, or of another user


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # it went by itself


def wait_until(
    ready: Callable[[], bool], *, child: subprocess.Popen[bytes], seconds: float
) -> bool:
    """Whether `ready` came true before the child ended or the time was over."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def tail(log: Path) -> str:
    return log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:].strip()
