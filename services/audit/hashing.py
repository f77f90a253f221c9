"""What is hashed and how; docs/AUDIT.md says it for those who check the log without our code."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from core.db import Row

NOTHING_BEFORE: Final = bytes(32)  # the hash before the first entry
_IDS: Final = frozenset({"id", "actor_id", "token_id", "object_id", "merchant_id", "details_id"})

# In this order; `before` and `after` as texts.
FIELDS: Final = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "token_id",
    "action",
    "object_kind",
    "object_id",
    "merchant_id",
    "before",
    "after",
    "request_id",
    "details_id",
    "details_hash",
)


def details_hash(salt: bytes, content: str) -> bytes:
    """The salt keeps an erased address from being found again by trying all of them."""
    return hashlib.sha256(salt + content.encode()).digest()


def entry_hash(previous: bytes, position: int, row: Row) -> bytes:
    """Of the JSON array [hash before, position, fields of the entry in their order]."""
    link = [previous.hex(), position, *(_plain(name, row[name]) for name in FIELDS)]
    return hashlib.sha256(orjson.dumps(link)).digest()


def _plain(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name in _IDS:
        return UUID(bytes=value.bytes).hex
    if isinstance(value, datetime):
        return _iso(value)
    return value.hex() if isinstance(value, bytes) else str(value)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def signed_text(
    *, first_position: int, last_position: int, last_hash: bytes, sealed_at: datetime
) -> bytes:
    """What the key of a batch signs."""
    return orjson.dumps(
        [
            "marketfront audit batch",
            first_position,
            last_position,
            last_hash.hex(),
            _iso(sealed_at),
        ]
    )
