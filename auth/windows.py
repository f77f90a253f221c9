"""Sliding windows in the memory of one process, for as long as Valkey does not answer."""

import time
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

SHARE: Final = 4  # a process alone allows a quarter: there may be several
EVERYBODY: Final = 10  # addresses' worth of tries that a process allows in all
FEW: Final = 1_000  # windows that may lie about before the ended ones are looked for


class Limit(NamedTuple):
    """Tries in the last so many seconds."""

    most: int
    seconds: int


class LocalWindows:
    """Their number is bounded without forgetting any: what is refused makes no window."""

    def __init__(self) -> None:
        self._windows: dict[str, deque[float]] = {}
        self._ends: dict[str, float] = {}

    def count(self, rule: str, windows: Sequence[tuple[str, Limit]]) -> float:
        """Count one try. Seconds until there is room; 0 when there was.

        windows: the first one is the address's.
        """
        now = time.monotonic()
        self._drop_ended(now)
        tight = [(key, Limit(max(1, most // SHARE), seconds)) for key, (most, seconds) in windows]
        most, seconds = tight[0][1]
        tight.append((f"{rule}:everybody", Limit(most * EVERYBODY, seconds)))
        wait = max(self._wait(key, limit, now) for key, limit in tight)
        if wait > 0:
            return wait
        for key, limit in tight:
            self._windows.setdefault(key, deque()).append(now)
            self._ends[key] = now + limit.seconds
        return 0

    def take_back(self, windows: Sequence[tuple[str, Limit]]) -> None:
        for key, _ in windows:
            if tries := self._windows.get(key):
                tries.pop()

    def _wait(self, key: str, limit: Limit, now: float) -> float:
        tries = self._windows.get(key, deque())
        while tries and tries[0] <= now - limit.seconds:
            tries.popleft()
        return tries[0] + limit.seconds - now if len(tries) >= limit.most else 0.0

    def _drop_ended(self, now: float) -> None:
        if len(self._windows) < FEW:
            return
        for key in [key for key, end in self._ends.items() if end <= now]:
            del self._windows[key], self._ends[key]
