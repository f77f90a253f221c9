"""Customers as the platform's and merchants' staff see them."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import iso, now
from core.db import Database
from core.ids import encode
from models.accounts import User
from tests.asking import Ask
from tests.customers.operations import LIST, ONE
from tests.customers.scene import AskFor, Scene
from tests.factories.accounts import make_user
from tests.factories.merchants import make_group


def key(user: User) -> str:
    return encode("customer", user.id)


async def found(ask: Ask, **where: Any) -> list[str]:
    """First names, as the list has them."""
    answer = await ask(LIST, w=where or None)
    nodes = [node["firstName"] for node in answer["customers"]["nodes"]]
    assert answer["customers"]["totalCount"]["count"] == len(nodes)
    return nodes


async def test_each_sees_whom_they_may_and_only_as_much(scene: Scene) -> None:
    platform = [node["email"] for node in (await scene.platform(LIST))["customers"]["nodes"]]
    first = (await scene.of_first(LIST))["customers"]["nodes"]

    assert {"ada@example.test", "bob@example.test", "cy@example.test"} <= {*platform}
    assert len(platform) == 7  # who works for a merchant or the platform has an account too
    assert [(node["id"], node["email"]) for node in first] == [
        (key(scene.ada), "a***@example.test")
    ]
    assert await found(scene.of_second) == ["Bob", "Ada"]


async def test_who_works_for_two_merchants_sees_the_union_or_the_one_they_name(
    ask: Ask, scene: Scene
) -> None:
    stranger = await AskFor(scene.of_first, scene.second).answer(LIST)

    assert await found(scene.of_both) == ["Bob", "Ada"]
    assert await found(AskFor(scene.of_both, scene.first)) == ["Ada"]
    assert await found(AskFor(scene.of_both, scene.second)) == ["Bob", "Ada"]
    assert await found(AskFor(scene.platform, scene.first)) == ["Ada"]
    assert stranger["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("bob@example.test", ["Bob"]),
        (" BOB@Example.test ", ["Bob"]),
        ("bob@example", []),
        ("ad", ["Bob", "Ada"]),
        ("EXAM", ["Cy", "Ada"]),
        ("cy exa", ["Cy"]),
        ("cy adams", []),
        ("%", []),
        ("_da", []),
        ("  ", ["Cy", "Bob", "Ada"]),
    ],
)
async def test_people_are_found_by_address_or_by_how_a_name_begins(
    scene: Scene, search: str, names: list[str]
) -> None:
    seen = await found(scene.platform, search=search)

    assert [name for name in seen if name != "Person"] == names


async def test_people_are_filtered_by_group_account_and_registration(
    db: Database, scene: Scene
) -> None:
    async with db.transaction() as session:
        own = await make_group(session, scene.first, scene.ada)
        other = await make_group(session, scene.second, scene.ada, scene.bob)
        (await session.get_one(User, scene.bob.id)).is_active = False
    group = {"group": encode("customergroup", own.id)}
    foreign = {"group": encode("customergroup", other.id)}
    middle = iso(now() - timedelta(days=9, hours=12))

    assert await found(scene.platform, **group) == ["Ada"]
    assert await found(scene.of_first, **group) == ["Ada"]
    assert await found(scene.of_first, **foreign) == []
    assert await found(scene.platform, group="customergroup_nothing") == []
    assert await found(scene.of_second, isActive=False) == ["Bob"]
    assert await found(scene.of_second, isActive=True) == ["Ada"]
    assert await found(scene.of_second, registeredFrom=middle) == ["Bob"]
    assert await found(scene.of_second, registeredTo=middle) == ["Ada"]


async def test_the_list_is_walked_page_by_page(scene: Scene) -> None:
    seen, after = [], None

    for _ in range(2):
        page = (await scene.of_second(LIST, first=1, after=after))["customers"]
        seen += [node["firstName"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert seen == ["Bob", "Ada"]
    assert page["pageInfo"]["hasNextPage"] is False
    rising = await scene.of_second(LIST, s={"direction": "ASC"})
    assert [node["firstName"] for node in rising["customers"]["nodes"]] == ["Ada", "Bob"]


async def test_one_customer_is_shown_with_what_the_asker_may_know(
    db: Database, scene: Scene
) -> None:
    async with db.transaction() as session:
        group = await make_group(session, scene.first, scene.ada)
        await make_group(session, scene.second, scene.ada)

    platform, first, hidden = [
        (await each(ONE, id=key(who)))["customer"]
        for each, who in (
            (scene.platform, scene.ada),
            (scene.of_first, scene.ada),
            (scene.of_first, scene.bob),
        )
    ]

    assert (platform["email"], platform["phone"]) == ("ada@example.test", "+1 555 0100")
    assert (platform["orderCount"], len(platform["groups"])) == (3, 2)
    assert (first["email"], first["phone"]) == ("a***@example.test", None)
    assert (first["orderCount"], first["groups"]) == (2, [{"name": group.name}])
    assert hidden is None


async def test_erased_people_and_malformed_ids_are_not_there(db: Database, scene: Scene) -> None:
    async with db.transaction() as session:
        (await session.get_one(User, scene.ada.id)).erased_at = now()

    assert await found(scene.of_second) == ["Bob"]
    for text in (key(scene.ada), "customer_nothing", encode("user", scene.bob.id)):
        assert (await scene.platform(ONE, id=text))["customer"] is None


async def test_customers_are_for_staff_only(ask: Ask) -> None:
    answer = await ask.answer(LIST)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_endless_search_is_refused(scene: Scene) -> None:
    answer = await scene.platform.answer(LIST, w={"search": "x" * 255})

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_longer_list_takes_no_more_statements(db: Database, scene: Scene) -> None:
    query = """{ customers { nodes { email orderCount lastOrderedAt groups { name merchant { slug }
      memberCount } } totalCount { count } } }"""
    async with db.transaction() as session:
        await make_group(session, scene.second, scene.ada, scene.bob)
    short = await scene.of_first.statements(query)

    async with db.transaction() as session:
        people = [await make_user(session) for _ in range(8)]
        for _ in range(4):
            await make_group(session, None, *people)
    long = await scene.platform.statements(query)

    assert (len(short), len(long)) == (4, 5), (short, long)
