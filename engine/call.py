"""Fields with functions, called once for all rows of their level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from itertools import chain, compress, islice
from types import NoneType
from typing import TYPE_CHECKING, Any, NoReturn

from graphql import FieldNode

from engine.access import Auth, kept, may_see
from engine.declare import Function
from engine.errors import Failed, Repeat, is_gap, once
from engine.run import Operation

if TYPE_CHECKING:
    from engine.level import Abstract, Level

Rows = Sequence[Any]


@dataclass
class Call:
    """One field with a function: called once for all rows of its level.

    is_in_place: its objects are written by the code of the level that it belongs to.
    """

    recipe: Function
    key: str
    coordinate: str
    nodes: list[FieldNode]
    arguments: Callable[[Any], dict[str, Any]]
    is_required: bool
    is_list: bool
    is_item_required: bool
    is_in_place: bool
    below: Level | Abstract | None
    output: Callable[[Any], Any] | None
    rules: dict[str, Auth]
    waits: bool = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.function = adapted(self.recipe, self.key)
        self.is_async = iscoroutinefunction(self.function)
        self.waits = self.is_async or bool(self.below and self.below.waits)
        self.size = 500 + (self.below.size if self.below else 0)

    def now(self, rows: Rows, operation: Operation) -> Sequence[Any]:
        try:
            values = self.function(operation.context, rows, **self.arguments(operation.variables))
        except Exception as error:  # noqa: BLE001 - becomes an error of this field
            return self.failed(error, rows, operation)
        values, has_gaps = self.checked(values, rows, operation)
        if not self.below:
            return values
        values, below = self.flat(values, operation, has_gaps=has_gaps)
        return self.fold(values, self.below.now(below, operation), has_gaps=has_gaps)

    async def fill(
        self, columns: list[Any], position: int, rows: Rows, operation: Operation
    ) -> None:
        """Put this field's column in its place, with everything below it."""
        try:
            values = self.function(operation.context, rows, **self.arguments(operation.variables))
            if self.is_async:
                values = await values
        except Exception as error:  # noqa: BLE001 - becomes an error of this field
            columns[position] = self.failed(error, rows, operation)
            return
        values, has_gaps = self.checked(values, rows, operation)
        if self.below:
            values, below = self.flat(values, operation, has_gaps=has_gaps)
            if self.below.waits:
                results = await self.below.run(below, operation)
            else:
                results = self.below.now(below, operation)
            values = self.fold(values, results, has_gaps=has_gaps)
        columns[position] = values

    def failed(self, error: Exception, rows: Rows, operation: Operation) -> list[Failed]:
        """Null for every row, if that is allowed and the error is the field's own."""
        if self.is_required:
            self.refuse(error, operation)
        return [self.located(error, operation)] * len(rows)

    def refuse(self, error: Exception, operation: Operation) -> NoReturn:
        if isinstance(error, (Repeat, *operation.faults)):
            raise error
        raise Repeat(self.coordinate) from error

    def located(self, error: Exception, operation: Operation) -> Failed:
        if isinstance(error, (Repeat, *operation.faults)):
            raise error
        operation.has_failed = True
        return Failed(error, self.nodes)

    def checked(self, values: Any, rows: Rows, operation: Operation) -> tuple[Sequence[Any], bool]:
        """The values that the caller may see, failed ones as Failed; and whether any is missing."""
        if len(values) != len(rows):
            raise Repeat(self.coordinate)
        if self.rules:
            values = [
                kept(value, self.rules, operation.context, is_item_required=self.is_item_required)
                for value in values
            ]
        kinds = {*map(type, values)}
        has_gaps = NoneType in kinds
        if has_gaps and self.is_required:
            raise Repeat(self.coordinate)
        if has_exceptions(kinds):
            has_gaps = True
            values = [
                self.failed(value, (value,), operation)[0]
                if isinstance(value, Exception)
                else value
                for value in values
            ]
        if self.is_list and not self.below:
            values = self.lists(values, operation)
        if self.output and has_gaps:
            values = [value if is_gap(value) else self.output(value) for value in values]
        elif self.output:
            values = [*map(self.output, values)]
        return values, has_gaps

    def flat(
        self, values: Sequence[Any], operation: Operation, *, has_gaps: bool
    ) -> tuple[Sequence[Any], Sequence[Any]]:
        """The values, and the rows of the level below: those of all parents."""
        if not self.is_list:
            rows = [value for value in values if not is_gap(value)] if has_gaps else values
            return values, rows
        rows = [row for rows in values if rows for row in rows]
        kinds = {*map(type, rows)}
        if has_exceptions(kinds):
            values = [
                [self.item(row, operation) for row in rows] if rows else rows for rows in values
            ]
            return values, [row for rows in values if rows for row in rows if not is_gap(row)]
        if NoneType not in kinds:
            return values, rows
        if self.is_item_required:
            raise Repeat(self.coordinate)
        return values, [row for row in rows if row is not None]

    def lists(self, values: Sequence[Any], operation: Operation) -> Sequence[Any]:
        """Lists of leaves, or of objects in place, without exceptions and forbidden nulls."""
        kinds = {*map(type, chain.from_iterable(filter(None, values)))}
        if NoneType in kinds and self.is_item_required and self.is_in_place:
            raise Repeat(self.coordinate)
        if not has_exceptions(kinds):
            return values
        return [
            [self.item(item, operation) for item in items] if items else items for items in values
        ]

    def item(self, row: Any, operation: Operation) -> Any:
        if not isinstance(row, Exception):
            return row
        if self.is_item_required:
            self.refuse(row, operation)
        return self.located(row, operation)

    def fold(self, values: Sequence[Any], results: list[Any], *, has_gaps: bool) -> list[Any]:
        """The results of the level below, given back to their parents."""
        below = iter(results)
        if not self.is_list:
            return [v if is_gap(v) else next(below) for v in values] if has_gaps else results
        if self.is_item_required:
            return [list(islice(below, len(v))) if v else empty(v) for v in values]
        return [
            [row if is_gap(row) else next(below) for row in v] if v else empty(v) for v in values
        ]


@dataclass
class Guarded(Call):
    """A field whose rule names an owner: null, and not asked for, where the caller may not see."""

    rule: Auth

    def now(self, rows: Rows, operation: Operation) -> Sequence[Any]:
        mask = self.mask(rows, operation)
        seen = super().now([*compress(rows, mask)], operation) if any(mask) else []
        return spread(seen, mask)

    async def fill(
        self, columns: list[Any], position: int, rows: Rows, operation: Operation
    ) -> None:
        mask = self.mask(rows, operation)
        seen: list[Any] = [[]]
        if any(mask):
            await super().fill(seen, 0, [*compress(rows, mask)], operation)
        columns[position] = spread(seen[0], mask)

    def mask(self, rows: Rows, operation: Operation) -> list[bool]:
        return [may_see(row, self.rule, operation.context) for row in rows]


def spread(values: Sequence[Any], mask: list[bool]) -> list[Any]:
    """The values of the rows that may be seen, None in the place of the others."""
    seen = iter(values)
    return [next(seen) if is_seen else None for is_seen in mask]


def adapted(recipe: Function, key: str) -> Callable[..., Any]:
    """Root and mutation functions as batched ones: of the one row, None, that a root level has."""
    function = recipe.function
    if recipe.kind == "batched":
        return function

    async def root(context: Any, _: Rows, **arguments: Any) -> list[Any]:
        return [await function(context, **arguments)]

    async def mutation(context: Any, _: Rows, **arguments: Any) -> list[Any]:
        return [await once(context, key, function, arguments)]

    return root if recipe.kind == "root" else mutation


HARMLESS: set[type] = {NoneType}  # types that were seen to be no exceptions


def has_exceptions(kinds: set[type]) -> bool:
    if kinds <= HARMLESS:
        return False
    found = {kind for kind in kinds if issubclass(kind, Exception)}
    HARMLESS.update(kinds - found)
    return bool(found)


def empty(rows: Any) -> Any:
    """No rows, null or Failed."""
    return rows if is_gap(rows) else []
