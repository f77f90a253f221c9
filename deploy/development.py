"""Secrets of a development machine: made once, kept in the data folder, readable by us only.

A run also leaves there where its servers are, so that commands of `tools/` find them.
"""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter

Secrets = dict[str, str]
RUNNING = "running.env"
_FOR_COMMANDS = (
    "DATABASE_URL",
    "REDIS_URL",
    "TOKEN_SECRET",
    "ELASTICSEARCH_URL",
    "ELASTICSEARCH_USER",
    "ELASTICSEARCH_PASSWORD",
    "ELASTICSEARCH_API_KEY",
    "ELASTICSEARCH_CA",
    "ELASTICSEARCH_INDEX",
)
_PREFIXES = {
    "TOKEN_SECRET": "",
    "STRIPE_API_KEY": "sk_test_",
    "STRIPE_WEBHOOK_SECRET": "whsec_",
}
_STORED = TypeAdapter(Secrets)


def development_secrets(data_dir: Path) -> Secrets:
    """By the name of the setting; a secret that an older run did not know is added."""
    file = data_dir / "secrets.json"
    known = _STORED.validate_json(file.read_bytes()) if file.exists() else {}
    missing = _PREFIXES.keys() - known.keys()
    if missing:
        known |= {name: _PREFIXES[name] + secrets.token_hex(24) for name in sorted(missing)}
        _write(file, json.dumps(known, indent=2))
    return known


def tell_commands(data_dir: Path, env: Mapping[str, str]) -> None:
    """Where the servers of this run are, until `forget_run`; in the form of a `.env`."""
    lines = [f"{name}={env[name]}\n" for name in _FOR_COMMANDS if name in env]
    _write(data_dir / RUNNING, "".join(lines))


def forget_run(data_dir: Path) -> None:
    (data_dir / RUNNING).unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
    unfinished.replace(file)
