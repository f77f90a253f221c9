"""Events on their way out, and how far each consumer has come."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class OutboxEvent(Base):
    """Written in the transaction of the change; `position` comes later, from the one sequencer.

    Consumers read by `position`: ids are taken before the commit, so a cursor on them would pass
    over what a slower transaction commits later (docs/adr/0004).
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unsequenced", "id", postgresql_where=text("position IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    kind: Mapped[str]
    object_id: Mapped[UUID]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OutboxCursor(Base):
    """The last position that a consumer has dealt with; `lease_until`: a worker is at it."""

    __tablename__ = "outbox_cursors"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    lease_until: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
