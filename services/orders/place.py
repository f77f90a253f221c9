"""Placing: a checkout's lines become one order per merchant in one group."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.ids import new_id
from models.orders import Order, OrderEvent, OrderEventKind, OrderGroup, OrderLine
from services import audit, events

# Crockford's base 32: nothing that is misread on the telephone.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Placed(NamedTuple):
    """orders: variant id -> the order it went into."""

    group_id: UUID
    orders: dict[UUID, UUID]
    total_minor: int


def new_number(moment: datetime) -> str:
    """`261124-7K3QX9WD`: the day, and 40 random bits."""
    return f"{moment:%y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"


async def place(
    session: AsyncSession,
    checkout: Any,
    lines: Sequence[Any],
    deliveries: Sequence[Any],
    *,
    expires_at: datetime,
) -> Placed:
    """Write the group, its orders, their lines and first events: six statements for any number.

    checkout, lines, deliveries: rows of a complete, locked checkout.
    """
    group_id, moment = new_id(), now()
    by_merchant: dict[UUID, list[Any]] = {}
    for line in lines:
        by_merchant.setdefault(line.merchant_id, []).append(line)
    sent = {delivery.merchant_id: delivery for delivery in deliveries}
    orders = [
        _order(checkout, group_id, merchant_id, group, sent[merchant_id], moment)
        for merchant_id, group in by_merchant.items()
    ]
    total = sum(order["total_minor"] for order in orders)
    await session.execute(
        insert(OrderGroup).values(
            id=group_id,
            checkout_id=checkout.id,
            owner_id=checkout.owner_id,
            currency=checkout.currency,
            total_minor=total,
            email=checkout.email,
            expires_at=expires_at,
        )
    )
    await session.execute(insert(Order), orders)
    by_order = {order["merchant_id"]: order["id"] for order in orders}
    await session.execute(
        insert(OrderLine),
        [_line(by_order[line.merchant_id], position, line) for position, line in enumerate(lines)],
    )
    await session.execute(
        insert(OrderEvent),
        [
            {
                "id": new_id(),
                "order_id": order["id"],
                "kind": OrderEventKind.PLACED.value,
                "facts": {},
                "actor_id": checkout.owner_id,
            }
            for order in orders
        ],
    )
    await events.record(
        session,
        events.event("OrderGroupPlaced", group_id, total_minor=total, currency=checkout.currency),
        *[events.event("OrderPlaced", order["id"], version=1) for order in orders],
    )
    await audit.record(
        session,
        *[
            audit.entry(
                "ORDER_PLACED",
                "Order",
                order["id"],
                merchant_id=order["merchant_id"],
                after={"total_minor": order["total_minor"], "currency": order["currency"]},
            )
            for order in orders
        ],
    )
    orders_of = {line.variant_id: by_order[line.merchant_id] for line in lines}
    return Placed(group_id, orders_of, total)


def _order(
    checkout: Any,
    group_id: UUID,
    merchant_id: UUID,
    lines: Sequence[Any],
    delivery: Any,
    moment: datetime,
) -> dict[str, Any]:
    subtotal = sum(line.quantity * line.unit_price_minor for line in lines)
    return {
        "id": new_id(),
        "group_id": group_id,
        "merchant_id": merchant_id,
        "owner_id": checkout.owner_id,
        "number": new_number(moment),
        "currency": checkout.currency,
        "subtotal_minor": subtotal,
        "shipping_minor": delivery.price_minor,
        "total_minor": subtotal + delivery.price_minor,
        "email": checkout.email,
        "shipping_address": checkout.shipping_address,
        "billing_address": checkout.billing_address or checkout.shipping_address,
        "delivery_name": delivery.name,
        "carrier_code": delivery.carrier_code,
        "purchase_order_number": checkout.purchase_order_number,
        "placed_at": moment,
    }


def _line(order_id: UUID, position: int, line: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "order_id": order_id,
        "variant_id": line.variant_id,
        "product_id": line.product_id,
        "title": line.title,
        "sku": line.sku,
        "options": line.options,
        "image": line.image,
        "quantity": line.quantity,
        "unit_price_minor": line.unit_price_minor,
        "total_minor": line.quantity * line.unit_price_minor,
        "position": position,
    }
