"""The query and the mutations of payments."""

from typing import Any, Final

import strawberry

from core.errors import IdempotencyConflict, InvalidInput, NotFound
from engine.declare import root
from models.payments import PaymentMethod
from resolvers import payments as resolve
from resolvers.context import RequestContext
from resolvers.loaders.payments import PAYMENTS
from schema.access import ANYONE
from schema.errors import Payload, mutation
from schema.fields import relation
from schema.ids import inside, required
from schema.payments.errors import INITIALIZE_REFUSALS
from schema.payments.types import Payment
from services.payments import NewPayment

KEY: Final = "Made by the client, the same when it sends the same again."


@strawberry.input(description="What to pay, and with what.")
class PaymentInitializeInput:
    order_group_id: strawberry.ID = strawberry.field(description="The purchase.")
    method: PaymentMethod = strawberry.field(
        description="One of the purchase's `availablePaymentMethods`."
    )
    payment_method: str = strawberry.field(
        description=(
            "The provider's token of the card, made by its client library: `pm_…`, at most 255"
            " characters. Never a card number. The sandbox knows `pm_card_visa`,"
            " `pm_card_chargeDeclined`, `pm_card_threeDSecure2Required`."
        )
    )
    return_url: str | None = strawberry.field(
        default=None,
        description=(
            "Where the bank's page sends the browser afterwards: http or https, at most 2,000"
            " characters. Left out by apps that show the bank's question themselves."
        ),
    )
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="Which payment to look at again.")
class PaymentConfirmInput:
    payment_id: strawberry.ID = strawberry.field(description="The payment.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.type(description="The payment, as far as it has come.")
class PaymentInitializePayload(Payload):
    payment: Payment | None = relation(
        Payment | None,
        PAYMENTS,
        "payment_id",
        description="The purchase's payment; null when refused. A decline is its status FAILED.",
    )


@strawberry.type(description="The payment, as the provider says it stands.")
class PaymentConfirmPayload(Payload):
    payment: Payment | None = relation(
        Payment | None, PAYMENTS, "payment_id", description="The payment; null when refused."
    )


@strawberry.type
class PaymentQuery:
    @root(
        Payment | None,
        auth=ANYONE,
        description="A payment of the caller; the platform's staff sees all.",
    )
    async def payment(ctx: RequestContext, id: strawberry.ID) -> Any:
        return await ctx.one(PAYMENTS, inside("Payment", id))


@strawberry.type
class PaymentMutation:
    @mutation(
        PaymentInitializePayload,
        auth=ANYONE,
        description=(
            "Tries to pay a purchase of the caller. After a decline it may be called again with"
            " another key: the payment stays the same. A try that waits for the shopper is given"
            " up first; one that the provider has not decided refuses another. When the provider"
            " does not answer, the status is PENDING and it is decided in the background."
        ),
        refusals=INITIALIZE_REFUSALS,
    )
    async def payment_initialize(
        ctx: RequestContext, input: PaymentInitializeInput
    ) -> dict[str, Any]:
        wanted = NewPayment(
            order_group_id=required("OrderGroup", input.order_group_id, "orderGroupId"),
            method=input.method,
            payment_method=input.payment_method,
            return_url=input.return_url,
        )
        return await resolve.initialize(ctx, wanted, idempotency_key=input.idempotency_key)

    @mutation(
        PaymentConfirmPayload,
        auth=ANYONE,
        description=(
            "Asks the provider how a payment of the caller stands, after the bank's page for"
            " example. When nothing changed it is a no-op."
        ),
        refusals=[NotFound, InvalidInput, IdempotencyConflict],
    )
    async def payment_confirm(ctx: RequestContext, input: PaymentConfirmInput) -> dict[str, Any]:
        payment_id = required("Payment", input.payment_id, "paymentId")
        return await resolve.confirm(
            ctx, payment_id=payment_id, idempotency_key=input.idempotency_key
        )
