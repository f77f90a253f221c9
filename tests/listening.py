"""A real server for an application, in the event loop of the tests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    """Signals are pytest's."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


@contextlib.asynccontextmanager
async def listening(app: Any, *, port: int = 0) -> AsyncIterator[str]:
    """Its address, `127.0.0.1:port`; the lifespan of the application is the caller's."""
    config = uvicorn.Config(app, port=port, lifespan="off", log_level="warning", log_config=None)
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
