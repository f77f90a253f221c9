"""A whole shop as its user runs it: `python app.py` with a data folder and a port of its own."""

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120


def becomes_true(condition: Callable[[], bool], *, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except (StopIteration, psutil.Error):
            pass  # not there yet
        time.sleep(0.1)
    return False


class Marketfront:
    """One run of `python app.py`."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data_dir, self.port = data_dir, port
        self.output = data_dir.with_name(f"output-{time.monotonic_ns()}")
        given = {
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "STRIPE_API_KEY": "",
            "ELASTICSEARCH_URL": "",
            "HOST": "127.0.0.1",
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env={**os.environ, **given, "DATA_DIR": str(data_dir), "PORT": str(port)},
                stdout=output,
                stderr=output,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> str:
        """What it printed until then."""
        assert becomes_true(
            lambda: self.process.poll() is not None or "is ready" in self.output.read_text(),
            seconds=START_SECONDS,
        )
        assert self.process.poll() is None, self.output.read_text()
        return self.output.read_text()

    def kill_everything(self) -> None:
        if self.process.poll() is not None:
            return
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait()
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended with its parent
                member.kill()
        psutil.wait_procs(family)

    def child(self, part_of_command: str) -> psutil.Process:
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if part_of_command in " ".join(child.cmdline()))

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def database(self) -> str:
        port = (self.data_dir / "postgres" / "port").read_text().strip()
        return f"postgresql://postgres@127.0.0.1:{port}/marketfront"
