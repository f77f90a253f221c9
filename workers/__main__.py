"""`python -m workers`: everything that is done without a request, in one process."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from redis.asyncio import Redis

from core import redis
from core.db import Database, Reader
from core.logging import configure
from core.settings import Settings
from integrations.mail import postman
from integrations.payments.providers import providers
from search import indexing
from services import (
    analytics,
    audit,
    checkout,
    mail,
    media,
    orders,
    payments,
    platform,
    search,
    shipments,
)
from services.payments import PaymentProvider
from workers import erasing, followers, tidying
from workers.consumers import consume
from workers.news import News
from workers.outbox import sequence
from workers.running import Loop, run

MINUTE = 60.0
HOUR = 60 * MINUTE


@dataclass(frozen=True)
class Tools:
    """What the loops work with; stopping: set when the process is to end."""

    settings: Settings
    db: Database
    reader: Reader
    redis: Redis
    providers: Mapping[str, PaymentProvider]
    elasticsearch: indexing.Indexing | None
    stopping: asyncio.Event


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Tools]:
    db = Database(settings.database_url, size=settings.database_pool_size)
    reader = Reader(settings.database_url, size=4)
    await reader.open()
    cache = redis.connect(settings.redis_url)
    try:
        async with providers(settings) as known, indexing.opened(settings, db, reader) as index:
            yield Tools(settings, db, reader, cache, known, index, asyncio.Event())
    finally:
        await cache.aclose()
        await db.close()
        reader.close()


def deadlines(tools: Tools) -> list[Loop]:
    """What time does: name, one round of it, seconds between rounds that found nothing to do."""
    db, settings = tools.db, tools.settings
    erase_details = partial(audit.erase_old_details, db, lifetime=settings.audit_details_lifetime)
    keys = audit.KeyRing(settings.token_secret.get_secret_value())
    being_paid = partial(payments.being_paid, db)
    sweep = partial(payments.sweep, db, tools.providers, payment_window=settings.payment_window)
    run_import = partial(
        platform.run_next_import, db, settings.data_dir, is_stopping=tools.stopping.is_set
    )
    return [
        Loop("outbox sequencer", partial(sequence, db, tools.reader), every=0.025),
        Loop("audit sealer", partial(audit.seal, db, tools.reader, keys), every=0.2),
        Loop("audit witness", audit.Witness(tools.reader).tell, every=MINUTE),
        Loop("expired checkouts", partial(checkout.expire_due, db), every=1.0),
        Loop("unpaid orders", partial(orders.expire_due, db, being_paid=being_paid), every=1.0),
        Loop("payment sweeper", sweep, every=1.0),
        Loop("news of shipments", partial(shipments.tell_orders, db, orders), every=3.0),
        Loop("imports", run_import, every=1.0),
        Loop("old uploads", partial(media.sweep, db, settings.data_dir), every=5 * MINUTE),
        Loop("old idempotency keys", partial(platform.forget_old_keys, db), every=HOUR),
        Loop("erasures", partial(erasing.erase_next, db, tools.redis), every=MINUTE),
        Loop("letters", partial(mail.deliver_due, db, postman(settings)), every=1.0),
        Loop("ended sign-ins", partial(tidying.forget_ended_sign_ins, db), every=HOUR),
        Loop("expired proofs", partial(tidying.forget_expired_proofs, db), every=HOUR),
        Loop("old details of the audit log", erase_details, every=HOUR),
        Loop("expired grants", partial(tidying.forget_expired_grants, db), every=HOUR),
        Loop("expired invitations", partial(tidying.forget_expired_invitations, db), every=HOUR),
        Loop("rare searches", partial(search.forget_rare, db), every=HOUR),
        Loop("old searches", partial(search.forget_old, db), every=HOUR),
        Loop("old events of shoppers", partial(analytics.forget_old, db), every=HOUR),
    ]


def documents(tools: Tools) -> list[Loop]:
    """What keeps search up to date, in the order in which one wakes the next."""
    db, reader, elasticsearch = tools.db, tools.reader, tools.elasticsearch
    make = partial(indexing.make, db, reader, is_pushed=elasticsearch is not None)
    if elasticsearch is None:
        return [Loop("documents", make, every=0.2)]
    pusher = Loop("pushed documents", elasticsearch.pusher.push, every=0.2)
    return [Loop("documents", waking(pusher, make), every=0.2), pusher]


def waking(next_one: Loop, work: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[int]]:
    """The work, after which another loop has some, too."""

    async def work_and_wake() -> int:
        done = await work()
        if done:
            next_one.wake.set()
        return done

    return work_and_wake


def consumers(tools: Tools, maker: Loop) -> list[Loop]:
    """Who follows the outbox, each with a cursor of that name; woken when there is something."""
    handlers = {
        "live": followers.live(tools.redis),
        "payments": followers.payments(tools.db, tools.providers),
        "shipments": followers.shipments(tools.db),
        "search": followers.search(tools.db, maker.wake),
    }
    return [
        Loop(
            f"consumer {name}",
            partial(consume, tools.db, tools.reader, name=name, handler=handler),
            every=1.0,
        )
        for name, handler in handlers.items()
    ]


async def main(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    configure(settings.log_level)
    async with opened(settings) as tools:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, tools.stopping.set)
        keeping = documents(tools)
        following = consumers(tools, maker=keeping[0])
        news = News(settings.database_url, [loop.wake for loop in following])
        listening = Loop("news of the outbox", news.keep_listening, every=5.0)
        try:
            await run([*deadlines(tools), *keeping, *following, listening], tools.stopping)
        finally:
            news.close()


if __name__ == "__main__":
    asyncio.run(main(Settings()))
