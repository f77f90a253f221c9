"""The category tree, as the process holds it: a snapshot of a few thousand rows at most."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.db import Row
from resolvers.context import RequestContext
from resolvers.loaders.catalog import CATEGORIES


class Tree:
    """What is below each category; worked out once per snapshot, whoever asks."""

    def __init__(self) -> None:
        self._of: Mapping[Any, Row] | None = None
        self._below: dict[Any, list[Row]] = {}

    def below(self, rows: Mapping[Any, Row]) -> dict[Any, list[Row]]:
        if rows is not self._of:
            below: dict[Any, list[Row]] = {}
            for row in sorted(rows.values(), key=lambda row: (row["position"], row["slug"])):
                below.setdefault(row["parent_id"], []).append(row)
            self._of, self._below = rows, below
        return self._below


_TREE = Tree()


async def with_descendants(ctx: RequestContext, category_id: UUID) -> list[UUID]:
    """A category and everything below it; [] for an unknown one."""
    if (await ctx.known(CATEGORIES, [category_id]))[0] is None:
        return []
    below = _TREE.below(await CATEGORIES.by_id(ctx.fetch))
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
    below = _TREE.below(await CATEGORIES.by_id(ctx.fetch))
    return [below.get(category["id"], []) for category in categories]
