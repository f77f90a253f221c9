"""What a process remembers of tokens, and who waits for their end; both found by what they hang on.

A sign-in that is ended, among thousands that are known, must cost next to nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID

from core.identity import Caller

MAX_REMEMBERED: Final = 16_384

Thing = TypeVar("Thing", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Known:
    """A caller, until when that holds (monotonic), and what it hangs on.

    about: the user, guest, sign-in, program, its token or maker, and the merchants of the grants.
    """

    caller: Caller
    until: float
    about: frozenset[UUID]


class ByWhat(Generic[Thing]):
    """Things by what they hang on."""

    def __init__(self) -> None:
        self._things: dict[UUID, set[Thing]] = {}

    def add(self, thing: Thing, about: frozenset[UUID]) -> None:
        for each in about:
            self._things.setdefault(each, set()).add(thing)

    def discard(self, thing: Thing, about: frozenset[UUID]) -> None:
        for each in about:
            things = self._things.get(each)
            if things is not None:
                things.discard(thing)
                if not things:
                    del self._things[each]

    def of(self, id: UUID) -> list[Thing]:
        return [*self._things.get(id, ())]


class Memory:
    """The callers of tokens, the oldest forgotten first."""

    def __init__(self) -> None:
        self.known: OrderedDict[str, Known] = OrderedDict()
        self._tokens = ByWhat[str]()

    def put(self, token: str, known: Known) -> None:
        self._drop(token)
        self.known[token] = known
        self._tokens.add(token, known.about)
        while len(self.known) > MAX_REMEMBERED:
            self._drop(next(iter(self.known)))

    def forget(self) -> None:
        self.known.clear()
        self._tokens = ByWhat()

    def forget_one(self, id: UUID) -> None:
        for token in self._tokens.of(id):
            self._drop(token)

    def _drop(self, token: str) -> None:
        known = self.known.pop(token, None)
        if known is not None:
            self._tokens.discard(token, known.about)


class Watchers:
    """Who waits for news of something; each is told once."""

    def __init__(self) -> None:
        self._all: set[asyncio.Event] = set()
        self._events = ByWhat[asyncio.Event]()

    async def wait(self, about: frozenset[UUID], *, seconds: float) -> None:
        """Until there is news of one of these, but at most so long."""
        told = asyncio.Event()
        self._all.add(told)
        self._events.add(told, about)
        try:
            async with asyncio.timeout(seconds):
                await told.wait()
        except TimeoutError:
            pass
        finally:
            self._all.discard(told)
            self._events.discard(told, about)

    def tell(self, id: UUID) -> None:
        for told in self._events.of(id):
            told.set()

    def tell_all(self) -> None:
        for told in self._all:
            told.set()
