"""Clients: what may be registered, by whom it is found, and what ends with them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import func, select, update

from auth.oauth.registration import NewClient, disable, is_good_redirect, register, replace_secret
from auth.oauth.tidying import REPLAYS_NOTICED, delete_expired
from core.clock import now
from core.db import Database
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from models.accounts import Session
from models.audit import AuditEntry
from models.oauth import ApplicationType, AuthorizationCode, ClientAuthentication, OAuthClient
from tests.oauth.browsing import Browser
from tests.oauth.flows import change, client_and_shopper, code_of, me
from tools.oauth_client import arguments

NewBrowser = Callable[[], Browser]
PUBLIC: dict[str, Any] = {
    "name": "An app",
    "redirect_uris": ["https://app.example/callback"],
    "scopes": ["openid"],
}
PRIVATE_JWKS = {"keys": [ECKey.generate_key("P-256").as_dict(private=True)]}
SECRET_JWKS = {"keys": [OctKey.generate_key(256).as_dict(private=True)]}


@pytest.mark.parametrize(
    ("uri", "on_the_web", "on_a_device"),
    [
        ("https://app.example/callback", True, True),
        ("https://app.example:8443/callback?from=shop", True, True),
        ("http://127.0.0.1/callback", True, True),
        ("http://[::1]:5173/callback", True, True),
        ("http://localhost:5173/callback", True, True),
        ("com.example.app:/callback", False, True),
        ("example:/callback", False, False),
        ("com.example.app://host/callback", False, False),
        ("http://app.example/callback", False, False),
        ("https://app.example/callback#part", False, False),
        ("https://me:secret@app.example/callback", False, False),
        ("https://app.example/*", False, False),
        ("https://*.example/callback", False, False),
        ("https://app.example/a b", False, False),
        ("https:///callback", False, False),
        ("https://app.example:port/callback", False, False),
        ("javascript:alert(1)", False, False),
        ("data:text/html,hello", False, False),
        ("", False, False),
        ("https://app.example/" + "a" * 500, False, False),
    ],
)
def test_people_are_sent_to_safe_addresses_only(
    uri: str, on_the_web: bool, on_a_device: bool
) -> None:
    assert is_good_redirect(uri, is_native=False) == on_the_web
    assert is_good_redirect(uri, is_native=True) == on_a_device


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"logo_text": "abc"}, "logoText"),
        ({"redirect_uris": ["http://app.example/callback"]}, "redirectUris"),
        ({"redirect_uris": ["https://app.example/a"] * 2}, "redirectUris"),
        ({"post_logout_redirect_uris": ["https://app.example/#x"]}, "postLogoutRedirectUris"),
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"grant_types": ["password"]}, "grantTypes"),
        ({"redirect_uris": []}, "grantTypes"),
        ({"permissions": ["MANAGE_ORDERS"]}, "permissions"),
        (
            {"authentication": ClientAuthentication.SECRET, "permissions": ["EVERYTHING"]},
            "permissions",
        ),
        (
            {
                "authentication": ClientAuthentication.SECRET,
                "permissions": ["MANAGE_RISK"],
                "merchant_id": new_id(),
            },
            "permissions",
        ),
        ({"authentication": ClientAuthentication.PRIVATE_KEY}, "jwks"),
        ({"authentication": ClientAuthentication.PRIVATE_KEY, "jwks": {"keys": []}}, "jwks"),
        ({"authentication": ClientAuthentication.PRIVATE_KEY, "jwks": PRIVATE_JWKS}, "jwks"),
        ({"authentication": ClientAuthentication.PRIVATE_KEY, "jwks": SECRET_JWKS}, "jwks"),
    ],
)
async def test_a_client_that_could_harm_is_not_kept(
    changes: dict[str, Any], path: str, db: Database
) -> None:
    with pytest.raises(InvalidInput) as refused:
        async with db.transaction() as session:
            await register(session, NewClient(**{**PUBLIC, **changes}))

    assert refused.value.path == (path,)
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(OAuthClient)) == 0


async def test_a_secret_is_told_once_and_kept_as_a_hash(db: Database) -> None:
    new = NewClient(**PUBLIC, authentication=ClientAuthentication.SECRET)

    async with db.transaction() as session:
        secret = await register(session, new)
        replaced = await replace_secret(session, new.id, overlap=timedelta(hours=1))

    assert secret is not None
    assert secret != replaced
    async with db.transaction() as session:
        row = (await session.execute(select(OAuthClient.__table__))).one()
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert secret not in str(row)
    assert replaced not in str(row)
    assert sorted(actions) == ["OAUTH_CLIENT_CREATED", "OAUTH_CLIENT_KEY_REPLACED"]


async def test_a_public_client_has_no_secret_to_replace(db: Database) -> None:
    new = NewClient(**PUBLIC)
    async with db.transaction() as session:
        await register(session, new)

    with pytest.raises(NotFound):
        async with db.transaction() as session:
            await replace_secret(session, new.id, overlap=timedelta())


async def test_what_people_gave_a_client_ends_with_it(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    tokens = (await change(browser.http, client, await code_of(browser, client, user))).json()

    async with db.transaction() as session:
        ended = await disable(session, client.id)

    async with db.transaction() as session:
        family = select(Session.id).where(Session.client_id == client.id)
        session_id = (await session.scalars(family)).one()
    assert list(ended) == [client.id, session_id]
    renewed = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = await browser.http.post("/oauth/token", data={**renewed, "client_id": client.id.hex})
    assert refused.json()["error"] == "invalid_client"
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await browser.http.get("/oauth/userinfo", headers=bearer)).status_code == 401


async def test_a_sign_in_that_was_given_while_its_client_was_disabled_is_worth_nothing(
    db: Database, new_browser: NewBrowser
) -> None:
    """It was not there yet when those of the client were ended."""
    client, user = await client_and_shopper(db)
    browser = new_browser()
    code = await code_of(browser, client, user)
    token = (await change(browser.http, client, code)).json()["access_token"]

    async with db.transaction() as session:
        await session.execute(update(OAuthClient).values(disabled_at=now()))

    assert await me(browser.http, token) == 401


async def test_used_codes_are_kept_as_long_as_a_replay_must_be_noticed(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    tokens = (await change(browser.http, client, await code_of(browser, client, user))).json()

    async def left_after(age: timedelta) -> int:
        async with db.transaction() as session:
            await session.execute(update(AuthorizationCode).values(expires_at=now() - age))
            await delete_expired(session, before=now())
            return await session.scalar(select(func.count()).select_from(AuthorizationCode)) or 0

    assert await left_after(REPLAYS_NOTICED - timedelta(minutes=1)) == 1
    assert await left_after(REPLAYS_NOTICED + timedelta(minutes=1)) == 0
    assert await me(browser.http, tokens["access_token"]) == 200


async def test_the_command_makes_lists_and_disables_clients(
    db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["create", "Corner App", "--secret", "--redirect", "https://app.example/callback"]
    made = arguments([*given, "--scope", "openid", "shop"])

    async with db.transaction() as session:
        await made.run(session, made)
    said = dict(line.split() for line in capsys.readouterr().out.splitlines())
    renew = arguments(["replace-secret", said["client_id"], "--overlap-hours", "1"])
    end, listed = arguments(["disable", said["client_id"]]), arguments(["list"])
    async with db.transaction() as session:
        await renew.run(session, renew)
        await end.run(session, end)
        await listed.run(session, listed)

    assert len(said["client_secret"]) == 43
    assert f"{said['client_id']}  disabled     Corner App" in capsys.readouterr().out


async def test_a_native_app_may_have_a_scheme_of_its_own(
    db: Database, new_browser: NewBrowser
) -> None:
    own = "com.example.app:/callback"
    client, user = await client_and_shopper(
        db, application_type=ApplicationType.NATIVE, redirect_uris=[own]
    )
    browser = new_browser()

    code = await code_of(browser, client, user, redirect_uri=own)
    changed = await change(browser.http, client, code, redirect_uri=own)

    assert (browser.left_for or "").startswith(f"{own}?code=")
    assert changed.status_code == 200
