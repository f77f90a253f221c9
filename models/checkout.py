"""Checkouts: a cart on its way to become orders, with prices and stock held."""

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


class CheckoutStatus(StrEnum):
    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class DeliveryMethod(HasId, HasTimes, Base):
    """A way in which a merchant sends goods. `countries` empty: everywhere."""

    __tablename__ = "delivery_methods"
    __table_args__ = (
        UniqueConstraint("merchant_id", "code", "currency"),
        not_negative("price_minor"),
        CheckConstraint("max_days >= min_days AND min_days >= 0", name="days_range"),
    )

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    code: Mapped[str] = c_text()
    name: Mapped[Translated]
    carrier_code: Mapped[str]
    currency: Mapped[str]
    price_minor: Mapped[int] = minor()
    free_from_minor: Mapped[int | None] = minor()
    min_days: Mapped[int]
    max_days: Mapped[int]
    countries: Mapped[list[str]] = mapped_column(default=list)
    is_active: Mapped[bool] = mapped_column(default=True)


class Checkout(HasId, HasTimes, HasVersion, Base):
    """cart_version: of the cart when it was frozen into lines; a later change makes it stale."""

    __tablename__ = "checkouts"
    __table_args__ = (
        one_of("status", CheckoutStatus),
        Index(
            "uq_checkouts_open", "cart_id", unique=True, postgresql_where=text("status = 'OPEN'")
        ),
        Index("ix_checkouts_due", "expires_at", postgresql_where=text("status = 'OPEN'")),
        Index("ix_checkouts_owner", "owner_id", "id"),
    )

    cart_id: Mapped[UUID] = mapped_column(ForeignKey("carts.id"))
    cart_version: Mapped[int]
    owner_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(default=CheckoutStatus.OPEN)
    currency: Mapped[str]
    email: Mapped[str | None]
    shipping_address: Mapped[dict[str, Any] | None]
    billing_address: Mapped[dict[str, Any] | None]
    purchase_order_number: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime]


class CheckoutLine(HasId, Base):
    """A cart line frozen: what is charged, whatever the price becomes before the hold ends."""

    __tablename__ = "checkout_lines"
    __table_args__ = (
        UniqueConstraint("checkout_id", "variant_id"),
        positive("quantity"),
        not_negative("unit_price_minor"),
    )

    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("checkouts.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"))
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    quantity: Mapped[int]
    unit_price_minor: Mapped[int] = minor()
    title: Mapped[Translated]
    sku: Mapped[str]
    options: Mapped[list[Any]] = mapped_column(default=list)
    image: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CheckoutDelivery(Base):
    """How one merchant's part of a checkout is sent: the option the shopper selected."""

    __tablename__ = "checkout_deliveries"
    __table_args__ = (not_negative("price_minor"),)

    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("checkouts.id"), primary_key=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    delivery_method_id: Mapped[UUID] = mapped_column(ForeignKey("delivery_methods.id"))
    price_minor: Mapped[int] = minor()
