"""What people see and decide on our pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from sqlalchemy import select, update

from auth.oauth.pages import FOLDER, LANGUAGES, language_of
from auth.oauth.scopes import SCOPES
from core.clock import now
from core.db import Database
from models.accounts import Session
from models.audit import AuditEntry
from models.oauth import ApplicationType, BrowserSignIn, Consent
from tests.oauth.browsing import Browser
from tests.oauth.flows import address, change, client_and_shopper, code_of

NewBrowser = Callable[[], Browser]


async def signed_in(browser: Browser, db: Database, **columns: Any) -> Any:
    client, user = await client_and_shopper(db, **columns)
    await browser.open(address(client))
    await browser.sign_in(user.email)
    return client, user


async def test_what_was_allowed_is_not_asked_again_but_more_is(
    db: Database, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    client, user = await signed_in(browser, db)
    await browser.decide("allow")

    await browser.open(address(client))
    assert browser.answer()["code"]
    await browser.open(address(client, scope="openid email"))
    await browser.decide("allow")

    async with db.transaction() as session:
        kept = await session.scalar(select(Consent.scopes))
        given = select(AuditEntry.actor_id).where(AuditEntry.action == "CONSENT_GIVEN")
        actors = (await session.scalars(given)).all()
    assert kept == ["openid", "email", "offline_access", "shop"]
    assert actors == [user.id, user.id]


async def test_what_was_denied_is_asked_again(db: Database, new_browser: NewBrowser) -> None:
    browser = new_browser()
    client, _ = await signed_in(browser, db)

    await browser.decide("deny")
    assert browser.answer()["error"] == "access_denied"
    await browser.open(address(client))

    browser.form("decide")


async def test_our_own_apps_ask_for_no_consent(db: Database, new_browser: NewBrowser) -> None:
    browser = new_browser()

    await signed_in(browser, db, is_first_party=True)

    assert browser.answer()["code"]


async def test_a_native_app_is_asked_about_each_time(db: Database, new_browser: NewBrowser) -> None:
    browser = new_browser()
    client, _ = await signed_in(browser, db, application_type=ApplicationType.NATIVE)
    await browser.decide("allow")

    await browser.open(address(client))

    browser.form("decide")


async def test_a_silent_request_shows_no_page(db: Database, new_browser: NewBrowser) -> None:
    browser = new_browser()
    client, _ = await signed_in(browser, db)

    await browser.open(address(client, prompt="none"))
    assert browser.answer()["error"] == "consent_required"
    await browser.open(address(client))
    await browser.decide("allow")
    await browser.open(address(client, prompt="none"))

    assert browser.answer()["code"]


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
async def test_a_client_may_want_a_new_sign_in(
    prompt: str, db: Database, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    client, user = await signed_in(browser, db, is_first_party=True)
    before = browser.http.cookies["marketfront"]

    await browser.open(address(client, prompt=prompt))
    await browser.sign_in(user.email)
    if "consent" in prompt:
        await browser.decide("allow")

    assert browser.answer()["code"]
    assert browser.http.cookies["marketfront"] != before
    async with db.transaction() as session:
        assert len((await session.execute(select(BrowserSignIn.cookie_hash))).all()) == 1


async def test_a_sign_in_that_is_too_old_for_the_client_is_done_again(
    db: Database, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    client, user = await signed_in(browser, db, is_first_party=True)
    async with db.transaction() as session:
        earlier = now() - timedelta(minutes=10)
        await session.execute(update(Session).values(auth_time=earlier))

    await browser.open(address(client, max_age="3600"))
    assert browser.answer()["code"]
    await browser.open(address(client, max_age="60"))
    await browser.sign_in(user.email)

    assert browser.answer()["code"]
    await browser.open(address(client, max_age="soon"))
    assert browser.answer()["error"] == "invalid_request"


async def test_a_client_that_accepts_no_old_sign_in_gets_one_that_was_just_made(
    db: Database, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    client, user = await client_and_shopper(db)
    await browser.open(address(client, max_age="0"))
    await browser.sign_in(user.email)
    async with db.transaction() as session:
        a_minute_of_reading = now() - timedelta(minutes=1)
        await session.execute(update(Session).values(auth_time=a_minute_of_reading))

    await browser.decide("allow")

    assert browser.answer()["code"]
    await browser.open(address(client, max_age="0"))
    browser.form("sign-in")


async def test_whoever_leaves_sends_nothing_to_the_client(
    db: Database, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    await signed_in(browser, db)
    action, held = browser.form("leave")
    await browser.decide("allow")

    browser.page = await browser.http.get("/oauth/device")
    await browser.post(action, held)

    assert browser.left_for is None
    browser.form("sign-in")


async def test_whoever_is_not_the_one_who_is_signed_in_can_change_that(
    db: Database, new_browser: NewBrowser
) -> None:
    browser = new_browser()
    await signed_in(browser, db)

    await browser.submit("leave")

    browser.form("sign-in")
    async with db.transaction() as session:
        assert (await session.scalars(select(Session.revoked_at))).one() is not None


async def test_a_wrong_password_says_no_more_than_that(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    await browser.open(address(client))

    known = await browser.sign_in(user.email, "a wrong password")
    unknown = await browser.sign_in("nobody@example.test", "a wrong password")

    assert known.status_code == unknown.status_code == 422
    assert known.text.replace(user.email, "") == unknown.text.replace("nobody@example.test", "")
    assert 'role="alert"' in known.text
    failed = select(AuditEntry.actor_kind).where(AuditEntry.action == "SIGN_IN_FAILED")
    async with db.transaction() as session:
        assert (await session.scalars(failed)).all() == ["ANONYMOUS", "ANONYMOUS"]


async def test_pages_speak_the_language_of_the_person(
    db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db)
    browser = new_browser()

    english = await browser.open(address(client))
    by_parameter = await browser.open(address(client, ui_locales="fr zh-CN"))
    browser.headers = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}
    by_header = await browser.open(address(client))

    assert '<html lang="en">' in english.text
    assert '<html lang="zh-Hans">' in by_parameter.text
    assert "登录" in by_header.text


@pytest.mark.parametrize(
    ("ui_locales", "accept", "expected"),
    [
        ("", "", "en"),
        ("", "de-DE,de;q=0.9", "en"),
        ("", "de, en;q=0.5, zh;q=0.7", "zh-Hans"),
        ("", "zh;q=0, en", "en"),
        ("en", "zh", "en"),
        ("", "zh;q=x, *", "en"),
    ],
)
def test_the_first_language_that_we_speak_is_taken(
    ui_locales: str, accept: str, expected: str
) -> None:
    assert language_of(ui_locales, accept) == expected


def test_everything_is_said_in_each_language() -> None:
    texts = [orjson.loads((FOLDER / f"{language}.json").read_bytes()) for language in LANGUAGES]
    filled = [{key: set(re.findall(r"{\w+}", said[key])) for key in said} for said in texts]

    assert filled[0] == filled[1]
    assert {f"scope_{scope}" for scope in SCOPES} <= filled[0].keys()


async def test_scripts_of_any_site_may_ask_for_tokens_but_send_no_cookie(
    db: Database, new_browser: NewBrowser
) -> None:
    http = new_browser().http
    app = {"origin": "https://app.example"}
    asking = {**app, "access-control-request-method": "POST"}

    before = await http.options("/oauth/token", headers=asking)
    found = await http.get("/.well-known/openid-configuration", headers=app)
    page = await http.get("/oauth/authorize", headers=app)
    api = await http.options("/graphql", headers=asking)

    assert before.headers["access-control-allow-origin"] == "*"
    assert found.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in before.headers
    assert "access-control-allow-origin" not in page.headers
    assert "access-control-allow-origin" not in api.headers


async def test_a_device_that_asks_too_often_is_told_to_slow_down(
    db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db)
    http = new_browser().http
    name = {"client_id": client.id.hex}
    device = (
        await http.post("/oauth/device_authorization", data={**name, "scope": "openid"})
    ).json()
    kind = "urn:ietf:params:oauth:grant-type:device_code"
    wanted = {**name, "grant_type": kind, "device_code": device["device_code"]}

    answers = [(await http.post("/oauth/token", data=wanted)).json()["error"] for _ in range(3)]

    assert answers == ["authorization_pending", "slow_down", "slow_down"]
    assert parse_qs(urlsplit(device["verification_uri_complete"]).query) == {
        "user_code": [device["user_code"]]
    }


async def test_userinfo_needs_a_good_token_with_the_scope(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db)
    browser = new_browser()
    tokens = (
        await change(browser.http, client, await code_of(browser, client, user, scope="shop"))
    ).json()

    async def told(authorization: str) -> httpx.Response:
        return await browser.http.get("/oauth/userinfo", headers={"authorization": authorization})

    without = await told("")
    forged = await told("Bearer e30.e30.e30")
    narrow = await told(f"Bearer {tokens['access_token']}")

    assert (without.status_code, forged.status_code, narrow.status_code) == (401, 401, 403)
    assert 'error="insufficient_scope"' in narrow.headers["www-authenticate"]
