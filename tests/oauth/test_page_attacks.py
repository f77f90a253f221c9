"""Our pages under attack: forged forms, frames, planted cookies, a wrong Host."""

import re
from collections.abc import Callable

from sqlalchemy import func, select
from starlette.applications import Starlette

from auth.brakes import SIGN_IN, TOKEN
from auth.oauth.clients import DEVICE
from auth.oauth.pages import SCRIPT_PATH, SCRIPT_VERSION
from core.db import Database
from core.identity import Client, client as whence
from models.oauth import AuthorizationCode, BrowserSignIn, Consent, DeviceGrant
from tests.factories.oauth import SECRET
from tests.oauth.browsing import Browser, hidden
from tests.oauth.flows import ISSUER, address, change, client_and_shopper, code_of

NewBrowser = Callable[[], Browser]


async def count(db: Database, table: type) -> int:
    async with db.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_decision_that_another_site_sends_decides_nothing(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser, stranger = new_browser(), new_browser()
    await browser.open(address(client))
    await browser.sign_in(user.email)
    action, held = browser.form("decide")
    await stranger.open(address(client))
    foreign = hidden(stranger.page, "form_token")

    for forged in ({"form_token": ""}, {"form_token": foreign}, {"form_token": "ä"}):
        await browser.post(action, {**held, **forged}, decision="allow")
        assert browser.page.status_code == 403
    browser.headers = {"sec-fetch-site": "cross-site"}
    await browser.post(action, held, decision="allow")

    assert browser.page.status_code == 403
    assert await count(db, AuthorizationCode) == 0
    assert await count(db, Consent) == 0


async def test_a_decision_that_is_no_form_decides_nothing(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    await browser.open(address(client))
    await browser.sign_in(user.email)
    _, held = browser.form("decide")

    by_address = await browser.http.get(address(client, **held, decision="allow"))
    as_json = await browser.http.post(address(client), json={**held, "decision": "allow"})

    assert "location" not in by_address.headers
    assert as_json.status_code == 400
    assert await count(db, AuthorizationCode) == 0


async def test_nobody_is_signed_in_by_a_form_of_another_site(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser, attacker = new_browser(), new_browser()
    await attacker.open(address(client))
    action, held = attacker.form("sign-in")

    await browser.open("/oauth/device")
    await browser.post(action, held, email=user.email, password="correct horse battery staple")
    without_cookie = await new_browser().http.post(
        action, data={**held, "email": user.email, "password": "correct horse battery staple"}
    )

    assert browser.page.status_code == 403
    assert without_cookie.status_code == 403
    assert await count(db, BrowserSignIn) == 0


async def test_whoever_signs_in_gets_another_cookie(db: Database, new_browser: NewBrowser) -> None:
    client, user = await client_and_shopper(db)
    browser, attacker = new_browser(), new_browser()
    await attacker.open(address(client))
    planted = attacker.http.cookies["marketfront"]
    browser.http.cookies.set("marketfront", planted, domain="shop.test")

    await browser.open(address(client))
    await browser.sign_in(user.email)

    assert browser.http.cookies["marketfront"] != planted
    await attacker.open(address(client))
    attacker.form("sign-in")


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db)

    page = await new_browser().open(address(client))

    said = page.headers["set-cookie"]
    assert re.fullmatch(
        r"marketfront=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", said
    )


async def test_no_page_can_be_framed_cached_or_made_to_load_anything(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    pages = [await browser.open(address(client))]
    pages.append(await browser.sign_in(user.email))
    pages.append(await browser.open("/oauth/device"))
    pages.append(await browser.open("/oauth/logout"))
    pages.append(await browser.open(address(client, client_id="nobody")))

    for page in pages:
        policy = page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in policy
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
    signing_in, *others = pages
    assert re.findall("<script.*", signing_in.text) == [
        f'<script src="{SCRIPT_PATH}?v={SCRIPT_VERSION}" defer></script>'
    ]
    assert "script-src 'self'; connect-src 'self';" in signing_in.headers["content-security-policy"]
    for page in others:
        assert "script" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]
    assert (
        pages[1]
        .headers["content-security-policy"]
        .endswith("form-action 'self' https://app.example")
    )


async def test_a_wrong_host_header_leads_nobody_anywhere(
    db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db)
    http = new_browser().http
    evil = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    wanted = {"client_id": client.id.hex, "scope": "openid"}

    found = await http.get("/.well-known/openid-configuration", headers=evil)
    device = await http.post("/oauth/device_authorization", data=wanted, headers=evil)
    page = await http.get(address(client), headers=evil)

    assert found.json()["issuer"] == ISSUER
    assert "evil" not in found.text
    assert device.json()["verification_uri"] == f"{ISSUER}/oauth/device"
    assert "evil" not in page.text


async def test_what_a_stranger_writes_into_an_address_is_text_on_the_page(
    db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db, name="<b>Bold</b>")

    page = await new_browser().open(address(client, login_hint='"><script>alert(1)</script>'))

    assert "<script>" not in page.text
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page.text


async def test_guessing_passwords_on_the_page_is_braked(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    await browser.open(address(client))
    action, held = browser.form("sign-in")

    for _ in range(SIGN_IN.pair.most):
        await browser.post(action, held, email=user.email, password="a wrong password")
        assert browser.page.status_code == 422
    await browser.post(action, held, email=user.email, password="correct horse battery staple")

    assert browser.page.status_code == 429
    assert int(browser.page.headers["retry-after"]) > 0
    assert await count(db, BrowserSignIn) == 0


async def test_guessing_the_codes_of_devices_is_braked(
    db: Database, new_browser: NewBrowser
) -> None:
    _, user = await client_and_shopper(db)
    browser = new_browser()
    await browser.open("/oauth/device")
    await browser.sign_in(user.email)

    statuses = [(await browser.submit("look", user_code="BBBB-BBBB")).status_code for _ in range(5)]
    await browser.open("/oauth/device?user_code=BBBB-BBBB")

    assert statuses == [422] * 5
    assert browser.page.status_code == 429


async def test_a_stranger_does_not_fill_the_table_of_waiting_devices(
    app: Starlette, db: Database, new_browser: NewBrowser
) -> None:
    """Whoever knows the id of a public client may begin; each beginning is a row."""
    client, _ = await client_and_shopper(db, grant_types=[DEVICE])
    wanted = {"client_id": client.id.hex, "scope": "openid"}
    http, brakes = new_browser().http, app.state.shop.brakes
    whence.set(Client("127.0.0.1"))
    for _ in range(TOKEN.address.most - 2):
        await brakes.check(TOKEN)

    answers = [await http.post("/oauth/device_authorization", data=wanted) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert await count(db, DeviceGrant) == 2


async def test_an_address_with_a_code_connects_no_device_by_itself(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db, is_first_party=True)
    browser = new_browser()
    wanted = {"client_id": client.id.hex, "scope": "openid"}
    device = (await browser.http.post("/oauth/device_authorization", data=wanted)).json()
    await browser.open("/oauth/device")
    await browser.sign_in(user.email)

    await browser.open(device["verification_uri_complete"].removeprefix(ISSUER))

    assert device["user_code"] in browser.page.text
    async with db.transaction() as session:
        assert await session.scalar(select(DeviceGrant.approved)) is None


async def test_a_stranger_cannot_sign_anybody_out(db: Database, new_browser: NewBrowser) -> None:
    client, user = await client_and_shopper(db, secret=SECRET)
    browser, other = new_browser(), new_browser()
    code = await code_of(browser, client, user)
    tokens = (await change(browser.http, client, code, client_secret=SECRET)).json()
    _, somebody = await client_and_shopper(db)
    their_code = await code_of(other, client, somebody)
    theirs = (await change(other.http, client, their_code, client_secret=SECRET)).json()

    for hint in ("", tokens["access_token"], theirs["id_token"]):
        await browser.open(f"/oauth/logout?id_token_hint={hint}")
        browser.form("log-out")
    forged = await browser.open("/oauth/logout?id_token_hint=e30.e30.e30")

    assert forged.status_code == 400
    assert await count(db, BrowserSignIn) == 2
