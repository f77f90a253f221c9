"""Refresh tokens: each is good once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database, counted
from models.accounts import RefreshToken, Session, User
from services import accounts
from tests.accounts.operations import ME, REFRESH, everything, refresh, refused, sign_in
from tests.asking import Ask

REFUSED = [("TokenInvalid", ["refreshToken"])]


async def test_a_refresh_token_gives_the_next_tokens_of_the_sign_in(
    db: Database, ann: User, ask: Ask
) -> None:
    signed_in = await sign_in(ask)

    first = await refresh(ask, signed_in["refreshToken"])
    second = await refresh(ask, first["refreshToken"])

    assert first["userErrors"] == second["userErrors"] == []
    assert second["user"] == signed_in["user"]
    assert (await ask.as_(second["accessToken"])(ME))["me"] == signed_in["user"]
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 1


async def test_a_token_that_was_used_a_moment_ago_is_refused_and_the_sign_in_goes_on(
    db: Database, ann: User, ask: Ask
) -> None:
    signed_in = await sign_in(ask)
    following = await refresh(ask, signed_in["refreshToken"])
    before = await everything(db)

    again = await refresh(ask, signed_in["refreshToken"])

    assert refused(again) == REFUSED
    assert await everything(db) == before
    assert (await refresh(ask, following["refreshToken"]))["userErrors"] == []


async def test_a_token_that_was_used_long_ago_ends_its_sign_in_and_no_other(
    db: Database, ann: User, ask: Ask
) -> None:
    other = await sign_in(ask)
    signed_in = await sign_in(ask)
    following = await refresh(ask, signed_in["refreshToken"])
    await ask.as_(following["accessToken"])(ME)  # known to this process from now on
    async with db.transaction() as session:
        long_ago = now() - accounts.GRACE - timedelta(seconds=1)
        used = update(RefreshToken).where(RefreshToken.used_at.is_not(None))
        await session.execute(used.values(used_at=long_ago))

    stolen = await refresh(ask, signed_in["refreshToken"])

    assert refused(stolen) == REFUSED
    assert refused(await refresh(ask, following["refreshToken"])) == REFUSED
    assert (await refresh(ask, other["refreshToken"]))["userErrors"] == []
    answer = await ask.as_(following["accessToken"]).answer(ME)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_of_twenty_requests_with_one_token_one_wins_and_the_sign_in_goes_on(
    db: Database, ann: User, ask: Ask
) -> None:
    signed_in = await sign_in(ask)

    answers = await asyncio.gather(*(refresh(ask, signed_in["refreshToken"]) for _ in range(20)))

    won = [answer for answer in answers if answer["accessToken"]]
    lost = [answer for answer in answers if not answer["accessToken"]]
    assert len(won) == 1
    assert [refused(answer) for answer in lost] == [REFUSED] * 19
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(RefreshToken)) == 2
        assert await session.scalar(select(Session.revoked_at)) is None
    assert (await refresh(ask, won[0]["refreshToken"]))["userErrors"] == []


@pytest.mark.parametrize("token", ["", "unknown", "x" * 43, "x" * 100_000, "\u0007"])
async def test_an_unknown_token_is_refused_and_changes_nothing(
    db: Database, ann: User, ask: Ask, token: str
) -> None:
    await sign_in(ask)
    before = await everything(db)

    payload = await refresh(ask, token)

    assert refused(payload) == REFUSED
    assert await everything(db) == before


async def test_an_expired_token_is_refused_and_changes_nothing(
    db: Database, ann: User, ask: Ask
) -> None:
    signed_in = await sign_in(ask)
    async with db.transaction() as session:
        await session.execute(update(RefreshToken).values(expires_at=now()))
    before = await everything(db)

    payload = await refresh(ask, signed_in["refreshToken"])

    assert refused(payload) == REFUSED
    assert await everything(db) == before


async def test_a_closed_account_gets_no_tokens(db: Database, ann: User, ask: Ask) -> None:
    signed_in = await sign_in(ask)
    async with db.transaction() as session:
        await session.execute(update(User).values(is_active=False))

    payload = await refresh(ask, signed_in["refreshToken"])

    assert refused(payload) == REFUSED
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(RefreshToken)) == 1


async def test_a_refresh_takes_four_statements(ann: User, ask: Ask) -> None:
    signed_in = await sign_in(ask)
    with counted() as seen:
        await ask(REFRESH, input={"refreshToken": signed_in["refreshToken"]})

    # the token, the sign-in, the next token; the payload's user
    assert len(seen) == 4, seen


async def test_what_expired_is_deleted_and_what_is_open_is_kept(
    db: Database, ann: User, ask: Ask
) -> None:
    ended, kept = await sign_in(ask), await sign_in(ask)
    long_ago = now() - timedelta(days=60)
    async with db.transaction() as session:
        first = select(Session.id).order_by(Session.id).limit(1).scalar_subquery()
        await session.execute(
            update(RefreshToken).where(RefreshToken.session_id == first).values(expires_at=long_ago)
        )
        await session.execute(
            update(Session).where(Session.id == first).values(last_used_at=long_ago)
        )

    async with db.transaction() as session:
        gone = await accounts.delete_ended(session, before=now() - timedelta(days=7))

    assert gone == 1
    assert refused(await refresh(ask, ended["refreshToken"])) == REFUSED
    assert (await refresh(ask, kept["refreshToken"]))["userErrors"] == []
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 1
