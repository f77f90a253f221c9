"""Signing in with a password."""

import logging

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from core.db import Database, counted
from core.ids import new_id
from models.accounts import RefreshToken, Session, User
from schema.accounts.inputs import (
    AccountConfirmInput,
    AccountRegisterInput,
    PasswordChangeInput,
    TokenCreateInput,
    TokenRefreshInput,
)
from services.accounts import Applicant, Credentials, SignIn
from tests.accounts.letters import token_of
from tests.accounts.operations import (
    ME,
    PASSWORD,
    SIGN_IN,
    confirm,
    everything,
    refresh,
    refused,
    register,
    sign_in,
)
from tests.asking import Ask
from tests.factories.accounts import make_user


async def test_who_knows_the_password_gets_tokens(ann: User, ask: Ask) -> None:
    payload = await sign_in(ask, email=" ANN@example.com")

    assert payload["userErrors"] == []
    assert payload["user"]["email"] == "ann@example.com"
    assert (await ask.as_(payload["accessToken"])(ME))["me"] == payload["user"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.com", "wrong horse battery"),
        ("ann@example.com", PASSWORD.upper()),
        ("ann@example.com", ""),
        ("ann@example.com", "x" * 10_000),
        ("bob@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("ann\u0007@example.com", PASSWORD),
    ],
)
async def test_who_does_not_is_told_the_same_whatever_is_wrong(
    db: Database, ann: User, ask: Ask, email: str, password: str
) -> None:
    before = await everything(db)

    payload = await sign_in(ask, email=email, password=password)

    assert refused(payload) == [("SignInFailed", None)]
    message = "E-mail address and password do not belong to an account."
    assert payload["userErrors"][0]["message"] == message
    assert await everything(db) == before


async def test_a_closed_account_can_not_be_entered(db: Database, ann: User, ask: Ask) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(is_active=False))
    before = await everything(db)

    payload = await sign_in(ask)

    assert refused(payload) == [("SignInFailed", None)]
    assert await everything(db) == before


async def test_it_takes_the_same_work_without_an_account_as_with_a_wrong_password(
    db: Database, ann: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.transaction() as session:
        await make_user(session, email="shut@example.com", password_hash=ann.password_hash)
        closed = update(User).where(User.email == "shut@example.com")
        await session.execute(closed.values(is_active=False))
        await make_user(session, email="outside@example.com", password_hash="!")
    hashes, real = [], PasswordHasher.verify

    def counting(hasher: PasswordHasher, kept: str, password: bytes) -> bool:
        hashes.append((hasher.time_cost, hasher.memory_cost, kept.rsplit("$", 2)[0]))
        return real(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    work = {}
    for name in ("ann", "nobody", "shut", "outside"):
        hashes.clear()
        with counted() as seen:
            await sign_in(ask, email=f"{name}@example.com", password="wrong horse battery")
        work[name] = (list(hashes), len(seen))

    assert [len(done) for done, _ in work.values()] == [1, 1, 1, 1]
    assert work["nobody"] == work["shut"] == work["outside"] == work["ann"]


async def test_the_same_characters_from_another_keyboard_are_the_same_password(
    db: Database, ask: Ask
) -> None:
    await register(ask, password="cafe\u0301 au lait")
    await confirm(ask, await token_of(db, "REGISTER"), "caf\u00e9 au lait")

    payload = await sign_in(ask, password="caf\u00e9 au lait")

    assert payload["userErrors"] == []


async def test_an_old_hash_is_replaced_by_a_better_one(db: Database, ann: User, ask: Ask) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash=old))

    refused_payload = await sign_in(ask, password="wrong horse battery")
    async with db.transaction() as session:
        assert await session.scalar(select(User.password_hash)) == old
    payload = await sign_in(ask)

    assert refused(refused_payload) == [("SignInFailed", None)]
    assert payload["userErrors"] == []
    async with db.transaction() as session:
        better = await session.scalar(select(User.password_hash))
    assert better is not None
    assert better.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await sign_in(ask))["userErrors"] == []


async def test_a_refresh_token_is_kept_as_a_hash_only(db: Database, ann: User, ask: Ask) -> None:
    payload = await sign_in(ask)

    async with db.transaction() as session:
        kept = await session.scalar(select(RefreshToken.token_hash))
    assert kept is not None
    assert len(kept) == 32
    assert payload["refreshToken"].encode() not in kept
    assert len(payload["refreshToken"]) == 43


async def test_each_sign_in_is_one_of_its_own(db: Database, ann: User, ask: Ask) -> None:
    first, second = await sign_in(ask), await sign_in(ask)

    assert first["refreshToken"] != second["refreshToken"]
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 2


async def test_a_sign_in_takes_seven_statements(ann: User, ask: Ask) -> None:
    await sign_in(ask)
    with counted() as seen:
        await ask(SIGN_IN, input={"email": "ann@example.com", "password": PASSWORD})

    # credentials, second factors, the audit log; credentials under a lock, the sign-in, its
    # refresh token; the payload's user
    assert len(seen) == 7, seen


async def test_nothing_that_holds_a_secret_shows_it(
    ann: User, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "an unusual secret"
    shown = [
        repr(TokenCreateInput(email="a@b.example", password=secret)),
        repr(AccountRegisterInput(email="a@b.example", password=secret)),
        repr(AccountConfirmInput(token=secret, password=secret)),
        repr(PasswordChangeInput(current_password=secret, new_password=secret)),
        repr(TokenRefreshInput(refresh_token=secret)),
        repr(Credentials(new_id(), "a@b.example", secret)),
        repr(SignIn(new_id(), new_id(), secret)),
        repr(Applicant("a@b.example", secret, {})),
    ]

    with caplog.at_level(logging.DEBUG):
        await sign_in(ask, password=secret)
        await refresh(ask, secret)
        await confirm(ask, secret, secret)
        await register(ask, email="bob@example.com", password=secret, firstName="B" * 101)
        await ask.answer(SIGN_IN, input={"email": "ann@example.com", "passwort": secret})

    for text in (*shown, caplog.text):
        assert secret not in text
