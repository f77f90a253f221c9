"""Loops that go on: one bounded round after another, whatever one of them meets."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
GRACE_SECONDS: Final = 15.0  # for the rounds under way when we are told to stop

log = logging.getLogger("workers")


@dataclass(frozen=True, eq=False)
class Loop:
    """Work that is never finished.

    work: one round, bounded, and told how much it did: something means that there may be more.
    every: seconds from a round that found nothing to the next one.
    wake: set by whoever knows that there is work now.
    """

    name: str
    work: Callable[[], Awaitable[int]]
    every: float
    wake: asyncio.Event = field(default_factory=asyncio.Event)


async def run(loops: Sequence[Loop], stopping: asyncio.Event) -> None:
    """Until `stopping` is set; rounds under way get GRACE_SECONDS to end."""
    tasks = [asyncio.create_task(_keep_going(loop, stopping), name=loop.name) for loop in loops]
    await stopping.wait()
    for loop in loops:
        loop.wake.set()
    _, unfinished = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
    for task in unfinished:
        log.warning("cut short", extra={"loop": task.get_name()})
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_going(loop: Loop, stopping: asyncio.Event) -> None:
    pause = FIRST_PAUSE_SECONDS
    while not stopping.is_set():
        began = time.monotonic()
        try:
            done = await loop.work()
        except Exception:
            log.exception("round failed", extra={"loop": loop.name, "again_in": pause})
            await _rest(loop, pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            continue
        pause = FIRST_PAUSE_SECONDS
        if done:
            seconds = round(time.monotonic() - began, 3)
            log.debug("round done", extra={"loop": loop.name, "done": done, "seconds": seconds})
        await _rest(loop, 0 if done else loop.every)


async def _rest(loop: Loop, seconds: float) -> None:
    """Until it is woken, but at most `seconds`."""
    if not seconds:
        await asyncio.sleep(0)  # the other loops' turn
        return
    try:
        async with asyncio.timeout(seconds):
            await loop.wake.wait()
    except TimeoutError:
        return
    loop.wake.clear()
