"""What is a person's own, for the copy of their data that they may ask for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Statement

Copy = dict[str, list[dict[str, Any]]]  # the name of a list -> its rows, as they are kept


async def copied(session: AsyncSession, lists: Mapping[str, Statement]) -> Copy:
    """One statement per list."""
    return {
        name: [dict(row) for row in (await session.execute(rows)).mappings()]
        for name, rows in lists.items()
    }
