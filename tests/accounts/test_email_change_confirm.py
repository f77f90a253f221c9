"""A new address takes more than the link that was sent to it: the letter may be a stranger's."""

import asyncio
import re

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from starlette.applications import Starlette

from core.db import Database
from models.accounts import Session, User
from models.audit import AuditEntry
from models.oauth import OAuthClient
from tests.accounts.letters import token_of
from tests.accounts.operations import PASSWORD, everything, open_account, refused, sign_in
from tests.accounts.test_email_change import NEW, addresses, confirm, request
from tests.accounts.test_letter_pages import path_of, token_in
from tests.asking import Ask
from tests.factories.accounts import make_user

WRONG = [("WrongPassword", ["password"])]
THEIRS = "the victim's own password"


@pytest.fixture
async def own(ann: User, ask: Ask) -> Ask:
    """Ann, who has asked for another address."""
    signed_in = ask.as_((await sign_in(ask))["accessToken"])
    assert (await request(signed_in))["userErrors"] == []
    return signed_in


@pytest.fixture
async def token(db: Database, own: Ask) -> str:
    return await token_of(db, "CHANGE_EMAIL")


async def test_who_follows_a_strangers_link_gives_them_no_account_with_their_address(
    db: Database, ask: Ask, token: str, client: httpx.AsyncClient
) -> None:
    """The letter went to whom the attacker named. They look, press the button, and try theirs."""
    path = await path_of(db, "CHANGE_EMAIL")
    before = await everything(db)

    page = await client.get(path)
    pressed = await client.post(path, data={"token": token_in(page)})
    told_none = await confirm(ask, token, None)
    after_none = await everything(db)
    told_theirs = await confirm(ask, token, THEIRS)

    assert after_none | {"proofs": ""} == before | {"proofs": ""}  # tries of the link
    assert pressed.status_code == 422
    assert refused(told_none) == refused(told_theirs) == WRONG
    assert await addresses(db) == [("ann@example.com", False)]
    assert (await sign_in(ask))["userErrors"] == []
    opened = await open_account(db, ask, email=NEW, password=THEIRS)
    assert opened["user"]["email"] == NEW


async def test_the_owner_who_is_signed_in_needs_no_password(
    db: Database, own: Ask, token: str
) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash="!"))

    payload = await confirm(own, token, None)

    assert payload == {"userErrors": []}
    assert await addresses(db) == [(NEW, True)]


async def test_another_user_who_is_signed_in_is_refused(
    db: Database, ann: User, ask: Ask, token: str
) -> None:
    async with db.transaction() as session:
        await make_user(session, email="bob@example.com", password_hash=ann.password_hash)
    bob = ask.as_((await sign_in(ask, email="bob@example.com"))["accessToken"])
    before = await everything(db)

    payload = await confirm(bob, token, None)

    assert refused(payload) == WRONG
    assert await everything(db) == before


async def test_a_program_of_the_owner_is_refused_without_the_password(
    app: Starlette, db: Database, ann: User, ask: Ask, token: str
) -> None:
    client = OAuthClient(name="Program", authentication="SECRET", secret_hash=b"hash")
    async with db.transaction() as session:
        session.add(client)
        await session.flush()
        opened = Session(user_id=ann.id, client_id=client.id)
        session.add(opened)
        await session.flush()
    given, _ = app.state.shop.tokens.access(
        ann.id, opened.id, client_id=client.id, scopes=("shop", "staff")
    )
    before = await everything(db)

    payload = await confirm(ask.as_(given), token, None)

    assert refused(payload) == WRONG
    assert await everything(db) == before


@pytest.mark.parametrize("password", ["", "!", "wrong horse battery", "x" * 10_000])
async def test_no_password_opens_an_account_that_has_none(
    db: Database, ask: Ask, token: str, password: str
) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash="!"))

    payload = await confirm(ask, token, password)

    assert refused(payload) == WRONG
    assert await addresses(db) == [("ann@example.com", False)]


async def test_after_five_wrong_passwords_the_right_one_is_refused(
    db: Database, ann: User, ask: Ask, token: str
) -> None:
    wrong = [await confirm(ask, token, f"wrong horse {n}") for n in range(5)]
    before = await everything(db)

    payload = await confirm(ask, token)

    assert [refused(each) for each in wrong] == [WRONG] * 5
    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before
    failed = select(func.count()).where(
        AuditEntry.action == "PASSWORD_CHECK_FAILED", AuditEntry.object_id == ann.id
    )
    async with db.transaction() as session:
        assert await session.scalar(failed) == 5


async def test_guesses_at_once_are_no_more_than_five(
    ask: Ask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bytes] = []
    real = PasswordHasher.verify

    def counting(hasher: PasswordHasher, kept: str, password: bytes) -> bool:
        tried.append(password)
        return real(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    payloads = await asyncio.gather(*(confirm(ask, token, f"wrong horse {n}") for n in range(15)))

    assert len(tried) == 5
    outcomes = sorted(payload["userErrors"][0]["code"] for payload in payloads)
    assert outcomes == ["LINK_INVALID"] * 10 + ["WRONG_PASSWORD"] * 5


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["The password of your account", "has no password?", "nothing changes"]),
        ("zh-Hans", ["您在本商城的账户密码", "您的账户没有密码？", "不会有任何更改"]),
    ],
)
async def test_the_page_asks_for_the_password_of_the_account(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient, language: str, words: list[str]
) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(language=language))
    await request(ask.as_((await sign_in(ask))["accessToken"]))
    path = await path_of(db, "CHANGE_EMAIL")

    page = await client.get(path)
    given = {"token": token_in(page)}
    wrong = await client.post(path, data={**given, "password": THEIRS})
    before = await addresses(db)
    done = await client.post(path, data={**given, "password": PASSWORD})

    assert re.search('type="password" name="password" autocomplete="current-password"', page.text)
    assert [word in page.text for word in words] == [True, True, False]
    assert (wrong.status_code, words[2] in wrong.text) == (422, True)
    assert before == [("ann@example.com", False)]
    assert done.status_code == 200
    assert await addresses(db) == [(NEW, True)]
