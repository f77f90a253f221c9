"""Relay connections over `resolvers.paging`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import strawberry

from engine.declare import batched, column
from resolvers.context import RequestContext
from resolvers.paging import Page, Size, sizes

First = Annotated[
    int | None,
    strawberry.argument(description="From the start: 0 to 100, 20 if not said."),
]
After = Annotated[
    str | None, strawberry.argument(description="Only what follows this cursor; with `first`.")
]
Last = Annotated[int | None, strawberry.argument(description="How many from the end: 0 to 100.")]
Before = Annotated[
    str | None, strawberry.argument(description="Only what comes before this cursor; with `last`.")
]


@strawberry.enum(description="Whether a count is the whole truth.")
class CountPrecision(StrEnum):
    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"


@strawberry.enum(description="In which direction a list is sorted.")
class SortDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


def is_falling(direction: SortDirection | None) -> bool | None:
    """None: the sort's own direction."""
    return None if direction is None else direction is SortDirection.DESC


@strawberry.type(description="How long a list is, counted up to 10,000.")
class Count:  # rows: Size
    count: int = column(int, 0, description="The number of objects, at most 10,000.")
    precision: CountPrecision = column(
        CountPrecision, 1, description="AT_LEAST when there are more than were counted."
    )


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:  # rows: Page
    @batched(bool, description="Whether objects follow after this page.")
    def has_next_page(ctx: RequestContext, pages: Sequence[Page]) -> list[bool]:
        return [page.has_next for page in pages]

    @batched(bool, description="Whether objects come before this page.")
    def has_previous_page(ctx: RequestContext, pages: Sequence[Page]) -> list[bool]:
        return [page.has_previous for page in pages]

    @batched(str | None, description="The cursor of the first object: pass it as `before`.")
    def start_cursor(ctx: RequestContext, pages: Sequence[Page]) -> list[str | None]:
        return [page.cursor(page.rows[0]) if page.rows else None for page in pages]

    @batched(str | None, description="The cursor of the last object: pass it as `after`.")
    def end_cursor(ctx: RequestContext, pages: Sequence[Page]) -> list[str | None]:
        return [page.cursor(page.rows[-1]) if page.rows else None for page in pages]


def connection(type_: Any, *, name: str | None = None, parent_column: Any = None) -> Any:
    """The connection type of a node type, with its edge type.

    parent_column: names the parent where the list is one per parent.
    """
    title = name or type_.__name__

    class Edge:  # rows: (page, row)
        @batched(type_, description="The object.")
        def node(ctx: RequestContext, edges: Sequence[Any]) -> list[Any]:
            return [row for _, row in edges]

        @batched(str, description="Where the object stands: pass it as `after` or `before`.")
        def cursor(ctx: RequestContext, edges: Sequence[Any]) -> list[str]:
            return [page.cursor(row) for page, row in edges]

    edge: Any = strawberry.type(
        Edge, name=f"{title}Edge", description=f"{type_.__name__}, with its place in a list."
    )

    class Connection:  # rows: Page
        @batched(list[edge], description="The objects with their cursors.")
        def edges(ctx: RequestContext, pages: Sequence[Page]) -> list[Any]:
            return [[(page, row) for row in page.rows] for page in pages]

        @batched(list[type_], description="The objects.")
        def nodes(ctx: RequestContext, pages: Sequence[Page]) -> list[Any]:
            return [page.rows for page in pages]

        @batched(PageInfo, description="Where this page stands, and how to get the next one.")
        def page_info(ctx: RequestContext, pages: Sequence[Page]) -> Sequence[Page]:
            return pages

        @batched(Count, description="How long the whole list is; computed only when asked for.")
        async def total_count(ctx: RequestContext, pages: Sequence[Page]) -> list[Size]:
            return await sizes(ctx, pages, column=parent_column)

    return strawberry.type(
        Connection, name=f"{title}Connection", description=f"A page of a list: {type_.__name__}."
    )
