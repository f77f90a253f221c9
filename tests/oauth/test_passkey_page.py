"""Passkeys on our pages, as their script sends them: who gets in, and who does not."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from auth.brakes import SIGN_IN, TOKEN
from auth.oauth.pages import SCRIPT_PATH, SCRIPT_VERSION
from core.clock import now
from core.db import Database
from core.identity import Client, client as whence
from models.accounts import Proof, Session, User
from models.audit import AuditEntry
from models.factors import Totp
from models.oauth import BrowserSignIn
from tests.factories.accounts import make_user
from tests.factories.oauth import make_shopper
from tests.factors.authenticator import PRESENT, Authenticator
from tests.oauth.browsing import PASSWORD, Browser, hidden

NewBrowser = Callable[[], Browser]
ORIGIN = "http://localhost:8000"
PAGE = "/oauth/device"
IN, WAITS, OUT = 'value="look"', 'value="second-factor"', 'value="sign-in"'


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(ORIGIN)


@pytest.fixture
async def person(db: Database, device: Authenticator) -> User:
    async with db.transaction() as session:
        user = await make_shopper(session, PASSWORD)
        session.add(device.registered(user))
    return user


@pytest.fixture
async def browser(new_browser: NewBrowser) -> Browser:
    browser = new_browser()
    await browser.open(PAGE)
    return browser


async def request(browser: Browser) -> httpx.Response:
    """What the script of the page asks us first; the page stays what it was."""
    action, held = browser.form("passkey")
    return await browser.http.post(action, data={**held, "step": "passkey-request"})


async def show(browser: Browser, device: Authenticator, **changes: str) -> httpx.Response:
    options = (await request(browser)).json()
    credential = json.dumps(device.get(options))
    return await browser.submit("passkey", **{"credential": credential, **changes})


async def count(db: Database, table: Any) -> int:
    async with db.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def told(db: Database, action: str) -> list[tuple[Any, ...]]:
    columns = select(AuditEntry.object_id, AuditEntry.after).where(AuditEntry.action == action)
    async with db.transaction() as session:
        return [tuple(row) for row in (await session.execute(columns)).all()]


async def test_somebody_signs_in_by_a_passkey_and_gets_another_cookie(
    db: Database, browser: Browser, person: User, device: Authenticator
) -> None:
    before = browser.http.cookies["marketfront"]

    page = await show(browser, device)

    assert IN in page.text
    assert person.email in page.text
    assert browser.http.cookies["marketfront"] != before
    async with db.transaction() as session:
        [amr] = (await session.scalars(select(Session.amr))).all()
    assert amr == ["hwk", "user", "mfa"]
    assert await told(db, "SIGNED_IN") == [(person.id, {"methods": amr})]


async def test_a_passkey_is_the_second_step_of_who_has_one_time_codes_too(
    db: Database, browser: Browser, person: User, device: Authenticator
) -> None:
    async with db.transaction() as session:
        session.add(Totp(user_id=person.id, secret=b"nobody knows it", confirmed_at=now()))
    waits = await browser.sign_in(person.email)
    refused = await show(browser, Authenticator(ORIGIN))
    asked = await request(browser)
    options = asked.json()
    credential = device.get(options)

    page = await browser.submit("passkey", credential=json.dumps(credential))

    assert [WAITS in each.text for each in (waits, refused)] == [True, True]
    assert [each.status_code for each in (waits, refused)] == [200, 422]
    assert asked.headers["cache-control"] == "no-store"
    assert [each["id"] for each in options["allowCredentials"]] == [credential["id"]]
    assert IN in page.text
    async with db.transaction() as session:
        [amr] = (await session.scalars(select(Session.amr))).all()
    assert amr == ["pwd", "hwk", "user", "mfa"]


async def test_a_wrong_code_does_not_take_the_passkey_off_the_page(
    db: Database, browser: Browser, person: User
) -> None:
    async with db.transaction() as session:
        session.add(Totp(user_id=person.id, secret=b"nobody knows it", confirmed_at=now()))
    await browser.sign_in(person.email)
    ticket = hidden(browser.page, "ticket")

    page = await browser.submit("second-factor", code="000000")

    assert page.status_code == 422
    assert browser.form("passkey")[1]["ticket"] == ticket


async def test_who_has_no_passkey_is_not_asked_for_one_as_a_second_step(
    db: Database, browser: Browser
) -> None:
    async with db.transaction() as session:
        user = await make_shopper(session, PASSWORD)
        session.add(Totp(user_id=user.id, secret=b"nobody knows it", confirmed_at=now()))

    page = await browser.sign_in(user.email)

    assert WAITS in page.text
    assert 'id="passkey"' not in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]


async def test_what_is_no_answer_of_a_passkey_signs_nobody_in(
    db: Database, browser: Browser, person: User, device: Authenticator
) -> None:
    unverified = Authenticator(ORIGIN)
    unverified.__dict__.update(key=device.key, id=device.id, user=device.user, flags=PRESENT)
    elsewhere = Authenticator("https://shop.example")
    elsewhere.__dict__.update(key=device.key, id=device.id, user=device.user)
    stranger = Authenticator(ORIGIN)

    for forger in (unverified, elsewhere, stranger):
        page = await show(browser, forger)
        assert (page.status_code, OUT in page.text) == (422, True)
    for credential in ("", "no JSON", "[]", "{}", '{"id": 7, "response": 7}', '"text"', "null"):
        page = await show(browser, device, credential=credential)
        assert (page.status_code, OUT in page.text) == (422, True)

    assert await count(db, BrowserSignIn) == 0
    methods = {"methods": ["hwk", "user", "mfa"]}
    known, nobody = (person.id, methods), (None, methods)
    assert sorted(await told(db, "SIGN_IN_FAILED"), key=repr) == sorted(
        [known, known, nobody], key=repr
    )


async def test_an_answer_is_good_once_and_for_its_own_question_only(
    db: Database, browser: Browser, person: User, device: Authenticator, new_browser: NewBrowser
) -> None:
    options = (await request(browser)).json()
    credential = json.dumps(device.get(options))
    other = new_browser()
    await other.open(PAGE)

    await browser.submit("passkey", credential=credential)
    again = await other.submit("passkey", credential=credential)
    made_up = await other.submit(
        "passkey", credential=json.dumps(device.get({"challenge": "made up"}))
    )

    assert [each.status_code for each in (again, made_up)] == [422, 422]
    assert await count(db, BrowserSignIn) == 1


async def test_another_site_asks_for_nothing_and_shows_nothing(
    db: Database, browser: Browser, person: User, device: Authenticator, new_browser: NewBrowser
) -> None:
    attacker = new_browser()
    await attacker.open(PAGE)
    credential = json.dumps(device.get((await request(attacker)).json()))
    proofs = await count(db, Proof)
    planted = attacker.form("passkey")[1]["form_token"]
    action, held = browser.form("passkey")

    for step in ("passkey-request", "passkey"):
        for token in ("", planted, "ä"):
            sent = {**held, "step": step, "form_token": token, "credential": credential}
            assert (await browser.http.post(action, data=sent)).status_code == 403
        cross = {"sec-fetch-site": "cross-site"}
        sent = {**held, "step": step, "credential": credential}
        assert (await browser.http.post(action, data=sent, headers=cross)).status_code == 403

    assert await count(db, Proof) == proofs
    assert await count(db, BrowserSignIn) == 0


async def test_trying_passkeys_is_braked(
    app: Starlette, db: Database, browser: Browser, person: User, device: Authenticator
) -> None:
    whence.set(Client("127.0.0.1"))
    for _ in range(SIGN_IN.address.most):
        await app.state.shop.brakes.check(SIGN_IN)

    page = await show(browser, device)

    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert await count(db, BrowserSignIn) == 0


async def test_asking_for_questions_is_braked(
    app: Starlette, db: Database, browser: Browser
) -> None:
    whence.set(Client("127.0.0.1"))
    for _ in range(TOKEN.address.most):
        await app.state.shop.brakes.check(TOKEN)

    assert (await request(browser)).status_code == 429

    assert await count(db, Proof) == 0


async def test_a_closed_account_has_no_passkeys(
    db: Database, browser: Browser, device: Authenticator
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
        user.is_active = False
        session.add(device.registered(user))

    page = await show(browser, device)

    assert page.status_code == 422
    assert await count(db, BrowserSignIn) == 0


async def test_browsers_keep_the_script_that_the_page_named_and_no_other(
    browser: Browser,
) -> None:
    named = await browser.http.get(f"{SCRIPT_PATH}?v={SCRIPT_VERSION}")
    other = await browser.http.get(f"{SCRIPT_PATH}?v=0")

    assert named.headers["content-type"] == "text/javascript; charset=utf-8"
    assert named.headers["x-content-type-options"] == "nosniff"
    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert other.headers["cache-control"] == "no-store"
    assert named.text == other.text
