"""What every table has in common: names of constraints, kinds of columns."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, MetaData, String, Text, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.ids import new_id

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Translated = dict[str, str]  # language -> text


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own name
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        str: Text(),
        dict[str, str]: JSONB(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: ARRAY(Text()),
    }


class HasId:
    """A UUIDv7 as primary key: sorts by time of creation, made before the row is sent."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class HasTimes:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class HasVersion:
    """Counts the changes of an object that several clients edit."""

    version: Mapped[int] = mapped_column(default=1)


def minor(**options: Any) -> Mapped[int]:
    """A column of minor units: 64 bits."""
    return mapped_column(BigInteger, **options)


def c_text(**options: Any) -> Mapped[str]:
    """A text that is sorted by its bytes, so that keyset cursors mean the same everywhere."""
    return mapped_column(String(collation="C"), **options)


def one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """The column holds one of an enum's values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def positive(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} > 0", name=f"{column}_positive")


def not_negative(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative")
