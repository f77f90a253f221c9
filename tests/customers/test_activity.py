"""Closing and opening accounts."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import select

from auth.tokens import Tokens
from core.clock import now
from core.db import Database, counted
from core.ids import encode
from models.accounts import Session, User
from tests.asking import Ask
from tests.customers.operations import SET_ACTIVE
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.merchants.operations import MINE, refused
from tests.merchants.rows import actions, kinds, told


async def person(db: Database, tokens: Tokens, ask: Ask, *platform: str) -> tuple[User, Ask]:
    async with db.transaction() as session:
        user = await make_user(session, platform=platform)
        return user, ask.as_(await sign_in(session, tokens, user))


async def set_active(ask: Ask, user: User, *, active: bool, **more: Any) -> list[Any]:
    """The refusals."""
    details = {"userId": encode("user", user.id), "isActive": active} | more
    return refused((await ask(SET_ACTIVE, input=details))["userSetActive"])


async def is_active(db: Database, user: User) -> bool:
    async with db.transaction() as session:
        return (await session.get_one(User, user.id)).is_active


async def test_a_closed_account_is_signed_out_at_once_and_can_be_opened_again(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    _, boss = await person(db, tokens, ask, "MANAGE_CUSTOMERS")
    user, theirs = await person(db, tokens, ask)
    await theirs(MINE)

    closed = await set_active(boss, user, active=False, reason="Fraud.")
    answer = await theirs.answer(MINE)
    again = await set_active(boss, user, active=False)
    opened = await set_active(boss, user, active=True)

    assert closed == again == opened == []
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await is_active(db, user)
    async with db.transaction() as session:
        revoked = (await session.scalars(select(Session).where(Session.user_id == user.id))).one()
        assert await actions(session) == ["ACCOUNT_CLOSED", "ACCOUNT_OPENED"]
        assert await kinds(session) == ["UserAccountClosed", "UserAccountOpened"]
    assert revoked.revoked_at is not None


async def test_nobody_closes_their_own_account_or_that_of_who_holds_more(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    boss_user, boss = await person(db, tokens, ask, "MANAGE_CUSTOMERS")
    richer, _ = await person(db, tokens, ask, "VIEW_AUDIT")
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        owner = await make_staff(session, merchant, is_owner=True)
        equal = await make_staff(session, merchant, "MANAGE_CUSTOMERS")
        erased = await make_user(session)
        erased.erased_at = now()
        keeper = await make_staff(session, merchant, "MANAGE_CUSTOMERS", "MANAGE_ORDERS")
        as_keeper = ask.as_(await sign_in(session, tokens, keeper))

    outcomes = [
        await set_active(boss, boss_user, active=False),
        await set_active(boss, richer, active=False),
        await set_active(boss, owner, active=False),
        await set_active(boss, erased, active=True),
        await set_active(boss, owner, active=False, reason="x" * 501),
    ]
    by_merchant = await as_keeper.answer(
        SET_ACTIVE, input={"userId": encode("user", equal.id), "isActive": False}
    )
    before = await told(db)
    allowed = await set_active(boss, equal, active=False)

    assert outcomes == [
        [("InvalidInput", ["userId"])],
        [("PermissionMissing", ["userId"])],
        [("PermissionMissing", ["userId"])],
        [("NotFound", ["userId"])],
        [("InvalidInput", ["reason"])],
    ]
    assert refused(by_merchant["data"]["userSetActive"]) == [("NotFound", ["userId"])]
    assert before == (0, 0)
    assert allowed == []
    assert [await is_active(db, each) for each in (boss_user, richer, owner)] == [True] * 3


async def test_of_two_who_close_one_anothers_account_one_stays(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    pair = [await person(db, tokens, ask, "MANAGE_CUSTOMERS", "MANAGE_STAFF") for _ in range(2)]
    await asyncio.gather(*[each(MINE) for _, each in pair])

    await asyncio.gather(
        pair[0][1].answer(
            SET_ACTIVE, input={"userId": encode("user", pair[1][0].id), "isActive": False}
        ),
        pair[1][1].answer(
            SET_ACTIVE, input={"userId": encode("user", pair[0][0].id), "isActive": False}
        ),
    )

    assert Counter([await is_active(db, user) for user, _ in pair]) == {True: 1, False: 1}


async def test_closing_an_account_takes_few_statements(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    _, boss = await person(db, tokens, ask, "MANAGE_CUSTOMERS")
    user, _ = await person(db, tokens, ask)
    await boss(MINE)

    with counted() as statements:
        await set_active(boss, user, active=False)

    assert len(statements) == 7, statements
