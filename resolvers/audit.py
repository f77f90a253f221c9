"""The audit log as a list."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, DateTime, Text, Uuid, any_, bindparam

from core.db import Row
from core.identity import Permission
from models.audit import AuditEntry
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.audit import DETAILS, visible_entries

MAX_FILTERED: Final = 100

LOG: Final = Listing(
    visible_entries(),
    AuditEntry.id,
    sorts={"AT": Sort(AuditEntry.at, descending=True)},
    filters={
        "actions": AuditEntry.action == any_(bindparam("actions", type_=ARRAY(Text()))),
        "actor": AuditEntry.actor_id == bindparam("actor", type_=Uuid()),
        "object": AuditEntry.object_id == bindparam("object", type_=Uuid()),
        "merchants": AuditEntry.merchant_id == any_(bindparam("merchants", type_=ARRAY(Uuid()))),
        "at_from": AuditEntry.at >= bindparam("at_from", type_=DateTime(timezone=True)),
        "at_to": AuditEntry.at < bindparam("at_to", type_=DateTime(timezone=True)),
    },
    spread={"merchants": AuditEntry.merchant_id},
)


def merchants_for(ctx: RequestContext, merchant_id: UUID | None) -> list[UUID] | None:
    """Whose entries a caller looks through; None: everybody's, which auditors may.

    Others are led to their own merchants' part of the index, instead of through the whole log.
    """
    if merchant_id is not None:
        return [merchant_id]
    if ctx.caller.merchants(Permission.VIEW_AUDIT) is None:
        return None
    return ctx.caller.merchants(Permission.MANAGE_SETTINGS) or []


async def details(ctx: RequestContext, entries: Sequence[Row], name: str) -> list[Any]:
    """A part of the erasable details per entry; None where there is none, or none any more."""
    rows = await ctx.rows(DETAILS, [entry["details_id"] for entry in entries])
    return [None if row is None else orjson.loads(row["content"]).get(name) for row in rows]
