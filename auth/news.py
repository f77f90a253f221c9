"""What every process must hear within a second: tokens that ended, rights and keys that changed.

It goes through Valkey's channels, which keep nothing for who is not there. So each process also
sends itself a beat: when it comes back, everything that was sent before it came, too. Without a
beat of the last moments `heard_until` has passed, and nobody relies on what they remember.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from redis.asyncio import Redis

from auth.keys import KeysUnreadable
from core.db import FAULTS as DATABASE_FAULTS
from core.redis import FAULTS

if TYPE_CHECKING:
    from auth.callers import Callers
    from auth.keys import Keys

BEAT_SECONDS: Final = 0.2
SILENCE_SECONDS: Final = 0.8  # without a beat this long we are not sure to hear
REMEMBERED_SECONDS: Final = 30.0  # nobody relies longer on what they remember
STOP_SECONDS: Final = 2.0
KEYS: Final = "keys"

log = logging.getLogger("auth.news")


async def announce(redis: Redis, *ids: UUID, keys: bool = False) -> None:
    """Tell every process to forget callers that hang on these, and (keys) to read the keys again.

    Raises: one of core.redis.FAULTS.
    """
    told = [each.hex for each in ids] + ([KEYS] if keys else [])
    for message in told:
        await redis.publish(_channel(redis), message)


class News:
    """This process's ear, and its voice.

    heard_until: (monotonic) until then whatever was told has been heard.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._channel, self._own = _channel(redis), f"beat:{secrets.token_hex(8)}"
        self._telling: set[asyncio.Task[None]] = set()
        self._first = asyncio.Event()
        self.heard_until = 0.0

    @contextlib.asynccontextmanager
    async def heard(self, callers: "Callers", keys: "Keys") -> AsyncIterator[None]:
        """Listen, and let callers and keys know; begins when the first beat came, or soon."""
        tasks = [
            asyncio.create_task(self._listen(callers, keys)),
            asyncio.create_task(self._beat()),
        ]
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SILENCE_SECONDS):
                    await self._first.wait()
            yield
        finally:
            await stopped(*tasks, *self._telling)

    def tell(self, id: UUID) -> None:
        """Announce it, from wherever an event loop runs."""
        task = asyncio.get_running_loop().create_task(self._tell(id))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, id: UUID) -> None:
        """Until it is told, or nobody remembers anything from before any more."""
        async with asyncio.timeout(REMEMBERED_SECONDS):
            while True:
                try:
                    await announce(self._redis, id)
                except FAULTS:
                    await asyncio.sleep(BEAT_SECONDS)
                else:
                    return

    async def _beat(self) -> None:
        while True:
            with contextlib.suppress(*FAULTS):
                await self._redis.publish(self._own, repr(time.monotonic()))
            await asyncio.sleep(BEAT_SECONDS)

    async def _listen(self, callers: "Callers", keys: "Keys") -> None:
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(self._channel, self._own)
                    await self._follow(subscription, callers, keys)
            except FAULTS as fault:
                log.warning("no news of revocations", extra={"fault": type(fault).__name__})
            except Exception:
                log.exception("a message that is none of ours")
            callers.wake()
            await asyncio.sleep(BEAT_SECONDS)

    async def _follow(self, subscription: Any, callers: "Callers", keys: "Keys") -> None:
        """Raises: TimeoutError after a silence; one of core.redis.FAULTS."""
        while True:
            message = await subscription.get_message(timeout=SILENCE_SECONDS)
            if message is None:
                raise TimeoutError
            if message["type"] == "subscribe":
                callers.forget()  # what was told in between is lost; redis-py comes back by itself
                await self._redis.publish(self._own, repr(time.monotonic()))
            elif message["channel"] == self._own:
                self.heard_until = float(message["data"]) + SILENCE_SECONDS
                self._first.set()
            elif message["data"] == KEYS:
                await taken_in(keys)
            else:
                callers.forget_one(UUID(hex=message["data"]))


async def stopped(*tasks: asyncio.Task[None]) -> None:
    """Cancel them and wait, but not for one that a dead server holds up."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=STOP_SECONDS)


async def taken_in(keys: "Keys") -> None:
    """Read the keys; those we hold go on when that fails."""
    try:
        await keys.refresh()
    except KeysUnreadable as refusal:
        log.error(str(refusal))  # noqa: TRY400 - the message says all
    except DATABASE_FAULTS as fault:
        log.warning("keys not read", extra={"fault": type(fault).__name__})


def _channel(redis: Redis) -> str:
    """Channels are the server's: shops on other databases of it have others."""
    return f"revoked:{redis.connection_pool.connection_kwargs.get('db') or 0}"
