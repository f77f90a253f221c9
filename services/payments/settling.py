"""Telling the orders of captured money: the last step of every payment."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from models.payments import Payment
from services import orders
from services.payments import refunds
from services.payments.ports import PaymentProvider
from services.payments.refund_workflow import advance_refund


async def settle_group(
    db: Database, providers: Mapping[str, PaymentProvider], payment_id: UUID
) -> bool:
    """Tell the orders of captured money, once; False when there is nothing to tell.

    They take it, or it is given back whole.
    """
    is_unsettled = (
        (Payment.id == payment_id) & (Payment.captured_minor > 0) & Payment.settled_at.is_(None)
    )
    known = select(Payment.order_group_id, Payment.captured_minor).where(is_unsettled)
    async with db.transaction() as session:
        payment = (await session.execute(known)).first()
    if payment is None:
        return False
    async with db.transaction() as session:
        outcome = await orders.settle(
            session, group_id=payment.order_group_id, paid_minor=payment.captured_minor
        )
    async with db.transaction() as session:
        refund_id = await _note_settled(session, is_unsettled, outcome)
    if refund_id is not None:
        await advance_refund(db, providers, refund_id)
    return True


async def _note_settled(
    session: AsyncSession, is_unsettled: ColumnElement[bool], outcome: orders.Settlement
) -> UUID | None:
    """Note that the orders know; gives the refund that is to be made now, if any."""
    settled = await session.execute(
        update(Payment)
        .where(is_unsettled)
        .values(settled_at=func.now(), version=Payment.version + 1)
        .returning(Payment.id, Payment.attempt_id, Payment.currency, Payment.captured_minor)
        .execution_options(synchronize_session=False)
    )
    payment = settled.first()
    if payment is None or outcome is orders.Settlement.PAID:
        return None
    assert payment.attempt_id is not None, "captured by an attempt"
    return await refunds.request_whole(
        session,
        payment_id=payment.id,
        attempt_id=payment.attempt_id,
        currency=payment.currency,
        amount_minor=payment.captured_minor,
        reason_key="unservable",
    )
