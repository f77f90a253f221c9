"""Whether the process lives, and whether what it needs is there."""

import asyncio
from collections.abc import Awaitable
from typing import Final

from sqlalchemy import literal_column, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core import db, redis
from core.db import Query

_PING: Final = Query(select(literal_column("1").label("one")))
PATIENCE_SECONDS: Final = 2.0


async def healthz(_: Request) -> Response:
    """The process answers; says nothing of its parts, so that they never restart it."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """503 while the database is down. Without Redis the shop goes on, slower, and says so."""
    shop = request.app.state.shop
    database, cache = await asyncio.gather(
        _is_up(shop.reader.fetch(_PING), db.FAULTS), _is_up(shop.redis.ping(), redis.FAULTS)
    )
    parts = {"database": database, "redis": cache}
    return JSONResponse({"ready": database, "parts": parts}, 200 if database else 503)


async def _is_up(answer: Awaitable[object], faults: tuple[type[Exception], ...]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await answer
    except faults:
        return False
    return True
