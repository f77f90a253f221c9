"""Warehouses, stock, and every change of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, c_text, not_negative, one_of, positive


class WarehouseKind(StrEnum):
    WAREHOUSE = "WAREHOUSE"
    STORE = "STORE"
    DARK_STORE = "DARK_STORE"


class MovementKind(StrEnum):
    ADJUSTMENT = "ADJUSTMENT"
    RESERVATION = "RESERVATION"
    RELEASE = "RELEASE"
    COMMITMENT = "COMMITMENT"
    CANCELLATION = "CANCELLATION"
    SHIPMENT = "SHIPMENT"


class ReservationStatus(StrEnum):
    HELD = "HELD"
    COMMITTED = "COMMITTED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


class Warehouse(HasId, HasTimes, Base):
    """Where a merchant keeps stock. `priority`: lower ones ship first."""

    __tablename__ = "warehouses"
    __table_args__ = (
        one_of("kind", WarehouseKind),
        UniqueConstraint("merchant_id", "code"),
    )

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    code: Mapped[str] = c_text()
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default=WarehouseKind.WAREHOUSE)
    address: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_pickup_point: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    priority: Mapped[int] = mapped_column(default=0)


class StockLevel(Base):
    """Units of a variant in a warehouse.

    on_hand: lying there. reserved: held for checkouts. allocated: sold, not yet shipped.
    available: what may still be promised.
    """

    __tablename__ = "stock_levels"
    __table_args__ = (
        not_negative("on_hand"),
        not_negative("reserved"),
        not_negative("allocated"),
        not_negative("safety_stock"),
        CheckConstraint("on_hand >= reserved + allocated", name="not_oversold"),
        Index(
            "ix_stock_levels_variant",
            "variant_id",
            "warehouse_id",
            postgresql_include=["available"],
        ),
        Index("ix_stock_levels_merchant", "merchant_id", "variant_id", "warehouse_id"),
    )

    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"), primary_key=True)
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    on_hand: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    allocated: Mapped[int] = mapped_column(default=0)
    safety_stock: Mapped[int] = mapped_column(default=0)
    available: Mapped[int] = mapped_column(
        Integer, Computed("on_hand - reserved - allocated", persisted=True)
    )


class StockMovement(HasId, Base):
    """One change of one stock level; append-only. Levels are the sums of these."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        one_of("kind", MovementKind),
        CheckConstraint(
            "on_hand_delta <> 0 OR reserved_delta <> 0 OR allocated_delta <> 0", name="moves"
        ),
        Index("ix_stock_movements_level", "variant_id", "warehouse_id", "id"),
        Index("ix_stock_movements_merchant", "merchant_id", "id"),
    )

    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    kind: Mapped[str]
    on_hand_delta: Mapped[int] = mapped_column(default=0)
    reserved_delta: Mapped[int] = mapped_column(default=0)
    allocated_delta: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    reference_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StockReservation(HasId, Base):
    """Units of one stock level held for a checkout, then for its order.

    order_group_id, order_id: set when the checkout was completed.
    """

    __tablename__ = "stock_reservations"
    __table_args__ = (
        positive("quantity"),
        one_of("status", ReservationStatus),
        CheckConstraint("status <> 'COMMITTED' OR order_id IS NOT NULL", name="sold_to_an_order"),
        Index("ix_stock_reservations_checkout", "checkout_id"),
        Index("ix_stock_reservations_group", "order_group_id"),
        Index("ix_stock_reservations_order", "order_id"),
    )

    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("checkouts.id"))
    order_group_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_groups.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    quantity: Mapped[int]
    status: Mapped[str] = mapped_column(default=ReservationStatus.HELD)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
