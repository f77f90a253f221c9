"""Who works for a merchant, what they may do, and who may say so."""

from typing import Any, NamedTuple

import pytest

from auth.tokens import Tokens
from core.db import Database, counted
from core.errors import DomainError
from core.identity import Caller, CallerKind, Permission
from core.ids import encode, new_id
from models.accounts import Session, User
from models.merchants import Merchant
from services import catalog, merchants
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.merchants.operations import MINE, REMOVE, SET, refused, set_permissions
from tests.merchants.rows import actions, kinds, members, told

ALL = [
    "MANAGE_PRODUCTS", "MANAGE_PRICES", "MANAGE_INVENTORY", "MANAGE_WAREHOUSES", "MANAGE_ORDERS",
    "MANAGE_RETURNS", "MANAGE_REFUNDS", "MANAGE_SHIPMENTS", "MANAGE_PROMOTIONS",
    "MANAGE_GROUP_BUYS", "MANAGE_CUSTOMERS", "MANAGE_STAFF", "MANAGE_SETTINGS", "MANAGE_WEBHOOKS",
    "VIEW_ANALYTICS", "VIEW_PAYOUTS",
]  # fmt: skip


class Team(NamedTuple):
    """A merchant with an owner, a manager of its staff, and a clerk."""

    merchant: Merchant
    owner: User
    manager: User
    clerk: User


async def make_team(session: Any) -> Team:
    merchant = await make_merchant(session)
    return Team(
        merchant,
        await make_staff(session, merchant, is_owner=True),
        await make_staff(session, merchant, "MANAGE_STAFF", "MANAGE_ORDERS"),
        await make_staff(session, merchant, "MANAGE_ORDERS"),
    )


@pytest.fixture
async def team(db: Database) -> Team:
    async with db.transaction() as session:
        return await make_team(session)


async def as_(db: Database, tokens: Tokens, ask: Ask, user: User) -> Ask:
    async with db.transaction() as session:
        return ask.as_(await sign_in(session, tokens, user))


async def remove(ask: Ask, merchant: Merchant, user: User) -> dict[str, Any]:
    """The payload of staffRemove."""
    details = {"merchantId": encode("merchant", merchant.id), "userId": encode("user", user.id)}
    payload: dict[str, Any] = (await ask(REMOVE, input=details))["staffRemove"]
    return payload


async def test_permissions_are_set_as_they_are_told_and_good_at_once(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    owner = await as_(db, tokens, ask, team.owner)
    clerk = await as_(db, tokens, ask, team.clerk)
    before = (await clerk(MINE))["me"]["memberships"][0]["permissions"]

    payload = await set_permissions(
        owner, team.merchant.id, team.clerk.id, "VIEW_PAYOUTS", "MANAGE_PRODUCTS", "VIEW_PAYOUTS"
    )

    assert before == ["MANAGE_ORDERS"]
    assert payload == {
        "staffMember": {
            "userId": encode("user", team.clerk.id),
            "isOwner": False,
            "permissions": ["MANAGE_PRODUCTS", "VIEW_PAYOUTS"],
        },
        "userErrors": [],
    }
    answer = await clerk.answer("{ orders { nodes { id } } }")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await clerk(MINE))["me"]["memberships"][0]["permissions"] == [
        "MANAGE_PRODUCTS",
        "VIEW_PAYOUTS",
    ]
    async with db.transaction() as session:
        assert await actions(session) == ["PERMISSIONS_CHANGED"]
        assert await kinds(session) == ["MerchantStaffChanged"]


async def test_nobody_gives_more_than_they_hold(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    manager = await as_(db, tokens, ask, team.manager)
    before = await members(db, team.merchant.id)

    async def tried(user: User, *permissions: str, **more: Any) -> Any:
        return refused(
            await set_permissions(manager, team.merchant.id, user.id, *permissions, **more)
        )

    assert await tried(team.clerk, "MANAGE_ORDERS", "VIEW_PAYOUTS") == [
        ("PermissionMissing", ["permissions"])
    ]
    assert await tried(team.manager, *ALL) == [("PermissionMissing", ["permissions"])]
    assert await tried(team.manager, "MANAGE_STAFF", isOwner=True) == [
        ("OwnerRequired", ["isOwner"])
    ]
    assert await tried(team.clerk, "MANAGE_MERCHANTS") == [("InvalidInput", ["permissions", "0"])]
    assert await members(db, team.merchant.id) == before
    assert await told(db) == (0, 0)


async def test_nobody_takes_from_who_holds_more(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    async with db.transaction() as session:
        richer = await make_staff(session, team.merchant, "VIEW_PAYOUTS")
    manager = await as_(db, tokens, ask, team.manager)
    before = await members(db, team.merchant.id)

    outcomes = [
        refused(await set_permissions(manager, team.merchant.id, team.owner.id, "MANAGE_ORDERS")),
        refused(await set_permissions(manager, team.merchant.id, richer.id)),
        refused(await remove(manager, team.merchant, team.owner)),
        refused(await remove(manager, team.merchant, richer)),
    ]

    assert outcomes == [
        [("OwnerRequired", ["userId"])],
        [("PermissionMissing", ["userId"])],
        [("OwnerRequired", ["userId"])],
        [("PermissionMissing", ["userId"])],
    ]
    assert await members(db, team.merchant.id) == before
    assert await told(db) == (0, 0)


async def test_the_last_owner_neither_leaves_nor_steps_down(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    owner = await as_(db, tokens, ask, team.owner)
    async with db.transaction() as session:
        gone = await make_staff(session, team.merchant, is_owner=True)
        (await session.get_one(User, gone.id)).is_active = False
    before = await members(db, team.merchant.id)

    stepped_down = await set_permissions(
        owner, team.merchant.id, team.owner.id, "MANAGE_STAFF", isOwner=False
    )
    left = await remove(owner, team.merchant, team.owner)

    assert refused(stepped_down) == refused(left) == [("LastOwner", ["userId"])]
    assert await members(db, team.merchant.id) == before
    assert await told(db) == (0, 0)


async def test_an_owner_makes_another_and_may_leave_then(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    owner = await as_(db, tokens, ask, team.owner)

    made = await set_permissions(owner, team.merchant.id, team.clerk.id, isOwner=True)
    left = await remove(owner, team.merchant, team.owner)

    assert made["staffMember"]["permissions"] == ALL
    assert left == {"removedUserId": encode("user", team.owner.id), "userErrors": []}
    assert {*await members(db, team.merchant.id)} == {team.manager.id, team.clerk.id}
    assert (await owner(MINE))["me"]["memberships"] == []
    async with db.transaction() as session:
        assert await actions(session) == ["PERMISSIONS_CHANGED", "STAFF_REMOVED"]


async def test_everybody_may_leave_but_removes_nobody_else(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    clerk = await as_(db, tokens, ask, team.clerk)

    other = await remove(clerk, team.merchant, team.manager)
    left = await remove(clerk, team.merchant, team.clerk)

    assert refused(other) == [("NotFound", ["merchantId"])]
    assert refused(left) == []
    assert {*await members(db, team.merchant.id)} == {team.owner.id, team.manager.id}


async def test_staff_of_another_merchant_and_strangers_are_not_there(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    async with db.transaction() as session:
        other = await make_team(session)
        stranger = await make_user(session)
    owner = await as_(db, tokens, ask, team.owner)

    outcomes = [
        refused(await set_permissions(owner, other.merchant.id, other.clerk.id, "MANAGE_ORDERS")),
        refused(await set_permissions(owner, team.merchant.id, other.clerk.id, "MANAGE_ORDERS")),
        refused(await set_permissions(owner, team.merchant.id, stranger.id, "MANAGE_ORDERS")),
        refused(await remove(owner, other.merchant, other.clerk)),
    ]

    assert outcomes == [
        [("NotFound", ["merchantId"])],
        [("NotFound", ["userId"])],
        [("NotFound", ["userId"])],
        [("NotFound", ["merchantId"])],
    ]
    assert await told(db) == (0, 0)


async def test_a_stranger_who_leaves_a_merchant_does_not_learn_whether_there_is_one(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    async with db.transaction() as session:
        stranger = await make_user(session)
    own = await as_(db, tokens, ask, stranger)

    there = await remove(own, team.merchant, stranger)
    nowhere = await remove(own, Merchant(id=new_id()), stranger)

    assert refused(there) == refused(nowhere) == [("NotFound", ["merchantId"])]
    assert there["userErrors"] == nowhere["userErrors"]
    assert await told(db) == (0, 0)


async def test_platform_staff_makes_owners_only_if_they_hold_all_that_owners_hold(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    async with db.transaction() as session:
        some = await make_user(session, platform=("MANAGE_STAFF", "MANAGE_ORDERS"))
        every = await make_user(session, platform=tuple(ALL))
    as_some, as_every = [await as_(db, tokens, ask, each) for each in (some, every)]

    orders = await set_permissions(as_some, team.merchant.id, team.clerk.id, "MANAGE_STAFF")
    owner = await set_permissions(as_some, team.merchant.id, team.clerk.id, isOwner=True)
    rescued = await set_permissions(as_every, team.merchant.id, team.clerk.id, isOwner=True)

    assert refused(orders) == refused(rescued) == []
    assert refused(owner) == [("OwnerRequired", ["isOwner"])]


async def test_the_same_again_is_no_change(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    owner = await as_(db, tokens, ask, team.owner)

    await set_permissions(owner, team.merchant.id, team.clerk.id, "MANAGE_ORDERS")

    assert await told(db) == (0, 0)


async def test_staff_changes_take_few_statements(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    owner = await as_(db, tokens, ask, team.owner)
    await owner(MINE)

    with counted() as setting:
        await set_permissions(owner, team.merchant.id, team.clerk.id, "VIEW_PAYOUTS")
    with counted() as removing:
        await remove(owner, team.merchant, team.clerk)

    assert (len(setting), len(removing)) == (6, 5), setting


@pytest.mark.parametrize(
    ("wanted", "is_owner", "refusal"),
    [
        ([Permission.VIEW_PAYOUTS], None, catalog.PermissionMissing),
        ([], True, merchants.OwnerRequired),
    ],
)
async def test_a_token_that_permits_less_than_an_owner_gives_no_more(
    db: Database,
    team: Team,
    wanted: list[Permission],
    is_owner: bool | None,
    refusal: type[DomainError],
) -> None:
    async with db.transaction() as session:
        newcomer = await make_staff(session, team.merchant)
    grants = {Permission.MANAGE_STAFF.value: frozenset({team.merchant.id})}
    narrow = Caller(CallerKind.USER, team.owner.id, grants=grants)

    with pytest.raises(refusal):
        async with db.transaction() as session:
            await merchants.set_permissions(
                session,
                narrow,
                merchant_id=team.merchant.id,
                user_id=newcomer.id,
                permissions=wanted,
                is_owner=is_owner,
            )

    assert (await members(db, team.merchant.id))[newcomer.id] == (False, [])
    assert await told(db) == (0, 0)


async def test_a_program_that_acts_for_an_owner_changes_no_rights(
    db: Database, tokens: Tokens, ask: Ask, team: Team
) -> None:
    async with db.transaction() as session:
        given = Session(user_id=team.owner.id, client_id=new_id(), scopes=["shop", "staff"])
        session.add(given)
        await session.flush()  # the token names its id
    text, _ = tokens.access(
        team.owner.id, given.id, client_id=given.client_id, scopes=tuple(given.scopes)
    )
    program = ask.as_(text)
    details = {
        "merchantId": encode("merchant", team.merchant.id),
        "userId": encode("user", team.clerk.id),
        "permissions": [],
    }

    seen = await program("{ staffMembers { totalCount { count } } }")
    answer = await program.answer(SET, input=details)

    assert seen["staffMembers"]["totalCount"]["count"] == 0
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await told(db) == (0, 0)
