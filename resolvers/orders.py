"""Orders: lists and lookups, and the transaction of each mutation."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, any_, bindparam, select

from auth.brakes import ORDER_LOOKUP
from core.db import Query, Row
from core.errors import NotFound
from core.identity import Permission
from models.orders import Order
from resolvers import guests
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.orders import ORDER_COLUMNS, visible_order
from resolvers.paging import Ask, Page, Window, pages
from resolvers.scope import permitted
from services import orders, payments

_filters = {
    "statuses": Order.status == any_(bindparam("statuses", type_=ARRAY(Text()))),
    "merchants": Order.merchant_id == any_(bindparam("merchants", type_=ARRAY(Uuid()))),
    "number": Order.number == bindparam("number", type_=Text()),
    "placed_from": Order.placed_at >= bindparam("placed_from", type_=DateTime(timezone=True)),
    "placed_to": Order.placed_at < bindparam("placed_to", type_=DateTime(timezone=True)),
}
_sorts = {"PLACED_AT": Sort(Order.placed_at, descending=True)}

MERCHANTS_ORDERS: Final = Listing(
    select(*ORDER_COLUMNS).where(permitted(Order.merchant_id, Permission.MANAGE_ORDERS)),
    Order.id,
    sorts=_sorts,
    filters=_filters,
    spread={},
)
USERS_ORDERS: Final = Listing(
    select(*ORDER_COLUMNS).where(visible_order()),
    Order.id,
    sorts=_sorts,
    filters=_filters,
    spread={},
)
_BY_NUMBER = Query(
    select(*ORDER_COLUMNS).where(Order.number == bindparam("number", type_=Text()), visible_order())
)


async def of_users(ctx: RequestContext, users: Sequence[Row], asked: Window) -> list[Page]:
    """Per user a page of the orders that the caller may see, newest first: one statement."""
    ask = Ask(USERS_ORDERS, asked, "PLACED_AT")
    groups = [[user["id"]] for user in users]
    return await pages(ctx, ask, column=Order.owner_id, groups=groups)


async def by_number(ctx: RequestContext, number: str) -> Row | None:
    rows = await ctx.fetch(_BY_NUMBER, number=number.strip().upper())
    return rows[0] if rows else None


async def confirm(
    ctx: RequestContext, *, order_id: UUID, expected_version: int | None
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await orders.confirm(
            session, ctx.caller, order_id=order_id, expected_version=expected_version
        )
    return {"order_id": order_id}


async def cancel(
    ctx: RequestContext, *, order_id: UUID, idempotency_key: str, reason: str
) -> dict[str, Any]:
    """Cancel, then give back at once what was paid; a worker does it when we die in between."""
    async with ctx.db.transaction() as session:
        await orders.cancel(
            session,
            ctx.caller,
            order_id=order_id,
            idempotency_key=idempotency_key,
            reason=reason,
        )
    await payments.refund_cancelled(ctx.db, ctx.shop.providers, order_id)
    return {"order_id": order_id}


async def access_grant(ctx: RequestContext, *, number: str, proof: str) -> dict[str, Any]:
    """Show one more order to a guest; an anonymous caller becomes one."""
    await ctx.shop.brakes.check(ORDER_LOOKUP, number)
    try:
        async with ctx.db.transaction() as session:
            caller, subject = await guests.somebody(ctx, session)
            order_id = await orders.grant(session, subject=subject, number=number, proof=proof)
    except NotFound:
        ctx.shop.refusals.add(ctx.caller, "NOT_FOUND", ["Mutation.orderAccessGrant"])
        raise
    await ctx.shop.brakes.passed(ORDER_LOOKUP, number)
    return {"order_id": order_id, "guest_token": guests.go_on_as(ctx, caller)}
