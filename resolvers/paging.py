"""Lists that can grow: keyset pages of one list, or of one list per parent, in one statement.

A cursor names the sort, the direction, a hash of the filters, and the values and id of its row: it
stays right while rows come and go, and one of another list is refused.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger

from core.db import Row
from core.errors import BadUserInput
from resolvers.context import RequestContext
from resolvers.cursors import decoded, encoded, value_of
from resolvers.listing import COUNT_LIMIT, Listing, Shape

MAX_PAGE: Final = 100
OTHER_LIST: Final = "The cursor belongs to a list with another order or other filters."
R = TypeVar("R")


class Window(NamedTuple):
    """Which part of a list: `size` rows after (backwards: before) a cursor."""

    size: int
    cursor: str | None
    backwards: bool


def window(
    first: int | None, after: str | None, last: int | None, before: str | None, *, default: int = 20
) -> Window:
    """Relay's four arguments.

    Raises: BadUserInput unless at most one direction is asked for, with a size of 0 to MAX_PAGE.
    """
    if last is not None or before is not None:
        if first is not None or after is not None:
            raise BadUserInput("Ask with first and after, or with last and before, not with both.")
        return Window(_size("last", last, default), before, backwards=True)
    return Window(_size("first", first, default), after, backwards=False)


def _size(name: str, value: int | None, default: int) -> int:
    if value is None:
        return default
    if not 0 <= value <= MAX_PAGE:
        raise BadUserInput(f"{name} must be between 0 and {MAX_PAGE}.")
    return value


class Size(NamedTuple):
    """How long a list is: (number of rows, EXACT or AT_LEAST)."""

    total: int
    precision: str


class Part(Generic[R]):
    """A part of a list: rows in the order of the list, and how it goes on in the window's way."""

    def __init__(self, window: Window, rows: Sequence[R], *, has_more: bool) -> None:
        self.window, self.rows, self.has_more = window, rows, has_more

    @property
    def has_next(self) -> bool:
        return self.window.cursor is not None if self.window.backwards else self.has_more

    @property
    def has_previous(self) -> bool:
        return self.has_more if self.window.backwards else self.window.cursor is not None

    def cursor(self, row: R) -> str:
        raise NotImplementedError(type(self).__name__)


class Page(Part[Row]):
    """A page of a list, and how to count the whole."""

    def __init__(self, ask: "Ask", rows: Sequence[Row], keys: Sequence[UUID] = ()) -> None:
        kept = rows[: ask.window.size]
        in_order = kept[::-1] if ask.window.backwards else kept
        super().__init__(ask.window, in_order, has_more=len(rows) > len(kept))
        self.ask, self.keys = ask, keys

    def cursor(self, row: Row) -> str:
        return encoded(self.ask.fingerprint, row[self.ask.sort_key], row["id"])


@dataclass(frozen=True)
class Ask:
    """One question to a list: the window, the sort and the values of its filters."""

    listing: Listing
    window: Window
    sort: str
    descending: bool | None = None
    where: Mapping[str, Any] | None = None

    @cached_property
    def active(self) -> dict[str, Any]:
        return {name: value for name, value in (self.where or {}).items() if value is not None}

    @cached_property
    def fingerprint(self) -> str:
        """What a cursor must agree with."""
        filters = sorted((name, repr(value)) for name, value in self.active.items())
        text = repr((self.sort, self.is_descending, filters))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def sort_key(self) -> str:
        return self.listing.sort_key(self.sort)

    @property
    def is_descending(self) -> bool:
        natural = self.listing.sorts[self.sort].descending
        return natural if self.descending is None else self.descending

    def shape(self, *, is_count: bool = False) -> Shape:
        filters = frozenset(self.active)
        if is_count:
            return Shape(filters, "", False, False, False, is_count=True)
        has_cursor = self.window.cursor is not None
        return Shape(filters, self.sort, self.is_descending, self.window.backwards, has_cursor)

    def values(self) -> dict[str, Any]:
        """The parameters of a page: one row more than asked tells whether there are more.

        Raises: BadUserInput for a cursor that is not of this list.
        """
        values = {**self.active, "size": self.window.size + 1}
        if self.window.cursor is not None:
            values["after_value"], values["after_id"] = self._place(self.window.cursor)
        return values

    def _place(self, cursor: str) -> tuple[Any, UUID]:
        column_type = self.listing.sorts[self.sort].column.type
        bits = 64 if isinstance(column_type, BigInteger) else 32

        def place(fingerprint: Any, value: Any, row_id: Any) -> tuple[Any, UUID]:
            found = value_of(value, column_type.python_type, bits=bits), UUID(hex=row_id)
            if fingerprint != self.fingerprint:
                raise BadUserInput(OTHER_LIST)
            return found

        return decoded(cursor, place)


async def page(ctx: RequestContext, ask: Ask) -> Page:
    """A page of a list: one statement."""
    return Page(ask, await ctx.fetch(ask.listing.query(ask.shape()), **ask.values()))


async def pages(
    ctx: RequestContext, ask: Ask, *, column: Any, groups: Sequence[Sequence[UUID]]
) -> list[Page]:
    """A page per group of parents, in order: one statement for all of them.

    column: names the parent of a row. A group has several parents where a list is the union of
    theirs, as a category's is with those below it.
    """
    query = ask.listing.per_parent(ask.shape(), column)
    found: dict[UUID, list[Row]] = {key: [] for group in groups for key in group}
    for row in await ctx.fetch(query, parents=list(found), **ask.values()):
        found[row["parent_key"]].append(row)
    falling = ask.is_descending != ask.window.backwards
    results = []
    for group in groups:
        rows = [row for key in group for row in found[key]]
        if len(group) > 1:
            rows.sort(key=lambda row: (row[ask.sort_key], row["id"]), reverse=falling)
        results.append(Page(ask, rows, group))
    return results


async def sizes(ctx: RequestContext, asked: Sequence[Page], *, column: Any = None) -> list[Size]:
    """How long the whole lists of one field are, counted up to COUNT_LIMIT: one statement."""
    ask = asked[0].ask
    shape = ask.shape(is_count=True)
    if column is None:
        rows = await ctx.fetch(ask.listing.query(shape), **ask.active)
        return [_size_of(rows[0]["count"])] * len(asked)
    parents = list({key for each in asked for key in each.keys})
    rows = await ctx.fetch(ask.listing.per_parent(shape, column), parents=parents, **ask.active)
    found = {row["parent_key"]: row["count"] for row in rows}
    return [_size_of(sum(found[key] for key in each.keys)) for each in asked]


def _size_of(count: int) -> Size:
    return Size(count, "EXACT") if count <= COUNT_LIMIT else Size(COUNT_LIMIT, "AT_LEAST")
