"""The page that the letter of a new account leads to."""

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from auth.brakes import RESET
from core.db import Database
from core.identity import Client, client as whence
from models.accounts import Session, User
from tests.accounts.letters import token_of
from tests.accounts.operations import PASSWORD, everything, register, sign_in
from tests.accounts.test_letter_pages import path_of, token_in
from tests.asking import Ask


async def users(db: Database) -> int:
    async with db.transaction() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def test_the_page_asks_for_the_password_and_opens_the_account(
    db: Database, ask: Ask, client: httpx.AsyncClient
) -> None:
    await register(ask)
    path = await path_of(db, "REGISTER")
    before = await everything(db)

    page = await client.get(path)
    after_looking = await everything(db)
    done = await client.post(path, data={"token": token_in(page), "password": PASSWORD})

    assert after_looking == before
    assert 'type="password" name="password" autocomplete="current-password"' in page.text
    assert PASSWORD not in done.text
    assert "Your account is open" in done.text
    assert 'href="/oauth/apps?ui_locales=en"' in done.text
    assert "set-cookie" not in done.headers
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-frame-options"] == "DENY"
    async with db.transaction() as session:  # a page keeps no tokens, so it opens no sign-in
        assert await session.scalar(select(func.count()).select_from(Session)) == 0
    own = ask.as_((await sign_in(ask))["accessToken"])
    assert await own("{ me { emailVerified } }") == {"me": {"emailVerified": True}}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Open your account", "If it was not you who registered", "register again"]),
        ("zh-Hans", ["开通您的账户", "如果不是您本人注册的", "请在商城应用中重新注册"]),
    ],
)
async def test_it_says_what_is_wrong_in_the_language_of_the_letter(
    db: Database, ask: Ask, client: httpx.AsyncClient, language: str, words: list[str]
) -> None:
    await register(ask, language=language)
    path = await path_of(db, "REGISTER")
    token = await token_of(db, "REGISTER")

    wrong = await client.post(path, data={"token": token, "password": "wrong horse battery"})
    unknown = await client.post(path, data={"token": "x", "password": PASSWORD})

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert f'<html lang="{language}">' in wrong.text
    assert words[0] in wrong.text
    assert words[1] in wrong.text
    assert token_in(wrong) == token
    assert words[2] in unknown.text
    assert "<form" not in unknown.text
    assert await users(db) == 0


async def test_guesses_on_the_page_are_braked_and_what_succeeds_is_not(
    app: Starlette, db: Database, ask: Ask, client: httpx.AsyncClient
) -> None:
    whence.set(Client("127.0.0.1"))
    for _ in range(RESET.address.most - 1):
        await app.state.shop.brakes.check(RESET)
    await register(ask)
    path, token = await path_of(db, "REGISTER"), await token_of(db, "REGISTER")

    right = await client.post(path, data={"token": token, "password": PASSWORD})
    guesses = [await client.post(path, data={"token": "x", "password": "y"}) for _ in range(2)]

    assert [each.status_code for each in (right, *guesses)] == [200, 422, 429]
    assert int(guesses[-1].headers["retry-after"]) > 0
    assert await users(db) == 1
