"""Queries and mutations of checkouts."""

from typing import Any, Final

import strawberry

from core.errors import InvalidInput
from engine.declare import root
from resolvers import checkout as resolve
from resolvers.context import RequestContext
from resolvers.loaders.checkout import CHECKOUTS
from resolvers.loaders.orders import GROUPS
from schema.access import ANYONE
from schema.accounts.address import AddressInput, address_values
from schema.checkout.errors import (
    CANCEL_REFUSALS,
    COMPLETE_REFUSALS,
    CREATE_REFUSALS,
    UPDATE_REFUSALS,
)
from schema.checkout.types import Checkout
from schema.errors import Payload, mutation
from schema.fields import relation
from schema.ids import inside, required
from schema.orders.types import OrderGroup
from services.checkout import Details

MAX_DELIVERIES: Final = 100
KEY = (
    "Made by the client, new for each thing it wants done, the same when it sends the same again:"
    " a repetition gets what the first request led to. 1 to 255 characters."
)


@strawberry.type
class CheckoutQuery:
    @root(Checkout | None, auth=ANYONE, description="A checkout of the caller.")
    async def checkout(ctx: RequestContext, id: strawberry.ID) -> Any:
        return await ctx.one(CHECKOUTS, inside("Checkout", id))


@strawberry.input(description="Which cart to check out.")
class CheckoutCreateInput:
    cart_id: strawberry.ID = strawberry.field(description="The caller's open cart.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="How one merchant's part is sent.")
class DeliverySelectionInput:
    merchant_id: strawberry.ID = strawberry.field(description="The merchant.")
    option_id: strawberry.ID = strawberry.field(
        description="One of the `deliveryGroups.options` of this merchant."
    )


@strawberry.input(description="Details to set, all in one go; what is left out stays as it is.")
class CheckoutUpdateInput:
    checkout_id: strawberry.ID = strawberry.field(description="The checkout.")
    email: str | None = strawberry.field(
        default=None, description="Where the confirmation goes; also the proof for guests."
    )
    shipping_address: AddressInput | None = strawberry.field(
        default=None,
        description="Where the goods go. Ways that do not serve its country are deselected.",
    )
    billing_address: AddressInput | None = strawberry.field(
        default=None, description="To whom the bill is made out; as the goods if never set."
    )
    deliveries: list[DeliverySelectionInput] | None = strawberry.field(
        default=None, description="How each merchant's part is sent."
    )
    purchase_order_number: str | None = strawberry.field(
        default=None, description="The buyer's own number, at most 100 characters."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse when the checkout has another version by now."
    )


@strawberry.input(description="Which checkout to turn into orders.")
class CheckoutCompleteInput:
    checkout_id: strawberry.ID = strawberry.field(description="The checkout.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="Which checkout to give up.")
class CheckoutCancelInput:
    checkout_id: strawberry.ID = strawberry.field(description="The checkout.")


AFTER = "The checkout after the change; null when refused."


@strawberry.type(description="The checkout that began.")
class CheckoutCreatePayload(Payload):
    checkout: Checkout | None = relation(
        Checkout | None, CHECKOUTS, "checkout_id", description=AFTER
    )


@strawberry.type(description="The checkout with its new details.")
class CheckoutUpdatePayload(Payload):
    checkout: Checkout | None = relation(
        Checkout | None, CHECKOUTS, "checkout_id", description=AFTER
    )


@strawberry.type(description="The purchase that the checkout became.")
class CheckoutCompletePayload(Payload):
    order_group: OrderGroup | None = relation(
        OrderGroup | None,
        GROUPS,
        "group_id",
        description="The orders, awaiting payment; null when refused.",
    )


@strawberry.type(description="The checkout that was given up.")
class CheckoutCancelPayload(Payload):
    checkout: Checkout | None = relation(
        Checkout | None, CHECKOUTS, "checkout_id", description=AFTER
    )


@strawberry.type
class CheckoutMutation:
    @mutation(
        CheckoutCreatePayload,
        auth=ANYONE,
        description=(
            "Freezes the cart's lines with their prices and holds their stock for 15 minutes. A"
            " checkout that the cart had before is cancelled. Refused when a line changed its"
            " price, is not for sale any more, or is short: all such lines are told at once."
        ),
        refusals=CREATE_REFUSALS,
    )
    async def checkout_create(ctx: RequestContext, input: CheckoutCreateInput) -> dict[str, Any]:
        cart_id = required("Cart", input.cart_id, "cartId")
        return await resolve.create(ctx, cart_id=cart_id, idempotency_key=input.idempotency_key)

    @mutation(
        CheckoutUpdatePayload,
        auth=ANYONE,
        description="Sets e-mail, addresses and delivery: everything that is given, or nothing.",
        refusals=UPDATE_REFUSALS,
    )
    async def checkout_update(ctx: RequestContext, input: CheckoutUpdateInput) -> dict[str, Any]:
        return await resolve.update(
            ctx,
            checkout_id=required("Checkout", input.checkout_id, "checkoutId"),
            details=_details(input),
            expected_version=input.expected_version,
        )

    @mutation(
        CheckoutCompletePayload,
        auth=ANYONE,
        description=(
            "Turns the checkout into one order per merchant, in one group that is paid together."
            " A completed checkout gives the same group again, whatever the key. Refused when a"
            " merchant has stopped selling since the checkout began."
        ),
        refusals=COMPLETE_REFUSALS,
    )
    async def checkout_complete(
        ctx: RequestContext, input: CheckoutCompleteInput
    ) -> dict[str, Any]:
        checkout_id = required("Checkout", input.checkout_id, "checkoutId")
        return await resolve.complete(
            ctx, checkout_id=checkout_id, idempotency_key=input.idempotency_key
        )

    @mutation(
        CheckoutCancelPayload,
        auth=ANYONE,
        description="Gives the stock back at once; the cart stays. Again is a no-op.",
        refusals=CANCEL_REFUSALS,
    )
    async def checkout_cancel(ctx: RequestContext, input: CheckoutCancelInput) -> dict[str, Any]:
        checkout_id = required("Checkout", input.checkout_id, "checkoutId")
        return await resolve.cancel(ctx, checkout_id=checkout_id)


def _details(input: CheckoutUpdateInput) -> Details:
    """Raises: NotFound for malformed ids; InvalidInput for too many deliveries."""
    deliveries = None
    if input.deliveries is not None:
        if len(input.deliveries) > MAX_DELIVERIES:
            problem = f"Select at most {MAX_DELIVERIES} deliveries."
            raise InvalidInput(problem=problem, path=("deliveries",))
        deliveries = {
            required("Merchant", each.merchant_id, "deliveries", str(n), "merchantId"): required(
                "DeliveryOption", each.option_id, "deliveries", str(n), "optionId"
            )
            for n, each in enumerate(input.deliveries)
        }
    shipping, billing = input.shipping_address, input.billing_address
    return Details(
        email=input.email,
        shipping_address=address_values(shipping) if shipping else None,
        billing_address=address_values(billing) if billing else None,
        deliveries=deliveries,
        purchase_order_number=input.purchase_order_number,
    )
