"""What changes shipments and their orders: two groups of tables, one transaction in each.

The shipment's transaction comes first and sets `tell_after`; then its order is told. When the
process dies in between, `tell_orders` finishes it: the order's side is idempotent per shipment.
"""

import logging
from dataclasses import asdict
from typing import Final
from uuid import UUID

from core import clock
from core.db import FAULTS, Database
from core.errors import DomainError, NotFound
from core.identity import Caller, Permission
from services import idempotency
from services.idempotency import Claim
from services.shipments import creation, sending, telling, tracking
from services.shipments.inputs import (
    NewShipment,
    NewTrackingEvent,
    checked_event,
    checked_shipment,
)
from services.shipments.ports import OrdersDoor, ShippableOrder

log = logging.getLogger(__name__)

BATCH: Final = 50
CREATE: Final = "shipmentCreate"
DISPATCH: Final = "shipmentDispatch"
REPORT: Final = "trackingEventReport"


async def create(
    db: Database, door: OrdersDoor, caller: Caller, *, draft: NewShipment, idempotency_key: str
) -> UUID:
    """A new shipment of a paid order. Nothing of the order changes yet.

    Raises: what the order says no with; InvalidInput, NotFound, UnknownService, OverShipment,
    TrackingNumberTaken, IdempotencyConflict.
    """
    draft = checked_shipment(draft)
    claim = _claim(caller, CREATE, idempotency_key)
    known_at = clock.now()
    order = await _shippable(db, door, caller, draft.order_id)
    async with db.transaction() as session:
        done = await idempotency.begin(session, claim, arguments=asdict(draft))
        if done is not None:
            return UUID(hex=done["shipment_id"])
        if isinstance(order, DomainError):
            raise order
        made = await creation.create(session, order=order, known_at=known_at, draft=draft)
        await idempotency.finish(session, claim, result={"shipment_id": made})
    return made


async def dispatch(
    db: Database, door: OrdersDoor, caller: Caller, *, shipment_id: UUID, idempotency_key: str
) -> None:
    """The parcels leave: the stock goes down and the order is (partially) shipped.

    Raises: what the order says no with, if it was cancelled meanwhile; NotFound,
    NotAllowedInState, IdempotencyConflict.
    """
    claim = _claim(caller, DISPATCH, idempotency_key)
    async with db.transaction() as session:
        order_id = await sending.order_of(session, caller, shipment_id)
    order = await _shippable(db, door, caller, order_id)
    arguments = {"shipment_id": shipment_id}
    async with db.transaction() as session:
        if await idempotency.begin(session, claim, arguments=arguments) is not None:
            return
        if isinstance(order, DomainError):
            raise order
        await sending.dispatch(session, caller, shipment_id=shipment_id)
        await idempotency.finish(session, claim, result={"shipment_id": shipment_id})
    refusal = await _tell(db, door, shipment_id)
    if refusal is not None:
        raise refusal


async def report(
    db: Database, door: OrdersDoor, caller: Caller, *, event: NewTrackingEvent, idempotency_key: str
) -> UUID:
    """Add what was seen of a parcel to its shipment's timeline. The order hears of a delivery.

    Raises: InvalidInput, NotFound, NotAllowedInState, IdempotencyConflict.
    """
    event = checked_event(event)
    claim = _claim(caller, REPORT, idempotency_key)
    async with db.transaction() as session:
        done = await idempotency.begin(session, claim, arguments=asdict(event))
        if done is not None:
            return UUID(hex=done["shipment_id"])
        reported = await tracking.report(session, caller, event=event)
        result = {"shipment_id": reported.shipment_id}
        await idempotency.finish(session, claim, result=result)
    if reported.is_delivery:
        await _tell(db, door, reported.shipment_id)
    return reported.shipment_id


async def tell_orders(db: Database, door: OrdersDoor, *, limit: int = BATCH) -> int:
    """Finish what dead callers left: the worker's, every few seconds. How many were due."""
    async with db.transaction() as session:
        shipments = await telling.due(session, limit=limit)
    for shipment_id in shipments:
        await _tell(db, door, shipment_id)
    return len(shipments)


async def _shippable(
    db: Database, door: OrdersDoor, caller: Caller, order_id: UUID
) -> ShippableOrder | DomainError:
    """The facts of the order, or why nothing can be sent: it is told after a look at the key.

    Raises: NotFound for an unknown order or one of another merchant.
    """
    try:
        async with db.transaction() as session:
            merchants = caller.merchants(Permission.MANAGE_SHIPMENTS)
            return await door.shippable(session, order_id=order_id, merchants=merchants)
    except NotFound:
        raise
    except DomainError as refusal:
        return refusal


async def _tell(db: Database, door: OrdersDoor, shipment_id: UUID) -> DomainError | None:
    """Tell the order what it does not know yet; what goes wrong is tried again by the worker.

    An order that was cancelled in between takes nothing more, now or later: the shipment is
    called back, and the order's refusal returned.
    """
    try:
        async with db.transaction() as session:
            news = await telling.news(session, shipment_id)
        try:
            await _pass_on(db, door, news)
        except DomainError as refusal:
            log.error("called back: %s", refusal, extra={"shipment": shipment_id})  # noqa: TRY400 - a rule said no, no code failed
            async with db.transaction() as session:
                await sending.call_back(session, shipment_id=shipment_id)
            return refusal
        async with db.transaction() as session:
            await telling.note(session, news)
    except FAULTS:
        log.exception("The order of shipment %s could not be told yet.", shipment_id)
    return None


async def _pass_on(db: Database, door: OrdersDoor, news: telling.News) -> None:
    """Raises: what the order says no with."""
    if news.is_dispatch_news:
        async with db.transaction() as session:
            await door.mark_shipped(
                session,
                order_id=news.order_id,
                shipment_id=news.shipment_id,
                lines=news.lines,
                actor_id=news.dispatched_by,
            )
    if news.is_delivery_news:
        async with db.transaction() as session:
            await door.mark_delivered(
                session,
                order_id=news.order_id,
                shipment_id=news.shipment_id,
                is_last=news.is_last,
            )


def _claim(caller: Caller, mutation: str, key: str) -> Claim:
    assert caller.subject is not None, "staff is signed in"
    return Claim(caller.subject, mutation, key)
