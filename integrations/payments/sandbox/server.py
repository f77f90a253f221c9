"""The sandbox put together: its parts, its routes, its life."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from integrations.payments.sandbox import three_d_secure
from integrations.payments.sandbox.api import Api
from integrations.payments.sandbox.calls import Call
from integrations.payments.sandbox.control import Control
from integrations.payments.sandbox.faults import Faults
from integrations.payments.sandbox.store import Store
from integrations.payments.sandbox.webhooks import Courier

HOST = "127.0.0.1"
_LOOPBACK = frozenset({HOST, "::1"})


@dataclass(frozen=True)
class Options:
    """webhook_url: empty: nobody is told. api_key: empty: any secret test key is let in."""

    port: int
    state: Path
    webhook_url: str
    webhook_secret: str
    api_key: str


def application(options: Options) -> Starlette:
    store = Store(options.state)
    call = Call(store, f"http://{HOST}:{options.port}", notifies=bool(options.webhook_url))
    courier = Courier(store, call, url=options.webhook_url, secret=options.webhook_secret)
    faults = Faults()
    api = Api(store, call, courier, faults, api_key=options.api_key)
    control = Control(store, call, courier, faults, api)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        delivering = asyncio.create_task(courier.run())
        yield
        delivering.cancel()
        with suppress(asyncio.CancelledError):
            await delivering
        await courier.close()
        store.close()

    return Starlette(
        routes=[
            Mount("/_control", routes=control.routes(), middleware=[Middleware(LoopbackOnly)]),
            Route(
                "/3ds/{intent}/{nonce}",
                partial(three_d_secure.answer, call),
                methods=["GET", "POST"],
            ),
            Route("/{path:path}", api.answer, methods=["GET", "POST", "DELETE"]),
        ],
        lifespan=life,
    )


class LoopbackOnly:
    """The control port is for this machine, whoever the API is opened to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client and client[0] in _LOOPBACK:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("Not from here.", 403)(scope, receive, send)
