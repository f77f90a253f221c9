"""Staff that changes staff at the same moment."""

import asyncio
from collections import Counter

from auth.tokens import Tokens
from core.db import Database
from tests.asking import Ask
from tests.factories.accounts import make_staff
from tests.factories.merchants import make_merchant
from tests.merchants.operations import MINE, refused, set_permissions
from tests.merchants.rows import members
from tests.merchants.test_staff import as_, remove

ROUNDS = 5


async def test_of_two_owners_who_demote_one_another_one_stays(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    for _ in range(ROUNDS):
        async with db.transaction() as session:
            merchant = await make_merchant(session)
            owners = [await make_staff(session, merchant, is_owner=True) for _ in range(2)]
        first, second = [await as_(db, tokens, ask, each) for each in owners]
        await asyncio.gather(first(MINE), second(MINE))  # both are known as owners

        payloads = await asyncio.gather(
            set_permissions(first, merchant.id, owners[1].id, "MANAGE_STAFF", isOwner=False),
            set_permissions(second, merchant.id, owners[0].id, "MANAGE_STAFF", isOwner=False),
        )

        still = [is_owner for is_owner, _ in (await members(db, merchant.id)).values()]
        assert Counter(still) == {True: 1, False: 1}
        assert sorted(str(refused(each)) for each in payloads) == sorted(
            ["[]", "[('OwnerRequired', ['userId'])]"]
        )


async def test_of_two_owners_who_leave_at_once_one_stays(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    for _ in range(ROUNDS):
        async with db.transaction() as session:
            merchant = await make_merchant(session)
            owners = [await make_staff(session, merchant, is_owner=True) for _ in range(2)]
        people = [await as_(db, tokens, ask, each) for each in owners]

        payloads = await asyncio.gather(
            *[remove(each, merchant, owner) for each, owner in zip(people, owners, strict=True)]
        )

        assert len(await members(db, merchant.id)) == 1
        outcomes = Counter(str(refused(each)) for each in payloads)
        assert outcomes == {"[]": 1, "[('LastOwner', ['userId'])]": 1}


async def test_who_lost_a_permission_a_moment_ago_gives_it_to_nobody(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        owner = await make_staff(session, merchant, is_owner=True)
        manager = await make_staff(session, merchant, "MANAGE_STAFF", "VIEW_PAYOUTS")
        clerk = await make_staff(session, merchant)
    as_owner, as_manager = [await as_(db, tokens, ask, each) for each in (owner, manager)]
    await as_manager(MINE)

    taken, given = await asyncio.gather(
        set_permissions(as_owner, merchant.id, manager.id, "MANAGE_STAFF"),
        set_permissions(as_manager, merchant.id, clerk.id, "VIEW_PAYOUTS"),
    )

    rows = await members(db, merchant.id)
    assert refused(taken) == []
    assert rows[manager.id] == (False, ["MANAGE_STAFF"])
    was_too_late = refused(given) == [("PermissionMissing", ["permissions"])]
    assert rows[clerk.id] == (False, [] if was_too_late else ["VIEW_PAYOUTS"])
