"""Merchants and the people who work for them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, func, text
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
    """A seller. Only ACTIVE ones sell.

    status_reason: why the platform rejected, suspended or closed it; null where nothing is wrong.
    payouts_held: what it earned is kept back until the platform says otherwise.
    """

    __tablename__ = "merchants"
    __table_args__ = (
        one_of("status", MerchantStatus),
        one_of("mode", MerchantMode),
        Index("ix_merchants_name", "name", "id"),
        Index("ix_merchants_newest", "created_at", "id"),
    )

    slug: Mapped[str] = c_text(unique=True)
    name: Mapped[str] = c_text()
    description: Mapped[Translated] = mapped_column(default=dict)
    status: Mapped[str]
    mode: Mapped[str] = mapped_column(default=MerchantMode.B2C)
    status_reason: Mapped[str | None]
    status_changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    payouts_held: Mapped[bool] = mapped_column(default=False, server_default=false())


class MerchantText(Base):
    """The long texts of a merchant: read by its page only."""

    __tablename__ = "merchant_texts"

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    return_policy: Mapped[Translated] = mapped_column(default=dict)
    shipping_policy: Mapped[Translated] = mapped_column(default=dict)
    terms: Mapped[Translated] = mapped_column(default=dict)


class MerchantRecord(Base):
    """What a merchant told the platform about its business; nobody else reads it.

    contact_…: of a person perhaps, and so erasable: null is "erased" or "not told".
    """

    __tablename__ = "merchant_records"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_code"),
        Index("ix_merchant_records_contact_email", "contact_email"),
    )

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"), primary_key=True)
    legal_name: Mapped[str]
    registration_number: Mapped[str]
    country: Mapped[str]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]


class Membership(Base):
    """What a user may do for a merchant."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_joined", "merchant_id", "joined_at", "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    merchant_id: Mapped[UUID] = mapped_column(
        ForeignKey("merchants.id"), primary_key=True, index=True
    )
    is_owner: Mapped[bool] = mapped_column(default=False)
    permissions: Mapped[list[str]] = mapped_column(default=list)
    joined_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StaffInvitation(HasId, Base):
    """An offer to work for a merchant, made to whoever owns an e-mail address.

    email: in lower case; forgotten when the invitation ends, whichever way.
    At most one per merchant and address is open: neither accepted nor revoked.
    """

    __tablename__ = "staff_invitations"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint(
            "email IS NOT NULL OR accepted_at IS NOT NULL OR revoked_at IS NOT NULL",
            name="open_has_email",
        ),
        Index(
            "uq_staff_invitations_open",
            "email",
            "merchant_id",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        Index("ix_staff_invitations_merchant", "merchant_id", "created_at", "id"),
        Index("ix_staff_invitations_newest", "created_at", "id"),
    )

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    email: Mapped[str | None]
    is_owner: Mapped[bool] = mapped_column(default=False)
    permissions: Mapped[list[str]]
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    revoked_at: Mapped[datetime | None]
