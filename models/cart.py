"""Carts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, HasVersion, minor, not_negative, one_of


class CartStatus(StrEnum):
    OPEN = "OPEN"
    ORDERED = "ORDERED"
    MERGED = "MERGED"


class Cart(HasId, HasTimes, HasVersion, Base):
    """What a shopper wants. `owner_id`: a guest or user; each has one open cart at most."""

    __tablename__ = "carts"
    __table_args__ = (
        one_of("status", CartStatus),
        Index("uq_carts_open", "owner_id", unique=True, postgresql_where=text("status = 'OPEN'")),
    )

    owner_id: Mapped[UUID] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default=CartStatus.OPEN)
    currency: Mapped[str]


class CartLine(HasId, Base):
    """`unit_price_minor`: the price the shopper saw last; checkout asks again when it changed."""

    __tablename__ = "cart_lines"
    __table_args__ = (
        UniqueConstraint("cart_id", "variant_id"),
        CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity_range"),
        not_negative("unit_price_minor"),
    )

    cart_id: Mapped[UUID] = mapped_column(ForeignKey("carts.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"), index=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    quantity: Mapped[int]
    unit_price_minor: Mapped[int] = minor()
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
