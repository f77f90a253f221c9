"""Queries and mutations of orders."""

from typing import Any

import strawberry

from core.errors import IdempotencyConflict, InvalidInput, NotFound, VersionConflict
from core.identity import Permission
from engine.declare import column, root
from models.orders import OrderStatus
from resolvers import orders as resolve
from resolvers.context import RequestContext
from resolvers.loaders.orders import GROUPS, ORDERS
from resolvers.paging import Ask, page, window
from schema.access import ANYONE, staff
from schema.errors import Payload, mutation
from schema.fields import relation
from schema.ids import all_inside, inside, required
from schema.orders.types import Order, OrderConnection, OrderGroup
from schema.pagination import After, Before, First, Last
from schema.scalars import DateTime
from services import orders


@strawberry.input(one_of=True, description="Which order: exactly one of these.")
class OrderBy:
    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By its id.")
    number: str | None = strawberry.field(
        default=strawberry.UNSET, description="By its number; capitals do not matter."
    )


@strawberry.input(description="Which orders; all conditions must hold.")
class OrderWhere:
    statuses: list[OrderStatus] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    merchants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of one of these merchants."
    )
    number: str | None = strawberry.field(default=None, description="With exactly this number.")
    placed_from: DateTime | None = strawberry.field(
        default=None, description="Placed at this moment or later."
    )
    placed_to: DateTime | None = strawberry.field(
        default=None, description="Placed before this moment."
    )


def filters_of(where: OrderWhere | None) -> dict[str, Any] | None:
    """The listing's filters."""
    if where is None:
        return None
    return {
        "statuses": where.statuses and [status.value for status in where.statuses],
        "merchants": all_inside("Merchant", where.merchants),
        "number": where.number and where.number.strip().upper(),
        "placed_from": where.placed_from,
        "placed_to": where.placed_to,
    }


@strawberry.type
class OrderQuery:
    @root(OrderGroup | None, auth=ANYONE, description="A purchase of the caller.")
    async def order_group(ctx: RequestContext, id: strawberry.ID) -> Any:
        return await ctx.one(GROUPS, inside("OrderGroup", id))

    @root(
        Order | None,
        auth=ANYONE,
        description="An order: the buyer's own, or one of a merchant whose orders one manages.",
    )
    async def order(ctx: RequestContext, by: OrderBy) -> Any:
        if by.id:
            return await ctx.one(ORDERS, inside("Order", by.id))
        return await resolve.by_number(ctx, by.number or "")

    @root(
        OrderConnection,
        auth=staff(Permission.MANAGE_ORDERS),
        description="Orders of the merchants whose orders one manages, newest first.",
    )
    async def orders(
        ctx: RequestContext,
        where: OrderWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        asked = window(first, after, last, before)
        ask = Ask(resolve.MERCHANTS_ORDERS, asked, "PLACED_AT", where=filters_of(where))
        return await page(ctx, ask)


@strawberry.input(description="Which order to take on.")
class OrderConfirmInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse when the order has another version by now."
    )


@strawberry.input(description="Which order to cancel.")
class OrderCancelInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    reason: str = strawberry.field(
        default="", description="For the timeline, at most 500 characters."
    )
    idempotency_key: str = strawberry.field(
        description="Made by the client, the same when it sends the same again."
    )


@strawberry.input(description="What somebody without an account knows of an order.")
class OrderAccessGrantInput:
    number: str = strawberry.field(description="The order's number.")
    proof: str = strawberry.field(description="The e-mail address it was ordered with.")


AFTER = "The order after the change; null when refused."


@strawberry.type(description="The order that was taken on.")
class OrderConfirmPayload(Payload):
    order: Order | None = relation(Order | None, ORDERS, "order_id", description=AFTER)


@strawberry.type(description="The order that was cancelled.")
class OrderCancelPayload(Payload):
    order: Order | None = relation(Order | None, ORDERS, "order_id", description=AFTER)


@strawberry.type(description="The order that the caller may see from now on.")
class OrderAccessGrantPayload(Payload):
    order: Order | None = relation(Order | None, ORDERS, "order_id", description=AFTER)
    guest_token: str | None = column(
        str | None, description="For an anonymous caller: send it as Bearer token from now on."
    )


@strawberry.type
class OrderMutation:
    @mutation(
        OrderConfirmPayload,
        auth=staff(Permission.MANAGE_ORDERS),
        description="Takes a paid order on. Confirming again is a no-op.",
        refusals=[NotFound, VersionConflict, orders.NotAllowedInState],
    )
    async def order_confirm(ctx: RequestContext, input: OrderConfirmInput) -> dict[str, Any]:
        return await resolve.confirm(
            ctx,
            order_id=required("Order", input.order_id, "orderId"),
            expected_version=input.expected_version,
        )

    @mutation(
        OrderCancelPayload,
        auth=ANYONE,
        description=(
            "Cancels an order before anything of it was shipped: its stock is free again, what was"
            " paid is given back. An unpaid purchase is cancelled whole. The buyer or the"
            " merchant's staff may."
        ),
        refusals=[NotFound, InvalidInput, IdempotencyConflict, orders.NotAllowedInState],
    )
    async def order_cancel(ctx: RequestContext, input: OrderCancelInput) -> dict[str, Any]:
        return await resolve.cancel(
            ctx,
            order_id=required("Order", input.order_id, "orderId"),
            idempotency_key=input.idempotency_key,
            reason=input.reason,
        )

    @mutation(
        OrderAccessGrantPayload,
        auth=ANYONE,
        description=(
            "Shows an order to somebody who knows its number and e-mail address. The answer is"
            " the same whichever of them is wrong; after ten wrong tries in five minutes it is"
            " `THROTTLED`, with the seconds to wait in `extensions.retryAfter`."
        ),
        refusals=[NotFound],
    )
    async def order_access_grant(
        ctx: RequestContext, input: OrderAccessGrantInput
    ) -> dict[str, Any]:
        return await resolve.access_grant(ctx, number=input.number, proof=input.proof)
