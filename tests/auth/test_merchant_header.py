"""Staff of several merchants name the one a request is about, or see the union."""

import httpx
import pytest
from starlette.applications import Starlette

from auth.tokens import Tokens
from core.db import Database
from core.identity import EVERYONE, FIRST_PARTY, Caller, CallerKind
from core.ids import encode, new_id
from models.merchants import Membership, Merchant
from tests.factories.accounts import make_guest, make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant

MINE = "{ warehouses(where: {isPickupPoint: false}) { nodes { merchant { id } } } }"


@pytest.fixture
async def merchants(db: Database) -> list[Merchant]:
    async with db.transaction() as session:
        return [await make_merchant(session) for _ in range(3)]


@pytest.fixture
async def token(db: Database, tokens: Tokens, merchants: list[Merchant]) -> str:
    """Of somebody with different rights at the first two merchants, and none at the third."""
    async with db.transaction() as session:
        user = await make_staff(session, merchants[0], "MANAGE_ORDERS", "MANAGE_INVENTORY")
        session.add(
            Membership(user_id=user.id, merchant_id=merchants[1].id, permissions=["MANAGE_ORDERS"])
        )
        return await sign_in(session, tokens, user)


async def answered(
    client: httpx.AsyncClient, query: str, token: str | None, *merchants: str
) -> httpx.Response:
    named = [("marketfront-merchant", each) for each in merchants]
    identity = [("authorization", f"Bearer {token}")] if token else []
    return await client.post("/graphql", json={"query": query}, headers=[*identity, *named])


async def test_a_request_that_names_a_merchant_is_about_that_one_alone(
    client: httpx.AsyncClient, token: str, merchants: list[Merchant]
) -> None:
    stock = "{ stockLevels { totalCount { count } } }"
    ids = [encode("merchant", merchant.id) for merchant in merchants]

    at_first = await answered(client, stock, token, ids[0])
    at_second = await answered(client, stock, token, ids[1])

    assert "errors" not in at_first.json()
    [error] = at_second.json()["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("form", ["foreign", "unknown", "nonsense", "empty", "twice", "bare"])
async def test_a_merchant_that_is_not_theirs_refuses_the_request(
    client: httpx.AsyncClient, token: str, merchants: list[Merchant], form: str
) -> None:
    mine = encode("merchant", merchants[0].id)
    said = {
        "foreign": [encode("merchant", merchants[2].id)],
        "unknown": [encode("merchant", new_id())],
        "nonsense": ["merchant_x' OR 1=1"],
        "empty": [""],
        "twice": [mine, mine],
        "bare": [merchants[0].id.hex],
    }

    response = await answered(client, MINE, token, *said[form])

    assert response.status_code == 403
    assert response.json() == {
        "errors": [
            {
                "message": "You do not work for the merchant that the request names.",
                "extensions": {"code": "FORBIDDEN"},
            }
        ]
    }


async def test_who_works_for_nobody_may_not_name_a_merchant(
    client: httpx.AsyncClient, db: Database, tokens: Tokens, merchants: list[Merchant]
) -> None:
    async with db.transaction() as session:
        _, guest = await make_guest(session, tokens)
        customer = await sign_in(session, tokens, await make_user(session))
    named = encode("merchant", merchants[0].id)

    answers = [await answered(client, MINE, each, named) for each in (None, guest, customer)]

    assert [response.status_code for response in answers] == [403] * 3


async def test_without_a_name_they_see_the_union(
    app: Starlette, token: str, merchants: list[Merchant], clean: None
) -> None:
    caller: Caller = await app.state.callers.of(token)

    assert caller.grants["MANAGE_ORDERS"] == {merchants[0].id, merchants[1].id}
    assert caller.grants["MANAGE_INVENTORY"] == {merchants[0].id}


def test_the_platforms_staff_become_staff_of_the_one_they_name() -> None:
    merchant_id = new_id()
    caller = Caller(
        CallerKind.USER, new_id(), grants={"MANAGE_ORDERS": EVERYONE, FIRST_PARTY: EVERYONE}
    )

    narrowed = caller.narrowed(merchant_id)

    assert narrowed
    assert narrowed.grants == {"MANAGE_ORDERS": {merchant_id}, FIRST_PARTY: EVERYONE}
    assert (narrowed.subject, narrowed.kind) == (caller.subject, caller.kind)
    assert (
        Caller(CallerKind.USER, new_id(), grants={FIRST_PARTY: EVERYONE}).narrowed(merchant_id)
        is None
    )


async def test_browsers_of_other_origins_may_name_a_merchant(
    client: httpx.AsyncClient, app: Starlette
) -> None:
    response = await client.options(
        "/graphql",
        headers={
            "origin": "https://elsewhere.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "marketfront-merchant",
        },
    )

    assert "marketfront-merchant" in response.headers["access-control-allow-headers"]
