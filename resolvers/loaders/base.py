"""Relations: how rows are found by keys, whoever asks; bound to a caller per operation."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import repeat
from operator import contains, itemgetter
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, bindparam, func, literal_column

from core.batch import Batch, Loader
from core.db import Query, Row, Statement

KEYS: ColumnElement[Any] = bindparam("keys", type_=ARRAY(Uuid()))  # compare with `any_(KEYS)`
LANGUAGE, FALLBACK = (bindparam(name, type_=Text()) for name in ("language", "fallback"))
Fetch = Callable[..., Awaitable[Sequence[Row]]]
_id = itemgetter("id")
T = TypeVar("T")


def chosen(texts: Any) -> ColumnElement[Any]:
    """A translated column as one text, in the caller's language or else the fallback language.

    For rows that come in numbers: to decode all languages costs the driver four times as much.
    """
    wanted = func.nullif(texts.op("->>")(LANGUAGE), literal_column("''"))
    return func.coalesce(wanted, texts.op("->>")(FALLBACK)).label(texts.name)


def all_bring(rows: Sequence[Row], column: str) -> bool:
    """Whether all these rows have a column that only some relations give.

    Rows of several relations may come together: graphql-core's executor batches over fields.
    """
    return all(map(contains, rows, repeat(column)))


class Relation:
    """Rows by key: one per key, or (many) a list per key in the statement's order.

    The statement selects a column named `key`, or the one named by `key`, and compares with KEYS.
    Its order begins with that column where a key has many rows: groups are cheaper than hashes.
    Scoped tables put conditions of `resolvers.scope` into it; `is_reference` says why one does
    not: the caller's own cart or order already names the row.

    gives: another relation, of one row per `id` of these rows, which they answer too: what is
    nearly always asked next need not be a statement of its own.
    """

    all: ClassVar[list[Relation]] = []

    def __init__(
        self,
        statement: Statement,
        *,
        key: str,
        many: bool = False,
        is_reference: bool = False,
        gives: Relation | None = None,
    ) -> None:
        self.statement, self.many, self.is_reference = statement, many, is_reference
        self.query = Query(statement)
        self.key, self.gives = itemgetter(key), gives
        Relation.all.append(self)

    def loader(
        self, batch: Batch, fetch: Fetch, given: Loader | None = None, /, **values: Any
    ) -> Loader:
        """`given`: the loader of `gives`."""

        async def read(keys: list[Any]) -> Sequence[Row]:
            rows = await fetch(self.query, keys=keys, **values)
            if given is not None:
                given.known.update(zip(map(_id, rows), rows, strict=True))
            return rows

        return Loader(batch, read, self.key, many=self.many)


class Snapshot:
    """A small reference table for display, held in the process and at most `seconds` old.

    A miss asks again: what was added a moment ago is found. `forget` after a write of ours.
    """

    all: ClassVar[list[Snapshot]] = []

    def __init__(self, statement: Statement, *, seconds: float = 5.0) -> None:
        self.query, self.seconds = Query(statement), seconds
        self._until = 0.0
        self._by_id: dict[Any, Row] = {}
        Snapshot.all.append(self)

    def forget(self) -> None:
        self._until = 0.0

    async def rows(self, fetch: Fetch, ids: Sequence[Any]) -> list[Row | None]:
        """Per id, in order, its row; None for None and for unknown ids."""
        found = [*map((await self.by_id(fetch)).get, ids)]
        if None in found and not self._by_id.keys() >= {*ids} - {None}:
            self.forget()
            found = [*map((await self.by_id(fetch)).get, ids)]
        return found

    async def by_id(self, fetch: Fetch) -> dict[Any, Row]:
        if time.monotonic() > self._until:
            self._by_id = {row["id"]: row for row in await fetch(self.query)}
            self._until = time.monotonic() + self.seconds
        return self._by_id


class Derived(Generic[T]):
    """What is worked out from a snapshot's rows: once for each time they are read."""

    def __init__(self, snapshot: Snapshot, make: Callable[[Mapping[Any, Row]], T]) -> None:
        self._snapshot, self._make = snapshot, make
        self._of: Mapping[Any, Row] | None = None
        self._value: T

    async def value(self, fetch: Fetch) -> T:
        rows = await self._snapshot.by_id(fetch)
        if rows is not self._of:
            self._of, self._value = rows, self._make(rows)
        return self._value


def forget_snapshots() -> None:
    for snapshot in Snapshot.all:
        snapshot.forget()
