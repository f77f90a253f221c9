"""The composition root: settings, clients, middleware, routes. `python app.py` runs everything."""

import contextlib
import gc
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from auth.brakes import Brakes, Throttled
from auth.middleware import IdentityMiddleware, caller_of, token_ended
from auth.oauth.browsers import Browsers
from auth.oauth.cors import OpenCorsMiddleware
from auth.oauth.provider import Provider
from auth.oauth.routes import ROUTES as OAUTH_ROUTES
from auth.providers import Logins
from auth.recognition import recognition
from auth.sign_in import SignIns
from core import redis
from core.db import Database, Reader
from core.http import BodyLimitMiddleware, RequestMiddleware, header
from core.logging import configure
from core.settings import Settings
from endpoints import (
    account,
    demo,
    front,
    health,
    jobs,
    mailbox,
    media,
    payments,
    personal_data,
    staff_invitation,
    throttled,
    uploads,
)
from integrations.payments.providers import providers
from resolvers.context import FALLBACK_LANGUAGE, RequestContext, Shop
from schema import new_schema
from schema.endpoint import ShopGraphQL
from search.opening import opened as search_opened
from services import audit, search as searches
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
        admit=caller_of,
        ended=token_ended,
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
            *account.ROUTES,
            *personal_data.ROUTES,
            *staff_invitation.ROUTES,
            *(mailbox.ROUTES if settings.shows_mailbox else []),
            *OAUTH_ROUTES,
            Route("/webhooks/{provider}", payments.callback, methods=["POST"]),
            Route("/jobs/{job_id}/report", jobs.report),
            Route("/uploads/{id}", uploads.put, methods=["PUT"]),
            Mount("/media", media.MediaFiles(settings.data_dir / MEDIA_FOLDER)),
            Mount("/static/graphiql", StaticFiles(directory=EXPLORER, check_dir=False)),
        ],
        middleware=[
            Middleware(RequestMiddleware),
            Middleware(
                OpenCorsMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST", "PUT"],
                allow_headers=[
                    "authorization",
                    "content-type",
                    "marketfront-merchant",
                    "x-request-id",
                ],
                expose_headers=["x-request-id", "retry-after"],
                max_age=600,
            ),
            Middleware(BodyLimitMiddleware, limit=settings.max_body_bytes, exempt=("/uploads/",)),
            Middleware(IdentityMiddleware, trusted_proxies=settings.trusted_proxies),
        ],
        exception_handlers={Throttled: throttled.response},
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
    async with contextlib.AsyncExitStack() as closing:
        reader = Reader(settings.database_url, size=half)
        closing.callback(reader.close)
        await reader.open()
        database = Database(settings.database_url, size=half)
        closing.push_async_callback(database.close)
        cache = redis.connect(settings.redis_url)
        closing.push_async_callback(cache.aclose)
        brakes = Brakes(cache)
        logins = Logins(database, settings, brakes)
        closing.push_async_callback(logins.close)
        known = await closing.enter_async_context(providers(settings))
        who = await closing.enter_async_context(recognition(settings, database, reader, cache))
        refusals = await closing.enter_async_context(audit.noting(database))
        sign_ins = SignIns(database, reader, settings, brakes)
        found = await closing.enter_async_context(search_opened(settings, reader))
        searched = await closing.enter_async_context(searches.noting(database))
        app.state.callers, app.state.keys = who.callers, who.keys
        app.state.shop = Shop(
            settings,
            database,
            reader,
            cache,
            who.tokens,
            known,
            Turnstile(),
            brakes,
            refusals,
            sign_ins,
            logins,
            found,
            searched,
        )
        app.state.oauth = Provider(
            settings=settings,
            db=database,
            reader=reader,
            keys=who.keys,
            tokens=who.tokens,
            sign_ins=sign_ins,
            logins=logins,
            brakes=brakes,
            browsers=Browsers(settings, reader),
        )
        gc.collect()
        gc.freeze()  # schema, models and libraries: nothing that a collection could free
        gc.set_threshold(50_000, 20, 100)
        yield


async def context_of(connection: HTTPConnection) -> RequestContext:
    """The context of one operation: the caller, and the language and currency it asks for."""
    shop: Shop = connection.app.state.shop
    wanted = header(connection.scope["headers"], b"accept-language")
    return RequestContext(
        shop,
        await caller_of(connection),
        language=language_of(wanted.decode("latin-1")),
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
