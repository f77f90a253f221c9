"""A web process as the supervisor starts it."""

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from core.settings import Settings
from tests.auth.processes import web_processes

TOO_BIG = 1009  # Source: RFC 6455, 7.4.1


async def test_a_message_over_a_web_socket_is_as_long_as_a_body_at_most(settings: Settings) -> None:
    """Who it is from nobody has asked yet: it must not cost more than a request."""
    environment = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "TOKEN_SECRET": settings.token_secret.get_secret_value(),
        "DATA_DIR": str(settings.data_dir),
        "LOG_LEVEL": "ERROR",
    }
    async with web_processes(environment, 1) as [web]:
        address = web.url.replace("http:", "ws:") + "/graphql"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send("x" * (settings.max_body_bytes + 1))
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == TOO_BIG
