"""Carriers, shipments, parcels and their tracking. No foreign key leaves this file."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    Base,
    HasId,
    HasTimes,
    HasVersion,
    c_text,
    not_negative,
    one_of,
    positive,
)


class CarrierKind(StrEnum):
    COURIER = "COURIER"
    POSTAL = "POSTAL"
    LOCAL = "LOCAL"
    DRONE = "DRONE"
    ROBOT = "ROBOT"
    LOCKER = "LOCKER"


class ShipmentStatus(StrEnum):
    CREATED = "CREATED"
    ON_HOLD = "ON_HOLD"
    DISPATCHED = "DISPATCHED"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERED = "DELIVERED"
    EXCEPTION = "EXCEPTION"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


class TrackingStatus(StrEnum):
    LABEL_CREATED = "LABEL_CREATED"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    CUSTOMS = "CUSTOMS"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    DELIVERED = "DELIVERED"
    EXCEPTION = "EXCEPTION"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class Carrier(HasId, HasTimes, Base):
    """tracking_url: `{number}` stands for the tracking number. services: `[{"code", "name"}]`."""

    __tablename__ = "carriers"
    __table_args__ = (one_of("kind", CarrierKind),)

    code: Mapped[str] = c_text(unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default=CarrierKind.COURIER)
    services: Mapped[list[Any]] = mapped_column(default=list)
    tracking_url: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Shipment(HasId, HasTimes, HasVersion, Base):
    """Parcels that a merchant sends for one order. `owner_id`: the shopper.

    tell_after: from then on a worker tells the order what it may not know yet; null: it knows all.
    order_told_at: when the order was told of the dispatch.
    delivery_told_at: when the order was told that this and all its other shipments arrived.
    """

    __tablename__ = "shipments"
    __table_args__ = (
        one_of("status", ShipmentStatus),
        Index("ix_shipments_order", "order_id", "id"),
        Index("ix_shipments_merchant", "merchant_id", "created_at", "id"),
        Index("ix_shipments_created", "created_at", "id"),
        Index("ix_shipments_owner", "owner_id", "id"),
        Index("ix_shipments_due", "tell_after", postgresql_where=text("tell_after IS NOT NULL")),
    )

    order_id: Mapped[UUID]
    merchant_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    number: Mapped[str] = c_text(unique=True)
    carrier_code: Mapped[str] = mapped_column(ForeignKey("carriers.code"))
    service: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=ShipmentStatus.CREATED)
    phone_digits: Mapped[str] = mapped_column(default="")  # the recipient's last four
    estimated_delivery_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    dispatched_by: Mapped[UUID | None]
    delivered_at: Mapped[datetime | None]
    tell_after: Mapped[datetime | None]
    order_told_at: Mapped[datetime | None]
    delivery_told_at: Mapped[datetime | None]


class ShipmentLine(Base):
    __tablename__ = "shipment_lines"
    __table_args__ = (positive("quantity"),)

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"), primary_key=True)
    order_line_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    variant_id: Mapped[UUID]
    quantity: Mapped[int]


class Parcel(HasId, Base):
    """A box. Sizes in millimetres, weight in grams."""

    __tablename__ = "parcels"
    __table_args__ = (
        not_negative("weight_grams"),
        UniqueConstraint("tracking_number", "carrier_code"),
        Index("ix_parcels_shipment", "shipment_id", "id"),
    )

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    carrier_code: Mapped[str]
    tracking_number: Mapped[str | None]
    weight_grams: Mapped[int] = mapped_column(default=0)
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]


class TrackingEvent(HasId, Base):
    """Where a parcel was seen. `event_key`: the reporter's own id, so that repeats are no-ops."""

    __tablename__ = "tracking_events"
    __table_args__ = (
        one_of("status", TrackingStatus),
        UniqueConstraint("shipment_id", "event_key"),
        Index("ix_tracking_events_shipment", "shipment_id", "happened_at", "id"),
    )

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    parcel_id: Mapped[UUID | None] = mapped_column(ForeignKey("parcels.id"))
    event_key: Mapped[str]
    status: Mapped[str]
    raw_status: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    message: Mapped[str] = mapped_column(default="")
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
