"""What the shop is measured against, behind the shop's own middleware in a process of its own.

Constant bytes are the floor; one hand-written statement that returns the JSON is the yardstick.
"""

from pathlib import Path
from typing import Final

import orjson
from sqlalchemy import TextClause, bindparam, text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import lifespan, new_app  # noqa: TID251 - this is a server
from auth.middleware import IdentityMiddleware
from core.db import Query
from core.settings import Settings

OPERATIONS: Final = Path(__file__).parent / "operations"
JSON: Final = "application/json; charset=utf-8"
FLOOR: Final = orjson.dumps({"data": ["the size of a product list"] * 860})  # 25 KB


def statement(name: str) -> TextClause:
    """The file's statement, its parameter named `key`."""
    sql = (OPERATIONS / f"{name}.sql").read_text()
    has_key = "$1" in sql
    written = text(sql.partition("\n")[2].replace(":", r"\:").replace("$1", ":key"))
    return written.bindparams(bindparam("key")) if has_key else written


LIST, PAGE, ORDERS = (Query(statement(name)) for name in ("w1", "w2", "w5"))


async def floor(_: Request) -> Response:
    return Response(FLOOR, media_type=JSON)


async def product_list(request: Request) -> Response:
    await request.body()
    return await answer(request, LIST)


async def product_page(request: Request) -> Response:
    sent = orjson.loads(await request.body())
    return await answer(request, PAGE, key=sent["variables"]["slug"])


async def my_orders(request: Request) -> Response:
    await request.body()
    return await answer(request, ORDERS, key=request.user.subject)


async def answer(request: Request, query: Query, **values: object) -> Response:
    [[body]] = await request.app.state.shop.reader.fetch(query, **values)
    return Response(body, media_type=JSON)


def known_at(middleware: Middleware, path: str) -> Middleware:
    """The shop's own asks who it is at its own path only."""
    cls: object = middleware.cls
    if cls is IdentityMiddleware:
        middleware.kwargs["paths"] = (path,)
    return middleware


def new_yardsticks(settings: Settings) -> Starlette:
    application = Starlette(
        routes=[
            Route("/floor", floor, methods=["POST"]),
            Route("/w1", product_list, methods=["POST"]),
            Route("/w2", product_page, methods=["POST"]),
            Route("/w5", my_orders, methods=["POST"]),
            Route("/healthz", floor),
        ],
        middleware=[known_at(each, "/w5") for each in new_app(settings).user_middleware],
        lifespan=lifespan,
    )
    application.state.settings = settings
    return application


app = new_yardsticks(Settings())
