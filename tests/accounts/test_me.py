"""The account as its user sees and changes it."""

from typing import Any

import pytest
from starlette.applications import Starlette

from core.db import Database, counted
from core.identity import PLATFORM_ONLY, Permission
from core.ids import encode
from models.accounts import Session, User
from models.merchants import Membership
from tests.accounts.operations import ME, REFUSALS, everything, refused
from tests.asking import Ask
from tests.factories.accounts import make_address, make_guest, make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant

WHOLE = """{ me {
  id email permissions
  addresses { id name city }
  memberships { isOwner permissions merchant { id name } }
} }"""
UPDATE = f"""mutation($input: AccountUpdateInput!) {{ accountUpdate(input: $input) {{
  user {{ firstName lastName phone language version }} {REFUSALS} }} }}"""


async def own(app: Starlette, db: Database, ask: Ask, user: User) -> Ask:
    async with db.transaction() as session:
        return ask.as_(await sign_in(session, app.state.shop.tokens, user))


async def update(ask: Ask, **values: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(UPDATE, input=values))["accountUpdate"]
    return payload


async def test_anonymous_callers_and_guests_are_nobody(
    app: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        _, token = await make_guest(session, app.state.shop.tokens)

    assert await ask(ME) == {"me": None}
    assert await ask.as_(token)(ME) == {"me": None}


async def test_staff_see_where_they_work_and_what_they_may_do(
    app: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        shop, other = await make_merchant(session), await make_merchant(session)
        user = await make_staff(session, shop, "MANAGE_ORDERS", "MANAGE_MERCHANTS", "GONE")
        session.add(Membership(user_id=user.id, merchant_id=other.id, is_owner=True))
    staff = await own(app, db, ask, user)

    me = (await staff(WHOLE))["me"]

    assert me["permissions"] == []
    first, second = sorted(me["memberships"], key=lambda each: bool(each["isOwner"]))
    assert first == {
        "isOwner": False,
        "permissions": ["MANAGE_ORDERS"],
        "merchant": {"id": encode("merchant", shop.id), "name": shop.name},
    }
    assert second["permissions"] == [each.value for each in Permission if each not in PLATFORM_ONLY]


async def test_the_platforms_own_staff_see_their_permissions(
    app: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        user = await make_user(session, platform=("VIEW_AUDIT", "MANAGE_TAXONOMY", "GONE"))

    me = (await (await own(app, db, ask, user))(WHOLE))["me"]

    assert me["permissions"] == ["MANAGE_TAXONOMY", "VIEW_AUDIT"]


async def test_users_their_addresses_and_sign_ins_are_shown_to_nobody_else(
    app: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        ann, bob = await make_user(session), await make_user(session, platform=tuple(Permission))
        address = await make_address(session, ann)
        signed_in = Session(user_id=ann.id)
        session.add(signed_in)
    ids = [
        encode("user", ann.id),
        encode("address", address.id),
        encode("session", signed_in.id),
    ]
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    assert (await ask(nodes, ids=ids))["nodes"] == [None] * 3
    assert (await (await own(app, db, ask, bob))(nodes, ids=ids))["nodes"] == [None] * 3
    shown = (await (await own(app, db, ask, ann))(nodes, ids=ids))["nodes"]
    assert shown == [{"id": each} for each in ids]


async def test_me_takes_three_statements_however_much_there_is(
    app: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
        for _ in range(7):
            await make_address(session, user)
            merchant = await make_merchant(session)
            session.add(Membership(user_id=user.id, merchant_id=merchant.id, is_owner=True))
    mine = await own(app, db, ask, user)

    statements = await mine.statements(WHOLE)

    assert len(statements) == 3, statements


async def test_who_asks_takes_one_statement_a_second(
    app: Starlette, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        staff = await make_staff(session, merchant, is_owner=True)
    mine = await own(app, db, ask, staff)

    with counted() as seen:
        await mine("{ __typename }")
        await mine("{ __typename }")

    assert len(seen) == 1, seen


async def test_only_what_is_given_changes(app: Starlette, db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
    mine = await own(app, db, ask, user)

    await update(mine, firstName="  Zoe\u0308 ", phone="+49 30 901820")
    payload = await update(mine, lastName="", language="zh-Hans", expectedVersion=2)

    assert payload == {
        "user": {
            "firstName": "Zo\u00eb",
            "lastName": "",
            "phone": "+4930901820",
            "language": "zh-Hans",
            "version": 3,
        },
        "userErrors": [],
    }
    assert (await update(mine, phone=""))["user"]["phone"] is None


async def test_the_same_again_changes_nothing(app: Starlette, db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
    mine = await own(app, db, ask, user)
    await update(mine, firstName="Zoe")
    before = await everything(db)

    for values in ({"firstName": "Zoe"}, {}, {"firstName": None}):
        payload = await update(mine, **values)

        assert payload["user"]["version"] == 2
    assert await everything(db) == before


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"firstName": "A" * 101}, ("InvalidInput", ["firstName"])),
        ({"lastName": "A\u2028B"}, ("InvalidInput", ["lastName"])),
        ({"phone": "12"}, ("InvalidInput", ["phone"])),
        ({"phone": "1" * 33}, ("InvalidInput", ["phone"])),
        ({"firstName": "Zoe", "expectedVersion": 2}, ("VersionConflict", ["expectedVersion"])),
    ],
)
async def test_a_refused_change_changes_nothing(
    app: Starlette, db: Database, ask: Ask, values: dict[str, Any], refusal: Any
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
    mine = await own(app, db, ask, user)
    before = await everything(db)

    payload = await update(mine, **values)

    assert refused(payload) == [refusal]
    assert await everything(db) == before


async def test_a_change_takes_four_statements(app: Starlette, db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
    mine = await own(app, db, ask, user)
    await mine(ME)

    with counted() as seen:
        await update(mine, firstName="Zoe")

    # the row under a lock, its change, the event; the payload's user
    assert len(seen) == 4, seen
