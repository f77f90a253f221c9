"""Making and replacing the keys that sign our tokens; one process at a time.

A key is NEXT before it is CURRENT, long enough for every process to hold it: no token is ever
signed by a key that somebody who checks it has not seen. A RETIRED one checks until the last token
it can have signed has ended.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from joserfc.jwk import RSAKey
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.keys import BITS, Vault
from core.clock import now
from core.db import Database, Row
from core.ids import new_id
from core.settings import Settings
from models.keys import KeyStatus, SigningKey

ADVISORY_LOCK: Final = 7_246_002
SETTLED: Final = timedelta(seconds=5)  # every process has read the keys a few times
MARGIN: Final = timedelta(minutes=1)  # a process that could not ask signs on with the old one


class NotSettled(Exception):
    """The next key is too young. again_in: when it is old enough."""

    def __init__(self, again_in: timedelta) -> None:
        super().__init__(f"The next key must be known everywhere; try again in {again_in}.")
        self.again_in = again_in


async def make_first(db: Database, settings: Settings) -> None:
    """The keys of a new shop; nothing when there are some."""
    async with db.transaction() as session:
        if await _has_keys(session):
            return
    made = await _new_keys(settings, KeyStatus.CURRENT, KeyStatus.NEXT)
    async with db.transaction() as session:
        await _alone(session)
        if not await _has_keys(session):
            await session.execute(insert(SigningKey), made)


async def rotate(db: Database, settings: Settings, *, settled: timedelta = SETTLED) -> UUID:
    """Sign with the next key from now on; the id of that key. `make_first` was here before.

    settled: how old the next key must be.

    Raises: NotSettled; KeysUnreadable when TOKEN_SECRET is not the one of the other processes.
    """
    vault = Vault(settings.token_secret.get_secret_value())
    made = await _new_keys(settings, KeyStatus.NEXT)
    async with db.transaction() as session:
        await _alone(session)
        following = await _following(session)
        following_id: UUID = following["id"]
        vault.opened(following_id, following["private_key"])
        age = now() - following["created_at"]
        if age < settled:
            raise NotSettled(settled - age)
        ends_at = now() + longest_lifetime(settings) + MARGIN
        await _retire(session, KeyStatus.CURRENT, ends_at=ends_at)
        await session.execute(
            update(SigningKey).where(SigningKey.id == following_id).values(status=KeyStatus.CURRENT)
        )
        # Its age counts from here: the transaction may have waited for another one.
        await session.execute(insert(SigningKey), [{**each, "created_at": now()} for each in made])
        await session.execute(delete(SigningKey).where(SigningKey.ends_at < func.now()))
    return following_id


async def replace_all(db: Database, settings: Settings) -> None:
    """New keys at once, as after a secret became known: every token of the old ones is void."""
    made = await _new_keys(settings, KeyStatus.CURRENT, KeyStatus.NEXT)
    async with db.transaction() as session:
        await _alone(session)
        await session.execute(delete(SigningKey))
        await session.execute(insert(SigningKey), made)


def longest_lifetime(settings: Settings) -> timedelta:
    """Of all tokens that keys sign."""
    return max(settings.access_token_lifetime, settings.guest_token_lifetime)


async def _new_keys(settings: Settings, *statuses: KeyStatus) -> list[dict[str, Any]]:
    """Rows to insert. Finding the primes takes a tenth of a second, so not on the event loop."""
    vault = Vault(settings.token_secret.get_secret_value())
    rows = []
    for status in statuses:
        kid, key = new_id(), await asyncio.to_thread(RSAKey.generate_key, BITS)
        rows.append({"id": kid, "status": status, "private_key": vault.sealed(kid, key)})
    return rows


async def _alone(session: AsyncSession) -> None:
    """Until the transaction ends nobody else makes or replaces keys."""
    await session.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))


async def _has_keys(session: AsyncSession) -> bool:
    return await session.scalar(select(SigningKey.id).limit(1)) is not None


async def _following(session: AsyncSession) -> Row:
    found = select(SigningKey.id, SigningKey.private_key, SigningKey.created_at)
    rows = await session.execute(found.where(SigningKey.status == KeyStatus.NEXT))
    return rows.mappings().one()  # type: ignore[return-value]


async def _retire(session: AsyncSession, status: KeyStatus, *, ends_at: datetime) -> None:
    await session.execute(
        update(SigningKey)
        .where(SigningKey.status == status)
        .values(status=KeyStatus.RETIRED, ends_at=ends_at)
    )
