"""Merchants and who works for them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.merchants import Merchant, MerchantMode, MerchantStatus
from services.recordset import insertion, table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMerchant:
    slug: str
    name: str
    description: Mapping[str, str] = field(default_factory=dict)
    status: MerchantStatus = MerchantStatus.ACTIVE
    mode: MerchantMode = MerchantMode.B2C


_MERCHANTS: Final = table_of(Merchant)
_insert = insertion(Merchant, "id", "slug", "name", "description", "status", "mode", "version")
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=["slug"],
    set_={
        "name": _insert.excluded.name,
        "description": _insert.excluded.description,
        "updated_at": func.now(),
        "version": _MERCHANTS.c.version + 1,
    },
).returning(_MERCHANTS.c.slug, _MERCHANTS.c.id)


async def put_merchants(session: AsyncSession, merchants: Sequence[NewMerchant]) -> list[UUID]:
    """Make merchants, or change name and description of those whose slug is known: one statement.

    For set-up and demonstrations; whoever applies to sell goes another way. A known merchant keeps
    its status: products would have to be listed anew.
    """
    rows: list[dict[str, Any]] = [
        {"id": new_id(), **asdict(merchant), "version": 1} for merchant in merchants
    ]
    rows.sort(key=itemgetter("slug"))  # nobody waits for anybody in a circle
    found = (await session.execute(_PUT, {"rows": rows})).all()
    ids = {row.slug: row.id for row in found}
    return [ids[merchant.slug] for merchant in merchants]
