"""Payments: the workflow behind each mutation."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core.clock import now
from core.db import Row
from models.payments import PaymentMethod
from resolvers.context import RequestContext
from services import payments
from services.payments import NewPayment

AWAITS_PAYMENT = "PENDING_PAYMENT"


async def initialize(
    ctx: RequestContext, wanted: NewPayment, *, idempotency_key: str
) -> dict[str, Any]:
    payment_id = await payments.initialize(
        ctx.db,
        ctx.shop.providers,
        ctx.caller,
        wanted,
        idempotency_key=idempotency_key,
        payment_window=ctx.shop.settings.payment_window,
    )
    return {"payment_id": payment_id}


async def confirm(ctx: RequestContext, *, payment_id: UUID, idempotency_key: str) -> dict[str, Any]:
    await payments.confirm(
        ctx.db,
        ctx.shop.providers,
        ctx.caller,
        payment_id=payment_id,
        idempotency_key=idempotency_key,
    )
    return {"payment_id": payment_id}


def available_methods(ctx: RequestContext, groups: Sequence[Row]) -> list[list[PaymentMethod]]:
    """Per order group the ways in which it can be paid now; [] when it awaits no payment."""
    methods = [method for method, name in payments.PROVIDERS.items() if name in ctx.shop.providers]
    moment = now()
    return [
        methods if group["status"] == AWAITS_PAYMENT and group["expires_at"] > moment else []
        for group in groups
    ]
