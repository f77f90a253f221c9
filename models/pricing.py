"""List prices."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, minor, not_negative


class VariantPrice(Base):
    """What a unit costs in a currency, tax included; `compare_at_minor`: what it cost before."""

    __tablename__ = "variant_prices"
    __table_args__ = (
        not_negative("amount_minor"),
        CheckConstraint("compare_at_minor > amount_minor", name="compare_at_higher"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_code"),
    )

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    amount_minor: Mapped[int] = minor()
    compare_at_minor: Mapped[int | None] = minor()
