"""/oauth/revoke of access tokens: a program's own, and those of people's sign-ins."""

import asyncio
import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from auth.keys import LEEWAY_SECONDS, Keys
from auth.oauth.clients import CREDENTIALS
from auth.tokens import Tokens
from core.clock import now
from core.db import Database
from models.accounts import Session
from models.audit import AuditEntry
from models.merchants import Merchant, MerchantStatus
from models.oauth import EndedToken, OAuthClient
from tests.auth.forging import joined, parts
from tests.factories.accounts import make_guest, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.factories.oauth import SECRET, make_client
from tests.oauth.browsing import Browser
from tests.oauth.flows import change, client_and_shopper, code_of, me
from workers.tidying import forget_expired_grants

NewBrowser = Callable[[], Browser]


@pytest.fixture
def http(new_browser: NewBrowser) -> httpx.AsyncClient:
    return new_browser().http


async def program(db: Database, **columns: Any) -> OAuthClient:
    own = {"grant_types": [CREDENTIALS], "permissions": ["MANAGE_ORDERS"], "secret": SECRET}
    async with db.transaction() as session:
        return await make_client(session, **{**own, **columns})


async def own_token(http: httpx.AsyncClient, client: OAuthClient) -> str:
    wanted = {"grant_type": CREDENTIALS}
    answer = await http.post("/oauth/token", data=wanted, auth=(client.id.hex, SECRET))
    return str(answer.json()["access_token"])


async def revoke(
    http: httpx.AsyncClient, client: OAuthClient, token: str, secret: str = SECRET
) -> httpx.Response:
    return await http.post("/oauth/revoke", data={"token": token}, auth=(client.id.hex, secret))


async def is_active(http: httpx.AsyncClient, client: OAuthClient, token: str) -> bool:
    asked = {"token": token}
    answer = await http.post("/oauth/introspect", data=asked, auth=(client.id.hex, SECRET))
    return bool(answer.json()["active"])


async def ended(db: Database) -> list[UUID]:
    async with db.transaction() as session:
        return list((await session.scalars(select(EndedToken.token_id))).all())


async def test_a_program_ends_one_of_its_tokens_and_the_others_go_on(
    db: Database, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    client = await program(db)
    token, other = [await own_token(http, client) for _ in range(2)]
    before = [await me(http, each) for each in (token, other)]

    answer = await revoke(http, client, token)

    assert (before, answer.status_code) == ([200, 200], 200)
    assert [await me(http, each) for each in (token, other)] == [401, 200]
    assert [await is_active(http, client, each) for each in (token, other)] == [False, True]
    claims = tokens.read(token)
    columns = select(AuditEntry.actor_kind, AuditEntry.object_id, AuditEntry.after)
    told = columns.where(AuditEntry.action == "CLIENT_TOKEN_ENDED")
    async with db.transaction() as session:
        kept = (await session.execute(select(EndedToken.token_id, EndedToken.expires_at))).all()
        entries = (await session.execute(told)).all()
    assert kept == [(claims.token_id, claims.expires_at + timedelta(seconds=LEEWAY_SECONDS))]
    assert entries == [("APP", client.id, {"jti": claims.token_id.hex})]


async def test_a_token_that_is_ended_many_times_at_once_ends_once(
    db: Database, http: httpx.AsyncClient
) -> None:
    client = await program(db)
    token = await own_token(http, client)

    answers = await asyncio.gather(*(revoke(http, client, token) for _ in range(4)))
    again = await revoke(http, client, token)

    assert [each.status_code for each in (*answers, again)] == [200] * 5
    assert len(await ended(db)) == 1
    told = select(AuditEntry.object_id).where(AuditEntry.action == "CLIENT_TOKEN_ENDED")
    async with db.transaction() as session:
        assert (await session.scalars(told)).all() == [client.id]


async def test_nobody_ends_the_token_of_another_program(
    db: Database, http: httpx.AsyncClient
) -> None:
    client, other = await program(db), await program(db)
    token = await own_token(http, client)

    foreign = await revoke(http, other, token)
    guessed = await revoke(http, client, token, secret="a wrong secret")
    nobody = await http.post("/oauth/revoke", data={"token": token})

    assert (foreign.status_code, foreign.json()["error"]) == (400, "invalid_grant")
    assert (guessed.status_code, guessed.json()["error"]) == (401, "invalid_client")
    assert nobody.json()["error"] == "invalid_client"
    assert await ended(db) == []
    assert await me(http, token) == 200


async def test_an_unknown_token_is_answered_as_if_it_had_ended_and_changes_nothing(
    db: Database, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    """Source: RFC 7009, 2.2."""
    client = await program(db)
    async with db.transaction() as session:
        guest = (await make_guest(session, tokens))[1]
        ours = await sign_in(session, tokens, await make_user(session))

    for unknown in ("nonsense", "a.b.c", "e30.e30.e30", guest, ours):
        answer = await revoke(http, client, unknown)
        assert (answer.status_code, answer.json()) == (200, {})

    assert await ended(db) == []
    assert [await me(http, each) for each in (guest, ours)] == [200, 200]
    missing = await http.post("/oauth/revoke", data={}, auth=(client.id.hex, SECRET))
    assert missing.json()["error"] == "invalid_request"


async def test_a_token_with_the_id_of_another_ends_nothing(
    db: Database, http: httpx.AsyncClient
) -> None:
    client, victim = await program(db), await program(db)
    own, theirs = await own_token(http, client), await own_token(http, victim)
    header, claims, signature = parts(own)
    forged = joined(header, {**claims, "jti": parts(theirs)[1]["jti"]})

    for signed in (forged, f"{forged}{signature}", forged.replace(".", "", 1)):
        assert (await revoke(http, client, signed)).status_code == 200

    assert await ended(db) == []
    assert [await me(http, each) for each in (own, theirs)] == [200, 200]


async def test_the_access_token_of_a_person_ends_the_whole_sign_in_of_the_app(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db, secret=SECRET)
    browser = new_browser()
    code = await code_of(browser, client, user)
    given = (await change(browser.http, client, code, client_secret=SECRET)).json()
    async with db.transaction() as session:
        other = await make_client(session, secret=SECRET)

    foreign = await revoke(browser.http, other, given["access_token"])
    before = await me(browser.http, given["access_token"])
    answer = await revoke(browser.http, client, given["access_token"])

    assert (foreign.status_code, before, answer.status_code) == (400, 200, 200)
    assert await me(browser.http, given["access_token"]) == 401
    assert await ended(db) == []
    async with db.transaction() as session:
        theirs = select(Session.revoked_at).where(Session.client_id == client.id)
        assert (await session.scalars(theirs)).one() is not None
        browsers = select(Session.revoked_at).where(Session.client_id.is_(None))
        assert (await session.scalars(browsers)).one() is None
    renewed = await browser.http.post(
        "/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": given["refresh_token"]},
        auth=(client.id.hex, SECRET),
    )
    assert renewed.json()["error"] == "invalid_grant"


async def test_a_token_ends_in_a_process_that_had_not_read_its_key_yet(
    app: Starlette, db: Database, http: httpx.AsyncClient
) -> None:
    client = await program(db)
    token = await own_token(http, client)
    keys: Keys = app.state.keys
    keys._live = {kid: key for kid, key in keys._live.items() if kid != keys._current}
    keys._read_at = -math.inf  # a long time ago

    answer = await revoke(http, client, token)

    assert answer.status_code == 200
    assert len(await ended(db)) == 1


async def test_introspection_says_of_a_program_what_the_api_does(
    db: Database, http: httpx.AsyncClient, app: Starlette
) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
    client = await program(db, merchant_id=merchant.id)
    token = await own_token(http, client)
    before = await is_active(http, client, token), await me(http, token)

    async with db.transaction() as session:
        await session.execute(update(Merchant).values(status=MerchantStatus.CLOSED))
    app.state.callers.forget()

    assert before == (True, 200)
    assert (await is_active(http, client, token), await me(http, token)) == (False, 401)


async def test_the_id_is_forgotten_when_the_token_would_have_ended_anyway(
    db: Database, http: httpx.AsyncClient
) -> None:
    client = await program(db)
    tokens = [await own_token(http, client) for _ in range(2)]
    for token in tokens:
        await revoke(http, client, token)
    over, _ = await ended(db)
    async with db.transaction() as session:
        past = update(EndedToken).where(EndedToken.token_id == over)
        await session.execute(past.values(expires_at=now() - timedelta(seconds=1)))

    assert await forget_expired_grants(db) == 1

    assert over not in await ended(db)
    assert len(await ended(db)) == 1
