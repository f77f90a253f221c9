"""docs/AUDIT.md is enough to check the log: this test uses none of our code for it."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core.db import Database, Reader
from core.identity import Caller, CallerKind, Client, acting, client
from core.ids import new_id
from core.logging import request_id
from services import audit
from tests.conftest import SECRET

COLUMNS = [
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
]


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    if isinstance(value, bytes):
        return value.hex()
    return str(value).replace("-", "") if isinstance(value, UUID) else value


def compact(array: list[Any]) -> bytes:
    return json.dumps(array, separators=(",", ":"), ensure_ascii=False).encode()


async def test_the_chain_can_be_checked_by_the_documentation_alone(
    db: Database, reader: Reader, cleaner: asyncpg.Connection
) -> None:
    acting.set(Caller(CallerKind.USER, new_id(), token_id=new_id()))
    client.set(Client("203.0.113.1", "Browser"))
    request_id.set("request-1")
    facts = {"b": "灯", "a": 1.50, "quote": '"', "nothing": None}
    await audit.note(
        db,
        audit.entry("X", "Y", new_id(), merchant_id=new_id(), before=facts, after={}),
        audit.entry("Z", "Y", None, person={"email": "ann@example.test"}),
    )
    await audit.seal(db, reader, audit.KeyRing(SECRET))

    rows = await cleaner.fetch(
        "SELECT e.*, s.position, s.hash, d.salt, d.content FROM audit_seals s"
        " JOIN audit_entries e ON e.id = s.entry_id JOIN audit_details d ON d.id = e.details_id"
        " ORDER BY s.position"
    )
    before = "0" * 64
    for row in rows:
        fields = [plain(row[name]) for name in COLUMNS]
        before = hashlib.sha256(compact([before, row["position"], *fields])).hexdigest()
        assert before == row["hash"].hex()
        details = hashlib.sha256(row["salt"] + row["content"].encode()).digest()
        assert details == row["details_hash"]
    batch = await cleaner.fetchrow(
        "SELECT b.*, k.public FROM audit_batches b JOIN audit_keys k ON k.id = b.key_id"
    )
    text = ["marketfront audit batch", 1, len(rows), before, plain(batch["sealed_at"])]
    Ed25519PublicKey.from_public_bytes(batch["public"]).verify(batch["signature"], compact(text))
    assert len(rows) == 2
