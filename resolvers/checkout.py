"""Checkouts: what is read of them, and the transaction of each mutation."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Row
from core.errors import Refusals
from resolvers.context import RequestContext
from resolvers.loaders.checkout import (
    DELIVERIES_OF_CHECKOUTS,
    LINES_OF_CHECKOUTS,
    OPTIONS_OF_CHECKOUTS,
)
from services import checkout, inventory, orders, payments
from services.checkout import Details


async def groups(ctx: RequestContext, checkouts: Sequence[Row]) -> list[list[dict[str, Any]]]:
    """Per checkout, its lines by merchant, with the ways to send them and the one selected."""
    ids = [each["id"] for each in checkouts]
    lines = await ctx.rows(LINES_OF_CHECKOUTS, ids)
    options = await ctx.rows(OPTIONS_OF_CHECKOUTS, ids)
    selected = await ctx.rows(DELIVERIES_OF_CHECKOUTS, ids)
    return [
        _groups(each["currency"], *parts)
        for each, *parts in zip(checkouts, lines, options, selected, strict=True)
    ]


def _groups(
    currency: str, lines: Sequence[Row], options: Sequence[Row], selected: Sequence[Row]
) -> list[dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for line in lines:
        empty = {
            "merchant_id": line["merchant_id"],
            "currency": currency,
            "lines": [],
            "selected_id": None,
            "shipping_minor": None,
        }
        found.setdefault(line["merchant_id"], empty)["lines"].append(line)
    for merchant_id, group in found.items():
        group["options"] = [row for row in options if row["merchant_id"] == merchant_id]
    for delivery in selected:
        group = found[delivery["merchant_id"]]
        group["selected_id"] = delivery["delivery_method_id"]
        group["shipping_minor"] = delivery["price_minor"]
    return list(found.values())


async def totals(ctx: RequestContext, checkouts: Sequence[Row]) -> list[dict[str, Any]]:
    """Per checkout the sums in minor units; delivery counts as far as it is selected."""
    ids = [each["id"] for each in checkouts]
    lines = await ctx.rows(LINES_OF_CHECKOUTS, ids)
    selected = await ctx.rows(DELIVERIES_OF_CHECKOUTS, ids)
    sums = []
    for each, group, deliveries in zip(checkouts, lines, selected, strict=True):
        subtotal = sum(row["quantity"] * row["unit_price_minor"] for row in group)
        shipping = sum(row["price_minor"] for row in deliveries)
        sums.append(
            {
                "currency": each["currency"],
                "subtotal_minor": subtotal,
                "shipping_minor": shipping,
                "total_minor": subtotal + shipping,
            }
        )
    return sums


async def create(ctx: RequestContext, *, cart_id: UUID, idempotency_key: str) -> dict[str, Any]:
    """Begin a checkout; buyers of one article queue before its stock, others pass.

    Who would be refused for want of stock first makes room: holds whose time is over are freed.
    """

    async def begin(session: AsyncSession) -> UUID:
        return await checkout.create(
            session,
            ctx.caller,
            cart_id=cart_id,
            idempotency_key=idempotency_key,
            hold=ctx.shop.settings.checkout_hold,
        )

    async with ctx.db.transaction() as session:
        variants = await checkout.variants_of_cart(session, ctx.caller, cart_id)
    async with ctx.shop.turnstile.passed(variants):
        try:
            return {"checkout_id": await _transaction(ctx, begin)}
        except Refusals as refused:
            is_short = any(isinstance(each, inventory.OutOfStock) for each in refused.refusals)
            if not is_short or not await _freed(ctx):
                raise
        return {"checkout_id": await _transaction(ctx, begin)}


async def _freed(ctx: RequestContext) -> int:
    """How many holds were over and are free now."""

    async def being_paid(groups: Sequence[UUID]) -> set[UUID]:
        return await payments.being_paid(ctx.db, groups)

    ended = await checkout.expire_due(ctx.db)
    return ended + await orders.expire_due(ctx.db, being_paid=being_paid)


async def _transaction(
    ctx: RequestContext, work: Callable[[AsyncSession], Awaitable[UUID]]
) -> UUID:
    async with ctx.db.transaction() as session:
        return await work(session)


async def update(
    ctx: RequestContext, *, checkout_id: UUID, details: Details, expected_version: int | None
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await checkout.set_details(
            session,
            ctx.caller,
            checkout_id=checkout_id,
            details=details,
            expected_version=expected_version,
        )
    return {"checkout_id": checkout_id}


async def complete(
    ctx: RequestContext, *, checkout_id: UUID, idempotency_key: str
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        group_id = await checkout.complete(
            session,
            ctx.caller,
            checkout_id=checkout_id,
            idempotency_key=idempotency_key,
            payment_window=ctx.shop.settings.payment_window,
        )
    return {"checkout_id": checkout_id, "group_id": group_id}


async def cancel(ctx: RequestContext, *, checkout_id: UUID) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await checkout.cancel(session, ctx.caller, checkout_id=checkout_id)
    return {"checkout_id": checkout_id}
