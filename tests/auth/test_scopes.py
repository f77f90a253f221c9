"""Tokens given to other programs: never more than the person let them, or than they may."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from auth.tokens import Tokens
from core.clock import now
from core.db import Database
from core.identity import EVERYONE, Caller, CallerKind
from core.ids import new_id
from models.accounts import Session, User
from models.merchants import Merchant
from models.oauth import OAuthClient
from tests.factories.accounts import make_staff
from tests.factories.merchants import make_merchant

ME = "{ me { id } }"
SIGN_OUT = "mutation { tokenRevoke(input: {all: true}) { endedSessions } }"


@pytest.fixture
async def merchant(db: Database) -> Merchant:
    async with db.transaction() as session:
        return await make_merchant(session)


@pytest.fixture
async def program(db: Database, merchant: Merchant) -> OAuthClient:
    """A merchant's own client, with permissions of its own."""
    client = OAuthClient(
        name="Till",
        merchant_id=merchant.id,
        authentication="SECRET",
        secret_hash=b"hash",
        permissions=["MANAGE_ORDERS", "MANAGE_INVENTORY"],
    )
    async with db.transaction() as session:
        session.add(client)
        await session.flush()
        return client


@pytest.fixture
async def person(db: Database, merchant: Merchant) -> User:
    async with db.transaction() as session:
        return await make_staff(session, merchant, "MANAGE_ORDERS", "MANAGE_PRICES")


class Given:
    """Gives the person's tokens to the program."""

    def __init__(self, db: Database, tokens: Tokens, person: User, program: OAuthClient) -> None:
        self.db, self.tokens, self.person, self.program = db, tokens, person, program

    async def token(self, *scopes: str) -> str:
        opened = await self.session(self.program.id)
        given = self.tokens.access(self.person.id, opened, client_id=self.program.id, scopes=scopes)
        return given[0]

    async def session(self, client_id: UUID | None) -> UUID:
        async with self.db.transaction() as session:
            opened = Session(user_id=self.person.id, client_id=client_id)
            session.add(opened)
            await session.flush()
            return opened.id


@pytest.fixture
def given(db: Database, tokens: Tokens, person: User, program: OAuthClient) -> Given:
    return Given(db, tokens, person, program)


async def answered(client: httpx.AsyncClient, token: str, query: str = ME) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"}
    return await client.post("/graphql", json={"query": query}, headers=headers)


@pytest.mark.parametrize("scopes", [(), ("openid", "profile"), ("staff",), ("manage_orders",)])
async def test_without_the_shop_scope_a_program_is_not_the_person_here(
    client: httpx.AsyncClient, given: Given, scopes: tuple[str, ...]
) -> None:
    response = await answered(client, await given.token(*scopes))

    assert response.status_code == 403
    assert response.headers["www-authenticate"] == (
        'Bearer error="insufficient_scope", scope="shop"'
    )
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("scopes", "held"),
    [
        (("shop",), set()),
        (("shop", "staff"), {"MANAGE_ORDERS", "MANAGE_PRICES"}),
        (("shop", "manage_orders"), {"MANAGE_ORDERS"}),
        (("shop", "MANAGE_ORDERS"), set()),
        (("shop", "manage_refunds", "view_audit"), set()),
        (("shop", "account", "ACCOUNT"), set()),
    ],
)
async def test_a_program_may_do_what_its_scopes_name_of_what_the_person_may(
    app: Starlette,
    given: Given,
    merchant: Merchant,
    person: User,
    scopes: tuple[str, ...],
    held: set[str],
) -> None:
    caller: Caller = await app.state.callers.of(await given.token(*scopes))

    assert (caller.kind, caller.subject) == (CallerKind.USER, person.id)
    assert caller.grants == {permission: {merchant.id} for permission in held}


async def test_no_program_ends_the_persons_sign_ins(
    client: httpx.AsyncClient, db: Database, given: Given
) -> None:
    token = await given.token("shop", "staff")

    refused = (await answered(client, token, SIGN_OUT)).json()

    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await answered(client, token)).status_code == 200


async def test_a_sign_in_of_a_program_is_never_taken_for_one_with_us(
    client: httpx.AsyncClient, given: Given, person: User, tokens: Tokens, program: OAuthClient
) -> None:
    theirs, ours = await given.session(program.id), await given.session(None)
    as_ours, _ = tokens.access(person.id, theirs)
    as_theirs, _ = tokens.access(person.id, ours, client_id=program.id, scopes=("shop",))

    assert [(await answered(client, each)).status_code for each in (as_ours, as_theirs)] == [
        401,
        401,
    ]


async def test_a_program_on_its_own_behalf_works_for_its_merchant_alone(
    app: Starlette, tokens: Tokens, program: OAuthClient, merchant: Merchant
) -> None:
    token, _ = tokens.app(program.id, ("manage_orders", "manage_refunds"))

    caller: Caller = await app.state.callers.of(token)

    assert (caller.kind, caller.subject) == (CallerKind.APP, program.id)
    assert caller.grants == {"MANAGE_ORDERS": {merchant.id}}
    assert not caller.is_signed_in


async def test_the_platforms_own_program_works_for_every_merchant(
    app: Starlette, db: Database, tokens: Tokens, program: OAuthClient
) -> None:
    async with db.transaction() as session:
        await session.execute(update(OAuthClient).values(merchant_id=None))
    token, _ = tokens.app(program.id, ("manage_orders",))

    caller: Caller = await app.state.callers.of(token)

    assert caller.grants == {"MANAGE_ORDERS": EVERYONE}


@pytest.mark.parametrize("change", [{"disabled_at": now()}, None], ids=["disabled", "unknown"])
async def test_a_disabled_program_is_nobody(
    client: httpx.AsyncClient,
    db: Database,
    tokens: Tokens,
    program: OAuthClient,
    change: dict[str, Any] | None,
) -> None:
    subject = program.id if change else new_id()
    token, _ = tokens.app(subject, ("manage_orders",))
    if change:
        async with db.transaction() as session:
            await session.execute(update(OAuthClient).values(**change))

    assert (await answered(client, token)).status_code == 401
