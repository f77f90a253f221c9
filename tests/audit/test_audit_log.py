"""The audit log as auditors and merchants read it."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import pytest

from auth.tokens import Tokens
from core.clock import now
from core.db import Database, Reader
from core.identity import Caller, CallerKind, Client, Permission, acting, client
from core.ids import new_id
from models.merchants import Merchant
from services import audit
from services.audit.sealing import seal
from tests.asking import Ask
from tests.conftest import SECRET
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant

LOG = """query($where: AuditLogWhere, $first: Int, $after: String, $sortBy: AuditLogSort) {
    auditLog(where: $where, first: $first, after: $after, sortBy: $sortBy) {
        nodes {id at action actorKind actorId objectKind objectId merchant {id} before after
            requestId position hash}
        pageInfo {hasNextPage endCursor} totalCount {count precision}}}"""
ACTIONS = """query($where: AuditLogWhere) {auditLog(where: $where, first: 50) {
    nodes {action}}}"""
DETAILS = "{ auditLog { nodes { action address agent person } } }"


class Office(NamedTuple):
    auditor: Ask
    owner: Ask
    clerk: Ask
    merchant: Merchant
    other: Merchant
    user_id: UUID
    thing: UUID


@pytest.fixture
async def office(db: Database, ask: Ask, tokens: Tokens) -> Office:
    """Four entries: of two merchants, of the platform, and of a failed sign-in."""
    async with db.transaction() as session:
        merchant, other = await make_merchant(session), await make_merchant(session)
        people = [
            await make_user(session, platform=(Permission.VIEW_AUDIT,)),
            await make_staff(session, merchant, is_owner=True),
            await make_staff(session, merchant, Permission.MANAGE_PRODUCTS),
        ]
        asks = [ask.as_(await sign_in(session, tokens, person)) for person in people]
        user_id = people[1].id
    thing = new_id()
    acting.set(Caller(CallerKind.USER, user_id))
    client.set(Client("203.0.113.9", "Browser"))
    for entry in (
        audit.entry(
            "PRICE_CHANGED",
            "ProductVariant",
            thing,
            merchant_id=merchant.id,
            before={"amount_minor": 100},
            after={"amount_minor": 90},
        ),
        audit.entry("PRICE_CHANGED", "ProductVariant", new_id(), merchant_id=other.id),
        audit.entry("PERMISSIONS_CHANGED", "User", user_id),
        audit.entry("SIGN_IN_FAILED", "User", None, person={"email": "ann@example.test"}),
    ):
        await audit.note(db, entry)
    client.set(Client())
    return Office(*asks, merchant, other, user_id, thing)


async def actions(ask: Ask, **where: object) -> list[str]:
    answer = await ask(ACTIONS, where=where)
    return [node["action"] for node in answer["auditLog"]["nodes"]]


async def test_an_auditor_reads_everything_newest_first(office: Office) -> None:
    assert await actions(office.auditor) == [
        "SIGN_IN_FAILED",
        "PERMISSIONS_CHANGED",
        "PRICE_CHANGED",
        "PRICE_CHANGED",
    ]


async def test_an_entry_tells_all_about_itself(
    office: Office, db: Database, reader: Reader
) -> None:
    await seal(db, reader, audit.KeyRing(SECRET))

    answer = await office.auditor(LOG, sortBy={"direction": "ASC"}, first=1)

    page = answer["auditLog"]
    entry = page["nodes"][0]
    assert page["totalCount"] == {"count": 4, "precision": "EXACT"}
    assert len(entry.pop("hash")) == 64
    assert entry.pop("id").startswith("auditentry_")
    assert entry.pop("at")
    assert entry == {
        "action": "PRICE_CHANGED",
        "actorKind": "USER",
        "actorId": f"user_{office.user_id.hex}",
        "objectKind": "ProductVariant",
        "objectId": f"variant_{office.thing.hex}",
        "merchant": {"id": f"merchant_{office.merchant.id.hex}"},
        "before": {"amount_minor": 100},
        "after": {"amount_minor": 90},
        "requestId": entry["requestId"],
        "position": "1",
    }


async def test_pages_follow_one_another(office: Office) -> None:
    seen, after = [], None
    for _ in range(4):
        page = (await office.auditor(LOG, first=1, after=after))["auditLog"]
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert len({*seen}) == 4
    assert page["pageInfo"]["hasNextPage"] is False


async def test_filters(office: Office) -> None:
    ask, later = office.auditor, (now() + timedelta(hours=1)).isoformat()
    merchant = f"merchant_{office.merchant.id.hex}"

    assert await actions(ask, actions=["SIGN_IN_FAILED", "OTHER"]) == ["SIGN_IN_FAILED"]
    assert await actions(ask, merchant=merchant) == ["PRICE_CHANGED"]
    assert await actions(ask, object=f"variant_{office.thing.hex}") == ["PRICE_CHANGED"]
    assert len(await actions(ask, actor=f"user_{office.user_id.hex}")) == 4
    assert len(await actions(ask, atTo=later)) == 4
    assert await actions(ask, atFrom=later) == []
    assert await actions(ask, actor="nonsense") == await actions(ask, merchant="nonsense") == []
    too_many = await ask.answer(ACTIONS, where={"actions": ["A"] * 101})
    assert too_many["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_an_owner_reads_of_their_own_merchant_only(office: Office) -> None:
    other = f"merchant_{office.other.id.hex}"

    answer = await office.owner(LOG)

    assert [node["objectId"] for node in answer["auditLog"]["nodes"]] == [
        f"variant_{office.thing.hex}"
    ]
    assert answer["auditLog"]["totalCount"]["count"] == 1
    assert await actions(office.owner, merchant=other) == []
    assert await actions(office.owner, object=f"user_{office.user_id.hex}") == []


async def test_others_read_nothing(office: Office, ask: Ask) -> None:
    assert await actions(office.clerk) == []
    refused = await ask.answer(ACTIONS)
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_entry_is_found_by_its_id_by_those_who_may_read_it(office: Office) -> None:
    node = "query($id: ID!) { node(id: $id) { ... on AuditEntry { action } } }"
    newest = (await office.auditor(LOG))["auditLog"]["nodes"][0]["id"]

    assert await office.auditor(node, id=newest) == {"node": {"action": "SIGN_IN_FAILED"}}
    assert await office.owner(node, id=newest) == {"node": None}


async def test_addresses_are_for_auditors_until_they_are_erased(
    office: Office, db: Database
) -> None:
    before = (await office.auditor(DETAILS))["auditLog"]["nodes"]
    async with db.transaction() as session:
        await audit.erase_person(session, office.user_id, email="ann@example.test")
    after = (await office.auditor(DETAILS))["auditLog"]["nodes"]

    assert before[0] == {
        "action": "SIGN_IN_FAILED",
        "address": "203.0.113.9",
        "agent": "Browser",
        "person": {"email": "ann@example.test"},
    }
    assert [node["action"] for node in after] == [
        "DETAILS_ERASED",
        *[node["action"] for node in before],
    ]
    assert {node["address"] for node in after} == {None}
    assert {str(node["person"]) for node in after} == {"None"}
    refused = await office.owner.answer(DETAILS)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_page_takes_three_statements_whatever_its_length(
    office: Office, db: Database
) -> None:
    whole = "query($first: Int) { auditLog(first: $first) { nodes { action address merchant { id } } } }"

    short = await office.auditor.statements(whole, first=1)
    client.set(Client("203.0.113.10"))
    await audit.note(db, *(audit.entry("A", "B", new_id()) for _ in range(30)))
    client.set(Client())
    long = await office.auditor.statements(whole, first=50)

    assert len(long) - len([sql for sql in long if "FROM merchants" in sql]) == 2, long
    assert len(short) <= 3
