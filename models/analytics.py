"""What shoppers' apps tell about what was looked at."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, c_text, one_of, positive


class ShopperEventKind(StrEnum):
    VIEW = "VIEW"
    SEARCH = "SEARCH"
    CLICK = "CLICK"


class ShopperEvent(HasId, Base):
    """Something that a shopper did in an app; append-only, and nothing says who it was.

    query: normalised words of the search that it belongs to. rank: of the product clicked, from 1.
    happened_at: as the app says; received_at: when we heard of it.
    """

    __tablename__ = "shopper_events"
    __table_args__ = (
        one_of("kind", ShopperEventKind),
        positive("rank"),
        Index("ix_shopper_events_query", "query", "received_at"),
        Index("ix_shopper_events_received", "received_at", "id"),
    )

    kind: Mapped[str]
    product_id: Mapped[UUID | None]
    query: Mapped[str | None] = c_text(nullable=True)
    rank: Mapped[int | None]
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
