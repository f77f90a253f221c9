"""Why a payment says no, on the wire."""

from collections.abc import Sequence
from typing import Any, Final

import strawberry

from core.db import Row
from core.errors import DomainError, IdempotencyConflict, InvalidInput, NotFound
from engine.declare import batched, column
from models.payments import PaymentMethod
from resolvers.context import RequestContext
from resolvers.loaders.payments import PAYMENTS
from schema.errors import UserError, shown
from schema.ids import inside
from schema.payments.types import Payment
from services import orders, payments


@shown(payments.PaymentInProgress)
@strawberry.type(
    description="An earlier try to pay is not decided yet; ask for its outcome before another."
)
class PaymentInProgress(UserError):
    @batched(Payment | None, description="The payment that is under way.")
    async def payment(ctx: RequestContext, facts: Sequence[Row]) -> list[Any]:
        return await ctx.rows(PAYMENTS, [inside("Payment", row["payment_id"]) for row in facts])


@shown(payments.PaymentMethodUnavailable)
@strawberry.type(description="It is not possible to pay in this way here.")
class PaymentMethodUnavailable(UserError):
    method: PaymentMethod = column(PaymentMethod, description="The way that was asked for.")


INITIALIZE_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    orders.NotAllowedInState,
    payments.PaymentInProgress,
    payments.PaymentMethodUnavailable,
]
