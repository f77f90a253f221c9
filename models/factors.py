"""What proves who somebody is besides a password: passkeys, one-time codes, outside providers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, c_text, not_negative


class Totp(Base):
    """The generator of a user's one-time codes (RFC 6238); it counts once it is confirmed.

    secret: encrypted with a key that is not in the database.
    last_step: of the newest code that was used; older ones are worthless.
    """

    __tablename__ = "totps"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for who has lost everything else, by its SHA-256. The row goes when it is used."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class Passkey(HasId, Base):
    """A WebAuthn credential of a user.

    sign_count: what its authenticator counted last; one that counts backwards is a copy.
    is_synced: whether its maker keeps a copy for the user's other devices.
    """

    __tablename__ = "passkeys"
    __table_args__ = (not_negative("sign_count"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(default=list)
    name: Mapped[str]
    is_synced: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]


class Identity(HasId, Base):
    """A user's account at an outside provider.

    provider: its name in our settings; issuer: who vouches for `subject`, whatever we call it.
    """

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("user_id", "provider"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    provider: Mapped[str]
    issuer: Mapped[str] = c_text()
    subject: Mapped[str] = c_text()
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]


class SignInTicket(Base):
    """A sign-in that waits for its second factor, by the SHA-256 of what its client holds.

    password_digest: SHA-256 of the kept hash the password was checked against: the ticket of an
    old password is worthless. amr: what was shown already (RFC 8176).
    """

    __tablename__ = "sign_in_tickets"

    ticket_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    password_digest: Mapped[bytes] = mapped_column(LargeBinary)
    amr: Mapped[list[str]] = mapped_column(default=list)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
