"""Payments, their transactions and refunds; and what orders show of them."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from core.db import Row
from core.identity import Permission
from engine.access import Typed
from engine.declare import batched, column
from models.payments import PaymentMethod, PaymentStatus, RefundStatus, TransactionKind
from resolvers import payments as resolve
from resolvers.context import RequestContext
from resolvers.loaders.orders import GROUPS
from resolvers.loaders.payments import (
    ALLOCATIONS_OF_ORDERS,
    PAYMENTS,
    PAYMENTS_OF_GROUPS,
    REFUNDS_OF_ORDERS,
    TRANSACTIONS_OF_PAYMENTS,
)
from schema.access import ANYONE, staff
from schema.fields import Node, computed, lazy, relation
from schema.ids import node_id
from schema.money import Money, money
from schema.scalars import DateTime
from services.payments import FailureCode, status_after_refund

strawberry.enum(PaymentMethod, description="Ways to pay.")
strawberry.enum(
    PaymentStatus,
    description=(
        "PENDING while the provider has not decided, ACTION_REQUIRED while it waits for the"
        " shopper (see `nextAction`), AUTHORIZED when the amount is reserved, CAPTURED when it was"
        " taken, then PARTIALLY_REFUNDED or REFUNDED. After FAILED or VOIDED (nothing was taken)"
        " `paymentInitialize` may be tried again. DISPUTED: the cardholder's bank asks for it back."
    ),
)
strawberry.enum(
    RefundStatus,
    description=(
        "REQUESTED: noted here. PENDING: at the provider. SUCCEEDED: on its way to the shopper."
        " FAILED: it could not be given back, or the bank returned it; staff sees to it."
    ),
)
strawberry.enum(
    TransactionKind,
    name="PaymentTransactionKind",
    description="REFUND_RETURNED: a bank sent a refund back.",
)
strawberry.enum(
    FailureCode,
    name="PaymentFailureCode",
    description="Why a try to pay failed; another try, or another card, may succeed.",
)


@strawberry.type(description="What the provider did, as it was told.")
class PaymentTransaction:  # rows: payment_transactions with their payment's currency
    kind: TransactionKind = column(TransactionKind, description="What was done.")
    amount: Money = money("amount_minor", description="With how much.")
    created_at: DateTime = column(DateTime, description="When it was noted here.")
    provider_reference: str = column(
        str,
        description="The provider's id of it; for the platform's staff.",
        auth=staff(Permission.MANAGE_PAYMENTS),
    )


@strawberry.type(
    description=(
        "The cardholder's bank wants to see its customer (3-D Secure). Send the browser to"
        " `redirectUrl`; it comes back to the `returnUrl` of `paymentInitialize`. Without an"
        " address the app finishes with the provider's own library and `clientSecret`. Afterwards"
        " call `paymentConfirm`."
    )
)
class ThreeDSecureAction:  # rows: payment_attempts.next_action
    redirect_url: str | None = column(
        str | None, description="The bank's page; null without a `returnUrl`."
    )
    client_secret: str = column(
        str, description="For the provider's client library only; keep it out of logs."
    )


PaymentNextAction = Annotated[
    ThreeDSecureAction,
    strawberry.union("PaymentNextAction", description="What the shopper has to do to go on."),
]


@strawberry.type(description="Why the latest try to pay failed.")
class PaymentFailure:  # rows: (code, message)
    code: FailureCode = column(FailureCode, 0, description="The reason.")
    message: str = column(str, 1, description="A sentence to show to the shopper, in English.")


def _failure(payment: Row) -> tuple[str, str] | None:
    if payment["captured_minor"] or not payment["failure_code"]:
        return None
    return payment["failure_code"], payment["failure_message"]


@strawberry.type(
    description="How a purchase is paid: taken whole, split into one allocation per order.",
    directives=[ANYONE],
)
class Payment(Node):  # rows: payments with what their latest attempt says
    id: strawberry.ID = node_id("Payment")
    method: PaymentMethod = column(PaymentMethod, description="The way of the latest try.")
    provider: str = column(str, description="Who moves the money: `card`.")
    status: PaymentStatus = column(PaymentStatus, description="How far it has come.")
    amount: Money = money("amount_minor", description="What is to be paid.")
    captured: Money = money("captured_minor", description="What was taken: all or nothing.")
    refunded: Money = money("refunded_minor", description="What was given back so far.")
    created_at: DateTime = column(DateTime, description="When it was first tried.")
    order_group = relation(
        lazy("OrderGroup", "schema.orders.types") | None,
        GROUPS,
        "order_group_id",
        description="The purchase that it pays.",
    )
    transactions: list[PaymentTransaction] = relation(
        list[PaymentTransaction], TRANSACTIONS_OF_PAYMENTS, description="Oldest first."
    )
    last_failure = computed(
        PaymentFailure | None,
        _failure,
        description="Why the latest try failed; null when it did not.",
    )

    @batched(
        PaymentNextAction | None,
        description="What the shopper has to do; null when nothing.",
    )
    def next_action(ctx: RequestContext, payments: Sequence[Row]) -> list[Any]:
        return [
            row["next_action"] and Typed("ThreeDSecureAction", row["next_action"])
            for row in payments
        ]


def _status_of_part(part: Row) -> str:
    """Of the order's part alone: what another merchant gave back is not shown."""
    if part["status"] not in {"CAPTURED", "PARTIALLY_REFUNDED", "REFUNDED"}:
        return str(part["status"])
    return status_after_refund(part["amount_minor"], part["refunded_minor"])


@strawberry.type(description="The part of a payment that belongs to one order.")
class PaymentAllocation:  # rows: payment_allocations with their payment's currency and status
    payment: Payment | None = relation(
        Payment | None,
        PAYMENTS,
        "payment_id",
        description="The payment; null for merchants, who see their part of it only.",
    )
    status = computed(PaymentStatus, _status_of_part, description="How far this part has come.")
    amount: Money = money("amount_minor", description="What of the payment is this order's.")
    refunded: Money = money("refunded_minor", description="What of it was given back so far.")


@strawberry.type(description="Money on its way back to the shopper.", directives=[ANYONE])
class Refund(Node):
    id: strawberry.ID = node_id("Refund")
    status: RefundStatus = column(RefundStatus, description="How far it has come.")
    amount: Money = money("amount_minor", description="How much; of an order, its part.")
    created_at: DateTime = column(DateTime, description="When it was asked for.")


# Fields of OrderGroup and Order. Payments are another group of tables: null when it is not there.
PAYMENTS_OF_GROUP: Any = relation(
    list[Payment] | None, PAYMENTS_OF_GROUPS, description="Its payment; [] before the first try."
)
AVAILABLE_METHODS: Any = batched(
    list[PaymentMethod],
    description="In which ways it can be paid now; [] when it awaits no payment.",
)(resolve.available_methods)
PAYMENTS_OF_ORDER: Any = relation(
    list[PaymentAllocation] | None,
    ALLOCATIONS_OF_ORDERS,
    description="Its part of the purchase's payment; [] before the first try.",
)
REFUNDS_OF_ORDER: Any = relation(
    list[Refund] | None, REFUNDS_OF_ORDERS, description="What was given back, oldest first."
)
