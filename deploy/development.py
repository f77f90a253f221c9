"""Secrets of a development machine: made once, kept in the data folder, readable by us only."""

import json
import os
import secrets
from pathlib import Path

from pydantic import TypeAdapter

Secrets = dict[str, str]
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
        _write(file, known)
    return known


def _write(file: Path, stored: Secrets) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as output:
        json.dump(stored, output, indent=2)
    unfinished.replace(file)
