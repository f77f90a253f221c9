"""Merchants as everybody, their staff and the platform see them."""

from typing import Any

from auth.tokens import Tokens
from core.db import Database, counted
from core.ids import encode
from models.merchants import Merchant
from services.merchants import NewMerchant, put_merchants
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant

LIST = """query($w: MerchantWhere) { merchants(where: $w) {
  nodes { slug status } totalCount { count } } }"""
FIND = "query($by: IdOrSlug!) { merchant(by: $by) { slug } }"
NODE = "query($id: ID!) { node(id: $id) { id } }"


async def test_those_who_do_not_sell_are_seen_by_their_staff_and_the_platform(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    async with db.transaction() as session:
        active = await make_merchant(session)
        applied = await make_merchant(session, status="APPLIED")
        staff = await make_staff(session, applied, "MANAGE_PRODUCTS")
        root = await make_user(session, platform=("MANAGE_MERCHANTS",))
        as_staff = ask.as_(await sign_in(session, tokens, staff))
        as_platform = ask.as_(await sign_in(session, tokens, root))
    by_id, by_slug = {"id": encode("merchant", applied.id)}, {"slug": applied.slug}

    async def seen(asked: Ask) -> list[Any]:
        listed = (await asked(LIST))["merchants"]
        assert listed["totalCount"]["count"] == len(listed["nodes"])
        return [
            [each["slug"] for each in listed["nodes"]],
            (await asked(FIND, by=by_id))["merchant"],
            (await asked(FIND, by=by_slug))["merchant"],
            (await asked(NODE, id=by_id["id"]))["node"],
        ]

    nobody, one = [[active.slug], None, None, None], {"slug": applied.slug}
    everything = [[active.slug, applied.slug], one, one, by_id]

    assert await seen(ask) == nobody
    assert await seen(as_staff) == everything
    assert await seen(as_platform) == everything


async def test_merchants_are_filtered_by_status(db: Database, tokens: Tokens, ask: Ask) -> None:
    async with db.transaction() as session:
        for status in ("ACTIVE", "SUSPENDED", "CLOSED"):
            await make_merchant(session, status=status)
        root = await make_user(session, platform=("MANAGE_MERCHANTS",))
        platform = ask.as_(await sign_in(session, tokens, root))
    where = {"statuses": ["SUSPENDED", "CLOSED"]}

    all_of_them = (await platform(LIST, w=where))["merchants"]["nodes"]
    none = (await ask(LIST, w=where))["merchants"]["nodes"]

    assert [each["status"] for each in all_of_them] == ["SUSPENDED", "CLOSED"]
    assert none == []


async def test_setting_up_twice_changes_names_but_no_status(db: Database) -> None:
    first = NewMerchant(slug="north", name="North")
    async with db.transaction() as session:
        made = await put_merchants(session, [first, NewMerchant(slug="south", name="South")])
    async with db.transaction() as session:
        (await session.get_one(Merchant, made[0])).status = "SUSPENDED"

    async with db.transaction() as session:
        with counted() as statements:
            again = await put_merchants(session, [NewMerchant(slug="north", name="Far North")])
    async with db.transaction() as session:
        north = await session.get_one(Merchant, made[0])

    assert (again, len(statements)) == (made[:1], 1)
    assert (north.name, north.status, north.version) == ("Far North", "SUSPENDED", 2)
