"""Domain events into the outbox, in the transaction of the change.

Events carry ids, versions and amounts, never personal data. They are recorded after the object's
row was locked, so that the events of one object come in the order of its changes.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Query, encode_json, run
from models.outbox import OutboxEvent


def event(kind: str, object_id: UUID, **facts: Any) -> dict[str, Any]:
    """kind: `<Object><PastTense>`, for example `CartChanged`; facts: plain JSON values."""
    return {"kind": kind, "object_id": object_id, "facts": facts}


async def record(session: AsyncSession, *events: dict[str, Any]) -> None:
    """Write events made by `event`: one statement, whatever their number."""
    if events:
        await run(
            session,
            _RECORD,
            kinds=[each["kind"] for each in events],
            objects=[each["object_id"] for each in events],
            facts=[encode_json(each["facts"]) for each in events],
        )


_new = (
    func.unnest(
        bindparam("kinds", type_=ARRAY(Text())),
        bindparam("objects", type_=ARRAY(Uuid())),
        bindparam("facts", type_=ARRAY(JSONB())),
    )
    .table_valued("kind", "object_id", "facts", with_ordinality="place")
    .render_derived(name="new")
)
_in_order = select(_new.c.kind, _new.c.object_id, _new.c.facts).order_by(_new.c.place)
_RECORD = Query(insert(OutboxEvent).from_select(["kind", "object_id", "facts"], _in_order))
