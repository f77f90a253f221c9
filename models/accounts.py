"""Users, guests, their sign-ins and addresses."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, HasVersion


class User(HasId, HasTimes, HasVersion, Base):
    """Somebody with an account. `email` is kept in lower case.

    platform_permissions: what the platform's own staff may do, for every merchant.
    erase_after: when the account they asked to delete is erased; null: they did not ask.
    erased_at: since when the row stands for nobody; only orders still point to it.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        Index(
            "ix_users_erase_after", "erase_after", postgresql_where=text("erase_after IS NOT NULL")
        ),
        Index(
            "ix_users_platform_staff",
            "created_at",
            "id",
            postgresql_where=text("cardinality(platform_permissions) > 0"),
        ),
    )

    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    is_active: Mapped[bool] = mapped_column(default=True)
    email_verified_at: Mapped[datetime | None]
    platform_permissions: Mapped[list[str]] = mapped_column(default=list)
    erase_after: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class Guest(HasId, Base):
    """A shopper without an account. `joined_user_id`: the account that took the guest's things."""

    __tablename__ = "guests"

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]
    joined_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)


class Session(HasId, Base):
    """A sign-in: the family of refresh tokens that follow from it.

    client_id: the OAuth client it was given to, with `scopes`; null: our own apps.
    device, address: where it was used last; the address without its last part: no exact place.
    auth_time, amr: when and how the person showed who they are (RFC 8176), whoever renews it later.
    """

    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]
    client_id: Mapped[UUID | None] = mapped_column(index=True)
    scopes: Mapped[list[str]] = mapped_column(default=list, server_default=text("'{}'"))
    device: Mapped[str] = mapped_column(default="", server_default="")
    address: Mapped[str] = mapped_column(default="", server_default="")
    auth_time: Mapped[datetime] = mapped_column(server_default=func.now())
    amr: Mapped[list[str]] = mapped_column(default=list, server_default=text("'{}'"))


class RefreshToken(Base):
    """One refresh token of a session, by the SHA-256 of its text; good once."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Proof(Base):
    """A text that was sent to one person, by its SHA-256; whoever has it may do one thing, once.

    purpose: what for; user_id: whose account, null when there is none (yet).
    """

    __tablename__ = "proofs"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Address(HasId, HasTimes, Base):
    """An entry of a user's address book. `country` is ISO 3166-1 alpha-2."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_code"),
        Index(
            "uq_addresses_default_shipping",
            "user_id",
            unique=True,
            postgresql_where=text("is_default_shipping"),
        ),
        Index(
            "uq_addresses_default_billing",
            "user_id",
            unique=True,
            postgresql_where=text("is_default_billing"),
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    company: Mapped[str] = mapped_column(default="")
    line1: Mapped[str]
    line2: Mapped[str] = mapped_column(default="")
    city: Mapped[str]
    region: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str] = mapped_column(default="")
    country: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    is_default_shipping: Mapped[bool] = mapped_column(default=False)
    is_default_billing: Mapped[bool] = mapped_column(default=False)
