"""Erasing people: every domain forgets one user, in one transaction."""

import logging
from datetime import timedelta
from typing import Final

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from auth.news import announce
from core.db import Database
from services import (
    accounts,
    cart,
    catalog,
    customers,
    factors,
    mail,
    merchants,
    orders,
    payments,
    platform,
    shipments,
)

LATER: Final = timedelta(days=1)

log = logging.getLogger("workers")


async def erase_next(db: Database, redis: Redis) -> int:
    """Erase one user whose time has come, or put it off; 0 when nobody's has.

    One transaction, so that whoever is killed in the middle has erased nobody by half. It is put
    off while an order is under way, whose parcel needs the address, and while a merchant would be
    left without an owner.
    """
    async with db.transaction() as session:
        user = await accounts.next_to_erase(session)
        if user is None:
            return 0
        if await orders.has_under_way(session, user.id) or await merchants.sole_ownerships(
            session, user.id
        ):
            await accounts.postpone_erasure(session, user_id=user.id, delay=LATER)
            log.info("erasure put off", extra={"user": user.id.hex})
            return 1
        await _erase(session, user)
        await mail.send(session, mail.Letter("ACCOUNT_ERASED", user.email, user.language))
    await announce(redis, user.id)
    return 1


async def _erase(session: AsyncSession, user: accounts.Due) -> None:
    """Orders before their payments and parcels, accounts last: as everywhere, in this order."""
    for domain in (catalog, cart, orders, payments, shipments, customers, factors, platform):
        await domain.erase_person(session, user_id=user.id)
    await merchants.erase_person(session, user_id=user.id, email=user.email)
    await accounts.erase_person(session, user_id=user.id, email=user.email)
