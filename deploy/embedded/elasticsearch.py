"""Elasticsearch out of the folder that `deploy.elasticsearch.build` makes."""

import signal
import socket
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
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

MAIN_CLASS = "marketfront.node.DevelopmentNode"
HEALTH = "/_cluster/health?wait_for_status=yellow&timeout=1s"
# A machine's own libraries are not searched for fast paths, so it runs alike everywhere; one
# thread collects garbage and one compiler is enough, which halves the start and the memory.
JVM = (
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
    *("--enable-native-access=ALL-UNNAMED", "-Xlog:cds=off"),  # it says that the former costs a bit
    "-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false",
    *("-Dlog4j2.disable.jmx=true", "-Dio.netty.noUnsafe=true"),
    *("-Dio.netty.noKeySetOptimization=true", "-Dio.netty.recycler.maxCapacityPerThread=0"),
)

# A proxy in the environment has no business with a server on this machine.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Node:
    """What a node is started from: its folder, which nobody writes to, and the `java` for it."""

    folder: Path
    java: Path

    @property
    def archive(self) -> Path:
        """Classes as the JVM wants them in memory, which halves the time of a start."""
        return self.folder / "classes.jsa"


class EmbeddedElasticsearch:
    """One node on 127.0.0.1 for everything below `home`: lock, port, log and the data folder.

    port: 0 means the one of the last run in `home` or, if it is taken, any other.
    heap: as Java writes it, `512m`; the process takes about as much again.
    settings: of Elasticsearch, on top of ours.
    jvm: options of the JVM, on top of ours.
    """

    def __init__(
        self,
        home: Path,
        *,
        node: Node,
        port: int = 0,
        heap: str = "512m",
        settings: Mapping[str, str] | None = None,
        jvm: Sequence[str] = (),
    ) -> None:
        self.home = home.resolve()
        self.port = 0
        self.log = self.home / "elasticsearch.log"
        self._wanted_port = port
        self._node = node
        self._heap = heap
        self._settings = settings or {}
        self._jvm = jvm
        self._lock: FolderLock | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float = 120) -> None:
        """Start, or start again after it died: with the same data and, if free, the same port.

        Returns when all indices can be read and written.
        Raises: FolderInUse, or ProgramFailed with the end of the server's log.
        """
        self._lock = self._lock or FolderLock(self.home)
        try:
            end_leftovers(self._node.java.name, folder=self.home, by=signal.SIGTERM)
            self.port = self._wanted_port or remembered_port(self.home)
            self._refuse_a_taken_port()
            self._launch(seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Write everything down and end; also when it is paused."""
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGCONT)
            stop(self._server, by=signal.SIGTERM, seconds=20, at_last=signal.SIGKILL)
        if self._lock:
            self._lock.release()
            self._lock = None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    @property
    def pid(self) -> int:
        """Of the process of the last start."""
        assert self._server, "it was never started"
        return self._server.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _refuse_a_taken_port(self) -> None:
        """Else whoever has it would answer in our place, and look like us."""
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                raise ProgramFailed(
                    f"Another program listens on 127.0.0.1:{self.port}: stop it, or take another "
                    "port (`make search-up SEARCH_PORT=9201`)."
                )

    def _launch(self, seconds: float) -> None:
        archive = self._node.archive
        self._server = spawn(
            [
                *(self._node.java, *JVM, f"-Xms{self._heap}", f"-Xmx{self._heap}"),
                *([f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []),
                *(*self._jvm, "-cp", f"{self._node.folder}/lib/*", MAIN_CLASS),
                *(self._node.folder, self.home / "data", str(self.port)),
                *(f"{name}={value}" for name, value in self._settings.items()),
            ],
            ends_by=signal.SIGTERM,
            cwd=self.home,
            log=self.log,
        )
        if not wait_until(self._is_ready, child=self._server, seconds=seconds):
            raise ProgramFailed(f"Elasticsearch did not start ({self.log}):\n{tail(self.log)}")

    def _is_ready(self) -> bool:
        try:
            with _DIRECT.open(f"{self.url}{HEALTH}", timeout=5) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 (it answers 408 until then)
        except (OSError, HTTPException):
            return False
