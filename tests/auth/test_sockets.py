"""GraphQL over a WebSocket ends with its token, on a real server with the real schema."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from auth.callers import forget_caller
from auth.keys import LEEWAY_SECONDS, Keys
from auth.oauth.clients import CREDENTIALS
from auth.tokens import Tokens
from core.clock import now
from core.db import Database
from core.ids import encode, new_id
from core.settings import Settings
from models.accounts import Session, User
from tests.factories.accounts import make_guest, make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.factories.oauth import SECRET, make_client
from tests.listening import listening

PROTOCOL = Subprotocol("graphql-transport-ws")
ME = "{ me { email } }"


@pytest.fixture(scope="module")
async def address(app: Starlette) -> AsyncIterator[str]:
    """Of a real server: `127.0.0.1:port`; the application's lifespan runs already."""
    async with listening(app) as address:
        yield address


@contextlib.asynccontextmanager
async def opened(address: str, **payload: str) -> AsyncIterator[ClientConnection]:
    """A connection whose `connection_init` was sent."""
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as socket:
        await send(socket, type="connection_init", payload=payload)
        yield socket


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def received(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        return json.loads(await socket.recv())  # type: ignore[no-any-return]


async def asked(socket: ClientConnection, query: str) -> dict[str, Any]:
    await send(socket, id="1", type="subscribe", payload={"query": query})
    answer = await received(socket)
    if answer["type"] == "next":
        assert await received(socket) == {"id": "1", "type": "complete"}
    return answer


async def code_of_its_end(socket: ClientConnection, *, seconds: float = 10) -> int:
    with pytest.raises(ConnectionClosed) as ended:
        async with asyncio.timeout(seconds):
            await socket.recv()
    assert ended.value.rcvd
    return ended.value.rcvd.code


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_the_token_of_connection_init_says_who_asks(
    address: str, db: Database, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        token = await sign_in(session, tokens, await make_user(session, email="ann@example.com"))

    async with opened(address, **bearer(token)) as socket:
        acknowledged = await received(socket)
        answer = await asked(socket, ME)

    assert acknowledged == {"type": "connection_ack"}
    assert answer["payload"]["data"] == {"me": {"email": "ann@example.com"}}


async def test_without_a_token_a_connection_is_anonymous_and_stays_open(
    address: str, clean: None
) -> None:
    async with opened(address) as socket:
        await received(socket)
        forget_caller(new_id())
        await asyncio.sleep(0.3)
        answer = await asked(socket, ME)

    assert answer["payload"]["data"] == {"me": None}


@pytest.mark.parametrize("value", ["Bearer nonsense", "Basic YTpi", "", "Bearer mf_nonsense"])
async def test_a_bad_token_opens_no_connection(address: str, clean: None, value: str) -> None:
    async with opened(address, authorization=value) as socket:
        code = await code_of_its_end(socket)

    assert code == 4403


async def test_a_connection_ends_within_a_second_when_its_sign_in_is_ended(
    address: str, db: Database, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
        token = await sign_in(session, tokens, user)

    async with opened(address, **bearer(token)) as socket:
        await received(socket)
        async with db.transaction() as session:
            await session.execute(update(Session).values(revoked_at=now()))
        forget_caller(user.id)
        code = await code_of_its_end(socket, seconds=1)

    assert code == 4401


async def test_a_connection_ends_within_a_second_when_a_program_ends_its_token(
    address: str, db: Database
) -> None:
    own = {"grant_types": [CREDENTIALS], "permissions": ["MANAGE_INVENTORY"]}
    async with db.transaction() as session:
        client = await make_client(session, secret=SECRET, **own)
    who = (client.id.hex, SECRET)
    async with httpx.AsyncClient(base_url=f"http://{address}", auth=who) as http:
        wanted = {"grant_type": CREDENTIALS}
        tokens = [
            (await http.post("/oauth/token", data=wanted)).json()["access_token"] for _ in range(2)
        ]

        async with (
            opened(address, **bearer(tokens[0])) as socket,
            opened(address, **bearer(tokens[1])) as other,
        ):
            await received(socket)
            await received(other)
            await http.post("/oauth/revoke", data={"token": tokens[0]})
            code = await code_of_its_end(socket, seconds=1)
            answer = await asked(other, ME)

    assert code == 4401
    assert answer["payload"]["data"] == {"me": None}


async def test_a_connection_ends_when_its_token_does_though_nobody_revoked_it(
    address: str, db: Database, settings: Settings, keys: Keys
) -> None:
    brief = timedelta(seconds=1 - LEEWAY_SECONDS)
    short = Tokens(settings.model_copy(update={"access_token_lifetime": brief}), keys)
    async with db.transaction() as session:
        token = await sign_in(session, short, await make_user(session))

    async with opened(address, **bearer(token)) as socket:
        acknowledged = await received(socket)
        code = await code_of_its_end(socket, seconds=3)

    assert acknowledged == {"type": "connection_ack"}
    assert code == 4401


async def test_others_stay_connected(address: str, db: Database, tokens: Tokens) -> None:
    async with db.transaction() as session:
        gone = await make_user(session)
        tokens_of = [await sign_in(session, tokens, gone), (await make_guest(session, tokens))[1]]

    async with (
        opened(address, **bearer(tokens_of[0])) as theirs,
        opened(address, **bearer(tokens_of[1])) as guests,
    ):
        await received(theirs)
        await received(guests)
        async with db.transaction() as session:
            await session.execute(update(User).values(is_active=False))
        forget_caller(gone.id)
        code = await code_of_its_end(theirs, seconds=1)
        answer = await asked(guests, ME)

    assert code == 4401
    assert answer["payload"]["data"] == {"me": None}


async def test_a_connection_names_the_merchant_it_works_for(
    address: str, db: Database, tokens: Tokens
) -> None:
    stock = "{ stockLevels { totalCount { count } } }"
    async with db.transaction() as session:
        here, elsewhere = [await make_merchant(session) for _ in range(2)]
        staff = await make_staff(session, here, "MANAGE_INVENTORY")
        token = await sign_in(session, tokens, staff)
    ours = {"Marketfront-Merchant": encode("merchant", here.id)}
    foreign = {"marketfront-merchant": encode("merchant", elsewhere.id)}

    async with opened(address, **bearer(token), **ours) as socket:
        await received(socket)
        answer = await asked(socket, stock)
    async with opened(address, **bearer(token), **foreign) as socket:
        code = await code_of_its_end(socket)

    assert answer["payload"]["data"] == {"stockLevels": {"totalCount": {"count": 0}}}
    assert code == 4403
