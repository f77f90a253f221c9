"""Merchants and the people who work for them."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, HasVersion, Translated, c_text, one_of


class MerchantStatus(StrEnum):
    APPLIED = "APPLIED"
    IN_REVIEW = "IN_REVIEW"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


class MerchantMode(StrEnum):
    B2C = "B2C"
    B2B = "B2B"
    B2B2C = "B2B2C"
    O2O = "O2O"


class Merchant(HasId, HasTimes, HasVersion, Base):
    """A seller. Only ACTIVE ones sell."""

    __tablename__ = "merchants"
    __table_args__ = (one_of("status", MerchantStatus), one_of("mode", MerchantMode))

    slug: Mapped[str] = c_text(unique=True)
    name: Mapped[str] = c_text()
    description: Mapped[Translated] = mapped_column(default=dict)
    status: Mapped[str]
    mode: Mapped[str] = mapped_column(default=MerchantMode.B2C)


class Membership(Base):
    """What a user may do for a merchant."""

    __tablename__ = "memberships"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    merchant_id: Mapped[UUID] = mapped_column(
        ForeignKey("merchants.id"), primary_key=True, index=True
    )
    is_owner: Mapped[bool] = mapped_column(default=False)
    permissions: Mapped[list[str]] = mapped_column(default=list)
