"""The pages behind the links in letters."""

import re

import httpx
import pytest
from sqlalchemy import func, update

from core.db import Database, counted
from models.accounts import User
from tests.accounts.letters import facts_of, letters
from tests.accounts.operations import RESET_REQUEST, VERIFY_AGAIN, everything, sign_in
from tests.asking import Ask
from tests.factories.accounts import make_user


async def path_of(db: Database, kind: str) -> str:
    """Where the link of the newest letter leads, on this server."""
    return str((await facts_of(db, kind))["link"]).removeprefix("http://127.0.0.1:8000")


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([\w-]+)"', page.text)
    assert found is not None
    return found[1]


async def test_a_link_is_used_by_pressing_the_button_only(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    await own(VERIFY_AGAIN)
    path = await path_of(db, "VERIFY_EMAIL")
    before = await everything(db)

    page = await client.get(path)
    after_looking = await everything(db)
    done = await client.post(path, data={"token": token_in(page)})

    assert after_looking == before
    assert "Your address is confirmed." in done.text
    assert (await own("{ me { emailVerified } }"))["me"] == {"emailVerified": True}
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"


async def test_a_forgotten_password_is_replaced_in_the_language_of_the_letter(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient
) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(language="zh-Hans"))
    await ask(RESET_REQUEST, input={"email": "ann@example.com"})
    path = await path_of(db, "RESET_PASSWORD")
    headers = {"accept-language": "en-GB"}
    page = await client.get(path, headers=headers)
    given = {"token": token_in(page)}

    weak = await client.post(path, data={**given, "password": "password1"}, headers=headers)
    done = await client.post(
        path, data={**given, "password": "quite another staple"}, headers=headers
    )
    again = await client.post(path, data={**given, "password": "quite another staple"})

    assert '<html lang="zh-Hans">' in page.text
    assert (weak.status_code, token_in(weak)) == (422, given["token"])
    assert "此密码容易被猜到" in weak.text
    assert "新密码已设置" in done.text
    assert 'href="/oauth/apps?ui_locales=zh-Hans"' in done.text
    assert (again.status_code, "此链接无效或已失效" in again.text) == (422, True)
    assert 'href="/account/forgot?ui_locales=zh-Hans"' in again.text
    assert (await sign_in(ask, password="quite another staple"))["userErrors"] == []


@pytest.mark.parametrize("path", ["register", "confirm", "reset", "email", "email/undo"])
async def test_a_link_of_nobody_is_refused_and_shown_harmlessly(
    db: Database, ask: Ask, client: httpx.AsyncClient, path: str
) -> None:
    bad = '"><script>alert(1)</script>'

    looked = await client.get(f"/account/{path}", params={"token": bad})
    pressed = await client.post(f"/account/{path}", data={"token": bad, "password": "x" * 20})

    assert looked.status_code == 200
    assert pressed.status_code == 422
    assert "<script>" not in looked.text + pressed.text
    assert await letters(db) == []


async def test_a_page_that_no_letter_led_to_speaks_as_the_browser_does(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    headers = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}

    page = await client.get("/account/forgot", headers=headers)

    assert '<html lang="zh-Hans">' in page.text


async def test_an_old_link_offers_another_letter(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    refused = await client.post("/account/confirm", data={"token": "old"})
    [again] = re.findall(r'href="(/account/confirm/again[^"]*)"', refused.text)

    sent = await client.post(again, data={"email": "ann@example.com"})
    path = await path_of(db, "VERIFY_EMAIL")
    await client.post(path, data={"token": token_in(await client.get(path))})

    assert "If an account with this address waits for it" in sent.text
    assert (await own("{ me { emailVerified } }"))["me"] == {"emailVerified": True}


async def test_who_asks_for_another_letter_is_told_the_same_whoever_asks(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient
) -> None:
    async with db.transaction() as session:
        await make_user(session, email="known@example.com")
        await session.execute(
            update(User).where(User.id == ann.id).values(email_verified_at=func.now())
        )
    statements, answers = [], []
    for email in ("known@example.com", "ann@example.com", "nobody@example.com", "no address"):
        with counted() as seen:
            answers.append(await client.post("/account/confirm/again", data={"email": email}))
        statements.append(len(seen))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 422]
    assert answers[0].text == answers[1].text == answers[2].text
    assert statements[0] == statements[1] == statements[2]
    assert [kind for kind, _ in await letters(db)] == [
        "VERIFY_EMAIL",
        "NOTHING_TO_CONFIRM",
        "NOTHING_TO_CONFIRM",
    ]


async def test_guessing_is_braked(db: Database, ask: Ask, client: httpx.AsyncClient) -> None:
    answers = [await client.post("/account/confirm", data={"token": "x"}) for _ in range(21)]

    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_who_has_forgotten_a_password_is_told_the_same_whoever_asks(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient
) -> None:
    page = await client.get("/account/forgot")
    answers = [
        await client.post("/account/forgot", data={"email": email})
        for email in ("ann@example.com", "nobody@example.com", "no address")
    ]

    assert 'type="email"' in page.text
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert answers[0].text == answers[1].text
    assert "That is no e-mail address." in answers[2].text
    assert [kind for kind, _ in await letters(db)] == ["RESET_PASSWORD", "NO_ACCOUNT"]
