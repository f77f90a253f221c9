"""Refused access is noted afterwards, and a flood of refusals is counted instead of written."""

import asyncio

import asyncpg
import orjson
import pytest
from starlette.applications import Starlette

from auth.tokens import Tokens
from core.db import Database, counted
from core.identity import Caller, CallerKind, Client, client
from core.ids import encode, new_id
from services import audit
from services.audit import Refusals
from services.audit.refusals import MAX_CALLERS, MAX_FIELDS
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in
from tests.factories.merchants import make_merchant

FORBIDDEN_TO_ALL = "{ customers { nodes { id } } }"


async def noted(cleaner: asyncpg.Connection) -> list[tuple[str, dict[str, object]]]:
    rows = await cleaner.fetch(
        "SELECT actor_kind, after FROM audit_entries WHERE action = 'ACCESS_REFUSED' ORDER BY id"
    )
    return [(row["actor_kind"], orjson.loads(row["after"])) for row in rows]


async def test_a_refused_operation_is_noted_with_its_field_and_caller(
    app: Starlette, ask: Ask, db: Database, tokens: Tokens, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
        someone = ask.as_(await sign_in(session, tokens, user))
    await someone("{ me { id } }")

    with counted() as seen:
        answer = await someone.answer(FORBIDDEN_TO_ALL)
    await ask.answer(FORBIDDEN_TO_ALL)
    await app.state.shop.refusals.write()

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert seen == []
    facts = {"fields": ["Query.customers", "CustomerConnection.nodes"], "count": 1}
    assert await noted(cleaner) == [
        ("USER", {**facts, "code": "FORBIDDEN"}),
        ("ANONYMOUS", {**facts, "code": "UNAUTHENTICATED"}),
    ]
    actor = await cleaner.fetchval("SELECT actor_id FROM audit_entries WHERE actor_kind = 'USER'")
    assert actor == user.id


async def test_two_who_write_at_once_write_a_refusal_once(
    db: Database, cleaner: asyncpg.Connection
) -> None:
    refusals = Refusals(db)
    refusals.add(Caller(CallerKind.USER, new_id()), "FORBIDDEN", ["Query.customers"])

    await asyncio.gather(*[refusals.write() for _ in range(5)])

    assert await noted(cleaner) == [
        ("USER", {"code": "FORBIDDEN", "fields": ["Query.customers"], "count": 1})
    ]


async def test_naming_a_foreign_merchant_is_noted(
    app: Starlette, ask: Ask, db: Database, tokens: Tokens, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        user, foreign = await make_user(session), await make_merchant(session)
        token = await sign_in(session, tokens, user)

    refused = await ask.client.post(
        "/graphql",
        json={"query": "{ me { id } }"},
        headers={
            "authorization": f"Bearer {token}",
            "marketfront-merchant": encode("merchant", foreign.id),
        },
    )
    await app.state.shop.refusals.write()

    assert refused.status_code == 403
    facts = {"code": "FORBIDDEN", "fields": ["Marketfront-Merchant"], "count": 1}
    assert await noted(cleaner) == [("USER", facts)]


async def test_the_application_writes_them_by_itself(ask: Ask, cleaner: asyncpg.Connection) -> None:
    await ask.answer(FORBIDDEN_TO_ALL)

    await asyncio.sleep(2.5)

    assert len(await noted(cleaner)) == 1


async def test_what_was_refused_again_is_told_by_its_number(
    db: Database, cleaner: asyncpg.Connection
) -> None:
    refusals, caller = Refusals(db), Caller(CallerKind.USER, new_id())

    for _ in range(3):
        refusals.add(caller, "FORBIDDEN", ["Query.a"])
    await refusals.write()
    for _ in range(500):
        refusals.add(caller, "FORBIDDEN", ["Query.a"])
        await refusals.write()
    await refusals.write(is_last=True)

    assert [after["count"] for _, after in await noted(cleaner)] == [3, 500]


async def test_an_entry_names_few_of_many_fields(db: Database, cleaner: asyncpg.Connection) -> None:
    refusals, caller = Refusals(db), Caller(CallerKind.USER, new_id())

    for n in range(200):
        refusals.add(caller, "FORBIDDEN", [f"Query.f{n}", f"Query.g{n}"])
    await refusals.write()

    ((_, after),) = await noted(cleaner)
    assert (after["count"], len(after["fields"])) == (200, MAX_FIELDS)


async def test_a_flood_from_everywhere_makes_few_entries(
    db: Database, cleaner: asyncpg.Connection
) -> None:
    refusals = Refusals(db)

    for n in range(5_000):
        client.set(Client(f"10.0.{n // 250}.{n % 250}"))
        refusals.add(Caller(), "UNAUTHENTICATED", ["Query.a"])
    client.set(Client())
    await refusals.write(is_last=True)

    told = await noted(cleaner)
    assert len(told) == MAX_CALLERS + 1
    assert sum(after["count"] for _, after in told) == 5_000
    assert told[-1][1]["callers"] == "others"
    assert await cleaner.fetchval("SELECT count(*) FROM audit_details") == MAX_CALLERS


async def test_refusals_wait_for_a_database_that_is_away(
    db: Database, cleaner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", size=1)
    refusals = Refusals(away)
    refusals.add(Caller(), "UNAUTHENTICATED", ["Query.a"])
    with pytest.raises(ConnectionRefusedError):
        await refusals.write()

    monkeypatch.setattr(refusals, "_db", db)
    await refusals.write()

    assert [after["count"] for _, after in await noted(cleaner)] == [1]


async def test_what_is_counted_is_written_at_the_end(
    db: Database, cleaner: asyncpg.Connection
) -> None:
    async with audit.noting(db) as refusals:
        refusals.add(Caller(), "UNAUTHENTICATED", ["Query.a", "Query.b"])

    assert [after["fields"] for _, after in await noted(cleaner)] == [["Query.a", "Query.b"]]
