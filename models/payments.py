"""Payments, what providers said of them, and the ledger. No foreign key leaves this file."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, HasVersion, minor, not_negative, one_of, positive


class PaymentMethod(StrEnum):
    CARD = "CARD"


class PaymentStatus(StrEnum):
    PENDING = "PENDING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    FAILED = "FAILED"
    VOIDED = "VOIDED"
    DISPUTED = "DISPUTED"


class AttemptState(StrEnum):
    """CREATED: written, the provider not yet asked (or its answer lost): ask again, same key."""

    CREATED = "CREATED"
    PENDING = "PENDING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class TransactionKind(StrEnum):
    """REFUND_RETURNED: the bank sent a refund back, days after it went through."""

    AUTHORIZATION = "AUTHORIZATION"
    CAPTURE = "CAPTURE"
    REFUND = "REFUND"
    REFUND_RETURNED = "REFUND_RETURNED"
    VOID = "VOID"


class RefundStatus(StrEnum):
    REQUESTED = "REQUESTED"
    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class LedgerAccount(StrEnum):
    """PROVIDER_CLEARING: what providers owe the shop. MERCHANT_PAYABLE: what it owes merchants.

    UNALLOCATED: captured a second time by mistake, and on its way back to the shopper.
    """

    PROVIDER_CLEARING = "PROVIDER_CLEARING"
    MERCHANT_PAYABLE = "MERCHANT_PAYABLE"
    UNALLOCATED = "UNALLOCATED"


OPEN_ATTEMPTS = "state IN ('CREATED', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED')"
OPEN_REFUNDS = "status IN ('REQUESTED', 'PENDING') OR (status = 'SUCCEEDED' AND settled_at IS NULL)"


class Payment(HasId, HasTimes, HasVersion, Base):
    """How one order group is paid: captured whole, split into allocations.

    attempt_id: the one whose capture counts; a second capture is given back.
    settled_at: when the orders were told of the capture; captured without it: a worker tells them.
    """

    __tablename__ = "payments"
    __table_args__ = (
        one_of("method", PaymentMethod),
        one_of("status", PaymentStatus),
        positive("amount_minor"),
        not_negative("refunded_minor"),
        CheckConstraint("captured_minor IN (0, amount_minor)", name="captured_whole"),
        CheckConstraint("captured_minor = 0 OR attempt_id IS NOT NULL", name="captured_by_attempt"),
        CheckConstraint("refunded_minor <= captured_minor", name="refund_bounded"),
        Index("ix_payments_owner", "owner_id", "id"),
        Index(
            "ix_payments_unsettled",
            "id",
            postgresql_where=text("captured_minor > 0 AND settled_at IS NULL"),
        ),
    )

    order_group_id: Mapped[UUID] = mapped_column(unique=True)
    owner_id: Mapped[UUID]
    method: Mapped[str]
    provider: Mapped[str]
    status: Mapped[str] = mapped_column(default=PaymentStatus.PENDING)
    currency: Mapped[str]
    amount_minor: Mapped[int] = minor()
    captured_minor: Mapped[int] = minor(default=0)
    refunded_minor: Mapped[int] = minor(default=0)
    attempt_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]


class PaymentAllocation(Base):
    """Which part of a payment belongs to which order; refunds are bounded by it."""

    __tablename__ = "payment_allocations"
    __table_args__ = (
        not_negative("amount_minor"),
        CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refund_bounded"),
        Index("ix_payment_allocations_order", "order_id"),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    merchant_id: Mapped[UUID]
    amount_minor: Mapped[int] = minor()
    refunded_minor: Mapped[int] = minor(default=0)


class PaymentAttempt(HasId, HasTimes, Base):
    """One try to pay, written before the provider is asked; at most one unresolved per payment.

    payment_method: the provider's token of the card, never a number.
    """

    __tablename__ = "payment_attempts"
    __table_args__ = (
        one_of("state", AttemptState),
        positive("amount_minor"),
        Index(
            "uq_payment_attempts_open",
            "payment_id",
            unique=True,
            postgresql_where=text(OPEN_ATTEMPTS),
        ),
        Index("ix_payment_attempts_payment", "payment_id", "id"),
        Index("ix_payment_attempts_due", "check_at", postgresql_where=text(OPEN_ATTEMPTS)),
        UniqueConstraint("provider", "provider_reference"),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    provider: Mapped[str]
    provider_key: Mapped[str] = mapped_column(unique=True)
    provider_reference: Mapped[str | None]
    payment_method: Mapped[str]
    return_url: Mapped[str | None]
    currency: Mapped[str]
    amount_minor: Mapped[int] = minor()
    state: Mapped[str] = mapped_column(default=AttemptState.CREATED)
    next_action: Mapped[dict[str, Any] | None]
    failure_code: Mapped[str | None]
    failure_message: Mapped[str | None]
    check_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PaymentTransaction(HasId, Base):
    """What happened at the provider; append-only."""

    __tablename__ = "payment_transactions"
    __table_args__ = (
        one_of("kind", TransactionKind),
        positive("amount_minor"),
        UniqueConstraint("attempt_id", "kind", "provider_reference"),
        Index("ix_payment_transactions_payment", "payment_id", "id"),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("payment_attempts.id"))
    kind: Mapped[str]
    amount_minor: Mapped[int] = minor()
    provider_reference: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Refund(HasId, HasTimes, Base):
    """Money on its way back; written before the provider is asked, finished by a worker if need be.

    attempt_id: whose money goes back.
    order_id null: all that the attempt took, because the orders could not be served any more, or
        because it was taken twice.
    settled_at: when the orders were told.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        one_of("status", RefundStatus),
        positive("amount_minor"),
        UniqueConstraint(
            "payment_id", "order_id", "reason_key", postgresql_nulls_not_distinct=True
        ),
        Index("ix_refunds_order", "order_id"),
        Index("ix_refunds_due", "check_at", postgresql_where=text(OPEN_REFUNDS)),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("payment_attempts.id"), index=True)
    order_id: Mapped[UUID | None]
    reason_key: Mapped[str]
    currency: Mapped[str]
    amount_minor: Mapped[int] = minor()
    status: Mapped[str] = mapped_column(default=RefundStatus.REQUESTED)
    reason: Mapped[str] = mapped_column(default="")
    provider_key: Mapped[str] = mapped_column(unique=True)
    provider_reference: Mapped[str | None]
    check_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]


class ProviderEvent(Base):
    """A callback that was received; its provider's id makes a second delivery a no-op.

    handled_at: when what it is about was read again; a worker does it if the receiver died.
    """

    __tablename__ = "provider_events"
    __table_args__ = (
        Index("ix_provider_events_due", "check_at", postgresql_where=text("handled_at IS NULL")),
    )

    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    attempt_id: Mapped[UUID | None]
    payment_reference: Mapped[str | None]
    refund_reference: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    check_at: Mapped[datetime] = mapped_column(server_default=func.now())
    handled_at: Mapped[datetime | None]


class LedgerEntry(HasId, Base):
    """One side of a booking; immutable, and balanced per (journal, currency) by trigger.

    amount_minor: positive is debit, negative is credit.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        one_of("account", LedgerAccount),
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        Index("ix_ledger_entries_journal", "journal_id"),
        Index("ix_ledger_entries_merchant", "merchant_id", "id"),
    )

    journal_id: Mapped[UUID]
    account: Mapped[str]
    merchant_id: Mapped[UUID | None]
    order_id: Mapped[UUID | None]
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    currency: Mapped[str]
    amount_minor: Mapped[int] = minor()
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
