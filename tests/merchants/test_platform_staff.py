"""The platform's own staff."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import select

from auth.tokens import Tokens
from core.db import Database, counted
from core.ids import encode
from models.accounts import User
from tests.asking import Ask
from tests.customers.scene import AskFor
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.merchants.operations import MINE, PLATFORM_SET, refused
from tests.merchants.rows import actions, told


async def person(db: Database, tokens: Tokens, ask: Ask, *platform: str) -> tuple[User, Ask]:
    async with db.transaction() as session:
        user = await make_user(session, platform=platform)
        return user, ask.as_(await sign_in(session, tokens, user))


async def give(ask: Ask, user: User, *permissions: str) -> dict[str, Any]:
    """The payload of platformStaffSet."""
    details = {"userId": encode("user", user.id), "permissions": list(permissions)}
    payload: dict[str, Any] = (await ask(PLATFORM_SET, input=details))["platformStaffSet"]
    return payload


async def held(db: Database, user: User) -> list[str]:
    async with db.transaction() as session:
        permissions: list[str] = (await session.get_one(User, user.id)).platform_permissions
        return permissions


async def test_what_is_given_is_good_at_once_and_told(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    _, boss = await person(db, tokens, ask, "MANAGE_STAFF", "VIEW_AUDIT", "MANAGE_MERCHANTS")
    clerk, as_clerk = await person(db, tokens, ask)
    await as_clerk(MINE)

    payload = await give(boss, clerk, "MANAGE_MERCHANTS", "VIEW_AUDIT")
    seen = (await as_clerk("{ me { permissions } }"))["me"]["permissions"]
    taken = await give(boss, clerk)

    assert payload["staffMember"] == {
        "userId": encode("user", clerk.id), "permissions": ["MANAGE_MERCHANTS", "VIEW_AUDIT"],
    }  # fmt: skip
    assert seen == ["MANAGE_MERCHANTS", "VIEW_AUDIT"]
    assert taken == {"staffMember": None, "userErrors": []}
    async with db.transaction() as session:
        assert await actions(session) == ["PERMISSIONS_CHANGED", "PERMISSIONS_CHANGED"]


async def test_nobody_gives_or_takes_more_than_they_hold(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    _, boss = await person(db, tokens, ask, "MANAGE_STAFF", "VIEW_AUDIT")
    richer, _ = await person(db, tokens, ask, "MANAGE_PAYMENTS")
    clerk, as_clerk = await person(db, tokens, ask)
    async with db.transaction() as session:
        owner = await make_staff(session, await make_merchant(session), is_owner=True)
        as_owner = ask.as_(await sign_in(session, tokens, owner))

    outcomes = [
        refused(await give(boss, clerk, "MANAGE_PAYMENTS")),
        refused(await give(boss, richer)),
        refused(await give(as_owner, clerk, "MANAGE_STAFF")),
        refused(await give(as_clerk, clerk, "MANAGE_STAFF")),
    ]

    assert outcomes == [
        [("PermissionMissing", ["permissions"])],
        [("PermissionMissing", ["userId"])],
        [("PermissionMissing", None)],
        [("PermissionMissing", None)],
    ]
    assert (await held(db, clerk), await held(db, richer)) == ([], ["MANAGE_PAYMENTS"])
    assert await told(db) == (0, 0)


async def test_who_speaks_for_one_merchant_only_gives_nothing_for_all(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    _, boss = await person(db, tokens, ask, "MANAGE_STAFF", "VIEW_AUDIT")
    user, _ = await person(db, tokens, ask)
    async with db.transaction() as session:
        merchant = await make_merchant(session)

    payload = await give(AskFor(boss, merchant), user, "VIEW_AUDIT")

    assert refused(payload) == [("PermissionMissing", None)]
    assert await held(db, user) == []
    assert await told(db) == (0, 0)


async def test_the_last_one_who_manages_the_staff_keeps_that(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    user, boss = await person(db, tokens, ask, "MANAGE_STAFF", "VIEW_AUDIT")

    alone = await give(boss, user, "VIEW_AUDIT")
    fewer = await give(boss, user, "MANAGE_STAFF")

    assert (refused(alone), refused(fewer)) == ([("LastStaffManager", ["userId"])], [])
    assert await held(db, user) == ["MANAGE_STAFF"]


async def test_of_two_managers_who_dismiss_one_another_one_stays(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    for _ in range(5):
        async with db.transaction() as session:
            for each in await session.scalars(select(User)):
                each.platform_permissions = []
        pair = [await person(db, tokens, ask, "MANAGE_STAFF") for _ in range(2)]
        await asyncio.gather(*[each(MINE) for _, each in pair])

        payloads = await asyncio.gather(give(pair[0][1], pair[1][0]), give(pair[1][1], pair[0][0]))

        assert Counter([str(await held(db, user)) for user, _ in pair]) == {
            "['MANAGE_STAFF']": 1, "[]": 1,
        }  # fmt: skip
        outcomes = sorted(str(refused(each)) for each in payloads)
        assert outcomes == ["[('PermissionMissing', None)]", "[]"]


async def test_of_two_managers_who_step_down_at_once_one_stays(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    for _ in range(5):
        async with db.transaction() as session:
            for each in await session.scalars(select(User)):
                each.platform_permissions = []
        pair = [await person(db, tokens, ask, "MANAGE_STAFF") for _ in range(2)]
        await asyncio.gather(*[each(MINE) for _, each in pair])

        payloads = await asyncio.gather(*[give(each, user) for user, each in pair])

        outcomes = Counter(str(refused(each)) for each in payloads)
        assert outcomes == {"[]": 1, "[('LastStaffManager', ['userId'])]": 1}
        assert sorted([await held(db, user) for user, _ in pair]) == [[], ["MANAGE_STAFF"]]


async def test_a_change_takes_six_statements(db: Database, tokens: Tokens, ask: Ask) -> None:
    _, boss = await person(db, tokens, ask, "MANAGE_STAFF")
    clerk, _ = await person(db, tokens, ask)
    await boss(MINE)

    with counted() as statements:
        await give(boss, clerk, "MANAGE_STAFF")

    assert len(statements) == 6, statements
