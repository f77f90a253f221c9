"""The sealer: links committed entries into one chain, and signs what it linked.

As with the outbox, positions are given after the commit, by one sealer at a time: a slow
transaction's entries come later in the chain, and are never passed over. Entries of one object
keep the order of its changes: their ids were taken under its lock.
"""

import logging
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database, Query, Reader
from models.audit import AuditBatch, AuditEntry, AuditSeal
from services.audit.hashing import FIELDS, NOTHING_BEFORE, entry_hash, signed_text
from services.audit.keys import KeyRing

BATCH: Final = 1_000
_LOCK: Final = 0xA0D17  # of pg_advisory_xact_lock; any number nobody else uses

log = logging.getLogger("audit")


class Head(NamedTuple):
    """The last link: whoever writes it down elsewhere can tell later whether it is still there."""

    position: int
    hash: bytes


def entry_columns() -> list[Any]:
    """What is hashed; JSON as the text that the database makes of it."""
    texts = {
        name: cast(getattr(AuditEntry, name), Text).label(name) for name in ("before", "after")
    }
    return [texts.get(name, getattr(AuditEntry, name)) for name in FIELDS]


_IS_WAITING = AuditSeal.position.is_(None)
_WAITING: Final = Query(select(literal_column("1").label("one")).where(_IS_WAITING).limit(1))
_NEXT: Final = (
    select(*entry_columns())
    .join(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    .where(_IS_WAITING)
    .order_by(AuditSeal.entry_id)
    .limit(bindparam("size", type_=Integer()))
)
_HEAD: Final = (
    select(AuditBatch.last_position, AuditBatch.hash)
    .order_by(AuditBatch.last_position.desc())
    .limit(1)
)
_HEAD_NOW: Final = Query(_HEAD)
_links = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("positions", type_=ARRAY(BigInteger())),
        bindparam("hashes", type_=ARRAY(LargeBinary())),
    )
    .table_valued("entry_id", "position", "hash")
    .render_derived(name="links")
)
_SEAL: Final = (
    update(AuditSeal)
    .where(AuditSeal.entry_id == _links.c.entry_id, _IS_WAITING)
    .values(position=_links.c.position, hash=_links.c.hash)
)


async def seal(db: Database, reader: Reader, keys: KeyRing, *, size: int = BATCH) -> int:
    """Seal the oldest waiting entries, as one signed batch; tells how many.

    Several sealers may run: whoever does not get the lock does nothing.
    """
    if not await reader.fetch(_WAITING):
        return 0
    async with db.transaction() as session:
        return len(await _seal(session, keys, size))


class Witness:
    """Tells the log where the chain ends: a witness outside of the database.

    `python -m tools.verify_audit --head` takes what it told.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader, self._told = reader, 0

    async def tell(self) -> int:
        """Once for each new end; 0: there is no more to do."""
        for row in await self._reader.fetch(_HEAD_NOW):
            position = row["last_position"]
            if position != self._told:
                log.info("audit head", extra={"position": position, "hash": row["hash"].hex()})
                self._told = position
        return 0


async def _seal(session: AsyncSession, keys: KeyRing, size: int) -> list[Head]:
    """The lock is a statement of its own: the next one then sees what its last holder committed."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return []
    rows = (await session.execute(_NEXT, {"size": size})).mappings().all()
    if not rows:
        return []
    last = (await session.execute(_HEAD)).one_or_none()
    head = Head(*last) if last is not None else Head(0, NOTHING_BEFORE)
    links = _linked(head, rows)
    await session.execute(
        _SEAL,
        {
            "ids": [row["id"] for row in rows],
            "positions": [link.position for link in links],
            "hashes": [link.hash for link in links],
        },
    )
    await _sign(session, keys, first_position=head.position + 1, last=links[-1])
    return links


def _linked(head: Head, rows: Sequence[Any]) -> list[Head]:
    links = []
    for row in rows:
        position = head.position + 1
        head = Head(position, entry_hash(head.hash, position, row))
        links.append(head)
    return links


async def _sign(session: AsyncSession, keys: KeyRing, *, first_position: int, last: Head) -> None:
    signer, sealed_at = await keys.signer(session), now()
    text = signed_text(
        first_position=first_position,
        last_position=last.position,
        last_hash=last.hash,
        sealed_at=sealed_at,
    )
    batch = {
        "first_position": first_position,
        "last_position": last.position,
        "hash": last.hash,
        "sealed_at": sealed_at,
        "key_id": signer.id,
        "signature": signer.sign(text),
    }
    await session.execute(insert(AuditBatch).values(batch))
