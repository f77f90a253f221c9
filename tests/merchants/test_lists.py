"""Lists of merchants, their staff and invitations."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from auth.tokens import Tokens
from core.clock import now
from core.db import Database
from core.ids import encode
from models.accounts import User
from models.merchants import Membership, Merchant
from tests.asking import Ask
from tests.customers.scene import AskFor
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_invitation, make_merchant
from tests.merchants.operations import refused, set_permissions
from tests.merchants.rows import members

MERCHANTS = """query($w: MerchantWhere, $s: MerchantSort) { merchants(where: $w, sortBy: $s) {
  nodes { slug status } totalCount { count } } }"""
STAFF = """query($m: ID, $w: StaffWhere, $first: Int, $after: String) {
  staffMembers(merchantId: $m, where: $w, first: $first, after: $after) {
    nodes { userId email isOwner permissions } pageInfo { endCursor } totalCount { count } } }"""
OF_MERCHANTS = """{ merchants { nodes { slug staff(first: 2) {
  nodes { userId } pageInfo { hasNextPage } totalCount { count } } } } }"""
INVITATIONS = """query($w: StaffInvitationWhere) { staffInvitations(where: $w) {
  nodes { id email isOpen senderId } totalCount { count } } }"""
NODE = "query($id: ID!) { node(id: $id) { __typename } }"


class Scene(NamedTuple):
    """Two merchants; `manager` manages the staff of the first one, `both` that of both."""

    first: Merchant
    second: Merchant
    owner: User
    manager: Ask
    both: Ask
    platform: Ask


@pytest.fixture
async def scene(db: Database, tokens: Tokens, ask: Ask) -> Scene:
    async with db.transaction() as session:
        first, second = [await make_merchant(session) for _ in range(2)]
        owner = await make_staff(session, first, is_owner=True)
        manager = await make_staff(session, first, "MANAGE_STAFF")
        both = await make_staff(session, second, "MANAGE_STAFF", "MANAGE_ORDERS")
        session.add(Membership(user_id=both.id, merchant_id=first.id, permissions=["MANAGE_STAFF"]))
        boss = await make_user(session, platform=("MANAGE_STAFF", "MANAGE_MERCHANTS"))
        for order, user in enumerate((owner, manager, both)):
            work = await session.get_one(Membership, (user.id, first.id))
            work.joined_at = now() - timedelta(days=9 - order)
        asks = [ask.as_(await sign_in(session, tokens, each)) for each in (manager, both, boss)]
    return Scene(first, second, owner, *asks)


def key(merchant: Merchant) -> str:
    return encode("merchant", merchant.id)


async def emails(ask: Ask, **variables: Any) -> list[str]:
    answer = (await ask(STAFF, **variables))["staffMembers"]
    assert answer["totalCount"]["count"] == len(answer["nodes"])
    return [node["email"].partition("@")[0] for node in answer["nodes"]]


async def test_staff_is_listed_for_who_manages_it(scene: Scene) -> None:
    first = await emails(scene.manager, m=key(scene.first))
    strangers = await emails(scene.manager, m=key(scene.second))
    platform = (await scene.platform(STAFF))["staffMembers"]["nodes"]

    assert len(first) == 3
    assert first[0] == scene.owner.email.partition("@")[0]
    assert (strangers, await emails(scene.manager)) == ([], [])
    assert [node["permissions"] for node in platform] == [["MANAGE_STAFF", "MANAGE_MERCHANTS"]]
    assert len(await emails(scene.platform, m=key(scene.second))) == 1
    assert len(await emails(AskFor(scene.platform, scene.second), m=key(scene.first))) == 0


async def test_who_works_for_two_merchants_sees_both_or_the_one_they_name(scene: Scene) -> None:
    narrowed = AskFor(scene.both, scene.second)

    assert len(await emails(scene.both, m=key(scene.first))) == 3
    assert len(await emails(scene.both, m=key(scene.second))) == 1
    assert (await emails(narrowed, m=key(scene.first))) == []
    assert len(await emails(narrowed, m=key(scene.second))) == 1


async def test_a_change_reaches_only_the_merchant_that_is_named(db: Database, scene: Scene) -> None:
    narrowed = AskFor(scene.both, scene.second)
    clerk = await members(db, scene.second.id)
    [user_id] = clerk

    foreign = await set_permissions(narrowed, scene.first.id, user_id, "MANAGE_STAFF")
    own = await set_permissions(narrowed, scene.second.id, user_id, "MANAGE_STAFF")

    assert refused(foreign) == [("NotFound", ["merchantId"])]
    assert refused(own) == []
    assert await members(db, scene.second.id) == {user_id: (False, ["MANAGE_STAFF"])}


async def test_an_invitation_names_its_merchant_and_its_sender(db: Database, scene: Scene) -> None:
    async with db.transaction() as session:
        await make_invitation(session, scene.second, scene.owner)

    answer = await scene.both("{ staffInvitations { nodes { merchant { slug } senderId } } }")

    assert answer["staffInvitations"]["nodes"] == [
        {"merchant": {"slug": scene.second.slug}, "senderId": encode("user", scene.owner.id)}
    ]


async def test_staff_is_filtered_and_walked_page_by_page(scene: Scene) -> None:
    merchant, seen, after = key(scene.first), [], None

    for _ in range(3):
        answer = await scene.manager(STAFF, m=merchant, first=1, after=after)
        seen += [node["userId"] for node in answer["staffMembers"]["nodes"]]
        after = answer["staffMembers"]["pageInfo"]["endCursor"]

    assert len({*seen}) == 3
    assert len(await emails(scene.manager, m=merchant, w={"isOwner": True})) == 1
    assert len(await emails(scene.manager, m=merchant, w={"isOwner": False})) == 2
    assert len(await emails(scene.manager, m=merchant, w={"permission": "MANAGE_STAFF"})) == 3
    assert len(await emails(scene.manager, m=merchant, w={"permission": "MANAGE_ORDERS"})) == 1
    assert await emails(scene.platform, w={"isOwner": True}) == []
    assert await emails(scene.platform, m="merchant_nothing") == []


async def test_merchants_show_their_staff_to_who_manages_it(scene: Scene) -> None:
    seen = (await scene.manager(OF_MERCHANTS))["merchants"]["nodes"]
    statements = await scene.both.statements(OF_MERCHANTS)

    assert [bool(node["staff"]) for node in seen] == [True, False]
    staff = seen[0]["staff"]
    assert (len(staff["nodes"]), staff["pageInfo"]["hasNextPage"]) == (2, True)
    assert staff["totalCount"]["count"] == 3
    assert len(statements) == 3, statements


async def test_invitations_are_listed_for_who_manages_the_staff(db: Database, scene: Scene) -> None:
    async with db.transaction() as session:
        fresh = await make_invitation(session, scene.first, scene.owner)
        stale = await make_invitation(
            session, scene.first, scene.owner, expires_at=now() - timedelta(days=1)
        )
        other = await make_invitation(session, scene.second, scene.owner)

    async def seen(ask: Ask, **where: Any) -> list[str]:
        answer = (await ask(INVITATIONS, w=where or None))["staffInvitations"]
        assert answer["totalCount"]["count"] == len(answer["nodes"])
        return sorted(node["email"] for node in answer["nodes"])

    assert await seen(scene.manager) == [fresh.email, stale.email]
    assert await seen(scene.manager, isOpen=True) == [fresh.email]
    assert await seen(scene.manager, isOpen=False) == [stale.email]
    assert await seen(scene.both, merchantId=key(scene.second)) == [other.email]
    assert len(await seen(scene.both)) == 3
    assert len(await scene.both.statements(INVITATIONS)) == 2
    node = encode("staffinvitation", other.id)
    assert (await scene.manager(NODE, id=node))["node"] is None
    assert (await scene.both(NODE, id=node))["node"] == {"__typename": "StaffInvitation"}


async def test_merchants_are_sorted_and_each_sees_what_is_theirs(
    db: Database, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        for status in ("APPLIED", "SUSPENDED"):
            await make_merchant(session, status=status, name=f"A {status}")

    async def slugs(asked: Ask, **variables: Any) -> list[str]:
        return [
            node["status"] for node in (await asked(MERCHANTS, **variables))["merchants"]["nodes"]
        ]

    assert await slugs(ask) == ["ACTIVE", "ACTIVE"]
    assert await slugs(scene.platform) == ["APPLIED", "SUSPENDED", "ACTIVE", "ACTIVE"]
    newest = {"key": "NEWEST"}
    assert (await slugs(scene.platform, s=newest))[-2:] == ["ACTIVE", "ACTIVE"]
    assert await slugs(scene.platform, w={"statuses": ["SUSPENDED"]}) == ["SUSPENDED"]
    assert len(await scene.platform.statements(MERCHANTS)) == 2
