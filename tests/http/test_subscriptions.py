"""Subscriptions, as an event stream and over a WebSocket, on a real server."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.http.conftest import Callers

TICKS = "subscription{ticks{number brand{name}}}"
STAFF = {"authorization": "Bearer staff"}
EVENTS = [
    {"data": {"ticks": {"number": number, "brand": {"name": "Brand 1"}}}} for number in (1, 2)
]
PROTOCOL = Subprotocol("graphql-transport-ws")


@pytest.fixture
async def client(address: str) -> Any:
    async with httpx.AsyncClient(base_url=f"http://{address}") as client:
        yield client


def events_of(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.split("\r\n\r\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\r\n") if ": " in line)
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"]) if lines["data"] else None))
    return found


@pytest.mark.parametrize("accept", ["text/event-stream", "text/event-stream, application/json"])
async def test_a_subscription_is_an_event_stream(client: httpx.AsyncClient, accept: str) -> None:
    headers = {**STAFF, "accept": accept}

    posted = await client.post("/graphql", json={"query": TICKS}, headers=headers)
    got = await client.get("/graphql", params={"query": TICKS}, headers=headers)

    for response in (posted, got):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["vary"] == "accept"
        events = [("next", event) for event in EVENTS]
        assert events_of(response.text) == [*events, ("complete", None)]


async def test_a_refused_subscription_ends_with_its_error(client: httpx.AsyncClient) -> None:
    headers = {"accept": "text/event-stream"}

    response = await client.post("/graphql", json={"query": TICKS}, headers=headers)

    [(kind, refused), end] = events_of(response.text)
    assert (kind, end) == ("next", ("complete", None))
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "data" not in refused


async def test_a_subscription_is_never_json_and_a_query_never_a_stream(
    client: httpx.AsyncClient,
) -> None:
    both = {"accept": "text/event-stream, application/json;q=0.1"}

    subscription = await client.post("/graphql", json={"query": TICKS}, headers=STAFF)
    query = await client.post("/graphql", json={"query": "{__typename}"}, headers=both)

    assert subscription.status_code == 406
    assert query.headers["content-type"] == "application/json; charset=utf-8"


async def send(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        text = await socket.recv()
    assert isinstance(text, str)
    return json.loads(text)


async def opened(socket: ClientConnection, **payload: Any) -> None:
    await send(socket, type="connection_init", payload=payload)
    assert await receive(socket) == {"type": "connection_ack"}


async def test_a_web_socket_runs_every_kind_of_operation_in_a_context_of_its_own(
    address: str, callers: Callers
) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as socket:
        await opened(socket, **STAFF)

        await send(socket, id="1", type="subscribe", payload={"query": TICKS})
        answers = [await receive(socket) for _ in range(3)]
        await send(socket, id="2", type="subscribe", payload={"query": "{product(id:1){id}}"})
        answers += [await receive(socket) for _ in range(2)]
        await send(socket, id="3", type="subscribe", payload={"query": "{nothing}"})
        refused = await receive(socket)

    assert answers == [
        {"id": "1", "type": "next", "payload": EVENTS[0]},
        {"id": "1", "type": "next", "payload": EVENTS[1]},
        {"id": "1", "type": "complete"},
        {"id": "2", "type": "next", "payload": {"data": {"product": {"id": "product_1"}}}},
        {"id": "2", "type": "complete"},
    ]
    assert (refused["type"], refused["payload"][0]["extensions"]) == (
        "error",
        {"code": "GRAPHQL_VALIDATION_FAILED"},
    )
    assert len(callers.made) == 3


async def test_a_caller_who_did_not_sign_in_is_refused_over_a_web_socket(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as socket:
        await opened(socket)
        await send(socket, id="1", type="subscribe", payload={"query": TICKS})
        refused = await receive(socket)

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_context_that_can_not_be_made_ends_its_operation_only(address: str) -> None:
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as socket:
        await opened(socket, authorization="Bearer revoked")
        await send(socket, id="1", type="subscribe", payload={"query": TICKS})
        refused = await receive(socket)
        await send(socket, type="ping")
        answer = await receive(socket)

    assert (refused["type"], refused["payload"][0]["message"]) == ("error", "Sign in again.")
    assert answer == {"type": "pong"}


async def test_a_page_of_another_origin_may_not_open_a_web_socket(address: str) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with connect(
            f"ws://{address}/graphql", subprotocols=[PROTOCOL], origin="https://elsewhere.example"
        ):
            pass


async def test_a_client_that_goes_away_ends_its_event_stream(
    client: httpx.AsyncClient, callers: Callers
) -> None:
    headers = {**STAFF, "accept": "text/event-stream"}
    endless = {"query": "subscription{ticks(count:1000000,pause:0.01){number}}"}

    async with client.stream("POST", "/graphql", json=endless, headers=headers) as response:
        assert await anext(response.aiter_lines()) == "event: next"

    [context] = callers.made
    async with asyncio.timeout(5):
        while "ended" not in context.told:  # noqa: ASYNC110 - the source has no event for it
            await asyncio.sleep(0.01)


async def until_closed(socket: ClientConnection) -> None:
    while True:
        await receive(socket)


async def is_ended(callers: Callers) -> bool:
    """Whether the source of the only subscription was closed."""
    [context] = callers.made
    async with asyncio.timeout(5):
        while "ended" not in context.told:  # noqa: ASYNC110 - the source has no event for it
            await asyncio.sleep(0.01)
    return True


async def test_an_event_stream_ends_with_its_token(
    client: httpx.AsyncClient, callers: Callers
) -> None:
    headers = {**STAFF, "accept": "text/event-stream"}
    endless = {"query": "subscription{ticks(count:1000000,pause:0.01){number}}"}

    async with client.stream("POST", "/graphql", json=endless, headers=headers) as response:
        lines = response.aiter_lines()
        assert await anext(lines) == "event: next"
        callers.over.set()
        async with asyncio.timeout(5):
            rest = [line async for line in lines]

    assert "event: complete" in rest
    assert await is_ended(callers)


async def test_a_silent_event_stream_ends_with_its_token_too(
    client: httpx.AsyncClient, callers: Callers
) -> None:
    headers = {**STAFF, "accept": "text/event-stream"}
    silent = {"query": "subscription{ticks(count:2,pause:600){number}}"}

    async with client.stream("POST", "/graphql", json=silent, headers=headers) as response:
        asyncio.get_running_loop().call_later(0.2, callers.over.set)
        async with asyncio.timeout(5):
            await response.aread()

    assert await is_ended(callers)


async def test_a_subscription_over_a_web_socket_ends_with_its_token(
    address: str, callers: Callers
) -> None:
    endless = "subscription{ticks(count:1000000,pause:0.01){number}}"
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL]) as socket:
        await opened(socket, **STAFF)
        await send(socket, id="1", type="subscribe", payload={"query": endless})
        await receive(socket)
        callers.over.set()

        with pytest.raises(ConnectionClosed) as ended:
            await until_closed(socket)

    assert ended.value.rcvd
    assert ended.value.rcvd.code == 4401
    assert await is_ended(callers)
