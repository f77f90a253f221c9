"""Payments as a person's own: for a copy of their data, and when they are erased.

Amounts, dates and the providers' references stay: books must balance, and refunds find their way.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Statement
from models.payments import Payment, PaymentAttempt, Refund
from services.personal import Copy, copied


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    facts = (
        Payment.id,
        Payment.order_group_id,
        Payment.method,
        Payment.provider,
        Payment.status,
        Payment.currency,
        Payment.amount_minor,
        Payment.captured_minor,
        Payment.refunded_minor,
        Payment.created_at,
    )
    mine: dict[str, Statement] = {
        "payments": select(*facts).where(Payment.owner_id == user_id),
        "refunds": select(
            Refund.payment_id,
            Refund.amount_minor,
            Refund.currency,
            Refund.status,
            Refund.created_at,
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Payment.owner_id == user_id),
    }
    return await copied(session, mine)


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    """The tokens of their cards go; a refund needs the payment's reference only."""
    mine = select(Payment.id).where(Payment.owner_id == user_id)
    await session.execute(
        update(PaymentAttempt).where(PaymentAttempt.payment_id.in_(mine)).values(payment_method="")
    )
