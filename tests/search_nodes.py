"""Elasticsearch for tests: one for the whole run, started when first asked for, or one's own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from deploy.children import ROOT
from deploy.elasticsearch.build import built
from deploy.embedded.elasticsearch import EmbeddedElasticsearch
from deploy.embedded.process import ProgramFailed, spawn, stop


class OnDemand:
    """A node for a run, started by the first who asks at the counter: a socket in its folder.

    It is the child of a process that lives as long as the run, and of no worker: those end when
    nothing is left for them, and the kernel ends our children with us.
    """

    def __init__(self, home: Path) -> None:
        self.counter = home / "counter"
        self._home = home
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._home.mkdir()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.counter))
            listener.listen(64)
            self._child = spawn(
                [sys.executable, "-m", __name__, self._home, str(listener.fileno())],
                ends_by=signal.SIGTERM,
                cwd=ROOT,
                pass_fds=[listener.fileno()],
            )

    def stop(self) -> None:
        if self._child:
            stop(self._child, by=signal.SIGTERM, seconds=30, at_last=signal.SIGKILL)

    @staticmethod
    def address(counter: Path) -> str:
        """Of the node, once it runs. Raises: ProgramFailed, with what is missing."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(counter))
            with asking.makefile() as told:
                answer = told.read()
        if not answer.startswith("http"):
            raise ProgramFailed(answer)
        return answer


def serve(home: Path, listener: socket.socket) -> None:
    """Tell everybody the address, or why there is none, until SIGTERM."""
    server: EmbeddedElasticsearch | None = None
    answer = ""
    try:
        while True:
            asking, _ = listener.accept()
            if not answer:
                try:
                    server = EmbeddedElasticsearch(home, node=built())
                    server.start()
                    answer = server.url
                except ProgramFailed as failure:
                    answer = str(failure)
            with asking:
                asking.sendall(answer.encode())
    except KeyboardInterrupt:
        return
    finally:
        if server:
            server.stop()


class OwnElasticsearch(EmbeddedElasticsearch):
    """What may happen to a node; `start` brings it back with the same data at the same address."""

    def kill(self) -> None:
        assert self._server
        self._server.kill()
        self._server.wait()

    def pause(self) -> None:
        """It keeps its connections and accepts new ones, and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve(Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
