"""Order groups, orders, their lines and timelines."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import strawberry

from core.db import Row
from engine.declare import batched, column, translated
from models.orders import GroupStatus, Order as Orders, OrderEventKind, OrderStatus
from resolvers.context import RequestContext
from resolvers.loaders.catalog import VARIANT_VISIBLE
from resolvers.loaders.merchants import MERCHANTS
from resolvers.loaders.orders import (
    EVENTS_OF_ORDERS,
    GROUPS,
    LINES_OF_ORDERS,
    ORDERS_OF_GROUPS,
)
from resolvers.loaders.shipments import SHIPMENTS_OF_ORDERS
from schema.access import ANYONE
from schema.accounts.address import PostalAddress
from schema.catalog.media import MEDIA_PATH
from schema.catalog.variant import ProductVariant, SelectedOption
from schema.fields import Node, computed, lazy, reference, relation
from schema.ids import node_id
from schema.merchants import Merchant
from schema.money import Money, money
from schema.pagination import connection
from schema.payments.types import (
    AVAILABLE_METHODS,
    PAYMENTS_OF_GROUP,
    PAYMENTS_OF_ORDER,
    REFUNDS_OF_ORDER,
)
from schema.scalars import JSON, CurrencyCode, DateTime
from schema.shipments.types import Shipment

strawberry.enum(GroupStatus, name="OrderGroupStatus", description="What became of a purchase.")
strawberry.enum(
    OrderStatus,
    description=(
        "PENDING_PAYMENT, PAID, CONFIRMED, PARTIALLY_SHIPPED, SHIPPED, DELIVERED, COMPLETED in"
        " this order; CANCELLED before anything was shipped; EXPIRED when it was not paid."
    ),
)
strawberry.enum(OrderEventKind, description="What happened to an order.")


@strawberry.enum(description="How much of an order is on its way or there.")
class FulfilmentStatus(StrEnum):
    UNSHIPPED = "UNSHIPPED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"


def picture(row: Row) -> str | None:
    """A stored path is below our media; anything with a scheme is elsewhere."""
    image: str | None = row["image"]
    return MEDIA_PATH + image if image and "://" not in image else image


@strawberry.type(
    description="What was bought, copied at the time: later changes of the product do not show.",
    directives=[ANYONE],
)
class OrderLine(Node):  # rows: order_lines with their order's currency
    id: strawberry.ID = node_id("OrderLine")
    title: str = translated(str, description="The product's name at the time.")
    sku: str = column(str, description="The variant's SKU at the time.")
    quantity: int = column(int, description="How many units were bought.")
    quantity_shipped: int = column(int, description="How many of them are on their way or there.")
    unit_price: Money = money("unit_price_minor", description="What a unit cost, tax included.")
    total: Money = money("total_minor", description="The unit price times the quantity.")
    image_url = computed(str | None, picture, description="A picture of it, if there was one.")
    variant: ProductVariant | None = relation(
        ProductVariant | None,
        VARIANT_VISIBLE,
        "variant_id",
        description="The variant today; null when it is not published any more.",
    )

    @batched(list[SelectedOption], description="The variant's value of each option.")
    def options(ctx: RequestContext, lines: Sequence[Row]) -> list[Any]:
        return [row["options"] for row in lines]


@strawberry.type(description="An entry of an order's timeline.", directives=[ANYONE])
class OrderEvent(Node):
    id: strawberry.ID = node_id("OrderEvent")
    kind: OrderEventKind = column(OrderEventKind, description="What happened.")
    created_at: DateTime = column(DateTime, description="When.")
    facts: JSON = column(JSON, description="Details that depend on the kind; ids and amounts.")


@strawberry.type(description="What an order adds up to.")
class OrderTotals:  # rows: orders
    subtotal: Money = money("subtotal_minor", description="All lines, tax included.")
    shipping: Money = money("shipping_minor", description="Delivery, tax included.")
    discount: Money = money("discount_minor", description="What was taken off.")
    tax: Money = money("tax_minor", description="The tax that is included.")
    total: Money = money("total_minor", description="What was to be paid.")
    refunded: Money = money("refunded_minor", description="What was given back so far.")


_FULFILMENT: Final = {
    OrderStatus.PARTIALLY_SHIPPED: FulfilmentStatus.PARTIALLY_SHIPPED,
    OrderStatus.SHIPPED: FulfilmentStatus.SHIPPED,
    OrderStatus.DELIVERED: FulfilmentStatus.DELIVERED,
    OrderStatus.COMPLETED: FulfilmentStatus.DELIVERED,
}


@strawberry.enum(description="What was paid of an order, and given back.")
class OrderPaymentStatus(StrEnum):
    UNPAID = "UNPAID"
    PAID = "PAID"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


def _payment(row: Row) -> OrderPaymentStatus:
    if row["paid_at"] is None:
        return OrderPaymentStatus.UNPAID
    if not row["refunded_minor"]:
        return OrderPaymentStatus.PAID
    is_whole = row["refunded_minor"] == row["total_minor"]
    return OrderPaymentStatus.REFUNDED if is_whole else OrderPaymentStatus.PARTIALLY_REFUNDED


def _fulfilment(row: Row) -> FulfilmentStatus:
    return _FULFILMENT.get(row["status"], FulfilmentStatus.UNSHIPPED)


@strawberry.type(
    description="One merchant's part of a purchase. The merchant sees it, and who bought it.",
    directives=[ANYONE],
)
class Order(Node):
    id: strawberry.ID = node_id("Order")
    number: str = column(str, description="For people: `261124-7K3QX9WD`.")
    status: OrderStatus = column(OrderStatus, description="How far it has come.")
    email: str = column(str, description="Where the buyer is written to.")
    currency: CurrencyCode = column(CurrencyCode, description="The currency of all amounts.")
    placed_at: DateTime = column(DateTime, description="When the checkout was completed.")
    paid_at: DateTime | None = column(DateTime | None, description="When it was paid.")
    cancelled_at: DateTime | None = column(DateTime | None, description="When it was cancelled.")
    purchase_order_number: str = column(str, description="The buyer's own number; perhaps empty.")
    delivery_name: str = translated(str, description="The way of delivery that was selected.")
    carrier_code: str = column(str, description="The carrier of that way; see `carriers`.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    payment_status = computed(
        OrderPaymentStatus, _payment, description="What was paid of it, and given back."
    )
    fulfilment_status = computed(
        FulfilmentStatus, _fulfilment, description="How much of it is on its way or there."
    )
    shipping_address = computed(
        PostalAddress, lambda order: order["shipping_address"], description="Where it goes."
    )
    billing_address = computed(
        PostalAddress, lambda order: order["billing_address"], description="Who is billed."
    )
    totals = computed(OrderTotals, lambda order: order, description="What it adds up to.")
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="Who sells it."
    )
    group = relation(
        lazy("OrderGroup", "schema.orders.types") | None,
        GROUPS,
        "group_id",
        description="The purchase it is part of; null for the merchant, who sees its part only.",
    )
    lines: list[OrderLine] = relation(
        list[OrderLine], LINES_OF_ORDERS, description="What was bought."
    )
    shipments: list[Shipment] | None = relation(
        list[Shipment] | None,
        SHIPMENTS_OF_ORDERS,
        description=(
            "What was sent of it, with parcels and tracking; oldest first. Null only when it can't"
            " be told at the moment."
        ),
    )
    payments = PAYMENTS_OF_ORDER
    refunds = REFUNDS_OF_ORDER
    events: list[OrderEvent] = relation(
        list[OrderEvent], EVENTS_OF_ORDERS, description="What happened, oldest first."
    )


OrderConnection = connection(Order)
UserOrderConnection = connection(Order, name="UserOrder", parent_column=Orders.owner_id)


@strawberry.type(
    description="One purchase: the orders, one per merchant, that are paid together.",
    directives=[ANYONE],
)
class OrderGroup(Node):
    id: strawberry.ID = node_id("OrderGroup")
    status: GroupStatus = column(GroupStatus, description="What became of it.")
    email: str = column(str, description="Where the buyer is written to.")
    total: Money = money("total_minor", description="What is to be paid.")
    created_at: DateTime = column(DateTime, description="When the checkout was completed.")
    expires_at: DateTime = column(
        DateTime, description="Until when it can be paid; then its stock is free again."
    )
    orders: list[Order] = relation(
        list[Order], ORDERS_OF_GROUPS, description="The orders, one per merchant."
    )
    payments = PAYMENTS_OF_GROUP
    available_payment_methods = AVAILABLE_METHODS
