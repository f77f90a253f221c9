"""One row of a small table: categories, brands, product types, collections."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from services.catalog.errors import Taken
from services.recordset import table_of

Model = type[Any]


async def locked(session: AsyncSession, model: Model, id: UUID) -> dict[str, Any]:
    """Raises: NotFound."""
    table = table_of(model)
    found = await session.execute(
        select(table).where(table.c.id == id).with_for_update(key_share=True)
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound(kind=model.__name__, id=id, path=("id",))
    return dict(row)


async def write(
    session: AsyncSession, model: Model, id: UUID, values: dict[str, Any], *, is_new: bool
) -> None:
    """Insert or update the row.

    Raises: Taken when somebody else has the slug.
    """
    table = table_of(model)
    statement: Any = (
        insert(table).values(id=id, **values)
        if is_new
        else update(table).where(table.c.id == id).values(**values)
    )
    try:
        await session.execute(statement)
    except IntegrityError as error:
        if f"uq_{table.name}_slug" not in str(error.orig):
            raise
        raise Taken(value=values["slug"], path=("slug",)) from None
