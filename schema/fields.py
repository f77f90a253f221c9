"""Fields that are nothing but a relation, and the interface of everything with an id."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import strawberry

from core.db import Row
from engine.declare import batched
from resolvers.context import RequestContext
from resolvers.loaders.base import Relation, Snapshot


@strawberry.interface(description="Anything with a global id: `node(id:)` finds it again.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="The global id of this object; opaque, stable, and no credential."
    )


def relation(type_: Any, rows: Relation, key: str = "id", *, description: str) -> Any:
    """The row or rows that a relation has for the parent's `key`."""

    @batched(type_, description=description)
    async def related(ctx: RequestContext, parents: Sequence[Row]) -> list[Any]:
        return await ctx.rows(rows, [parent[key] for parent in parents])

    return related


def reference(type_: Any, rows: Snapshot, key: str, *, description: str) -> Any:
    """The row of a small reference table that the parent's `key` names."""

    @batched(type_, description=description)
    async def named(ctx: RequestContext, parents: Sequence[Row]) -> list[Any]:
        return await ctx.known(rows, [parent[key] for parent in parents])

    return named


def computed(type_: Any, value: Callable[[Row], Any], *, description: str) -> Any:
    """A value worked out from the parent's row alone."""

    @batched(type_, description=description)
    def values(ctx: RequestContext, parents: Sequence[Row]) -> list[Any]:
        return [value(parent) for parent in parents]

    return values


def lazy(name: str, module: str) -> Any:
    """A type of a module that can't be imported here, because it imports this one."""
    return Annotated[name, strawberry.lazy(module)]
