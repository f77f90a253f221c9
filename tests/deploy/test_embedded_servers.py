"""PostgreSQL and Valkey as our children: they keep their data and never outlive us."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.embedded.postgres import EmbeddedPostgres, run_sql
from deploy.embedded.process import FolderInUse, ProgramFailed, free_port
from deploy.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[2]
# Started as root it becomes an ordinary user only after Python and the modules are loaded,
# because those may lie in root's own home.
RUNS_BOTH = """
import encodings.idna, os, pathlib, sys, time
from deploy.embedded.postgres import EmbeddedPostgres, run_sql
from deploy.embedded.valkey import EmbeddedValkey

home = pathlib.Path(sys.argv[1])
if len(sys.argv) > 2:
    os.setgroups([]), os.setgid(int(sys.argv[2])), os.setuid(int(sys.argv[2]))
postgres, valkey = EmbeddedPostgres(home / "postgres"), EmbeddedValkey(home / "valkey")
postgres.start(), valkey.start()
run_sql(postgres.url("postgres"), "CREATE TABLE IF NOT EXISTS kept (word text)")
run_sql(postgres.url("postgres"), "INSERT INTO kept VALUES ('kept')")
print(os.geteuid(), postgres.port, valkey.port, flush=True)
sys.stdin.read()
postgres.stop(), valkey.stop()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder that, as root, the server's own account may not walk to."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    yield closed / "data"
    for process in _servers_below(closed):
        process.kill()


def test_a_second_start_has_the_rows_and_the_port_of_the_first(home: Path) -> None:
    first = EmbeddedPostgres(home)
    first.start()
    first.ensure_database("shop")
    run_sql(first.url("shop"), "CREATE TABLE kept AS SELECT 'kept' AS word")
    first.stop()

    second = EmbeddedPostgres(home)
    second.start()
    second.ensure_database("shop")
    words = run_sql(second.url("shop"), "SELECT word FROM kept")
    second.stop()

    assert words == "kept"
    assert second.port == first.port
    assert not _servers_below(home)


def test_a_server_that_was_killed_starts_again_with_its_rows(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    run_sql(server.url("postgres"), "CREATE TABLE kept AS SELECT 'kept' AS word")

    for process in _servers_below(home):
        process.kill()
    while server.running:
        time.sleep(0.01)
    server.start()
    words = run_sql(server.url("postgres"), "SELECT word FROM kept")
    server.stop()

    assert words == "kept"


def test_a_second_run_in_the_same_folder_is_refused_and_the_first_goes_on(home: Path) -> None:
    first = EmbeddedPostgres(home)
    first.start()

    with pytest.raises(FolderInUse, match="in use by another run"):
        EmbeddedPostgres(home).start()

    assert run_sql(first.url("postgres"), "SELECT 1") == "1"
    first.stop()


def test_killing_us_leaves_no_server_behind_and_loses_nothing(home: Path) -> None:
    with _run_both(home) as ours:
        assert ours.stdout
        ours.stdout.readline()

        ours.kill()
    _, alive = psutil.wait_procs(_servers_below(home), timeout=10)
    again = EmbeddedPostgres(home / "postgres")
    again.start()
    words = run_sql(again.url("postgres"), "SELECT word FROM kept")
    again.stop()

    assert not alive
    assert words == "kept"


def test_a_leftover_of_a_killed_run_is_replaced_and_a_strangers_server_is_left_alone(
    home: Path,
) -> None:
    leftover, stranger = _bare_valkey(home), _bare_valkey(home.with_name("stranger"))

    server = EmbeddedValkey(home)
    server.start()
    server.stop()

    assert leftover.wait(5) is not None
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_both_servers_as_himself() -> None:
    nobody = pwd.getpwnam("nobody")
    home = Path(tempfile.mkdtemp(prefix="marketfront-user-"))
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    with _run_both(home, str(nobody.pw_uid)) as ours:
        assert ours.stdout
        told = ours.stdout.readline().split()
        owners = {process.uids().real for process in _servers_below(home)}
    shutil.rmtree(home)

    assert told[0] == str(nobody.pw_uid)
    assert owners == {nobody.pw_uid}
    assert ours.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_data_of_another_user_is_refused_by_name(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    os.chown(home / "data", 0, 0)

    with pytest.raises(ProgramFailed, match="belongs to root"):
        server.start()

    assert not _servers_below(home)


def test_a_server_that_can_not_start_says_why(home: Path) -> None:
    server = EmbeddedPostgres(home, settings={"shared_buffers": "a lot"})

    with pytest.raises(ProgramFailed, match='invalid value for parameter "shared_buffers"'):
        server.start()

    assert not _servers_below(home)


def _run_both(home: Path, *user: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUNS_BOTH, str(home), *user],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _bare_valkey(folder: Path) -> subprocess.Popen[bytes]:
    """A server that nobody looks after."""
    folder.mkdir(parents=True, exist_ok=True)
    program = EmbeddedValkey(folder)._program
    return subprocess.Popen(
        [program, "--port", str(free_port()), "--dir", folder],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )


def _servers_below(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            is_server = process.name() in {"postgres", "valkey-server"}
            if is_server and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found
