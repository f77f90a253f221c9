"""App tokens: what programs show instead of a person's sign-in."""

import asyncio
import hashlib
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, func, select, update
from starlette.applications import Starlette

from auth.callers import forget_caller
from auth.tokens import Tokens
from core import clock
from core.db import Database
from core.identity import CallerKind, Permission
from core.ids import encode, new_id
from core.logging import redacted
from models.accounts import User
from models.audit import AuditEntry
from models.merchants import Membership, Merchant
from models.platform import AppToken
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant

CREATE = """mutation($input: AppTokenCreateInput!) { appTokenCreate(input: $input) {
  token appToken { id name permissions createdBy expiresAt lastUsedAt revokedAt merchant { id } }
  userErrors { __typename message field } } }"""
REVOKE = """mutation($input: AppTokenRevokeInput!) { appTokenRevoke(input: $input) {
  appToken { id revokedAt } userErrors { __typename field } } }"""
LIST = """query($merchantId: ID, $isOpen: Boolean! = false) {
  appTokens(merchantId: $merchantId, isOpen: $isOpen) {
    nodes { id name lastUsedAt merchant { id } } totalCount { count } } }"""
WAREHOUSES = "{ stockLevels { totalCount { count } } }"


@pytest.fixture
async def merchant(db: Database) -> Merchant:
    async with db.transaction() as session:
        return await make_merchant(session)


@pytest.fixture
async def keeper(db: Database, merchant: Merchant) -> User:
    async with db.transaction() as session:
        return await make_staff(session, merchant, "MANAGE_SETTINGS", "MANAGE_INVENTORY")


@pytest.fixture
async def asking(db: Database, ask: Ask, tokens: Tokens, keeper: User) -> Ask:
    """The keeper of the merchant's settings."""
    async with db.transaction() as session:
        return ask.as_(await sign_in(session, tokens, keeper))


def wanted(merchant: Merchant | None, *permissions: str, **more: Any) -> dict[str, Any]:
    merchant_id = encode("merchant", merchant.id) if merchant else None
    return {"name": "Till", "permissions": permissions, "merchantId": merchant_id, **more}


async def created(ask: Ask, merchant: Merchant | None, *permissions: str, **more: Any) -> str:
    payload = (await ask(CREATE, input=wanted(merchant, *permissions, **more)))["appTokenCreate"]
    assert payload["userErrors"] == []
    token: str = payload["token"]
    return token


async def kept(db: Database) -> int:
    async with db.transaction() as session:
        return await session.scalar(select(func.count()).select_from(AppToken)) or 0


async def test_a_token_is_shown_once_and_kept_as_its_hash(
    db: Database, asking: Ask, merchant: Merchant, keeper: User
) -> None:
    answer = await asking(CREATE, input=wanted(merchant, "MANAGE_INVENTORY"))

    payload = answer["appTokenCreate"]
    token = payload.pop("token")
    assert token.startswith("mf_")
    assert len(token) == 46
    assert payload == {
        "appToken": {
            "id": payload["appToken"]["id"],
            "name": "Till",
            "permissions": ["MANAGE_INVENTORY"],
            "createdBy": f"{keeper.first_name} {keeper.last_name}",
            "expiresAt": None,
            "lastUsedAt": None,
            "revokedAt": None,
            "merchant": {"id": encode("merchant", merchant.id)},
        },
        "userErrors": [],
    }
    async with db.transaction() as session:
        row = (await session.execute(select(AppToken.__table__))).one()
        entry = (await session.execute(select(AuditEntry.__table__))).one()
    assert row.token_hash == hashlib.sha256(token.encode()).digest()
    assert token not in repr(row)
    assert (entry.action, entry.object_id, entry.merchant_id) == (
        "APP_TOKEN_CREATED",
        row.id,
        merchant.id,
    )
    assert token not in repr(entry)
    assert redacted(f"refused {token}.") == "refused <token>."


async def test_a_program_may_do_what_its_token_says_and_nothing_else(
    app: Starlette, ask: Ask, asking: Ask, merchant: Merchant
) -> None:
    token = await created(asking, merchant, "MANAGE_INVENTORY")

    caller = await app.state.callers.of(token)
    stock = await ask.as_(token)(WAREHOUSES)
    refused = await ask.as_(token).answer(LIST)

    assert (caller.kind, caller.subject) == (CallerKind.APP, caller.token_id)
    assert caller.grants == {"MANAGE_INVENTORY": {merchant.id}}
    assert stock["stockLevels"]["totalCount"]["count"] == 0
    assert refused.keys() == {"errors"}


async def test_no_program_makes_or_ends_tokens(
    db: Database, ask: Ask, asking: Ask, merchant: Merchant
) -> None:
    token = await created(asking, merchant, "MANAGE_SETTINGS")

    made = await ask.as_(token).answer(CREATE, input=wanted(merchant, "MANAGE_SETTINGS"))
    [node] = (await ask.as_(token)(LIST))["appTokens"]["nodes"]
    ended = await ask.as_(token).answer(REVOKE, input={"appTokenId": node["id"]})

    assert made.keys() == ended.keys() == {"errors"}
    assert await kept(db) == 1


async def test_nobody_gives_away_what_they_do_not_hold(
    db: Database, asking: Ask, merchant: Merchant
) -> None:
    answer = await asking(CREATE, input=wanted(merchant, "MANAGE_INVENTORY", "MANAGE_REFUNDS"))

    assert answer["appTokenCreate"] == {
        "token": None,
        "appToken": None,
        "userErrors": [
            {
                "__typename": "PermissionMissing",
                "message": "This needs the permission MANAGE_REFUNDS.",
                "field": ["permissions", "1"],
            }
        ],
    }
    assert await kept(db) == 0


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"merchantId": None}, "InvalidInput", ["merchantId"]),
        ({"merchantId": encode("merchant", new_id())}, "NotFound", ["merchantId"]),
        ({"merchantId": "nonsense"}, "NotFound", ["merchantId"]),
        ({"permissions": []}, "InvalidInput", ["permissions"]),
        ({"permissions": ["VIEW_AUDIT"]}, "InvalidInput", ["permissions", "0"]),
        ({"name": "  "}, "InvalidInput", ["name"]),
        ({"name": "x" * 101}, "InvalidInput", ["name"]),
        ({"name": "a\u0007b"}, "InvalidInput", ["name"]),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "InvalidInput", ["expiresAt"]),
        ({"expiresAt": "2120-01-01T00:00:00Z"}, "InvalidInput", ["expiresAt"]),
    ],
)
async def test_what_makes_no_sense_is_refused_and_makes_nothing(
    db: Database,
    asking: Ask,
    merchant: Merchant,
    changes: dict[str, Any],
    refusal: str,
    field: list[str],
) -> None:
    asked = wanted(merchant, "MANAGE_INVENTORY") | changes

    payload = (await asking(CREATE, input=asked))["appTokenCreate"]

    assert [(each["__typename"], each["field"]) for each in payload["userErrors"]] == [
        (refusal, field)
    ]
    assert payload["token"] is None
    assert await kept(db) == 0


async def test_the_settings_of_another_merchant_are_not_there(
    db: Database, ask: Ask, tokens: Tokens, asking: Ask, merchant: Merchant
) -> None:
    await created(asking, merchant, "MANAGE_INVENTORY")
    async with db.transaction() as session:
        other = await make_merchant(session)
        stranger = await make_staff(session, other, is_owner=True)
        elsewhere = ask.as_(await sign_in(session, tokens, stranger))
        [app_token_id] = (await session.execute(select(AppToken.id))).scalars()

    made = await elsewhere(CREATE, input=wanted(merchant, "MANAGE_INVENTORY"))
    seen = await elsewhere(LIST)
    node = await elsewhere(
        "query($id: ID!) { node(id: $id) { id } }", id=encode("apptoken", app_token_id)
    )
    revoked = await elsewhere(REVOKE, input={"appTokenId": encode("apptoken", app_token_id)})

    assert made["appTokenCreate"]["userErrors"][0]["__typename"] == "NotFound"
    assert seen["appTokens"] == {"nodes": [], "totalCount": {"count": 0}}
    assert node == {"node": None}
    assert revoked["appTokenRevoke"]["userErrors"] == [
        {"__typename": "NotFound", "field": ["appTokenId"]}
    ]
    async with db.transaction() as session:
        assert await session.scalar(select(AppToken.revoked_at)) is None


async def test_the_platforms_staff_make_tokens_for_all_merchants(
    app: Starlette, db: Database, ask: Ask, tokens: Tokens, merchant: Merchant
) -> None:
    async with db.transaction() as session:
        operator = await make_user(session, platform=("MANAGE_SETTINGS", "VIEW_AUDIT"))
        asking = ask.as_(await sign_in(session, tokens, operator))

    token = await created(asking, None, "VIEW_AUDIT")
    missing = await asking(CREATE, input=wanted(None, "MANAGE_ORDERS"))
    listed = await asking(LIST)

    caller = await app.state.callers.of(token)
    assert caller.merchants(Permission.VIEW_AUDIT) is None
    assert [*caller.grants] == ["VIEW_AUDIT"]
    assert missing["appTokenCreate"]["userErrors"][0]["__typename"] == "PermissionMissing"
    assert [node["merchant"] for node in listed["appTokens"]["nodes"]] == [None]


@pytest.mark.parametrize(
    "loss",
    [
        update(Membership).values(permissions=["MANAGE_SETTINGS"]),
        delete(Membership),
    ],
    ids=["permission-taken", "left-the-merchant"],
)
async def test_what_its_maker_loses_the_token_loses_and_what_comes_back_it_has_again(
    app: Starlette, db: Database, asking: Ask, merchant: Merchant, keeper: User, loss: Any
) -> None:
    token = await created(asking, merchant, "MANAGE_INVENTORY")
    before = (await app.state.callers.of(token)).grants
    async with db.transaction() as session:
        await session.execute(loss)
    app.state.callers.forget_one(keeper.id)

    after = (await app.state.callers.of(token)).grants

    assert [*before] == ["MANAGE_INVENTORY"]
    assert after == {}


async def test_a_closed_account_ends_the_tokens_it_made(
    app: Starlette, client: httpx.AsyncClient, db: Database, asking: Ask, merchant: Merchant
) -> None:
    token = await created(asking, merchant, "MANAGE_INVENTORY")
    async with db.transaction() as session:
        await session.execute(update(User).values(is_active=False))
    app.state.callers.forget()

    assert await status(client, token) == 401


@pytest.mark.parametrize(("state", "answer"), [("SUSPENDED", 200), ("CLOSED", 401)])
async def test_a_merchant_that_is_closed_has_no_programs_but_a_suspended_one_has(
    client: httpx.AsyncClient,
    db: Database,
    asking: Ask,
    merchant: Merchant,
    state: str,
    answer: int,
) -> None:
    token = await created(asking, merchant, "MANAGE_INVENTORY")
    await status(client, token)

    async with db.transaction() as session:
        await session.execute(update(Merchant).values(status=state))
    forget_caller(merchant.id)

    assert await status(client, token) == answer


async def status(client: httpx.AsyncClient, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    body = {"query": WAREHOUSES}
    return (await client.post("/graphql", json=body, headers=headers)).status_code


async def test_a_revoked_token_is_refused_at_once_and_again_is_no_change(
    client: httpx.AsyncClient, db: Database, asking: Ask, merchant: Merchant
) -> None:
    token = await created(asking, merchant, "MANAGE_INVENTORY")
    [node] = (await asking(LIST, isOpen=True))["appTokens"]["nodes"]
    let_in = await status(client, token)

    first = (await asking(REVOKE, input={"appTokenId": node["id"]}))["appTokenRevoke"]
    again = (await asking(REVOKE, input={"appTokenId": node["id"]}))["appTokenRevoke"]

    assert (let_in, await status(client, token)) == (200, 401)
    assert first["appToken"]["revokedAt"] is not None
    assert again == first
    assert (await asking(LIST, isOpen=True))["appTokens"]["nodes"] == []
    assert len((await asking(LIST))["appTokens"]["nodes"]) == 1


async def test_an_expired_token_is_refused_by_who_has_seen_it_too(
    client: httpx.AsyncClient, asking: Ask, merchant: Merchant
) -> None:
    soon = (clock.now() + timedelta(seconds=1)).isoformat()
    token = await created(asking, merchant, "MANAGE_INVENTORY", expiresAt=soon)
    let_in = await status(client, token)

    await asyncio.sleep(1.05)

    assert (let_in, await status(client, token)) == (200, 401)


async def test_the_last_use_is_seen_and_written_at_most_once_a_minute(
    app: Starlette, client: httpx.AsyncClient, db: Database, asking: Ask, merchant: Merchant
) -> None:
    token = await created(asking, merchant, "MANAGE_INVENTORY")

    await status(client, token)
    first = await written(db)
    await status(client, token)
    await asyncio.sleep(1.2)
    second = await written(db)

    assert first is not None
    assert second == first


async def written(db: Database) -> Any:
    """When the token was used last, as soon as that is written."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        async with db.transaction() as session:
            if last := await session.scalar(select(AppToken.last_used_at)):
                return last
        await asyncio.sleep(0.05)
    return None


async def test_at_most_a_hundred_tokens_of_a_merchant_are_open(
    db: Database, asking: Ask, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.platform.app_tokens.MAX_TOKENS", 1)
    await created(asking, merchant, "MANAGE_INVENTORY")

    refused = await asking(CREATE, input=wanted(merchant, "MANAGE_INVENTORY"))

    assert refused["appTokenCreate"]["userErrors"][0]["__typename"] == "TooManyAppTokens"
    assert await kept(db) == 1


async def test_a_list_is_one_statement_and_its_count_another(
    asking: Ask, merchant: Merchant
) -> None:
    for _ in range(3):
        await created(asking, merchant, "MANAGE_INVENTORY")

    seen = await asking.statements(LIST)

    assert len(seen) == 2  # merchants are remembered
