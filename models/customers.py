"""Groups of customers, of the platform or of a merchant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from models.accounts import User
from models.base import Base, HasId, HasTimes, HasVersion, c_text


class CustomerGroup(HasId, HasTimes, HasVersion, Base):
    """Customers who are treated alike. merchant_id null: the platform's, for every merchant."""

    __tablename__ = "customer_groups"
    __table_args__ = (
        UniqueConstraint("merchant_id", "name", postgresql_nulls_not_distinct=True),
        Index("ix_customer_groups_name", "name", "id"),
    )

    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"))
    name: Mapped[str] = c_text()
    description: Mapped[str] = mapped_column(default="")


class CustomerGroupMember(Base):
    __tablename__ = "customer_group_members"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("customer_groups.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())


# What staff finds customers by: how a name begins, whatever the database's own collation.
Index("ix_users_newest", User.created_at, User.id)
for _name in (User.first_name, User.last_name):
    Index(
        f"ix_users_{_name.key}",
        func.lower(_name).label("folded"),
        postgresql_ops={"folded": "text_pattern_ops"},
    )
