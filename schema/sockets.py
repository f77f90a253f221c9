"""Subscriptions: Strawberry's protocols, our contexts, and an end with the token."""

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import ConnectionInitMessage

if TYPE_CHECKING:
    from schema.endpoint import ShopGraphQL

TOKEN_ENDED: Final = 4401  # the protocol's "Unauthorized"
LAST: Final = object()  # what comes after the last event


@dataclass
class Connection:
    """Stands for the context between the opening of a WebSocket and its operations.

    connection_params: what the client sent with `connection_init`; Strawberry puts it here.
    """

    websocket: WebSocket
    connection_params: dict[str, object] = field(default_factory=dict)


class TransportHandler(BaseGraphQLTransportWSHandler[Any, Any]):
    """Strawberry's, with a context per operation: loaders must not outlive one.

    The connection ends when its token does, whatever runs on it.
    """

    watch: asyncio.Task[None] | None = None

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self.watch is None:
            self.watch = asyncio.create_task(self.end_with_the_token())

    async def end_with_the_token(self) -> None:
        await cast("ShopGraphQL", self.view).ended(self.context.websocket)
        for operation_id in [*self.operations]:
            await self.cleanup_operation(operation_id)
        await self.websocket.close(code=TOKEN_ENDED, reason="The token ended")

    async def shutdown(self) -> None:
        if self.watch:
            self.watch.cancel()
            await asyncio.gather(self.watch, return_exceptions=True)
        await super().shutdown()

    async def run_operation(self, operation: Operation[Any, Any]) -> None:
        view, own = cast("ShopGraphQL", self.view), copy.copy(self)
        try:
            own.context = await view.new_context(self.context.websocket)
        except Exception as error:  # noqa: BLE001 - logged and masked
            await operation.send_initial_errors(view.failed(error).errors or [])
        else:
            await super(TransportHandler, own).run_operation(operation)


async def while_good(events: Any, ended: Awaitable[None]) -> AsyncIterator[Any]:
    """The events of a subscription until its token has ended."""
    end = asyncio.ensure_future(ended)
    try:
        async with contextlib.aclosing(events):
            while True:
                event = asyncio.ensure_future(anext(events, LAST))
                try:
                    await asyncio.wait({event, end}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    if not event.done():
                        event.cancel()
                        await asyncio.wait({event})
                if end.done() or (told := event.result()) is LAST:
                    return
                yield told
    finally:
        end.cancel()


async def always(_connection: HTTPConnection) -> None:
    pass


async def never(_connection: HTTPConnection) -> None:
    await asyncio.get_running_loop().create_future()
