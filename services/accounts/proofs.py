"""Proofs: texts that are sent to one person, in a letter or to a device, and are good once.

Only the SHA-256 of a proof is kept; 32 random bytes need no slower hash.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    LargeBinary,
    Text,
    any_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Query, Reader
from models.accounts import Proof as Row

PROOF_BYTES: Final = 32
MAX_CHARACTERS: Final = 128
TRIES: Final = "tries"  # the fact that counts them


@dataclass(frozen=True, slots=True)
class Proof:
    """What a text proves: something about an account, or about what the facts name."""

    user_id: UUID | None
    facts: Mapping[str, Any] = field(repr=False)


async def create(
    session: AsyncSession,
    *,
    purpose: str,
    user_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    lifetime: timedelta,
) -> str:
    """A new proof; the text is nowhere else.

    purpose: VERIFY_EMAIL, RESET_PASSWORD…: a proof made for one thing is good for no other.
    """
    text = secrets.token_urlsafe(PROOF_BYTES)
    row = {"token_hash": _hash(text), "purpose": purpose, "user_id": user_id}
    values = {**row, "facts": dict(facts or {}), "expires_at": now() + lifetime}
    await session.execute(insert(Row).values(values))
    return text


def link(page: str, text: str, *, language: str = "") -> str:
    """An address of ours that brings a proof back.

    language: of the letter that it stands in; the page speaks it, whatever the browser likes.
    """
    query = {"token": text, "ui_locales": language}
    return f"{page}?{urlencode({name: value for name, value in query.items() if value})}"


async def take(session: AsyncSession, *, purpose: str, text: str) -> Proof | None:
    """Use a proof up. None: unknown, used, expired or for something else.

    Of two at once one gets it: the other waits for the row and finds it gone.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    wanted = (Row.token_hash == _hash(text), Row.purpose == purpose, Row.expires_at > now())
    taken = delete(Row).where(*wanted).returning(Row.user_id, Row.facts)
    found = (await session.execute(taken)).one_or_none()
    return Proof(found.user_id, found.facts) if found else None


_FOUND: Final = Query(
    select(Row.user_id, Row.facts).where(
        Row.token_hash == bindparam("token_hash", type_=LargeBinary()),
        Row.purpose == bindparam("purpose", type_=Text()),
        Row.expires_at > func.now(),
    )
)


async def find(reader: Reader, *, purpose: str, text: str) -> Proof | None:
    """What `take` would get at this moment: to look first whether dear work is worth it."""
    if len(text) > MAX_CHARACTERS:
        return None
    rows = await reader.fetch(_FOUND, token_hash=_hash(text), purpose=purpose)
    return Proof(rows[0]["user_id"], rows[0]["facts"]) if rows else None


async def count_try(
    session: AsyncSession, *, purpose: str, text: str, maximum: int
) -> Proof | None:
    """Take one of the tries that a proof has; None: it is not good, or has none left.

    The caller's transaction must be kept whatever comes of the try. Of several at once with one
    proof each waits for the one before.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    wanted = (Row.token_hash == _hash(text), Row.purpose == purpose, Row.expires_at > now())
    tries = func.coalesce(Row.facts[TRIES].as_integer(), 0)
    counted = (
        update(Row)
        .where(*wanted, tries < maximum)
        .values(facts=Row.facts.op("||")(func.jsonb_build_object(TRIES, tries + 1)))
        .returning(Row.user_id, Row.facts)
    )
    found = (await session.execute(counted)).one_or_none()
    return Proof(found.user_id, found.facts) if found else None


async def forget(session: AsyncSession, *, user_id: UUID, purposes: list[str]) -> None:
    """Make every proof of these kinds worthless that a user has."""
    await session.execute(
        delete(Row).where(
            Row.user_id == user_id, Row.purpose == any_(literal(purposes, ARRAY(Text())))
        )
    )


async def forget_address(session: AsyncSession, email: str) -> None:
    """Make every proof worthless that is about an address and belongs to no account (yet)."""
    nobodys = (Row.user_id.is_(None), Row.facts["email"].as_string() == email)
    await session.execute(delete(Row).where(*nobodys))


async def delete_expired(session: AsyncSession, *, before: datetime) -> int:
    """Housekeeping; how many went."""
    gone: Any = await session.execute(delete(Row).where(Row.expires_at < before))
    return int(gone.rowcount)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
