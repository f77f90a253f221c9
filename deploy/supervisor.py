"""Runs the whole product on one machine: what `python app.py` does.

Starts what has no address in the settings (PostgreSQL, Valkey, the card sandbox), migrates, loads
the demo shop, then keeps the web processes and the workers running until it is told to stop.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from pydantic import ValidationError

from core.settings import Settings
from deploy import explorer
from deploy.children import ROOT, Program, Service, Watched
from deploy.development import development_secrets, forget_run, tell_commands
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.process import (
    FolderInUse,
    FolderLock,
    ProgramFailed,
    remembered_port,
)
from deploy.embedded.valkey import EmbeddedValkey
from deploy.listener import address, answers, listen
from deploy.server import GRACE_SECONDS

DATABASE = "marketfront"
CARD_WEBHOOK = "/webhooks/card"
LOOK_SECONDS = 0.2
TASK_SECONDS = 600.0  # installing the page's packages over a slow line
READY_SECONDS = 60.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """We were told to stop before everything had started."""


def main() -> int:
    os.chdir(ROOT)  # `.env` and a relative DATA_DIR mean this checkout, wherever we are called from
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors():
            name = ".".join(str(part) for part in fault["loc"]).upper()
            say(f"{name}: {fault['msg']}" if name else fault["msg"])
        return 2
    return supervise(settings)


def supervise(settings: Settings) -> int:
    """Run until SIGINT or SIGTERM. Returns the exit status: 1 when it could not start."""
    began = time.monotonic()
    run = Run(settings)
    for number in STOPPING:
        signal.signal(number, run.told_to_stop)
    try:
        run.start()
        run.announce(seconds=time.monotonic() - began)
        run.look_after()
    except Stopped:
        return 0
    except ProgramFailed as failure:
        say(f"Marketfront did not start. {failure}")
        return 1
    finally:
        run.stop()
    return 0


class Run:
    """One run of the product on this machine, from the first child to the last."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._data_dir = settings.data_dir.resolve()
        self._env = {**os.environ, "DATA_DIR": str(self._data_dir)}
        self._watched: list[Watched] = []
        self._web: list[Program] = []
        self._facts: list[tuple[str, str]] = []
        self._signals = 0
        self._lock: FolderLock | None = None
        self._listener: socket.socket | None = None

    def told_to_stop(self, number: int, frame: FrameType | None) -> None:
        """The first time gently; the second time whatever holds us up is killed."""
        self._signals += 1
        if self._signals > 1:
            for watched in self._watched:
                if isinstance(watched.service, Program):
                    watched.service.kill()

    def start(self) -> None:
        self._own_the_data()
        self._listener = listen(self._settings)
        page = self._begin_explorer()
        self._env |= self._secrets()
        self._start_database()
        self._start_cache()
        self._start_sandbox()
        self._finish(self._begin("alembic", "upgrade", "head"))
        if not self._settings.database_url:
            self._load_demo()
        self._end_explorer(page)
        self._start_ours()
        tell_commands(self._data_dir, self._env)

    def look_after(self) -> None:
        while not self._signals:
            for watched in self._watched:
                watched.look_after(say)
            time.sleep(LOOK_SECONDS)
        say("Stopping; requests in flight are finished first. (Once more: at once.)")

    def stop(self) -> None:
        """Web first, so that what it began is still carried out; the database last."""
        if self._listener:
            self._listener.close()
        for program in self._web:
            program.ask_to_stop()
        for watched in reversed(self._watched):
            watched.service.stop()
        if self._lock:
            forget_run(self._data_dir)
            self._lock.release()

    def announce(self, *, seconds: float) -> None:
        base = address(self._settings)
        width = 18
        say(f"\nMarketfront is ready ({seconds:.1f} s). Ctrl-C ends it.\n")
        say(f"  {'GraphQL':{width}}POST {base}/graphql")
        say(f"  {'GraphiQL':{width}}{base}/graphql in a browser")
        if self._settings.shows_mailbox:
            say(f"  {'Mailbox':{width}}{base}/mailbox in a browser: the letters it would have sent")
        for name, value in self._facts:
            say(f"  {name:{width}}{value}")
        say("")

    def _own_the_data(self) -> None:
        try:
            self._lock = FolderLock(self._data_dir)
        except FolderInUse:
            raise ProgramFailed(
                f"It already runs with the data in {self._data_dir}: stop that run first, "
                "or set DATA_DIR (and PORT) for a second one."
            ) from None
        (self._data_dir / "log").mkdir(exist_ok=True)
        self._facts.append(("Data", str(self._data_dir)))

    def _secrets(self) -> dict[str, str]:
        """What a development machine signs with, where the settings leave it open."""
        made = development_secrets(self._data_dir)
        if self._settings.token_secret.get_secret_value():
            del made["TOKEN_SECRET"]
        if self._settings.stripe_api_key.get_secret_value():
            del made["STRIPE_API_KEY"], made["STRIPE_WEBHOOK_SECRET"]
        elif self._settings.environment == "production":
            raise ProgramFailed("STRIPE_API_KEY is required in production.")
        return made

    def _start_database(self) -> None:
        url = self._settings.database_url
        if not url:
            server = EmbeddedPostgres(self._data_dir / "postgres")
            self._start("database", server)
            server.ensure_database(DATABASE)
            url = server.url(DATABASE)
            self._facts.append(("PostgreSQL", url))
        self._env["DATABASE_URL"] = url

    def _start_cache(self) -> None:
        url = self._settings.redis_url
        if not url:
            server = EmbeddedValkey(self._data_dir / "valkey")
            self._start("cache", server)
            url = server.url()
            self._facts.append(("Valkey", url))
        self._env["REDIS_URL"] = url

    def _start_sandbox(self) -> None:
        if self._settings.stripe_api_key.get_secret_value():
            return
        state = self._data_dir / "sandbox"
        state.mkdir(exist_ok=True)
        port = remembered_port(state)
        sandbox = self._program(
            "integrations.payments.sandbox",
            *("--port", str(port), "--state", str(state)),
            *("--webhook-url", address(self._settings) + CARD_WEBHOOK),
            *("--webhook-secret", self._env["STRIPE_WEBHOOK_SECRET"]),
        )
        self._start("card sandbox", sandbox)
        self._env["STRIPE_API_BASE"] = f"http://127.0.0.1:{port}"
        self._facts.append(("Card payments", f"sandbox at 127.0.0.1:{port}, no real money"))

    def _load_demo(self) -> None:
        demo = self._begin("tools.demo")
        self._finish(demo)
        self._env.setdefault("DEMO", "true")
        lines = demo.output().splitlines()
        self._facts += [("Demo shop" if line is lines[0] else "", line) for line in lines]

    def _begin_explorer(self) -> Program | None:
        """The page is built while the servers start."""
        return self._begin("deploy.explorer") if explorer.is_stale() else None

    def _end_explorer(self, page: Program | None) -> None:
        try:
            if page:
                self._finish(page)
        except ProgramFailed as failure:
            say(f"GraphiQL is not there; everything else is. {failure}")

    def _start_ours(self) -> None:
        assert self._listener
        self._start("worker", self._program("workers", grace_seconds=GRACE_SECONDS))
        handle = self._listener.fileno()
        for _ in range(self._settings.web_workers):
            web = self._program(
                "deploy.server",
                *("--fd", str(handle)),
                grace_seconds=GRACE_SECONDS + 5,
                pass_fds=[handle],
            )
            self._web.append(web)
            self._start("web process", web)
        self._wait(
            lambda: answers(self._settings),
            meanwhile=lambda: self._web[0].running,
            seconds=READY_SECONDS,
            failure="The web process did not answer; what it said stands above.",
        )

    def _start(self, name: str, service: Service) -> None:
        self._watched.append(Watched(name, service))
        service.start()

    def _begin(self, module: str, *arguments: str) -> Program:
        task = self._program(module, *arguments, log=self._data_dir / "log" / f"{module}.log")
        task.start()
        return task

    def _finish(self, task: Program) -> None:
        try:
            self._wait(
                lambda: not task.running,
                meanwhile=lambda: True,
                seconds=TASK_SECONDS,
                failure=f"`python -m {task.name}` takes too long.",
            )
        finally:
            task.stop()
        if not task.succeeded:
            raise ProgramFailed(f"`python -m {task.name}` failed:\n{task.output()}")

    def _program(self, module: str, *arguments: str, **options: Any) -> Program:
        return Program(module, *arguments, env=self._env, **options)

    def _wait(
        self,
        done: Callable[[], bool],
        *,
        meanwhile: Callable[[], bool],
        seconds: float,
        failure: str,
    ) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            if self._signals:
                raise Stopped
            if time.monotonic() > deadline or not meanwhile():
                raise ProgramFailed(failure)
            time.sleep(0.05)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
