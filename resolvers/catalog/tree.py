"""The category tree, as the process holds it: a snapshot of a few thousand rows at most."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from core.db import Row
from resolvers.context import RequestContext
from resolvers.loaders.base import Derived
from resolvers.loaders.catalog import CATEGORIES


def _below(rows: Mapping[Any, Row]) -> dict[Any, list[Row]]:
    """What is directly below each category, in its order."""
    below: dict[Any, list[Row]] = {}
    for row in sorted(rows.values(), key=lambda row: (row["position"], row["slug"])):
        below.setdefault(row["parent_id"], []).append(row)
    return below


def _walk(rows: Mapping[Any, Row]) -> dict[UUID, Row]:
    below = _below(rows)
    found: dict[UUID, Row] = {}
    waiting = below.get(None, [])[::-1]
    while waiting:
        row = waiting.pop()
        found[row["id"]] = row
        waiting += below.get(row["id"], [])[::-1]
    return found


BELOW: Final = Derived(CATEGORIES, _below)
WALK: Final = Derived(CATEGORIES, _walk)


async def walked(ctx: RequestContext) -> dict[UUID, Row]:
    """All categories in the order of the tree: each before those below it."""
    return await WALK.value(ctx.fetch)


async def with_descendants(ctx: RequestContext, category_id: UUID) -> list[UUID]:
    """A category and everything below it; [] for an unknown one."""
    if (await ctx.known(CATEGORIES, [category_id]))[0] is None:
        return []
    below = await BELOW.value(ctx.fetch)
    found = [category_id]
    for parent in found:  # grows while it is walked: breadth first
        found += [row["id"] for row in below.get(parent, ())]
    return found


async def ancestors(ctx: RequestContext, categories: Sequence[Row]) -> list[list[Row]]:
    """Per category the way from the root to its parent."""
    tree = await CATEGORIES.by_id(ctx.fetch)
    return [_way_up(tree, category) for category in categories]


def _way_up(tree: Mapping[Any, Row], category: Row) -> list[Row]:
    way: list[Row] = []
    parent = tree.get(category["parent_id"])
    while parent is not None and parent not in way:
        way.append(parent)
        parent = tree.get(parent["parent_id"])
    return way[::-1]


async def children(ctx: RequestContext, categories: Sequence[Row]) -> list[list[Row]]:
    """Per category those directly below it, by position."""
    below = await BELOW.value(ctx.fetch)
    return [below.get(category["id"], []) for category in categories]
