"""Carts: what is read of them, and the transaction of each mutation."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from core.db import Row
from resolvers import guests
from resolvers.context import RequestContext
from resolvers.loaders.cart import LINES_OF_CARTS, OFFERS_OF_LINES
from services import cart
from services.cart import LineChange, NewLine


class Line(NamedTuple):
    """A line with what it would cost now. unit_minor: now, or as seen last when not for sale.

    offer: None for a line that was removed since it was read.
    """

    row: Row
    offer: Row | None
    unit_minor: int
    is_for_sale: bool

    @property
    def total_minor(self) -> int:
        return self.unit_minor * int(self.row["quantity"])


async def lines(ctx: RequestContext, carts: Sequence[Row]) -> list[list[Line]]:
    """Each cart's lines, in the order they were added."""
    groups = await ctx.rows(LINES_OF_CARTS, [each["id"] for each in carts])
    offers = iter(await ctx.rows(OFFERS_OF_LINES, [row["id"] for group in groups for row in group]))
    return [[_line(row, next(offers)) for row in group] for group in groups]


async def priced(ctx: RequestContext, rows: Sequence[Row]) -> list[Line]:
    """Lines with what they would cost now."""
    offers = await ctx.rows(OFFERS_OF_LINES, [row["id"] for row in rows])
    return [_line(row, offer) for row, offer in zip(rows, offers, strict=True)]


def _line(row: Row, offer: Row | None) -> Line:
    if offer and offer["is_listed"] and offer["amount_minor"] is not None:
        return Line(row, offer, offer["amount_minor"], is_for_sale=True)
    return Line(row, offer, row["unit_price_minor"], is_for_sale=False)


async def create(ctx: RequestContext, new_lines: Sequence[NewLine]) -> dict[str, Any]:
    """The caller's open cart, a new one if need be; an anonymous caller becomes a guest."""
    async with ctx.db.transaction() as session:
        shopper, owner_id = await guests.somebody(ctx, session)
        cart_id = await cart.open_cart(session, owner_id=owner_id, currency=ctx.currency)
        if new_lines:
            await cart.add_lines(session, shopper, cart_id=cart_id, lines=new_lines)
    return {"cart_id": cart_id, "guest_token": guests.go_on_as(ctx, shopper)}


async def lines_add(
    ctx: RequestContext,
    *,
    cart_id: UUID,
    new_lines: Sequence[NewLine],
    expected_version: int | None,
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await cart.add_lines(
            session,
            ctx.caller,
            cart_id=cart_id,
            lines=new_lines,
            expected_version=expected_version,
        )
    return {"cart_id": cart_id}


async def lines_update(
    ctx: RequestContext,
    *,
    cart_id: UUID,
    changes: Sequence[LineChange],
    expected_version: int | None,
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await cart.update_lines(
            session,
            ctx.caller,
            cart_id=cart_id,
            changes=changes,
            expected_version=expected_version,
        )
    return {"cart_id": cart_id}
