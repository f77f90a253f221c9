"""How far attempts and refunds have come, and when to look at them again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal

from models.payments import AttemptState as A, PaymentStatus, RefundStatus as R, TransactionKind

# Answers come late, twice and out of order: only one of a higher rank changes anything. Money that
# was taken counts for more than what was said before.
ATTEMPT_RANK: Final[Mapping[A, int]] = {
    A.CREATED: 0,
    A.PENDING: 1,
    A.ACTION_REQUIRED: 2,
    A.AUTHORIZED: 3,
    A.FAILED: 4,
    A.CANCELLED: 4,
    A.CAPTURED: 5,
}
REFUND_RANK: Final[Mapping[R, int]] = {R.REQUESTED: 0, R.PENDING: 1, R.SUCCEEDED: 2, R.FAILED: 3}
OPEN: Final = frozenset({A.CREATED, A.PENDING, A.ACTION_REQUIRED, A.AUTHORIZED})
STATUS: Final[Mapping[A, PaymentStatus]] = {
    A.CREATED: PaymentStatus.PENDING,
    A.PENDING: PaymentStatus.PENDING,
    A.ACTION_REQUIRED: PaymentStatus.ACTION_REQUIRED,
    A.AUTHORIZED: PaymentStatus.AUTHORIZED,
    A.CAPTURED: PaymentStatus.CAPTURED,
    A.FAILED: PaymentStatus.FAILED,
    A.CANCELLED: PaymentStatus.VOIDED,
}
TRANSACTION: Final[Mapping[A, TransactionKind]] = {
    A.AUTHORIZED: TransactionKind.AUTHORIZATION,
    A.CAPTURED: TransactionKind.CAPTURE,
    A.CANCELLED: TransactionKind.VOID,
}
EVENT: Final[Mapping[A, str]] = {
    A.PENDING: "PaymentAccepted",
    A.ACTION_REQUIRED: "PaymentActionRequired",
    A.AUTHORIZED: "PaymentAuthorized",
    A.CAPTURED: "PaymentCaptured",
    A.FAILED: "PaymentFailed",
    A.CANCELLED: "PaymentVoided",
}

AUDIT_ACTION: Final[Mapping[A, str]] = {
    A.PENDING: "PAYMENT_ACCEPTED",
    A.ACTION_REQUIRED: "PAYMENT_ACTION_REQUIRED",
    A.AUTHORIZED: "PAYMENT_AUTHORIZED",
    A.CAPTURED: "PAYMENT_CAPTURED",
    A.FAILED: "PAYMENT_FAILED",
    A.CANCELLED: "PAYMENT_VOIDED",
}

# Whoever writes what is to be done does it at once; nobody else tries before this.
FIRST_CHECK: Final = timedelta(seconds=30)
SHORTEST_WAIT: Final = timedelta(seconds=2)
LONGEST_WAIT: Final = timedelta(minutes=5)


def next_check(since: datetime, moment: datetime) -> datetime:
    """When to ask again about what began at `since`: at twice its age, within bounds."""
    return moment + min(max(moment - since, SHORTEST_WAIT), LONGEST_WAIT)


def next_check_in_sql(since: Any) -> ColumnElement[datetime]:
    """The same, of a column."""
    age = func.greatest(func.now() - since, literal(SHORTEST_WAIT))
    return func.now() + func.least(age, literal(LONGEST_WAIT))


def status_after_refund(captured_minor: int, refunded_minor: int) -> PaymentStatus:
    if not refunded_minor:
        return PaymentStatus.CAPTURED
    if refunded_minor < captured_minor:
        return PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.REFUNDED
