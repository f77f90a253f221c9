"""What a process needs to know who is asking, opened and closed together."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from auth import rotation
from auth.callers import USE_SECONDS, Callers
from auth.keys import Keys
from auth.news import News, stopped, taken_in
from auth.tokens import Tokens
from core.db import FAULTS, Database, Reader
from core.settings import Settings
from services import platform

KEYS_SECONDS: Final = 2.0
WRITE_SECONDS: Final = 1.0

log = logging.getLogger("auth")


@dataclass(frozen=True, slots=True)
class Recognition:
    keys: Keys
    tokens: Tokens
    callers: Callers


@contextlib.asynccontextmanager
async def recognition(
    settings: Settings, db: Database, reader: Reader, redis: Redis
) -> AsyncIterator[Recognition]:
    """Keys, made when there are none; tokens and callers; news of what ended.

    Without a database nobody is recognised until it comes.

    Raises: auth.keys.KeysUnreadable.
    """
    keys = Keys(settings, reader)
    with contextlib.suppress(*FAULTS):
        await open_keys(keys, db, settings)
    tokens, news = Tokens(settings, keys), News(redis)
    callers = Callers(tokens, reader, news)
    tasks = [
        asyncio.create_task(_keep_keys(keys, db, settings)),
        asyncio.create_task(_write_uses(callers, db)),
    ]
    try:
        async with news.heard(callers, keys):
            yield Recognition(keys, tokens, callers)
    finally:
        await stopped(*tasks)


async def open_keys(keys: Keys, db: Database, settings: Settings) -> None:
    """Make them when there are none, and read them.

    Raises: auth.keys.KeysUnreadable; one of core.db.FAULTS.
    """
    await rotation.make_first(db, settings)
    await keys.refresh()


async def _keep_keys(keys: Keys, db: Database, settings: Settings) -> None:
    """What no news told, a few seconds tell."""
    while True:
        await asyncio.sleep(KEYS_SECONDS)
        if keys.are_read:
            await taken_in(keys)
        else:
            with contextlib.suppress(*FAULTS):
                await open_keys(keys, db, settings)


async def _write_uses(callers: Callers, db: Database) -> None:
    """Now and then, when app tokens were used last: no request waits for that."""
    while True:
        await asyncio.sleep(WRITE_SECONDS)
        used, callers.unwritten = callers.unwritten, set()
        if not used:
            continue
        try:
            async with db.transaction() as session:
                await platform.note_app_token_use(session, used, every=USE_SECONDS)
        except FAULTS as fault:
            log.warning("uses not written", extra={"fault": type(fault).__name__})
