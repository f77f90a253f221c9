"""Orders: one group per purchase, one order per merchant in it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    Base,
    HasId,
    HasTimes,
    HasVersion,
    Translated,
    c_text,
    minor,
    not_negative,
    one_of,
    positive,
)


class GroupStatus(StrEnum):
    PENDING_PAYMENT = "PENDING_PAYMENT"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class OrderStatus(StrEnum):
    PENDING_PAYMENT = "PENDING_PAYMENT"
    PAID = "PAID"
    CONFIRMED = "CONFIRMED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class OrderEventKind(StrEnum):
    PLACED = "PLACED"
    PAID = "PAID"
    CONFIRMED = "CONFIRMED"
    SHIPMENT_CREATED = "SHIPMENT_CREATED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"


class OrderGroup(HasId, HasTimes, Base):
    """One purchase: what is paid together. At most one per checkout."""

    __tablename__ = "order_groups"
    __table_args__ = (
        one_of("status", GroupStatus),
        not_negative("total_minor"),
        Index("ix_order_groups_owner", "owner_id", "id"),
        Index(
            "ix_order_groups_due",
            "expires_at",
            postgresql_where=text("status = 'PENDING_PAYMENT'"),
        ),
    )

    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("checkouts.id"), unique=True)
    owner_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(default=GroupStatus.PENDING_PAYMENT)
    currency: Mapped[str]
    total_minor: Mapped[int] = minor()
    email: Mapped[str]
    expires_at: Mapped[datetime]
    is_extended: Mapped[bool] = mapped_column(default=False)  # a payment start gave more time once


class Order(HasId, HasTimes, HasVersion, Base):
    """One merchant's part of a purchase. Refers to payments and shipments by id only."""

    __tablename__ = "orders"
    __table_args__ = (
        one_of("status", OrderStatus),
        UniqueConstraint("group_id", "merchant_id"),
        not_negative("subtotal_minor"),
        not_negative("shipping_minor"),
        not_negative("discount_minor"),
        not_negative("total_minor"),
        not_negative("refunded_minor"),
        CheckConstraint(
            "total_minor = subtotal_minor + shipping_minor - discount_minor", name="total_adds_up"
        ),
        CheckConstraint("refunded_minor <= total_minor", name="refund_bounded"),
        Index("ix_orders_owner", "owner_id", "placed_at", "id"),
        Index("ix_orders_merchant", "merchant_id", "placed_at", "id"),
        Index("ix_orders_placed", "placed_at", "id"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("order_groups.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    owner_id: Mapped[UUID]
    number: Mapped[str] = c_text(unique=True)
    status: Mapped[str] = mapped_column(default=OrderStatus.PENDING_PAYMENT)
    currency: Mapped[str]
    subtotal_minor: Mapped[int] = minor()
    shipping_minor: Mapped[int] = minor()
    discount_minor: Mapped[int] = minor(default=0)
    tax_minor: Mapped[int] = minor(default=0)
    total_minor: Mapped[int] = minor()
    refunded_minor: Mapped[int] = minor(default=0)
    email: Mapped[str]
    shipping_address: Mapped[dict[str, Any]]
    billing_address: Mapped[dict[str, Any]]
    delivery_name: Mapped[Translated]
    carrier_code: Mapped[str]
    purchase_order_number: Mapped[str] = mapped_column(default="")
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class OrderLine(HasId, Base):
    """What was bought, copied at the time: later changes of the product do not reach it."""

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "variant_id"),
        positive("quantity"),
        not_negative("unit_price_minor"),
        not_negative("quantity_shipped"),
        CheckConstraint("quantity_shipped <= quantity", name="shipped_bounded"),
        CheckConstraint("total_minor = quantity * unit_price_minor", name="total_adds_up"),
        Index(
            "ix_order_lines_product",
            "product_id",
            postgresql_include=["order_id", "quantity"],
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    title: Mapped[Translated]
    sku: Mapped[str]
    options: Mapped[list[Any]] = mapped_column(default=list)
    image: Mapped[str | None]
    quantity: Mapped[int]
    quantity_shipped: Mapped[int] = mapped_column(default=0)
    unit_price_minor: Mapped[int] = minor()
    tax_minor: Mapped[int] = minor(default=0)
    total_minor: Mapped[int] = minor()
    position: Mapped[int]


class OrderEvent(HasId, Base):
    """One line of an order's timeline; append-only, but what somebody said can be erased."""

    __tablename__ = "order_events"
    __table_args__ = (
        one_of("kind", OrderEventKind),
        Index("ix_order_events_order", "order_id", "id"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OrderAccess(Base):
    """Somebody, guest or user, who proved to know an order may see it too."""

    __tablename__ = "order_access"

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
