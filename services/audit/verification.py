"""Checks the whole log in constant memory, and names the first entry that is not as it was sealed.

What it can't see by itself is a log cut off at its end, or signed anew by whoever has the secret:
for that it is told the head that somebody wrote down earlier, and the public keys to trust.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import BigInteger, DateTime, Integer, Uuid, and_, bindparam, func, or_, select

from core.clock import now
from core.db import Query, Reader, Row
from models.audit import AuditBatch, AuditDetails, AuditEntry, AuditKey, AuditSeal
from services.audit.hashing import NOTHING_BEFORE, details_hash, entry_hash, signed_text
from services.audit.sealing import Head, entry_columns

PAGE: Final = 1_000
GRACE: Final = timedelta(seconds=30)  # an entry may be as old at its commit: that is no fault
PATIENCE_SECONDS: Final = 3.0  # with the sealer, for an entry that is older

_size = bindparam("size", type_=Integer())
_CHAIN: Final = Query(
    select(
        AuditSeal.position,
        AuditSeal.entry_id,
        AuditSeal.hash.label("seal_hash"),
        *entry_columns(),
        AuditDetails.salt,
        AuditDetails.content,
        AuditBatch.first_position,
        AuditBatch.hash.label("batch_hash"),
        AuditBatch.sealed_at,
        AuditBatch.key_id,
        AuditBatch.signature,
    )
    .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
    .outerjoin(AuditDetails, AuditDetails.id == AuditEntry.details_id)
    .outerjoin(AuditBatch, AuditBatch.last_position == AuditSeal.position)
    .where(AuditSeal.position > bindparam("after", type_=BigInteger()))
    .order_by(AuditSeal.position)
    .limit(_size)
)
_ENTRIES: Final = Query(
    select(
        AuditEntry.id,
        and_(
            AuditSeal.position.is_(None),
            or_(
                AuditSeal.entry_id.is_(None),
                AuditEntry.at < bindparam("before", type_=DateTime(timezone=True)),
            ),
        ).label("is_open"),
    )
    .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    .where(AuditEntry.id > bindparam("after", type_=Uuid()))
    .order_by(AuditEntry.id)
    .limit(_size)
)
_WITHOUT_ENTRY: Final = Query(
    select(AuditSeal.entry_id)
    .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
    .where(AuditSeal.position.is_(None), AuditEntry.id.is_(None))
    .order_by(AuditSeal.entry_id)
    .limit(1)
)
_SEALED: Final = Query(
    select(AuditSeal.position).where(
        AuditSeal.entry_id == bindparam("entry_id", type_=Uuid()), AuditSeal.position.is_not(None)
    )
)
_LAST_BATCH: Final = Query(select(func.max(AuditBatch.last_position).label("position")))
_KEYS: Final = Query(select(AuditKey.id, AuditKey.public).order_by(AuditKey.id))


@dataclass(frozen=True, slots=True)
class Report:
    """problem: the first one, by position; None: the log is as it was sealed.

    erased: entries whose details are gone, which is no problem: their hashes stay.
    """

    entries: int
    erased: int
    head: Head
    problem: str | None


class Broken(Exception):
    """What is wrong with the log, as a sentence that names the entry."""


async def public_keys(reader: Reader) -> dict[UUID, bytes]:
    """The public halves that the database holds, raw, by their ids."""
    return {row["id"]: row["public"] for row in await reader.fetch(_KEYS)}


async def verify(
    reader: Reader, *, trusted: Mapping[UUID, bytes] | None = None, expected: Head | None = None
) -> Report:
    """Check chain, details, signatures and completeness.

    trusted: the public keys that may have signed; None: those in the database, which prove less.
    expected: a link that was written down elsewhere, and must still be there.
    """
    keys = trusted if trusted is not None else await public_keys(reader)
    walk = _Walk(
        {key_id: Ed25519PublicKey.from_public_bytes(raw) for key_id, raw in keys.items()}, expected
    )
    problem = None
    # From before the walk: what is sealed while it runs is not missing.
    begun = now()
    try:
        async for row in _paged(reader, _CHAIN, "position", 0):
            walk.step(row)
        walk.end((await reader.fetch(_LAST_BATCH))[0]["position"] or 0)
        await _complete(reader, begun)
    except Broken as broken:
        problem = str(broken)
    return Report(walk.head.position, walk.erased, walk.head, problem)


async def _paged(
    reader: Reader, query: Query, key: str, after: Any, **values: Any
) -> AsyncIterator[Row]:
    """All rows, a page at a time."""
    while rows := await reader.fetch(query, after=after, size=PAGE, **values):
        for row in rows:
            yield row
        after = rows[-1][key]


async def _complete(reader: Reader, begun: datetime) -> None:
    """Every entry has its seal, or is about to get it; every seal has its entry."""
    async for row in _paged(reader, _ENTRIES, "id", UUID(int=0), before=begun - GRACE):
        if row["is_open"] and not await _sealed_soon(reader, row["id"]):
            raise Broken(f"Entry {row['id']} was never sealed.")
    for row in await reader.fetch(_WITHOUT_ENTRY):
        raise Broken(f"Entry {row['entry_id']} was deleted before it was sealed.")


async def _sealed_soon(reader: Reader, entry_id: UUID) -> bool:
    """Whether a seal comes after all: an old transaction may have committed a moment ago."""
    await asyncio.sleep(PATIENCE_SECONDS)
    return bool(await reader.fetch(_SEALED, entry_id=entry_id))


class _Walk:
    """Goes along the chain, link by link."""

    def __init__(self, keys: Mapping[UUID, Ed25519PublicKey], expected: Head | None) -> None:
        self.keys, self.expected = keys, expected
        self.head, self.signed_to, self.erased = Head(0, NOTHING_BEFORE), 0, 0

    def step(self, row: Row) -> None:
        """Raises: Broken."""
        position = self.head.position + 1
        what = f"entry {row['entry_id']} at position {position}"
        if row["position"] != position:
            raise Broken(f"Position {position} is missing: what was there, was deleted.")
        if row["id"] is None:
            raise Broken(f"{what.capitalize()} was deleted.")
        if row["seal_hash"] != entry_hash(self.head.hash, position, row):
            raise Broken(f"{what.capitalize()} was changed, or is not what stood there.")
        self.head = Head(position, row["seal_hash"])
        self._details(row, what)
        if row["signature"] is not None:
            self._batch(row, what)
        if self.expected and self.expected.position == position and self.expected != self.head:
            raise Broken(f"The hash of {what} is another one than was written down.")

    def end(self, last_batch: int) -> None:
        """Raises: Broken when the last links are not signed, or are gone."""
        last = self.head.position
        if self.signed_to != last:
            raise Broken(f"Positions {self.signed_to + 1} to {last} were never signed.")
        if last_batch > last:
            raise Broken(f"Positions {last + 1} to {last_batch} are missing: they were deleted.")
        if self.expected and self.expected.position > last:
            raise Broken(f"Position {self.expected.position} is missing: the end was cut off.")

    def _details(self, row: Row, what: str) -> None:
        if row["details_hash"] is None:
            return
        if row["salt"] is None:
            self.erased += 1
        elif details_hash(row["salt"], row["content"]) != row["details_hash"]:
            raise Broken(f"The details of {what} were changed.")

    def _batch(self, row: Row, what: str) -> None:
        first = self.signed_to + 1
        text = signed_text(
            first_position=first,
            last_position=self.head.position,
            last_hash=self.head.hash,
            sealed_at=row["sealed_at"],
        )
        key = self.keys.get(UUID(bytes=row["key_id"].bytes))
        if key is None:
            raise Broken(f"The batch that ends with {what} is signed by an unknown key.")
        try:
            key.verify(row["signature"], text)
        except InvalidSignature:
            raise Broken(f"The signature of the batch that ends with {what} is wrong.") from None
        if row["first_position"] != first or row["batch_hash"] != self.head.hash:
            raise Broken(f"The batch that ends with {what} was changed.")
        self.signed_to = self.head.position
