"""The keys that sign our tokens."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, one_of


class KeyStatus(StrEnum):
    """NEXT is shown before it signs, so that whoever checks tokens knows it in time."""

    NEXT = "NEXT"
    CURRENT = "CURRENT"
    RETIRED = "RETIRED"


class SigningKey(HasId, Base):
    """An RSA key; its id is the `kid` of the tokens it signs.

    private_key: encrypted with a key that is not in the database; the public part follows from it.
    ends_at: when the last token it can have signed has ended.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        one_of("status", KeyStatus),
        CheckConstraint("(status = 'RETIRED') = (ends_at IS NOT NULL)", name="retired_ends"),
        Index(
            "uq_signing_keys_in_use",
            "status",
            unique=True,
            postgresql_where=text("status <> 'RETIRED'"),
        ),
    )

    status: Mapped[str]
    private_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]
