"""Slugs that nobody has yet."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.texts import last_slug, made_slugs, slug_of


async def free_slug(session: AsyncSession, column: Any, *, name: str, id: UUID) -> str:
    """A slug made from a name: one statement; the unique index is the judge of races."""
    base = slug_of(name, otherwise=column.table.name)
    taken = set(await session.scalars(select(column).where(column.in_(made_slugs(base)))))
    return next((slug for slug in made_slugs(base) if slug not in taken), last_slug(base, id))
