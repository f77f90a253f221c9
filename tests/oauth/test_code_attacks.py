"""Authorization codes in the wrong hands, or a second time."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database
from models.accounts import RefreshToken, Session
from models.audit import AuditEntry
from models.oauth import AuthorizationCode
from tests.factories.oauth import SECRET, make_client
from tests.oauth.browsing import Browser
from tests.oauth.flows import ISSUER, address, change, client_and_shopper, code_of, me

NewBrowser = Callable[[], Browser]


async def families(db: Database) -> list[bool]:
    """Of each client's sign-in, whether it is open."""
    async with db.transaction() as session:
        found = select(Session.revoked_at).where(Session.client_id.is_not(None))
        return [ended is None for ended in await session.scalars(found)]


async def test_a_code_that_comes_again_gets_nothing_and_ends_what_it_got(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    code = await code_of(browser, client, user)
    tokens = (await change(browser.http, client, code)).json()
    assert await me(browser.http, tokens["access_token"]) == 200

    again = await change(browser.http, client, code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert await families(db) == [False]
    assert await me(browser.http, tokens["access_token"]) == 401
    renewed = await browser.http.post(
        "/oauth/token",
        data={
            "grant_type": "refresh_token",
            "client_id": client.id.hex,
            "refresh_token": tokens["refresh_token"],
        },
    )
    assert renewed.json()["error"] == "invalid_grant"
    async with db.transaction() as session:
        told = select(func.count()).where(AuditEntry.action == "AUTHORIZATION_CODE_REPLAYED")
        assert await session.scalar(told) == 1


async def test_of_many_at_once_with_one_code_at_most_one_gets_tokens(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    code = await code_of(browser, client, user)

    answers = await asyncio.gather(*(change(browser.http, client, code) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
    assert await families(db) == [False]


@pytest.mark.parametrize("secret", [None, SECRET])
async def test_a_code_is_worth_nothing_to_another_client_and_stays_good_for_its_own(
    secret: str | None, db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    async with db.transaction() as session:
        thief = await make_client(session, secret=secret)
    browser = new_browser()
    code = await code_of(browser, client, user)

    stolen = await change(browser.http, thief, code, client_secret=secret)

    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert await families(db) == []
    assert (await change(browser.http, client, code)).status_code == 200


async def test_a_code_is_bound_to_the_address_it_was_sent_to(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    code = await code_of(browser, client, user)

    refused = await change(browser.http, client, code, redirect_uri="https://app.example/other")

    assert refused.json()["error"] == "invalid_grant"
    assert await families(db) == []


@pytest.mark.parametrize(
    "verifier", [None, "another-verifier-that-is-long-enough-to-be-one-of-rfc-7636", "short"]
)
async def test_a_code_without_its_verifier_is_refused_and_used_up(
    verifier: str | None, db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    code = await code_of(browser, client, user)

    refused = await change(browser.http, client, code, code_verifier=verifier)

    assert refused.status_code == 400
    assert (await change(browser.http, client, code)).json()["error"] == "invalid_grant"
    assert await families(db) == []


@pytest.mark.parametrize("secret", [None, SECRET])
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": "too-short"},
    ],
)
async def test_pkce_can_be_neither_left_out_nor_weakened(
    secret: str | None, changes: dict[str, str | None], db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db, secret=secret)
    browser = new_browser()

    await browser.open(address(client, **changes))

    assert browser.answer()["error"] == "invalid_request"
    assert browser.answer()["iss"] == ISSUER
    assert browser.answer()["state"] == "the-state"


async def test_every_answer_says_who_gave_it(db: Database, new_browser: NewBrowser) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    await code_of(browser, client, user)
    assert browser.answer()["iss"] == ISSUER
    assert browser.answer()["state"] == "the-state"

    await browser.open(address(client, prompt="consent"))
    await browser.decide("deny")

    assert browser.answer()["error"] == "access_denied"
    assert browser.answer()["iss"] == ISSUER


async def test_a_code_ends_after_a_minute(db: Database, new_browser: NewBrowser) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    code = await code_of(browser, client, user)
    async with db.transaction() as session:
        earlier = now() - timedelta(seconds=1)
        await session.execute(update(AuthorizationCode).values(expires_at=earlier))

    late = await change(browser.http, client, code)

    assert late.json()["error"] == "invalid_grant"
    assert await families(db) == []


async def test_a_code_dies_with_the_sign_in_it_came_from(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    code = await code_of(browser, client, user)
    async with db.transaction() as session:
        await session.execute(update(Session).values(revoked_at=now()))

    late = await change(browser.http, client, code)

    assert late.json()["error"] == "invalid_grant"
    assert await families(db) == []


async def test_a_code_is_kept_as_a_hash_only(db: Database, new_browser: NewBrowser) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()

    code = await code_of(browser, client, user)

    async with db.transaction() as session:
        row = (await session.execute(select(AuthorizationCode.__table__))).one()
        assert code not in str(row)


async def test_a_refresh_token_of_one_client_is_worth_nothing_to_another(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    async with db.transaction() as session:
        thief = await make_client(session)
    browser = new_browser()
    tokens = (await change(browser.http, client, await code_of(browser, client, user))).json()
    wanted = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    stolen = await browser.http.post("/oauth/token", data={**wanted, "client_id": thief.id.hex})

    assert stolen.json()["error"] == "invalid_grant"
    async with db.transaction() as session:
        used = select(func.count()).where(RefreshToken.used_at.is_not(None))
        assert await session.scalar(used) == 0
    own = await browser.http.post("/oauth/token", data={**wanted, "client_id": client.id.hex})
    assert own.status_code == 200


async def test_without_offline_access_there_is_no_refresh_token(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()

    code = await code_of(browser, client, user, scope="openid shop")
    tokens = (await change(browser.http, client, code)).json()

    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope", "id_token"}
