"""Entries of the audit log, written in the transaction of what they tell."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database, Query, run
from core.identity import Caller, Client, acting, client
from core.ids import new_id
from core.logging import redacted, request_id
from models.audit import ActorKind, AuditDetails, AuditEntry, AuditSeal
from services.audit.hashing import details_hash

SALT_BYTES: Final = 16
MAX_TEXT: Final = 1_000  # characters of one value; more would be a copy, not an account
_SECRET_NAMES: Final = re.compile(
    r"password|secret|token(?!_id)|authorization|cookie|api_?key|recovery", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """See `entry`. Who acts from where, and for which request, is taken when it is made."""

    action: str
    kind: str
    object_id: UUID | None
    merchant_id: UUID | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    person: Mapping[str, Any] | None
    actor_kind: str
    actor: Caller | None
    client: Client
    request_id: str


def entry(
    action: str,
    kind: str,
    object_id: UUID | None,
    *,
    merchant_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    person: Mapping[str, Any] | None = None,
    actor: Caller | None = None,
) -> Entry:
    """A fact for `record` or `note`.

    action: what happened, in the past tense: `PRICE_CHANGED`. kind: the object's GraphQL type.
    merchant_id: whose affair it is, and who may read of it besides the platform; None: nobody.
    before, after: only what changed, as plain JSON. No personal data: that goes to `person`,
        which can be erased. What looks like a secret is cut out.
    actor: who did it; None: who acts at the moment, which is the system where nobody does.
    """
    caller = actor or acting.get(None)  # nobody acts: another thing than that anonymous acts
    return Entry(
        action=action,
        kind=kind,
        object_id=object_id,
        merchant_id=merchant_id,
        before=before,
        after=after,
        person=person,
        actor_kind=ActorKind.SYSTEM.value if caller is None else caller.kind.value,
        actor=caller,
        client=client.get(),
        request_id=request_id.get(),
    )


class Difference(TypedDict):
    before: dict[str, Any]
    after: dict[str, Any]


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """`before` and `after` of what is another value now, for `entry`."""
    changed = [name for name, value in new.items() if old.get(name) != value]
    return {
        "before": {name: old.get(name) for name in changed},
        "after": {name: new[name] for name in changed},
    }


async def record(session: AsyncSession, *entries: Entry) -> None:
    """Write entries in the caller's transaction: one statement, whatever their number.

    Nobody waits for anybody: positions and hashes come from the sealer, after the commit.
    """
    if entries:
        await run(session, _RECORD, **_values(entries))


async def note(db: Database, *entries: Entry) -> None:
    """The same in a transaction of its own, for what was refused: its transaction is gone."""
    async with db.transaction() as session:
        await record(session, *entries)


def _values(entries: Sequence[Entry]) -> dict[str, Any]:
    details = _Details()
    kept = [details.keep(each.client, each.person) for each in entries]
    return {
        "at": now(),
        "ids": [new_id() for _ in entries],
        "actor_kinds": [each.actor_kind for each in entries],
        "actor_ids": [each.actor and each.actor.subject for each in entries],
        "token_ids": [each.actor and each.actor.token_id for each in entries],
        "actions": [each.action for each in entries],
        "object_kinds": [each.kind for each in entries],
        "object_ids": [each.object_id for each in entries],
        "merchant_ids": [each.merchant_id for each in entries],
        "befores": [_json(each.before) for each in entries],
        "afters": [_json(each.after) for each in entries],
        "request_ids": [each.request_id for each in entries],
        "details_ids": [details_id for details_id, _ in kept],
        "details_hashes": [digest for _, digest in kept],
        **details.values(),
    }


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else dumped(_clean(value))


def _clean(value: Any) -> Any:
    """Without secrets, and of a bounded length."""
    if isinstance(value, Mapping):
        return {
            name: "<secret>" if _SECRET_NAMES.search(name) else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, str):
        return redacted(value[:MAX_TEXT])
    return [_clean(inner) for inner in value] if isinstance(value, list | tuple) else value


def dumped(value: Any) -> str:
    """JSON as it is kept."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()


class _Details:
    """The erasable parts of entries that are written together; the same content is kept once."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[UUID, bytes, bytes]] = {}

    def keep(
        self, whence: Client, person: Mapping[str, Any] | None
    ) -> tuple[UUID | None, bytes | None]:
        """The id of what can be erased, and its hash; Nones when there is nothing."""
        parts = {"address": whence.address, "agent": whence.agent, "person": person}
        there = {name: part for name, part in parts.items() if part}
        if not there:
            return None, None
        content = dumped(there)
        if content not in self._rows:
            salt = secrets.token_bytes(SALT_BYTES)
            self._rows[content] = new_id(), salt, details_hash(salt, content)
        details_id, _, digest = self._rows[content]
        return details_id, digest

    def values(self) -> dict[str, Any]:
        rows = self._rows.values()
        return {
            "kept_ids": [details_id for details_id, _, _ in rows],
            "kept_salts": [salt for _, salt, _ in rows],
            "kept_contents": list(self._rows),
        }


_COLUMNS: Final = {  # of an entry: the name of its column, and of the parameter with its values
    "id": ("ids", Uuid()),
    "actor_kind": ("actor_kinds", Text()),
    "actor_id": ("actor_ids", Uuid()),
    "token_id": ("token_ids", Uuid()),
    "action": ("actions", Text()),
    "object_kind": ("object_kinds", Text()),
    "object_id": ("object_ids", Uuid()),
    "merchant_id": ("merchant_ids", Uuid()),
    "before": ("befores", JSONB()),
    "after": ("afters", JSONB()),
    "request_id": ("request_ids", Text()),
    "details_id": ("details_ids", Uuid()),
    "details_hash": ("details_hashes", LargeBinary()),
}
_DETAILS_COLUMNS: Final = {
    "id": ("kept_ids", Uuid()),
    "salt": ("kept_salts", LargeBinary()),
    "content": ("kept_contents", Text()),
}


def _given(columns: Mapping[str, tuple[str, Any]], name: str) -> Any:
    """Arrays as a table: one parameter per column."""
    arrays = [bindparam(values, type_=ARRAY(type_)) for values, type_ in columns.values()]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name=name)


_new = _given(_COLUMNS, "new")
_kept = _given(_DETAILS_COLUMNS, "kept")
_entries = (
    insert(AuditEntry)
    .from_select(
        [*_COLUMNS, "at"],
        select(
            *(_new.c[name] for name in _COLUMNS),
            bindparam("at", type_=DateTime(timezone=True)),
        ),
    )
    .returning(AuditEntry.id)
    .cte("entries")
)
_details = (
    insert(AuditDetails)
    .from_select([*_DETAILS_COLUMNS], select(*(_kept.c[name] for name in _DETAILS_COLUMNS)))
    .cte("details")
)
_RECORD: Final = Query(
    insert(AuditSeal).from_select(["entry_id"], select(_entries.c.id)).add_cte(_details)
)
