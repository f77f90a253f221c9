"""Who asks over a WebSocket: browsers can't send headers there."""

from typing import Any

import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from auth.middleware import IdentityMiddleware, caller_of
from auth.tokens import TokenInvalid, Tokens
from core.db import Database
from core.identity import ANONYMOUS, CallerKind
from core.ids import new_id
from models.accounts import Session
from tests.factories.accounts import make_guest, make_user, sign_in


@pytest.fixture
def tokens(app: Starlette) -> Tokens:
    found: Tokens = app.state.shop.tokens
    return found


def connection(
    app: Starlette, *, header: str | None = None, parameters: dict[str, object] | None = None
) -> HTTPConnection:
    """After `connection_init`, as the view leaves it."""
    headers = [(b"authorization", header.encode())] if header is not None else []
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": "/graphql",
        "app": app,
        "headers": headers,
    }
    if parameters is not None:
        scope["connection_params"] = parameters
    return HTTPConnection(scope)


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
async def test_the_payload_of_connection_init_names_the_caller(
    app: Starlette, db: Database, tokens: Tokens, name: str
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
        token = await sign_in(session, tokens, user)

    caller = await caller_of(connection(app, parameters={name: f"Bearer {token}"}))

    assert (caller.kind, caller.subject) == (CallerKind.USER, user.id)


async def test_it_goes_before_the_header(app: Starlette, db: Database, tokens: Tokens) -> None:
    async with db.transaction() as session:
        guest_id, guest = await make_guest(session, tokens)
        user = await sign_in(session, tokens, await make_user(session))

    both = connection(app, header=f"Bearer {user}", parameters={"authorization": f"Bearer {guest}"})
    header_only = connection(app, header=f"Bearer {user}", parameters={"other": 1})

    assert (await caller_of(both)).subject == guest_id
    assert (await caller_of(header_only)).kind is CallerKind.USER


async def test_without_a_token_nobody_asks(app: Starlette, clean: None) -> None:
    assert await caller_of(connection(app)) is ANONYMOUS
    assert await caller_of(connection(app, parameters={})) is ANONYMOUS


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer x", "token", None, 7, {}, []])
async def test_a_malformed_token_is_refused_not_ignored(
    app: Starlette, clean: None, value: object
) -> None:
    with pytest.raises(TokenInvalid):
        await caller_of(connection(app, parameters={"authorization": value}))


async def test_the_token_is_looked_at_again_for_each_operation(
    app: Starlette, db: Database, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        token = await sign_in(session, tokens, await make_user(session))
    opened = connection(app, header=f"Bearer {token}")
    assert (await caller_of(opened)).is_signed_in

    async with db.transaction() as session:
        await session.execute(update(Session).values(revoked_at=Session.created_at))
    app.state.callers.forget()  # as a second does

    with pytest.raises(TokenInvalid):
        await caller_of(opened)


async def test_a_handshake_with_a_bad_header_is_answered_401(
    app: Starlette, tokens: Tokens, clean: None
) -> None:
    sent: list[Message] = []

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("the connection was let through")

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope = connection(app, header=f"Bearer {tokens.guest(new_id())[0]}").scope
    scope["extensions"] = {"websocket.http.response": {}}
    await IdentityMiddleware(never)(scope, receive, send)

    assert sent[0]["type"] == "websocket.http.response.start"
    assert sent[0]["status"] == 401
