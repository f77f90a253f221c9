"""What a person has let in can be shut out again."""

from collections.abc import Callable

from sqlalchemy import func, select

from auth.oauth.clients import CODE, DEVICE
from core.db import Database
from models.oauth import Consent
from tests.factories.oauth import make_client
from tests.oauth.browsing import Browser
from tests.oauth.flows import address, change, client_and_shopper, code_of, me

NewBrowser = Callable[[], Browser]


async def test_an_app_that_is_disconnected_has_nothing_and_must_ask_again(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db, name="Sunny Deals")
    browser = new_browser()
    tokens = (await change(browser.http, client, await code_of(browser, client, user))).json()
    unused = await code_of(browser, client, user)

    await browser.open("/oauth/apps")
    assert "Sunny Deals" in browser.page.text
    await browser.submit("disconnect")

    assert "You have let no app in." in browser.page.text
    assert await me(browser.http, tokens["access_token"]) == 401
    renewed = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = await browser.http.post("/oauth/token", data={**renewed, "client_id": client.id.hex})
    assert refused.json()["error"] == "invalid_grant"
    assert (await change(browser.http, client, unused)).json()["error"] == "invalid_grant"
    await browser.open(address(client))
    browser.form("decide")


async def test_a_device_that_was_let_in_a_moment_ago_is_shut_out_too(
    db: Database, new_browser: NewBrowser
) -> None:
    """It has not asked for its tokens yet."""
    client, user = await client_and_shopper(db, grant_types=[CODE, DEVICE])
    browser = new_browser()
    await code_of(browser, client, user)
    name = {"client_id": client.id.hex}
    wanted = {**name, "scope": "openid shop"}
    device = (await browser.http.post("/oauth/device_authorization", data=wanted)).json()
    await browser.open(f"/oauth/device?user_code={device['user_code']}")
    await browser.decide("allow")

    await browser.open("/oauth/apps")
    await browser.submit("disconnect")

    asked = {**name, "grant_type": DEVICE, "device_code": device["device_code"]}
    refused = await browser.http.post("/oauth/token", data=asked)
    assert refused.json()["error"] == "invalid_grant"


async def test_each_person_sees_and_ends_only_their_own(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    _, other = await client_and_shopper(db)
    async with db.transaction() as session:
        unknown = await make_client(session)
    browser, others = new_browser(), new_browser()
    tokens = (await change(browser.http, client, await code_of(browser, client, user))).json()
    await code_of(others, unknown, other)
    await others.open("/oauth/apps")
    action, held = others.form("disconnect")

    assert client.name not in others.page.text
    await others.post(action, {**held, "client_id": client.id.hex})

    assert await me(browser.http, tokens["access_token"]) == 200
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Consent)) == 2


async def test_nobody_is_disconnected_by_a_form_of_another_site(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    await code_of(browser, client, user)
    await browser.open("/oauth/apps")
    action, held = browser.form("disconnect")

    await browser.post(action, {**held, "form_token": "guessed"})

    assert browser.page.status_code == 403
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Consent)) == 1


async def test_whoever_is_not_signed_in_signs_in_first(
    db: Database, new_browser: NewBrowser
) -> None:
    _, user = await client_and_shopper(db)
    browser = new_browser()

    await browser.open("/oauth/apps")
    await browser.sign_in(user.email)

    assert "You have let no app in." in browser.page.text
