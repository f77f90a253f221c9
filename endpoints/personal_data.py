"""`/account/data`: the copy of a person's data, at an address that `personalDataExport` gave."""

import asyncio
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.clock import now
from core.db import FAULTS, Database
from endpoints.templates import HEADERS
from resolvers.context import Shop
from services import (
    accounts,
    audit,
    cart,
    catalog,
    customers,
    factors,
    merchants,
    orders,
    payments,
    platform,
    shipments,
)

DOMAINS: Final = (
    accounts,
    factors,
    cart,
    orders,
    payments,
    shipments,
    catalog,
    customers,
    merchants,
    platform,
    audit,
)
NAME: Final = "personal-data.json"


async def fetch(request: Request) -> Response:
    """Everything as it is kept, under the names of our tables' columns."""
    shop: Shop = request.app.state.shop
    try:
        user_id = await accounts.find_copy(shop.reader, request.query_params.get("token", ""))
        if user_id is None:
            return _refused(404, "This address is not good, or not any more; ask for a new one.")
        content = await _everything(shop.db, user_id)
    except FAULTS:
        return _refused(503, "Try again in a moment.")
    body = await asyncio.to_thread(_written, content)
    return Response(
        body,
        media_type="application/json",
        headers={**HEADERS, "content-disposition": f'attachment; filename="{NAME}"'},
    )


async def _everything(db: Database, user_id: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"made_at": now()}
    async with db.transaction() as session:
        for domain in DOMAINS:
            content |= await domain.personal_data(session, user_id)
    return content


def _written(content: dict[str, Any]) -> bytes:
    """Ids may be asyncpg's own, which orjson does not know."""
    return orjson.dumps(content, default=str, option=orjson.OPT_INDENT_2)


def _refused(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status, HEADERS)


ROUTES: Final = (Route("/account/data", fetch),)
