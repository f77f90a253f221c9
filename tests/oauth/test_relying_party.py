"""Every grant, by npm's openid-client against a real server process."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from auth.oauth.clients import CODE, CREDENTIALS, DEVICE, REFRESH
from core.clock import now
from core.db import Database
from core.identity import Permission
from models.accounts import RefreshToken, Session, User
from models.audit import AuditEntry
from models.oauth import ApplicationType, ClientAuthentication, OAuthClient
from services.accounts import GRACE
from tests.factories.merchants import make_merchant
from tests.factories.oauth import REDIRECT, SECRET, make_client, make_shopper
from tests.oauth.browsing import PASSWORD, Browser
from tests.oauth.relying import Refused, RelyingParty
from tests.oauth.server_process import Server

SCOPE = "openid profile email offline_access shop"


async def a_client(server_db: Database, **columns: Any) -> OAuthClient:
    async with server_db.transaction() as session:
        return await make_client(session, **columns)


async def a_shopper(server_db: Database) -> User:
    async with server_db.transaction() as session:
        return await make_shopper(session, PASSWORD)


async def meet(
    party: RelyingParty, server: Server, client: OAuthClient, how: str = "none"
) -> dict[str, Any]:
    """The party knows the server, as this client."""
    metadata: dict[str, Any] = await party(
        "discover",
        name="app",
        issuer=server.url,
        clientId=client.id.hex,
        how=how,
        secret=SECRET,
    )
    return metadata


async def signed_in(
    party: RelyingParty, browser: Browser, user: User, *, scope: str = SCOPE, **more: str
) -> dict[str, Any]:
    """The tokens of somebody who signs in and allows everything."""
    await browser.open(
        await party("begin", name="app", redirectUri=REDIRECT, scope=scope, more=more)
    )
    await browser.sign_in(user.email)
    await browser.decide("allow")
    tokens: dict[str, Any] = await party("finish", name="app", callback=browser.left_for)
    return tokens


async def time_passes(server_db: Database) -> None:
    """Refresh tokens were used before the time in which a repetition is forgiven."""
    async with server_db.transaction() as session:
        long_ago = now() - GRACE - timedelta(seconds=1)
        used = update(RefreshToken).where(RefreshToken.used_at.is_not(None))
        await session.execute(used.values(used_at=long_ago))


async def graphql(server: Server, browser: Browser, token: str) -> Any:
    answer = await browser.http.post(
        "/graphql", json={"query": "{ me { email } }"}, headers={"authorization": f"Bearer {token}"}
    )
    return answer.status_code, answer.json()


async def test_a_public_client_signs_somebody_in_with_pkce_and_a_nonce(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db), await a_shopper(server_db)
    metadata = await meet(party, server, client)

    tokens = await signed_in(party, browser, user)

    assert metadata["issuer"] == server.url
    assert tokens["claims"]["sub"] == user.id.hex
    assert tokens["claims"]["aud"] == client.id.hex
    assert tokens["claims"]["amr"] == ["pwd"]
    assert set(tokens["scope"].split()) == set(SCOPE.split())
    assert tokens["expires_in"] <= 600
    assert (await graphql(server, browser, tokens["access_token"])) == (
        200,
        {"data": {"me": {"email": user.email}}},
    )


@pytest.mark.parametrize("how", ["basic", "post"])
async def test_a_confidential_client_shows_its_secret(
    how: str, server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db, secret=SECRET), await a_shopper(server_db)
    await meet(party, server, client, how)

    tokens = await signed_in(party, browser, user)

    assert tokens["claims"]["sub"] == user.id.hex


async def test_a_client_may_sign_who_it_is_with_a_key_of_its_own(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    jwks = {"keys": [await party("newKey")]}
    client = await a_client(server_db, authentication=ClientAuthentication.PRIVATE_KEY, jwks=jwks)
    user = await a_shopper(server_db)
    await meet(party, server, client, "key")

    tokens = await signed_in(party, browser, user)

    assert tokens["claims"]["sub"] == user.id.hex


async def test_refresh_tokens_rotate(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db), await a_shopper(server_db)
    await meet(party, server, client)
    tokens = await signed_in(party, browser, user)

    renewed = await party("refresh", name="app", refreshToken=tokens["refresh_token"])

    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert renewed["claims"]["auth_time"] == tokens["claims"]["auth_time"]
    assert (await graphql(server, browser, renewed["access_token"]))[0] == 200


async def test_a_refresh_token_that_comes_again_ends_the_family_and_is_on_record(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db), await a_shopper(server_db)
    await meet(party, server, client)
    tokens = await signed_in(party, browser, user)
    renewed = await party("refresh", name="app", refreshToken=tokens["refresh_token"])
    await time_passes(server_db)

    with pytest.raises(Refused, match="invalid_grant"):
        await party("refresh", name="app", refreshToken=tokens["refresh_token"])

    with pytest.raises(Refused, match="invalid_grant"):
        await party("refresh", name="app", refreshToken=renewed["refresh_token"])
    assert (await graphql(server, browser, renewed["access_token"]))[0] == 401
    async with server_db.transaction() as session:
        ended = select(Session).where(Session.client_id == client.id)
        family = (await session.scalars(ended)).one()
        told = select(AuditEntry.object_id).where(AuditEntry.action == "REFRESH_TOKEN_REUSED")
        assert family.revoked_at is not None
        assert family.id in (await session.scalars(told)).all()


async def test_a_refresh_may_ask_for_less_but_not_for_more(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db), await a_shopper(server_db)
    await meet(party, server, client)
    tokens = await signed_in(party, browser, user, scope="openid offline_access")

    with pytest.raises(Refused, match="invalid_scope"):
        await party(
            "refresh", name="app", refreshToken=tokens["refresh_token"], more={"scope": "shop"}
        )
    less = await party(
        "refresh", name="app", refreshToken=tokens["refresh_token"], more={"scope": "openid"}
    )

    assert less["scope"] == "openid"


async def test_a_merchants_program_gets_tokens_of_its_own(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    async with server_db.transaction() as session:
        merchant = await make_merchant(session)
    permissions = [Permission.MANAGE_ORDERS.value, Permission.MANAGE_PRODUCTS.value]
    client = await a_client(
        server_db,
        secret=SECRET,
        merchant_id=merchant.id,
        permissions=permissions,
        grant_types=[CREDENTIALS],
    )
    await meet(party, server, client, "post")

    everything = await party("credentials", name="app")
    less = await party("credentials", name="app", scope="manage_orders")

    assert everything["scope"] == "manage_products manage_orders"
    assert less["scope"] == "manage_orders"
    assert "refresh_token" not in everything
    status, answer = await graphql(server, browser, less["access_token"])
    assert (status, answer) == (200, {"data": {"me": None}})
    with pytest.raises(Refused, match="invalid_scope"):
        await party("credentials", name="app", scope="manage_staff")


async def test_a_device_gets_tokens_when_its_code_is_confirmed(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client = await a_client(server_db, grant_types=[DEVICE, REFRESH])
    user = await a_shopper(server_db)
    await meet(party, server, client)
    device = await party("device", name="app", scope=SCOPE)

    await browser.open(device["verification_uri"])
    await browser.sign_in(user.email)
    await browser.submit("look", user_code=device["user_code"].lower())
    assert client.name in browser.page.text
    await browser.decide("allow")
    tokens = await party("poll", name="app")

    assert tokens["claims"]["sub"] == user.id.hex
    assert tokens["refresh_token"]
    with pytest.raises(Refused, match="invalid_grant"):
        await party("poll", name="app")


async def test_a_device_that_is_denied_gets_nothing(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client = await a_client(server_db, grant_types=[DEVICE])
    user = await a_shopper(server_db)
    await meet(party, server, client)
    device = await party("device", name="app", scope="openid")

    await browser.open(device["verification_uri_complete"])
    await browser.sign_in(user.email)
    await browser.decide("deny")

    with pytest.raises(Refused, match="access_denied"):
        await party("poll", name="app")


async def test_revocation_ends_the_sign_in(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db, secret=SECRET), await a_shopper(server_db)
    await meet(party, server, client, "post")
    tokens = await signed_in(party, browser, user)
    before = await party("introspect", name="app", token=tokens["access_token"])

    await party("revoke", name="app", token=tokens["refresh_token"])

    after = await party("introspect", name="app", token=tokens["access_token"])
    assert before["active"] is True
    assert before["sub"] == user.id.hex
    assert before["client_id"] == client.id.hex
    assert after == {"active": False}
    assert (await graphql(server, browser, tokens["access_token"]))[0] == 401
    with pytest.raises(Refused, match="invalid_grant"):
        await party("refresh", name="app", refreshToken=tokens["refresh_token"])


async def test_introspection_tells_of_refresh_tokens_too(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db, secret=SECRET), await a_shopper(server_db)
    await meet(party, server, client, "basic")
    tokens = await signed_in(party, browser, user)

    known = await party("introspect", name="app", token=tokens["refresh_token"])

    assert known["active"] is True
    assert set(known["scope"].split()) == set(SCOPE.split())


async def test_userinfo_tells_what_the_scopes_allow(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client, user = await a_client(server_db), await a_shopper(server_db)
    await meet(party, server, client)
    tokens = await signed_in(party, browser, user, scope="openid email")

    told = await party("userinfo", name="app", token=tokens["access_token"], subject=user.id.hex)

    assert told == {"sub": user.id.hex, "email": user.email, "email_verified": False}


async def test_a_client_signs_the_person_out_and_gets_them_back(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    goodbye = "https://app.example/goodbye"
    client = await a_client(server_db, post_logout_redirect_uris=[goodbye])
    user = await a_shopper(server_db)
    await meet(party, server, client)
    tokens = await signed_in(party, browser, user)

    await browser.open(
        await party(
            "logoutUrl",
            name="app",
            id_token_hint=tokens["id_token"],
            post_logout_redirect_uri=goodbye,
            state="kept",
        )
    )

    assert browser.left_for == f"{goodbye}?state=kept"
    with pytest.raises(Refused, match="invalid_grant"):
        await party("refresh", name="app", refreshToken=tokens["refresh_token"])
    await browser.open(await party("begin", name="app", redirectUri=REDIRECT, scope=SCOPE))
    browser.form("sign-in")


async def test_a_native_app_may_listen_on_any_port_of_the_loopback_address(
    server: Server, server_db: Database, party: RelyingParty, browser: Browser
) -> None:
    client = await a_client(
        server_db,
        application_type=ApplicationType.NATIVE,
        redirect_uris=["http://127.0.0.1/callback"],
        grant_types=[CODE],
    )
    user = await a_shopper(server_db)
    await meet(party, server, client)
    redirect = "http://127.0.0.1:51004/callback"

    await browser.open(await party("begin", name="app", redirectUri=redirect, scope="openid"))
    await browser.sign_in(user.email)
    await browser.decide("allow")
    tokens = await party("finish", name="app", callback=browser.left_for)

    assert urlsplit(browser.left_for or "").netloc == "127.0.0.1:51004"
    assert "iss" in parse_qs(urlsplit(browser.left_for or "").query)
    assert tokens["claims"]["sub"] == user.id.hex
