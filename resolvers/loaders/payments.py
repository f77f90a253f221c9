"""Payments by keys."""

from typing import Any, Final

from sqlalchemy import ColumnElement, any_, case, or_, select, true

from core.identity import Permission
from models.payments import (
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentTransaction,
    Refund,
)
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import owned, permitted, permitted_everywhere


def visible_payment() -> ColumnElement[bool]:
    """The shopper's own, and all for the platform's staff. A merchant sees its allocations."""
    return or_(owned(Payment.owner_id), permitted_everywhere(Permission.MANAGE_PAYMENTS))


# How the latest try stands: what the shopper has to do, or why it failed.
_latest = (
    select(PaymentAttempt.next_action, PaymentAttempt.failure_code, PaymentAttempt.failure_message)
    .where(PaymentAttempt.payment_id == Payment.id)
    .order_by(PaymentAttempt.id.desc())
    .limit(1)
    .lateral("latest")
)
_payments = (
    select(*Payment.__table__.c, *_latest.c)
    .select_from(Payment)
    .outerjoin(_latest, true())
    .where(visible_payment())
)
PAYMENTS: Final = Relation(_payments.where(Payment.id == any_(KEYS)), key="id")
PAYMENTS_OF_GROUPS: Final = Relation(
    _payments.where(Payment.order_group_id == any_(KEYS)), key="order_group_id", many=True
)
TRANSACTIONS_OF_PAYMENTS: Final = Relation(
    select(*PaymentTransaction.__table__.c, Payment.currency)
    .join(Payment)
    .where(PaymentTransaction.payment_id == any_(KEYS), visible_payment())
    .order_by(PaymentTransaction.id),
    key="payment_id",
    many=True,
)
# Of orders that the caller may see: the buyer, and the merchant, who has no access to the payment.
ALLOCATIONS_OF_ORDERS: Final = Relation(
    select(*PaymentAllocation.__table__.c, Payment.currency, Payment.status)
    .join(Payment)
    .where(PaymentAllocation.order_id == any_(KEYS))
    .order_by(PaymentAllocation.payment_id),
    key="order_id",
    many=True,
    is_reference=True,
)


def _part(column: Any) -> Any:
    """What a refund is for one order: a refund of the whole payment gives each order its part."""
    return case((Refund.order_id.is_(None), PaymentAllocation.amount_minor), else_=column)


_REFUND_COLUMNS = (
    Refund.id,
    Refund.status,
    Refund.currency,
    Refund.created_at,
    Refund.updated_at,
)
_of_orders = (
    select(
        *_REFUND_COLUMNS,
        _part(Refund.amount_minor).label("amount_minor"),
        PaymentAllocation.order_id.label("of_order_id"),
    )
    .select_from(Refund)
    .join(Payment, (Payment.id == Refund.payment_id) & (Payment.attempt_id == Refund.attempt_id))
    .join(
        PaymentAllocation,
        (PaymentAllocation.payment_id == Refund.payment_id)
        & (Refund.order_id.is_(None) | (Refund.order_id == PaymentAllocation.order_id)),
    )
)
REFUNDS_OF_ORDERS: Final = Relation(
    _of_orders.where(PaymentAllocation.order_id == any_(KEYS)).order_by(Refund.id),
    key="of_order_id",
    many=True,
    is_reference=True,
)
REFUNDS: Final = Relation(
    select(*_REFUND_COLUMNS, Refund.amount_minor)
    .join(Payment, Payment.id == Refund.payment_id)
    .outerjoin(
        PaymentAllocation,
        (PaymentAllocation.payment_id == Refund.payment_id)
        & (PaymentAllocation.order_id == Refund.order_id),
    )
    .where(
        Refund.id == any_(KEYS),
        or_(
            visible_payment(),
            permitted(PaymentAllocation.merchant_id, Permission.MANAGE_ORDERS),
            permitted(PaymentAllocation.merchant_id, Permission.MANAGE_SHIPMENTS),
        ),
    ),
    key="id",
)
