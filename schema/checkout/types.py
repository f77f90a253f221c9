"""Checkouts: lines with held prices and stock, addresses, delivery per merchant, totals."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.db import Row
from engine.declare import batched, column, translated
from resolvers import checkout as resolve
from resolvers.context import RequestContext
from resolvers.loaders.cart import CARTS
from resolvers.loaders.catalog import VARIANTS_BY_REFERENCE
from resolvers.loaders.checkout import LINES_OF_CHECKOUTS
from resolvers.loaders.merchants import MERCHANTS
from resolvers.loaders.orders import GROUPS_OF_CHECKOUTS
from schema.access import ANYONE
from schema.accounts.address import PostalAddress
from schema.cart.types import Cart
from schema.catalog.variant import ProductVariant, SelectedOption
from schema.checkout.enums import CheckoutStatus
from schema.fields import Node, computed, lazy, reference, relation
from schema.ids import node_id
from schema.merchants import Merchant
from schema.money import Money, money, optional_money
from schema.scalars import CurrencyCode, DateTime


@strawberry.type(description="A cart line with its price held.", directives=[ANYONE])
class CheckoutLine(Node):  # rows: checkout_lines with their checkout's currency
    id: strawberry.ID = node_id("CheckoutLine")
    title: str = translated(str, description="The product's name when the checkout began.")
    sku: str = column(str, description="The variant's SKU.")
    quantity: int = column(int, description="How many units are held.")
    unit_price: Money = money("unit_price_minor", description="What a unit will be charged at.")
    variant: ProductVariant | None = relation(
        ProductVariant | None, VARIANTS_BY_REFERENCE, "variant_id", description="What it is."
    )

    @batched(Money, description="The unit price times the quantity.")
    def total(ctx: RequestContext, lines: Sequence[Row]) -> list[Any]:
        return [(row["unit_price_minor"] * row["quantity"], row["currency"]) for row in lines]

    @batched(list[SelectedOption], description="The variant's value of each option.")
    def options(ctx: RequestContext, lines: Sequence[Row]) -> list[Any]:
        return [row["options"] for row in lines]


@strawberry.type(description="A way in which a merchant sends goods.", directives=[ANYONE])
class DeliveryOption:  # of one checkout: its price depends on the goods
    id: strawberry.ID = node_id("DeliveryOption")
    code: str = column(str, description="The merchant's name of it: `standard`.")
    name: str = translated(str, description="The name for people.")
    carrier_code: str = column(str, description="Which carrier brings it; see `carriers`.")
    price: Money = money("price_minor", description="What it costs for the goods in question.")
    min_days: int = column(int, description="The fewest days it takes.")
    max_days: int = column(int, description="The most days it takes.")


def _selected(group: Row) -> Row | None:
    return next((each for each in group["options"] if each["id"] == group["selected_id"]), None)


@strawberry.type(description="One merchant's part of a checkout, and how it is sent.")
class DeliveryGroup:  # rows: resolvers.checkout.groups
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="Who sends it."
    )
    lines = computed(list[CheckoutLine], lambda group: group["lines"], description="What is sent.")
    options = computed(
        list[DeliveryOption],
        lambda group: group["options"],
        description="How it can be sent to the shipping address, cheapest first.",
    )
    selected = computed(
        DeliveryOption | None, _selected, description="The selected way; null while there is none."
    )
    shipping: Money | None = optional_money(
        "shipping_minor", description="What the selected way costs; null while there is none."
    )


@strawberry.type(description="What a checkout or an order adds up to.")
class Totals:
    subtotal: Money = money("subtotal_minor", description="All lines, tax included.")
    shipping: Money = money("shipping_minor", description="Delivery, tax included.")
    total: Money = money("total_minor", description="What is to be paid.")


@strawberry.type(
    description=(
        "A cart on its way to become orders. Its lines, prices and stock are held from"
        " `checkoutCreate` until `expiresAt`."
    ),
    directives=[ANYONE],
)
class Checkout(Node):
    id: strawberry.ID = node_id("Checkout")
    status: CheckoutStatus = column(CheckoutStatus, description="OPEN ones can be completed.")
    currency: CurrencyCode = column(CurrencyCode, description="The currency of everything in it.")
    email: str | None = column(str | None, description="Where the confirmation goes.")
    shipping_address = computed(
        PostalAddress | None,
        lambda checkout: checkout["shipping_address"],
        description="Where the goods go.",
    )
    billing_address = computed(
        PostalAddress | None,
        lambda checkout: checkout["billing_address"],
        description="To whom the bill is made out; null: as the goods.",
    )
    purchase_order_number: str = column(str, description="The buyer's own number; perhaps empty.")
    expires_at: DateTime = column(
        DateTime, description="Until when stock and prices are held for it."
    )
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    cart: Cart | None = relation(
        Cart | None, CARTS, "cart_id", description="The cart it was made of."
    )
    lines: list[CheckoutLine] = relation(
        list[CheckoutLine], LINES_OF_CHECKOUTS, description="All lines, as they were in the cart."
    )
    order_group = relation(
        lazy("OrderGroup", "schema.orders.types") | None,
        GROUPS_OF_CHECKOUTS,
        description="The purchase it became; null until it is completed.",
    )

    @batched(list[DeliveryGroup], description="The lines by merchant, each sent on its own.")
    async def delivery_groups(ctx: RequestContext, checkouts: Sequence[Row]) -> list[Any]:
        return await resolve.groups(ctx, checkouts)

    @batched(Totals, description="What it adds up to, with the delivery selected so far.")
    async def totals(ctx: RequestContext, checkouts: Sequence[Row]) -> list[Any]:
        return await resolve.totals(ctx, checkouts)
