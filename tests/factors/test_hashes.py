"""Hashes that were made with older parameters are replaced when somebody signs in."""

import asyncio

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update
from starlette.applications import Starlette

from auth.sign_in import Proven
from core.db import Database
from models.accounts import User
from services import accounts
from tests.accounts.operations import PASSWORD, sign_in
from tests.asking import Ask

OLD = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_many_who_replace_it_at_once_all_enter(db: Database, ann: User, ask: Ask) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash=OLD.hash(PASSWORD)))

    payloads = await asyncio.gather(*(sign_in(ask) for _ in range(6)))

    assert [payload["userErrors"] for payload in payloads] == [[]] * 6
    async with db.transaction() as session:
        kept = await session.scalar(select(User.password_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_password_that_was_changed_while_its_hash_was_checked_enters_nothing(
    app: Starlette, db: Database, ann: User
) -> None:
    """The sign-in is opened only with the credentials that were checked."""
    shown = await app.state.shop.sign_ins.with_password(email="ann@example.com", password=PASSWORD)
    assert isinstance(shown, Proven)
    async with db.transaction() as session:
        await session.execute(update(User).values(password_hash="$argon2id$another"))

    with pytest.raises(accounts.SignInFailed):
        async with db.transaction() as session:
            await accounts.sign_in(session, known=shown.known, lifetime=accounts.GRACE)
