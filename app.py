"""The composition root: settings, clients, middleware, routes. `python app.py` runs everything."""

import contextlib
import gc
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from auth.callers import Callers
from auth.middleware import IdentityMiddleware, caller_of
from auth.tokens import Tokens
from core import redis
from core.db import Database, Reader
from core.http import BodyLimitMiddleware, RequestMiddleware
from core.logging import configure
from core.settings import Settings
from endpoints import demo, front, health, jobs, media, payments, uploads
from integrations.payments.providers import providers
from resolvers.context import FALLBACK_LANGUAGE, RequestContext, Shop
from schema import new_schema
from schema.endpoint import ShopGraphQL
from services.inventory import Turnstile
from services.media import MEDIA_FOLDER

EXPLORER: Final = Path(__file__).parent / "web" / "explorer" / "dist"
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
CHINESE: Final = {"zh", "zh-cn", "zh-sg", "zh-hans", "zh-hans-cn"}


def new_app(settings: Settings) -> Starlette:
    """The application; no input or output before its lifespan begins."""
    explorer = EXPLORER / "index.html"
    graphql = ShopGraphQL(
        new_schema(settings),
        context_of,
        graphiql=explorer if settings.shows_graphiql and explorer.exists() else None,
        allowed_origins=tuple(settings.cors_origins),
    )
    app = Starlette(
        routes=[
            Route("/graphql", graphql),
            WebSocketRoute("/graphql", graphql),
            *([Route("/", front.to_graphiql)] if settings.shows_graphiql else []),
            Route("/healthz", health.healthz),
            Route("/readyz", health.readyz),
            Route("/demo/accounts.json", demo.accounts),
            Route("/webhooks/{provider}", payments.callback, methods=["POST"]),
            Route("/jobs/{job_id}/report", jobs.report),
            Route("/uploads/{id}", uploads.put, methods=["PUT"]),
            Mount("/media", media.MediaFiles(settings.data_dir / MEDIA_FOLDER)),
            Mount("/static/graphiql", StaticFiles(directory=EXPLORER, check_dir=False)),
        ],
        middleware=[
            Middleware(RequestMiddleware),
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=["authorization", "content-type", "x-request-id"],
                expose_headers=["x-request-id"],
                max_age=600,
            ),
            Middleware(BodyLimitMiddleware, limit=settings.max_body_bytes, exempt=("/uploads/",)),
            Middleware(IdentityMiddleware),
        ],
        lifespan=lifespan,
    )
    app.state.settings = settings
    return app


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Opens the clients, lets the requests come, closes the clients."""
    settings: Settings = app.state.settings
    configure(settings.log_level)
    half = max(settings.database_pool_size // 2, 2)
    reader = Reader(settings.database_url, size=half)
    await reader.open()
    database = Database(settings.database_url, size=half)
    cache = redis.connect(settings.redis_url)
    tokens = Tokens(settings)
    app.state.callers = Callers(tokens, reader)
    async with providers(settings) as known:
        app.state.shop = Shop(settings, database, reader, cache, tokens, known, Turnstile())
        gc.collect()
        gc.freeze()  # schema, models and libraries: nothing that a collection could free
        gc.set_threshold(50_000, 20, 100)
        yield
    await cache.aclose()
    await database.close()
    reader.close()


async def context_of(connection: HTTPConnection) -> RequestContext:
    """The context of one operation: the caller, and the language and currency it asks for."""
    shop: Shop = connection.app.state.shop
    return RequestContext(
        shop,
        await caller_of(connection),
        language=language_of(connection.headers.get("accept-language", "")),
        currency=shop.settings.shop_currency,
    )


def language_of(header: str) -> str:
    """The first language of an Accept-Language header, as our translations name it."""
    first = LANGUAGE.match(header.strip())
    if first is None:
        return FALLBACK_LANGUAGE
    tag = first[0].lower()
    return "zh-Hans" if tag in CHINESE else tag.partition("-")[0]


if __name__ == "__main__":
    from deploy.supervisor import main

    raise SystemExit(main())

app = new_app(Settings())
