"""Mutations that must not be done twice: one row per (caller, mutation, key).

The row is inserted first, in the mutation's own transaction: a second request with the key waits
for the first one and then finds what it led to. A refusal rolls the row back with everything else.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import IdempotencyConflict, InvalidInput
from models.platform import IdempotencyKey

MAX_KEY_CHARACTERS: Final = 255


@dataclass(frozen=True, slots=True)
class Claim:
    """What a caller wants done once: `key` is the client's own, good for this mutation."""

    caller_id: UUID
    mutation: str
    key: str


async def begin(
    session: AsyncSession, claim: Claim, *, arguments: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Claim a key. None: go on, then `finish`. Otherwise: the ids that the first request led to.

    arguments: the coerced input without the key.

    Raises: IdempotencyConflict when the key was used with other arguments; InvalidInput for a
    key that is empty, too long or of characters that nobody can print.
    """
    if not 0 < len(claim.key) <= MAX_KEY_CHARACTERS or not claim.key.isprintable():
        problem = f"A key has 1 to {MAX_KEY_CHARACTERS} characters that can be printed."
        raise InvalidInput(problem=problem, path=("idempotencyKey",))
    fingerprint = hashlib.sha256(
        orjson.dumps(dict(arguments), option=orjson.OPT_SORT_KEYS, default=str)
    ).digest()
    row = {**asdict(claim), "input_hash": fingerprint, "result": {}}
    fresh = insert(IdempotencyKey).values(row).on_conflict_do_nothing()
    if (await session.execute(fresh.returning(IdempotencyKey.key))).first() is not None:
        return None
    found = await session.execute(
        select(IdempotencyKey.input_hash, IdempotencyKey.result).where(*_is(claim))
    )
    input_hash, result = found.one()
    if input_hash != fingerprint:
        raise IdempotencyConflict(path=("idempotencyKey",))
    return dict(result)


async def finish(session: AsyncSession, claim: Claim, *, result: Mapping[str, UUID]) -> None:
    """Remember the ids that the mutation led to."""
    values = {name: made.hex for name, made in result.items()}
    await session.execute(update(IdempotencyKey).where(*_is(claim)).values(result=values))


def _is(claim: Claim) -> tuple[Any, ...]:
    return (
        IdempotencyKey.caller_id == claim.caller_id,
        IdempotencyKey.mutation == claim.mutation,
        IdempotencyKey.key == claim.key,
    )
