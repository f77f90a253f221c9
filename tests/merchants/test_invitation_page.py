"""The page behind the link in an invitation."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from auth.passwords import hashed
from auth.tokens import Tokens
from core.clock import now
from core.db import Database
from models.accounts import Proof, User
from models.audit import AuditEntry
from models.merchants import Merchant
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.merchants.operations import invite
from tests.merchants.rows import members, the_letter
from tests.oauth.browsing import PASSWORD, Browser

EMAIL = "new@example.test"


class Scene(NamedTuple):
    """Somebody was invited to work on orders; `link`: what their letter brought."""

    merchant: Merchant
    owner: User
    as_owner: Ask
    link: str


@pytest.fixture
async def scene(db: Database, tokens: Tokens, ask: Ask) -> Scene:
    async with db.transaction() as session:
        merchant = await make_merchant(session, name="Mill & Sons")
        owner = await make_staff(session, merchant, is_owner=True)
        as_owner = ask.as_(await sign_in(session, tokens, owner))
    await invite(as_owner, merchant.id, EMAIL, "MANAGE_ORDERS")
    return Scene(merchant, owner, as_owner, await link_to(db, EMAIL))


@pytest.fixture
async def browser(app: Starlette, clean: None) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
        yield Browser(http, "http://shop.test")


async def link_to(db: Database, email: str) -> str:
    """On this server."""
    link: str = (await the_letter(db, email))["link"]
    return link.removeprefix("http://127.0.0.1:8000")


async def person(db: Database, email: str = EMAIL, *, is_verified: bool = True) -> User:
    password_hash = await hashed(PASSWORD)
    async with db.transaction() as session:
        user = await make_user(session, email=email, password_hash=password_hash)
        user.email_verified_at = now() if is_verified else None
    return user


async def state(db: Database, scene: Scene) -> Any:
    """What a refusal leaves as it was: the staff, the log of their changes, and the link."""
    async with db.transaction() as session:
        actions = await session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.startswith("STAFF_"))
        )
        proofs = await session.scalars(select(Proof.expires_at).where(Proof.user_id.is_(None)))
        kept = list(actions), list(proofs)
    return await members(db, scene.merchant.id), *kept


async def test_an_invitation_is_read_then_signed_in_for_then_accepted(
    db: Database, scene: Scene, browser: Browser
) -> None:
    invited = await person(db)

    offered = await browser.open(scene.link)
    before = await state(db, scene)
    signed_in = await browser.sign_in(EMAIL)
    after_looking = await state(db, scene)
    done = await browser.submit("accept")
    again = await browser.open(scene.link)

    for page in (offered, signed_in):
        assert f"Person {scene.owner.last_name} invites you" in page.text
        assert "Mill &amp; Sons" in page.text
        assert "work on customers’ orders" in page.text
    assert "Register in the Marketfront app" in offered.text
    assert after_looking == before
    assert "You now work with Mill &amp; Sons" in done.text
    assert f"As {EMAIL} you may:" in done.text
    assert "work on customers’ orders" in done.text
    assert (await members(db, scene.merchant.id))[invited.id] == (False, ["MANAGE_ORDERS"])
    async with db.transaction() as session:
        joined = select(AuditEntry.actor_id).where(AuditEntry.action == "STAFF_JOINED")
        assert (await session.scalars(joined)).all() == [invited.id]
    assert (again.status_code, "not good any more" in again.text) == (404, True)


async def test_the_page_says_what_an_owner_and_old_staff_may_do_now(
    db: Database, scene: Scene, browser: Browser
) -> None:
    invited = await person(db)
    for more in ({"isOwner": True}, {}):
        await invite(scene.as_owner, scene.merchant.id, EMAIL, "VIEW_PAYOUTS", **more)
        await browser.open(await link_to(db, EMAIL))
        if more:
            await browser.sign_in(EMAIL)
        done = await browser.submit("accept")

        assert "own Mill &amp; Sons: do everything there" in done.text
    assert (await members(db, scene.merchant.id))[invited.id] == (True, ["VIEW_PAYOUTS"])


async def test_a_form_of_another_site_accepts_nothing(
    db: Database, scene: Scene, browser: Browser
) -> None:
    await person(db)
    await browser.open(scene.link)
    await browser.sign_in(EMAIL)
    action, held = browser.form("accept")
    before = await state(db, scene)

    guessed = await browser.post(action, {**held, "form_token": "guessed"})
    missing = await browser.post(action, {"step": "accept"})
    browser.headers = {"sec-fetch-site": "cross-site"}
    elsewhere = await browser.post(action, held)

    assert [each.status_code for each in (guessed, missing, elsewhere)] == [403, 403, 403]
    assert await state(db, scene) == before
    assert elsewhere.headers["x-frame-options"] == "DENY"
    assert "form-action 'self'" in elsewhere.headers["content-security-policy"]


async def test_another_account_is_told_so_and_the_link_stays_good(
    db: Database, scene: Scene, browser: Browser
) -> None:
    invited, thief = await person(db), await person(db, "thief@example.test")
    await browser.open(scene.link)
    offer, held = browser.form("sign-in")
    looked = await browser.sign_in(thief.email)
    _, of_leaving = browser.form("leave")
    before = await state(db, scene)

    pressed = await browser.post(offer, {**of_leaving, "step": "accept"})
    after = await state(db, scene)
    await browser.submit("leave")
    await browser.sign_in(EMAIL)
    await browser.submit("accept")

    told_so = "sent to another e-mail address than yours"
    assert (looked.status_code, told_so in looked.text) == (200, True)
    assert (pressed.status_code, told_so in pressed.text) == (422, True)
    assert 'value="accept"' not in looked.text + pressed.text
    assert EMAIL not in looked.text + pressed.text
    assert held["form_token"] != of_leaving["form_token"]
    assert after == before
    assert {*await members(db, scene.merchant.id)} == {scene.owner.id, invited.id}


async def test_an_address_that_is_not_confirmed_is_told_so_and_the_link_stays_good(
    db: Database, scene: Scene, browser: Browser
) -> None:
    invited = await person(db, is_verified=False)
    await browser.open(scene.link)
    await browser.sign_in(EMAIL)
    before = await state(db, scene)

    refused = await browser.submit("accept")
    after = await state(db, scene)
    async with db.transaction() as session:
        await session.execute(update(User).values(email_verified_at=now()))
    done = await browser.submit("accept")

    assert refused.status_code == 422
    assert "You have not confirmed your e-mail address yet." in refused.text
    assert 'href="/account/confirm/again?ui_locales=en"' in refused.text
    assert after == before
    assert "You now work with" in done.text
    assert invited.id in await members(db, scene.merchant.id)


@pytest.mark.parametrize("ended", ["expired", "revoked", "sender", "nonsense"])
async def test_an_invitation_that_ended_is_told_so_in_both_languages(
    db: Database, scene: Scene, browser: Browser, ended: str
) -> None:
    await person(db)
    await browser.open(scene.link)
    await browser.sign_in(EMAIL)
    action, held = browser.form("accept")
    async with db.transaction() as session:
        if ended == "expired":
            await session.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1)))
        elif ended == "sender":
            await session.execute(
                update(User).where(User.id == scene.owner.id).values(is_active=False)
            )
    if ended == "revoked":
        await invite(scene.as_owner, scene.merchant.id, "New@example.test", "VIEW_PAYOUTS")
    if ended == "nonsense":
        action = action.replace("token=", "token=%22%3E%3Cscript%3E")
    before = await state(db, scene)

    english = await browser.post(action, held)
    chinese = await browser.post(action.replace("locales=en", "locales=zh-Hans"), held)

    assert [english.status_code, chinese.status_code] == [404, 404]
    assert "This invitation is not good any more" in english.text
    assert "此邀请已失效" in chinese.text
    assert "<script>" not in english.text
    assert await state(db, scene) == before


async def test_a_chinese_letter_leads_to_a_chinese_page_whatever_the_browser_says(
    db: Database, scene: Scene, browser: Browser
) -> None:
    await person(db)
    async with db.transaction() as session:
        await session.execute(update(User).values(language="zh-Hans"))
    await invite(scene.as_owner, scene.merchant.id, EMAIL, "MANAGE_ORDERS")
    browser.headers = {"accept-language": "en-GB"}

    pages = [
        await browser.open(await link_to(db, EMAIL)),
        await browser.sign_in(EMAIL),
        await browser.submit("accept"),
    ]

    assert [page.headers["content-language"] for page in pages] == ["zh-Hans"] * 3
    assert "您已加入 Mill &amp; Sons" in pages[2].text
