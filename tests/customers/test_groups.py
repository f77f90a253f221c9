"""Customer groups of merchants and of the platform."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from core.db import Database, counted
from core.ids import encode, new_id
from models.customers import CustomerGroup, CustomerGroupMember
from tests.asking import Ask
from tests.customers.operations import GROUPS, UPSERT
from tests.customers.scene import Scene, make_order
from tests.factories.accounts import make_user
from tests.factories.merchants import make_group
from tests.merchants.operations import refused
from tests.merchants.rows import actions, told


def key(kind: str, row: Any) -> str:
    return encode(kind, row.id)


async def upsert(ask: Ask, **details: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(UPSERT, input=details))["customerGroupUpsert"]
    return payload


async def test_a_merchants_group_takes_its_own_buyers(db: Database, scene: Scene) -> None:
    made = await upsert(
        scene.of_second,
        merchantId=key("merchant", scene.second),
        name="Regulars",
        description="They come often.",
        addMembers=[key("customer", each) for each in (scene.ada, scene.bob, scene.ada)],
    )
    fewer = await upsert(
        scene.of_second,
        id=made["group"]["id"],
        removeMembers=[key("customer", scene.bob)],
        expectedVersion=1,
    )

    assert {**made["group"], "id": ""} == {
        "id": "", "name": "Regulars", "description": "They come often.", "version": 1,
        "memberCount": 2, "merchant": {"slug": scene.second.slug},
    }  # fmt: skip
    assert (fewer["group"]["memberCount"], fewer["group"]["version"]) == (1, 2)
    async with db.transaction() as session:
        assert await actions(session) == ["CUSTOMER_GROUP_CHANGED"] * 2


async def test_who_did_not_buy_of_the_merchant_is_not_there_for_it(
    db: Database, scene: Scene
) -> None:
    details = {"merchantId": key("merchant", scene.first), "name": "Mine"}
    people = [key("customer", each) for each in (scene.bob, scene.ada, scene.cy)]

    payload = await upsert(scene.of_first, **details, addMembers=people)
    unknown = encode("customer", new_id())
    nobody = await upsert(scene.platform, name="All", addMembers=[unknown])

    assert refused(payload) == [
        ("NotFound", ["addMembers", "0"]),
        ("NotFound", ["addMembers", "2"]),
    ]
    assert refused(nobody) == [("NotFound", ["addMembers", "0"])]
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(CustomerGroup)) == 0
    assert await told(db) == (0, 0)


async def test_the_platforms_groups_take_everybody_and_are_the_platforms(
    db: Database, scene: Scene
) -> None:
    made = await upsert(scene.platform, name="VIP", addMembers=[key("customer", scene.cy)])
    before = await told(db)

    outcomes = [
        refused(await upsert(scene.of_first, name="Ours")),
        refused(await upsert(scene.of_first, id=made["group"]["id"], name="Ours")),
        refused(
            await upsert(scene.of_first, merchantId=key("merchant", scene.second), name="Theirs")
        ),
    ]

    assert made["group"]["merchant"] is None
    assert outcomes == [
        [("NotFound", ["merchantId"])],
        [("NotFound", ["id"])],
        [("NotFound", ["merchantId"])],
    ]
    assert await told(db) == before


async def test_what_is_wrong_is_told_and_nothing_changes(db: Database, scene: Scene) -> None:
    async with db.transaction() as session:
        group = await make_group(session, scene.first, scene.ada)
        other = await make_group(session, scene.first)
    own, ada = {"id": key("customergroup", group)}, key("customer", scene.ada)

    outcomes = [
        refused(await upsert(scene.of_first, **own, name=other.name)),
        refused(await upsert(scene.of_first, **own, name=" ", description="x" * 1001)),
        refused(await upsert(scene.of_first, **own, name="New", expectedVersion=4)),
        refused(await upsert(scene.of_first, **own, addMembers=[ada], removeMembers=[ada])),
        refused(await upsert(scene.of_first, **own, addMembers=[ada] * 501)),
        refused(await upsert(scene.of_first, **own, addMembers=["nobody"])),
        refused(await upsert(scene.of_first, merchantId=key("merchant", scene.first))),
        refused(
            await upsert(scene.of_first, merchantId=key("merchant", scene.first), name=other.name)
        ),
    ]

    assert outcomes == [
        [("Taken", ["name"])],
        [("InvalidInput", ["name"]), ("InvalidInput", ["description"])],
        [("VersionConflict", ["expectedVersion"])],
        [("InvalidInput", ["removeMembers"])],
        [("InvalidInput", ["addMembers"])],
        [("NotFound", ["addMembers", "0"])],
        [("InvalidInput", ["name"])],
        [("Taken", ["name"])],
    ]
    async with db.transaction() as session:
        row = await session.get_one(CustomerGroup, group.id)
    assert (row.name, row.version) == (group.name, 1)
    assert await told(db) == (0, 0)


async def test_a_merchant_that_is_not_there_has_no_groups(db: Database, scene: Scene) -> None:
    nowhere = encode("merchant", new_id())

    payload = await upsert(scene.platform, merchantId=nowhere, name="Mine")

    assert refused(payload) == [("NotFound", ["merchantId"])]
    assert await told(db) == (0, 0)


async def test_the_same_again_is_no_change(db: Database, scene: Scene) -> None:
    async with db.transaction() as session:
        group = await make_group(session, scene.first, scene.ada)

    payload = await upsert(
        scene.of_first,
        id=key("customergroup", group),
        name=group.name,
        addMembers=[key("customer", scene.ada)],
    )

    assert payload["group"]["version"] == 1
    assert await told(db) == (0, 0)


async def test_of_two_groups_of_a_name_made_at_once_one_is(db: Database, scene: Scene) -> None:
    details = {"merchantId": key("merchant", scene.first), "name": "Same"}

    payloads = await asyncio.gather(*[upsert(scene.of_first, **details) for _ in range(4)])

    outcomes = Counter(str(refused(each)) for each in payloads)
    assert outcomes == {"[]": 1, "[('Taken', ['name'])]": 3}


async def test_members_who_come_and_go_at_once_are_all_counted(db: Database, scene: Scene) -> None:
    async with db.transaction() as session:
        group = await make_group(session, None, scene.ada)
    own = {"id": key("customergroup", group)}

    await asyncio.gather(
        upsert(scene.platform, **own, addMembers=[key("customer", scene.bob)]),
        upsert(scene.platform, **own, addMembers=[key("customer", scene.cy)]),
        upsert(scene.platform, **own, removeMembers=[key("customer", scene.ada)]),
    )

    async with db.transaction() as session:
        row = await session.get_one(CustomerGroup, group.id)
        inside = {*await session.scalars(select(CustomerGroupMember.user_id))}
    assert (row.version, inside) == (4, {scene.bob.id, scene.cy.id})


async def test_groups_are_listed_for_those_who_manage_them(db: Database, scene: Scene) -> None:
    async with db.transaction() as session:
        groups = [
            await make_group(session, owner, scene.ada)
            for owner in (scene.first, scene.second, None)
        ]
    names = sorted(group.name for group in groups)

    async def seen(ask: Ask, **where: Any) -> list[str]:
        answer = (await ask(GROUPS, w=where or None))["customerGroups"]
        assert answer["totalCount"]["count"] == len(answer["nodes"])
        return [node["name"] for node in answer["nodes"]]

    assert await seen(scene.platform) == names
    assert await seen(scene.of_first) == [groups[0].name]
    assert sorted(await seen(scene.of_both)) == sorted([groups[0].name, groups[1].name])
    assert await seen(scene.platform, isPlatforms=True) == [groups[2].name]
    assert await seen(scene.platform, merchantId=key("merchant", scene.second)) == [groups[1].name]
    assert await seen(scene.platform, search=groups[0].name.upper()) == [groups[0].name]
    by_age = (await scene.platform(GROUPS, s={"key": "NEWEST"}, first=1))["customerGroups"]
    assert [node["name"] for node in by_age["nodes"]] == [groups[2].name]
    statements = await scene.platform.statements(GROUPS)
    assert len(statements) == 3, statements


@pytest.mark.parametrize("number", [1, 40])
async def test_a_change_takes_as_many_statements_for_many_members_as_for_one(
    db: Database, scene: Scene, number: int
) -> None:
    async with db.transaction() as session:
        people = [await make_user(session) for _ in range(number)]
        leaving = [await make_user(session) for _ in range(number)]
        for each in people:
            await make_order(session, scene.first, each)
        group = await make_group(session, scene.first, *leaving)
    await scene.of_first("{ me { id } }")
    query = """mutation($input: CustomerGroupUpsertInput!) { customerGroupUpsert(input: $input) {
      group { memberCount } } }"""
    details = {
        "id": key("customergroup", group),
        "addMembers": [key("customer", each) for each in people],
        "removeMembers": [key("customer", each) for each in leaving],
    }

    with counted() as statements:
        payload = (await scene.of_first(query, input=details))["customerGroupUpsert"]

    assert payload["group"]["memberCount"] == number
    assert len(statements) == 9, statements
