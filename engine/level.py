"""Levels at work: rows in, one dict per row out."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from engine.access import Typed
from engine.call import Call, Rows
from engine.errors import Failed, unavailable
from engine.run import Operation, together

Repeater = Callable[[str], Awaitable[Any]]


class Level:
    """One selection of one object type."""

    def __init__(self, calls: list[Call], build: Callable[..., list[Any]], size: int) -> None:
        self.calls, self.build = calls, build
        self.waits = any(call.waits for call in calls)
        self.size: int = size + sum(call.size for call in calls)

    def now(self, rows: Rows, operation: Operation) -> list[Any]:
        """For selections in which nothing can wait (money in a price): no coroutines."""
        if not rows:
            return []
        return self.build(
            rows, operation.context, *[call.now(rows, operation) for call in self.calls]
        )

    async def run(self, rows: Rows, operation: Operation) -> list[Any]:
        if not rows:
            return []
        columns: list[Any] = [None] * len(self.calls)
        for position, call in enumerate(self.calls):
            if not call.waits:
                columns[position] = call.now(rows, operation)
        # Only now: what raises above must not leave coroutines behind that nobody awaits.
        branches = [
            call.fill(columns, position, rows, operation)
            for position, call in enumerate(self.calls)
            if call.waits
        ]
        if len(branches) == 1:
            await branches[0]
        elif branches:
            await together(branches)
        return self.build(rows, operation.context, *columns)

    async def run_root(self, operation: Operation, repeat: Repeater) -> dict[str, Any]:
        """The root of a query: all fields at once, then alone those that only graphql-core can do.

        A fault ends them all; so does a field that must not be null, for the whole answer is null.
        """
        columns: list[Any] = [None] * len(self.calls)
        again: list[int] = []

        async def fill(position: int, call: Call) -> None:
            try:
                await call.fill(columns, position, [None], operation)
            except operation.faults:
                raise
            except Exception as error:
                if call.is_required:
                    raise
                again.append(position)
                operation.note(error, call.coordinate)

        await together([fill(position, call) for position, call in enumerate(self.calls)])
        for position in again:
            columns[position] = [await repeat(self.calls[position].key)]
        result: list[dict[str, Any]] = self.build([None], operation.context, *columns)
        return result[0]

    async def run_in_turn(self, operation: Operation, repeat: Repeater) -> dict[str, Any]:
        """The root of a mutation: each field ends, its payload included, before the next begins.

        Neither a fault nor a repeat of one field touches the answers of the others.
        """
        columns: list[Any] = [None] * len(self.calls)
        for position, call in enumerate(self.calls):
            try:
                await call.fill(columns, position, [None], operation)
            except operation.faults as error:
                operation.has_failed = True
                columns[position] = [Failed(unavailable(error), call.nodes)]
            except Exception as error:  # noqa: BLE001 - graphql-core's executor says what it means
                operation.note(error, call.coordinate)
                columns[position] = [await repeat(call.key)]
        result: list[dict[str, Any]] = self.build([None], operation.context, *columns)
        return result[0]


class Abstract:
    """An interface or union: a level per type, the results folded back in the order of the rows."""

    def __init__(self, levels: dict[str, Level]) -> None:
        self.levels = levels
        self.waits = any(level.waits for level in levels.values())
        self.size = sum(level.size for level in levels.values())

    def now(self, rows: Sequence[Typed], operation: Operation) -> list[Any]:
        return self.fold(
            rows,
            {
                name: self.levels[name].now(group, operation)
                for name, group in self.groups(rows).items()
            },
        )

    async def run(self, rows: Sequence[Typed], operation: Operation) -> list[Any]:
        results: dict[str, list[Any]] = {}

        async def fill(name: str, group: Rows) -> None:
            results[name] = await self.levels[name].run(group, operation)

        await together([fill(name, group) for name, group in self.groups(rows).items()])
        return self.fold(rows, results)

    def groups(self, rows: Sequence[Typed]) -> dict[str, list[Any]]:
        groups: dict[str, list[Any]] = {}
        for type_name, row in rows:
            if type_name in groups:
                groups[type_name].append(row)
            else:
                groups[type_name] = [row]
        return groups

    def fold(self, rows: Sequence[Typed], results: dict[str, list[Any]]) -> list[Any]:
        if len(results) == 1:  # most lists of an interface or union are of one type
            [only] = results.values()
            return only
        iterators = {name: iter(result) for name, result in results.items()}
        return [next(iterators[type_name]) for type_name, _ in rows]
