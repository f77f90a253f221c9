"""Events of shoppers' apps: what is well-formed is kept, the rest is told and left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from core.errors import InvalidInput
from core.ids import new_id
from models.analytics import ShopperEvent, ShopperEventKind
from services.recordset import insertion
from services.search import is_personal

MAX_EVENTS: Final = 50
MAX_RANK: Final = 100_000
MAX_QUERY_CHARACTERS: Final = 200
KEPT: Final = timedelta(days=400)
BATCH: Final = 1_000
OLDEST: Final = timedelta(days=7)  # apps that were off-line


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One event. product_id: None where there is none; `is_product_malformed`: where it is no id.

    query: normalised; one that looks personal is not kept, its event is.
    """

    kind: ShopperEventKind
    product_id: UUID | None = None
    is_product_malformed: bool = False
    query: str = ""
    rank: int | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that was not kept: its place among those sent, and why."""

    index: int
    reason: str


async def track(session: AsyncSession, events: Sequence[Seen]) -> tuple[int, Sequence[Ignored]]:
    """Keep events: how many were, and which were not; one statement.

    Whether a product exists is not asked: it may be gone since. Raises: InvalidInput.
    """
    if not 1 <= len(events) <= MAX_EVENTS:
        raise InvalidInput(problem=f"Send 1 to {MAX_EVENTS} events.", path=("events",))
    moment = now()
    reasons = [_fault(each, moment) for each in events]
    ignored = [Ignored(n, reason) for n, reason in enumerate(reasons) if reason]
    rows = [_row(each, moment) for each, reason in zip(events, reasons, strict=True) if not reason]
    if rows:
        await session.execute(_KEEP, {"rows": rows})
    return len(rows), ignored


def _fault(event: Seen, moment: datetime) -> str | None:
    """Why an event is not kept."""
    if event.is_product_malformed:
        return "The product's id is malformed."
    if event.kind is ShopperEventKind.SEARCH:
        needs = None if event.query else "A SEARCH needs its query."
    else:
        needs = None if event.product_id else f"A {event.kind} needs its product."
    if needs:
        return needs
    if event.rank is not None and not 1 <= event.rank <= MAX_RANK:
        return f"A rank is between 1 and {MAX_RANK}."
    if len(event.query) > MAX_QUERY_CHARACTERS:
        return f"A query has at most {MAX_QUERY_CHARACTERS} characters."
    if event.happened_at is not None and event.happened_at < moment - OLDEST:
        return f"It is older than {OLDEST.days} days."
    return None


def _row(event: Seen, moment: datetime) -> dict[str, Any]:
    """Clocks that are fast do not make events of the future."""
    return {
        "id": new_id(),
        "kind": event.kind.value,
        "product_id": event.product_id,
        "query": None if not event.query or is_personal(event.query) else event.query,
        "rank": event.rank,
        "happened_at": min(event.happened_at or moment, moment),
        "received_at": moment,
    }


async def forget_old(db: Database) -> int:
    """Delete what no report reads any more, a batch of it; how many."""
    old = (
        select(ShopperEvent.id)
        .where(ShopperEvent.received_at < now() - KEPT)
        .order_by(ShopperEvent.received_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    async with db.transaction() as session:
        gone = await session.execute(
            delete(ShopperEvent)
            .where(ShopperEvent.id.in_(old))
            .returning(ShopperEvent.id)
            .execution_options(synchronize_session=False)
        )
        return len(gone.all())


_KEEP: Final = insertion(
    ShopperEvent, "id", "kind", "product_id", "query", "rank", "happened_at", "received_at"
)
