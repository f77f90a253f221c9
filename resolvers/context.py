"""What one operation carries: who asks, in which language and currency, how to read and write."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.batch import Batch, Loader
from core.identity import acting
from resolvers.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from uuid import UUID

    from redis.asyncio import Redis

    from auth.brakes import Brakes
    from auth.providers import Logins
    from auth.sign_in import SignIns
    from auth.tokens import Tokens
    from core.db import Database, Query, Reader, Row
    from core.identity import Caller
    from core.settings import Settings
    from resolvers.loaders.base import Relation, Snapshot
    from search.switch import Search
    from services.audit import Refusals
    from services.inventory import Turnstile
    from services.payments import PaymentProvider
    from services.search import Searched

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Shop:
    """What the operations of one process share; made by app.py."""

    settings: Settings
    db: Database
    reader: Reader
    redis: Redis
    tokens: Tokens
    providers: Mapping[str, PaymentProvider]
    turnstile: Turnstile
    brakes: Brakes
    refusals: Refusals
    sign_ins: SignIns
    logins: Logins
    search: Search
    searched: Searched


class RequestContext:
    """One operation.

    language, currency: what the caller sees; `@inContext` or headers choose.
    asked: names of the fields that the operation asks for anywhere, perhaps more than that: for
        what is cheaper to read together with what stands above it.
    batch, batches, answers: the engine's own; see `engine.run` and `engine.errors`.
    """

    fallback = FALLBACK_LANGUAGE

    def __init__(
        self, shop: Shop, caller: Caller, *, language: str, currency: str, country: str = ""
    ) -> None:
        self.shop = shop
        self.language, self.currency, self.country = language, currency, country
        self.asked: frozenset[str] = frozenset()
        self.db, self.reader = shop.db, shop.reader
        self.become(caller)
        self.batch = Batch()
        self.batches: dict[Any, Any] = {}
        self.answers: dict[str, Any] = {}
        self._loaders: dict[Relation, Loader] = {}

    def become(self, caller: Caller) -> None:
        """Go on as somebody else: who has just signed in."""
        self.caller = caller
        acting.set(caller)
        self.grants: Mapping[str, Container[UUID]] = caller.grants
        self.is_signed_in = caller.is_signed_in
        self.is_known = caller.is_known
        self.scope = Scope(caller)

    @property
    def user_id(self) -> UUID:
        """Of the caller, for fields that only those ask for who are signed in."""
        assert self.is_signed_in, "the field is for signed-in callers"
        assert self.caller.subject is not None, "a user has an id"
        return self.caller.subject

    async def fetch(self, query: Query, /, **values: Any) -> Sequence[Row]:
        """Rows of a statement; its scope parameters come from the caller, always."""
        for name in query.wishes:
            values.setdefault(name, getattr(self, name))
        for name in query.scopes:
            values[name] = self.scope[name]
        return await self.reader.fetch(query, **values)

    def loader(self, relation: Relation) -> Loader:
        """The loader of a relation; kept for the operation, forgotten after each write."""
        loader = self._loaders.get(relation)
        if loader is None:
            query = relation.query
            values = {name: self.scope[name] for name in query.scopes}
            values |= {name: getattr(self, name) for name in query.wishes}
            # Not `self.fetch`: a loader that knew its context would be a cycle, and all rows of an
            # operation would wait for the garbage collector.
            given = self.loader(relation.gives) if relation.gives else None
            loader = relation.loader(self.batch, self.reader.fetch, given, **values)
            self._loaders[relation] = loader
        return loader

    def rows(self, relation: Relation, keys: Sequence[Any]) -> Awaitable[list[Any]]:
        """Per key, in order: its row or None, or the list of its rows. A None key has none."""
        return self.loader(relation).rows(keys)

    async def one(self, relation: Relation, key: Any) -> Any:
        return (await self.rows(relation, [key]))[0]

    async def known(self, snapshot: Snapshot, ids: Sequence[Any]) -> list[Row | None]:
        return await snapshot.rows(self.fetch, ids)

    def forget(self) -> None:
        """After a write: what was read before may be different now."""
        self._loaders.clear()
        self.batches.clear()
