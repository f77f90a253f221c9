"""What follows from events: the handlers of the outbox's consumers, each safe to repeat."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
from redis.asyncio import Redis

from core.db import Database
from search import indexing
from services import payments as paying, shipments as shipping
from services.payments import PaymentProvider
from workers.consumers import Event, Handler


def live(redis: Redis) -> Handler:
    """Publishes each event on `live:<object id in hex>`, for clients that watch the object."""

    async def publish(events: Sequence[Event]) -> None:
        async with redis.pipeline(transaction=False) as pipeline:
            for event in events:
                told = {"position": event.position, "kind": event.kind, "facts": event.facts}
                pipeline.publish(f"live:{event.object_id.hex}", orjson.dumps(told))
            await pipeline.execute()

    return publish


def payments(db: Database, providers: Mapping[str, PaymentProvider]) -> Handler:
    """Cancelled orders get their money back; payments follow the orders to a new owner."""

    async def follow(events: Sequence[Event]) -> None:
        await paying.on_events(db, providers, events)

    return follow


def search(db: Database, wake: asyncio.Event) -> Handler:
    """Products that events concern get new documents. wake: of who makes them."""

    async def follow(events: Sequence[Event]) -> None:
        await indexing.follow(db, events)
        wake.set()

    return follow


def shipments(db: Database) -> Handler:
    """Parcels of a cancelled order stay; shipments follow the orders to a new owner."""

    async def follow(events: Sequence[Event]) -> None:
        for event in events:
            if event.kind == "OrderCancelled" and event.facts.get("paid_minor"):
                async with db.transaction() as session:
                    await shipping.cancel_waiting(session, order_id=event.object_id)
            elif event.kind == "OrdersTakenOver":
                async with db.transaction() as session:
                    await shipping.change_owner(
                        session,
                        from_owner=UUID(event.facts["from_owner"]),
                        to_owner=event.object_id,
                    )

    return follow
