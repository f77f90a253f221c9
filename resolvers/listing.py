"""Lists as SQL: filters, orders and keyset windows, of one list or of one list per parent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)

from core.db import Query, Statement

COUNT_LIMIT: Final = 10_000
SORT_VALUE: Final = "sort_value"  # a column added for a sort by what is not selected


class Sort(NamedTuple):
    """By one column (never null), then by id, both in the same direction."""

    column: Any
    descending: bool = False


class Shape(NamedTuple):
    """What a statement depends on; values travel as parameters."""

    filters: frozenset[str]
    sort: str
    descending: bool
    backwards: bool
    has_cursor: bool
    is_count: bool = False


@dataclass(frozen=True, eq=False)
class Listing:
    """A list: what it selects, how it may be filtered and sorted.

    statement: with the scope in its WHERE and without an order; selects `id`.
    filters: name -> condition with a parameter of that name.
    spread: a filter whose parameter is an array of keys and this column; each key has its own
        index scan of at most a page, so that the cost does not grow with the list.
    """

    statement: Statement
    id: Any
    sorts: Mapping[str, Sort]
    filters: Mapping[str, ColumnElement[bool]]
    spread: Mapping[str, Any]

    @cached_property
    def queries(self) -> dict[Shape, Query]:
        return {}

    def query(self, shape: Shape) -> Query:
        """Compiled when first asked for; shapes are few: filters x sorts x directions."""
        query = self.queries.get(shape)
        if query is None:
            self.queries[shape] = query = Query(self._statement(shape))
        return query

    def sort_key(self, sort: str) -> str:
        """The name under which rows carry what they are sorted by."""
        column = self.sorts[sort].column
        selected = self.statement.selected_columns.get(column.key)
        is_there = selected is not None and selected.shares_lineage(column)
        return str(column.key) if is_there else SORT_VALUE

    def _statement(self, shape: Shape) -> Statement:
        spread = [name for name in self.spread if name in shape.filters]
        inner = self.statement
        for name in sorted(shape.filters.difference(spread)):
            inner = inner.where(self.filters[name])
        if shape.is_count:
            return self._counted(inner, spread)
        sort, key = self.sorts[shape.sort], self.sort_key(shape.sort)
        if key == SORT_VALUE:
            inner = inner.add_columns(sort.column.label(SORT_VALUE))
        falling = shape.descending != shape.backwards
        if shape.has_cursor:
            place = tuple_(bindparam("after_value", type_=sort.column.type), _after_id())
            here = tuple_(sort.column, self.id)
            inner = inner.where(here < place if falling else here > place)
        size = bindparam("size", type_=Integer())
        if not spread:
            return inner.order_by(*_order(sort.column, self.id, falling=falling)).limit(size)
        part = inner.where(self.spread[spread[0]] == literal_column("spread.key"))
        part = part.order_by(*_order(sort.column, self.id, falling=falling)).limit(size)
        rows = part.lateral("part")
        whole = select(*rows.c).select_from(_keys(spread[0]).join(rows, true()))
        return whole.order_by(*_order(rows.c[key], rows.c.id, falling=falling)).limit(size)

    def _counted(self, inner: Statement, spread: Sequence[str]) -> Statement:
        for name in spread:
            inner = inner.where(self.filters[name])
        limited: Statement = inner.with_only_columns(literal_column("1").label("one")).limit(
            COUNT_LIMIT + 1
        )
        return select(func.count().label("count")).select_from(limited.subquery())

    def per_parent(self, shape: Shape, column: Any) -> Query:
        """A page of every parent: `parents` are the keys; rows carry `parent_key`."""
        key = shape, column
        query = self._per_parent.get(key)
        if query is None:
            self._per_parent[key] = query = Query(self._lateral(shape, column))
        return query

    @cached_property
    def _per_parent(self) -> dict[Any, Query]:
        return {}

    def _lateral(self, shape: Shape, column: Any) -> Statement:
        here = self.statement.where(column == literal_column("spread.key"))
        narrowed = Listing(here, self.id, self.sorts, self.filters, {})
        rows = narrowed._statement(shape).lateral("part")
        parent_key = literal_column("spread.key", type_=Uuid()).label("parent_key")
        whole = select(parent_key, *rows.c).select_from(_keys("parents").join(rows, true()))
        if shape.is_count:
            return whole
        falling = shape.descending != shape.backwards
        key = self.sort_key(shape.sort)
        return whole.order_by(*_order(rows.c[key], rows.c.id, falling=falling))


def _keys(parameter: str) -> Any:
    keys = bindparam(parameter, type_=ARRAY(Uuid()))
    return func.unnest(keys).table_valued("key").render_derived(name="spread")


def _after_id() -> Any:
    return bindparam("after_id", type_=Uuid())


def _order(column: Any, row_id: Any, *, falling: bool) -> tuple[Any, Any]:
    return (column.desc(), row_id.desc()) if falling else (column.asc(), row_id.asc())
