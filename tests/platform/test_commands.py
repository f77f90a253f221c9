"""Commands that lack a setting say so in words, and do nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.development import forget_run, tell_commands
from tools import given

NEEDED = {
    ("rotate_keys",): "DATABASE_URL and REDIS_URL and TOKEN_SECRET",
    ("oauth_client", "list"): "DATABASE_URL and REDIS_URL",
    ("verify_audit",): "DATABASE_URL",
    ("import_catalog", "products.csv", "--merchant", "aurora"): "DATABASE_URL",
    (
        *("open_shop", "--operator", "a@example.com", "--owner", "b@example.com"),
        *("--merchant", "stall", "--name", "Stall"),
    ): "DATABASE_URL",
}


def test_without_settings_a_command_finds_the_shop_that_runs_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "TOKEN_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    data = tmp_path / ".data"
    data.mkdir()
    env = {"DATABASE_URL": "postgresql://here/shop", "REDIS_URL": "redis://here", "OTHER": "x"}

    tell_commands(data, env | {"TOKEN_SECRET": "s" * 32})
    found = given.settings("database_url", "redis_url", "token_secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/shop")
    elsewhere = given.settings("database_url")

    assert (found.database_url, found.redis_url, found.token_secret.get_secret_value()) == (
        "postgresql+asyncpg://here/shop",
        "redis://here",
        "s" * 32,
    )
    assert (elsewhere.database_url, elsewhere.redis_url) == (
        "postgresql+asyncpg://elsewhere/shop",
        "",
    )
    assert (data / "running.env").stat().st_mode & 0o777 == 0o600
    forget_run(data)
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(SystemExit, match="Set DATABASE_URL"):
        given.settings("database_url")


@pytest.mark.parametrize("command", NEEDED, ids=lambda command: command[0])
def test_a_missing_setting_is_named_and_is_no_traceback(
    root: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    name, *arguments = command
    empty = dict.fromkeys(("DATABASE_URL", "REDIS_URL", "TOKEN_SECRET"), "")

    ran = subprocess.run(
        [sys.executable, "-m", f"tools.{name}", *arguments],
        cwd=root,
        env={**os.environ, **empty, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert ran.stderr == f"Set {NEEDED[command]} as for the shop itself, and try again.\n"
