"""The processes of a benchmark: servers on one core, PostgreSQL and the load on the others."""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # it ships no types

from deploy.elasticsearch.build import built
from deploy.embedded.elasticsearch import EmbeddedElasticsearch
from deploy.embedded.postgres import EmbeddedPostgres, run_sql
from deploy.embedded.process import free_port, spawn, stop, tail, wait_until
from deploy.embedded.valkey import EmbeddedValkey

ROOT: Final = Path(__file__).resolve().parent.parent
SECRET: Final = "the secret of a benchmark, which nobody else ever uses"
PUBLIC_URL: Final = "https://shop.example"
NOBODY: Final = "smtp://mail.invalid"  # production demands a relay; no letter is sent here
START_SECONDS: Final = 60.0
# What is kept of a product to be found by is decided here.
DOCUMENTS: Final = ("search/documents.py", "search/standin/terms.py", "search/standin/lexemes.py")
HEAP: Final = "1g"  # of Elasticsearch
PATIENCE: Final = timedelta(seconds=10)  # with it: under load it may be slow, but is to answer
DATABASE_SETTINGS: Final = {
    "autovacuum": "off",  # the seeding tool has done it; in a short round it would be noise
    "checkpoint_timeout": "1h",
    "max_wal_size": "8GB",
    "shared_buffers": "512MB",
    "synchronous_commit": "off",  # disks differ more than programs do
}


def database_name(products: int) -> str:
    """Other tables, another seeding tool or other documents make another database."""
    patterns = ("alembic/versions/*.py", "tools/seed/*", *DOCUMENTS)
    sources = sorted(source for pattern in patterns for source in ROOT.glob(pattern))
    content = b"".join(source.read_bytes() for source in sources if source.is_file())
    return f"bench_{products}_{hashlib.sha256(content).hexdigest()[:8]}"


class Cores:
    """Which processor the servers have, and which are for everything else."""

    def __init__(self) -> None:
        allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
        self.server = set(allowed[:1])
        self.rest = set(allowed[1:])

    @property
    def are_apart(self) -> bool:
        return bool(self.rest)

    def keep_to_the_rest(self) -> None:
        """For this process and the children it starts from now on."""
        if self.are_apart:
            os.sched_setaffinity(0, self.rest)

    def give_server_core(self, process: int) -> None:
        if self.are_apart:
            os.sched_setaffinity(process, self.server)


class Server:
    """One web process, on a port of its own, which its environment names as PORT."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        self.log = folder / f"server-{self.port}.log"
        self._child: subprocess.Popen[bytes] = spawn(
            command,
            ends_by=signal.SIGKILL,
            cwd=ROOT,
            log=self.log,
            env={**os.environ, **environment, "PORT": str(self.port)},
        )
        self.pid = self._child.pid

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait(self) -> None:
        """Raises: RuntimeError when it does not come up."""
        if not wait_until(self._answers, child=self._child, seconds=START_SECONDS):
            raise RuntimeError(f"The server did not start:\n{tail(self.log)}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url("/healthz"), timeout=1):
                return True
        except OSError:
            return False

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Bytes of resident memory."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def stop(self) -> None:
        stop(self._child, by=signal.SIGTERM, seconds=10, at_last=signal.SIGKILL)


class Machine:
    """The databases of a benchmark and its web processes, all below one folder."""

    def __init__(self, folder: Path, cores: Cores) -> None:
        self.folder, self.cores = folder, cores
        self.postgres = EmbeddedPostgres(folder / "postgres", settings=DATABASE_SETTINGS)
        self.valkey = EmbeddedValkey(folder / "valkey")
        self._elasticsearch: EmbeddedElasticsearch | None = None
        self._servers: list[Server] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self.cores.keep_to_the_rest()
        try:
            self.postgres.start()
            self.valkey.start()
            yield
        finally:
            self.stop_servers()
            if self._elasticsearch:
                self._elasticsearch.stop()
            self.valkey.stop()
            self.postgres.stop()

    @property
    def elasticsearch(self) -> EmbeddedElasticsearch:
        """Started when it is first asked for: nobody needs a JDK for the other operations."""
        if self._elasticsearch is None:
            self._elasticsearch = EmbeddedElasticsearch(
                self.folder / "elasticsearch", node=built(), heap=HEAP
            )
            self._elasticsearch.start()
        return self._elasticsearch

    def searching(self, database: str) -> dict[str, str]:
        """What the environment of a shop has in addition that searches in Elasticsearch."""
        return {
            "ELASTICSEARCH_URL": self.elasticsearch.url,
            "ELASTICSEARCH_INDEX": database,
            "SEARCH_DEADLINE": f"PT{PATIENCE.seconds}S",
        }

    def environment(self, database: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.valkey.url(),
            "TOKEN_SECRET": SECRET,
            "DATA_DIR": str(self.folder / "data"),
            "ENVIRONMENT": "production",
            "PUBLIC_URL": PUBLIC_URL,
            "SMTP_URL": NOBODY,
        }

    def migrated(self, database: str) -> str:
        """The URL of a database with our tables, made when it is not there.

        Those that an older run kept under a name with the same beginning are dropped.
        """
        admin, beginning = self.postgres.url("postgres"), database.rpartition("_")[0] + "_"
        names = run_sql(admin, f"SELECT datname FROM pg_database WHERE datname ^@ '{beginning}'")
        for name in {*names.split()} - {database}:
            run_sql(admin, f'DROP DATABASE "{name}"')
        self.postgres.ensure_database(database)
        migrated = subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=ROOT,
            env={**os.environ, **self.environment(database)},
            check=False,
            capture_output=True,
            text=True,
        )
        if migrated.returncode:
            raise RuntimeError(f"The migrations failed:\n{migrated.stderr[-2000:]}")
        return self.postgres.url(database)

    def serve(
        self, application: str, database: str, *, has_search: bool = False, **more: str
    ) -> Server:
        """An ASGI application, as our own server runs it; with Elasticsearch, if told."""
        command = [sys.executable, "-m", "bench.serve", application]
        search = self.searching(database) if has_search else {}
        return self.spawn(command, {**self.environment(database), **search, **more})

    def spawn(self, command: list[str], environment: dict[str, str]) -> Server:
        server = Server(command, environment, self.folder)
        self._servers.append(server)
        self.cores.give_server_core(server.pid)
        return server

    def stop_servers(self) -> None:
        while self._servers:
            self._servers.pop().stop()

    def postgres_cpu_seconds(self) -> float:
        """Of all its processes, the ended ones too."""
        [postmaster] = [
            child
            for child in psutil.Process().children()
            if child.name() == "postgres" and self.folder in Path(child.cwd()).parents
        ]
        own = postmaster.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system
        for child in postmaster.children():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                total += times.user + times.system
        return float(total)
