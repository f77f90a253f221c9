"""Who is asking: from the Authorization header to the caller's grants."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import delete, update
from starlette.applications import Starlette

from auth.callers import Callers, grants_of
from auth.keys import Keys
from auth.news import News
from auth.tokens import TokenInvalid, Tokens
from core.db import Database, Reader
from core.identity import EVERYONE, FIRST_PARTY, PLATFORM_ONLY, CallerKind, Permission
from core.ids import new_id
from core.settings import Settings
from models.accounts import Guest, Session, User
from models.merchants import Membership
from tests.accounts.operations import ME
from tests.asking import Ask
from tests.factories.accounts import make_guest, make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant


@pytest.fixture
def callers(tokens: Tokens, reader: Reader) -> Callers:
    """Those of another process, which hears nothing of what this one does."""
    return Callers(tokens, reader)


async def is_refused(client: httpx.AsyncClient, *authorizations: str) -> bool:
    response = await client.post(
        "/graphql",
        json={"query": ME},
        headers=[("authorization", each) for each in authorizations],
    )
    if response.status_code == 200:
        assert "errors" not in response.json()
        return False
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    return True


async def test_the_scheme_is_read_in_any_capitals(
    db: Database, tokens: Tokens, client: httpx.AsyncClient
) -> None:
    async with db.transaction() as session:
        token = await sign_in(session, tokens, await make_user(session))

    for header in (f"Bearer {token}", f"bearer {token}", f"BEARER  {token} "):
        assert not await is_refused(client, header)


@pytest.mark.parametrize(
    "header",
    ["", " ", "Bearer", "Bearer ", "Bearer a b", "Bearer é", "Basic YTpi", "a.b.c", "Bearera.b.c"],
)
async def test_a_malformed_header_is_refused_not_ignored(
    client: httpx.AsyncClient, clean: None, header: str
) -> None:
    response = await client.post(
        "/graphql", json={"query": ME}, headers={"authorization": header.encode("latin-1")}
    )

    assert response.status_code == 401


async def test_two_identities_at_once_are_refused(
    db: Database, tokens: Tokens, client: httpx.AsyncClient
) -> None:
    async with db.transaction() as session:
        token = await sign_in(session, tokens, await make_user(session))

    assert await is_refused(client, f"Bearer {token}", f"Bearer {token}")


async def test_a_guest_and_a_user_can_not_be_taken_for_each_other(
    db: Database, tokens: Tokens, client: httpx.AsyncClient
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
        signed_in = Session(user_id=user.id)
        session.add(signed_in)
        guest_id, _ = await make_guest(session, tokens)
        other = await make_user(session)

    swapped = [
        tokens.guest(user.id)[0],
        tokens.access(guest_id, signed_in.id)[0],
        tokens.access(other.id, signed_in.id)[0],
        tokens.access(user.id, new_id())[0],
        tokens.guest(new_id())[0],
    ]

    assert [await is_refused(client, f"Bearer {token}") for token in swapped] == [True] * 5


async def test_tokens_of_another_shop_and_expired_ones_are_refused(
    settings: Settings, db: Database, reader: Reader, client: httpx.AsyncClient
) -> None:
    changed = [
        settings.model_copy(update={"token_issuer": "https://another.example"}),
        settings.model_copy(update={"public_url": "https://another.example"}),
        settings.model_copy(update={"access_token_lifetime": timedelta(seconds=-60)}),
    ]
    signers = []
    for each in changed:
        keys = Keys(each, reader)
        await keys.refresh()
        signers.append(Tokens(each, keys))
    async with db.transaction() as session:
        user = await make_user(session)
        given = [await sign_in(session, signer, user) for signer in signers]

    assert [await is_refused(client, f"Bearer {token}") for token in given] == [True] * 3


@pytest.mark.parametrize(
    "ending",
    [
        update(Session).values(revoked_at=Session.created_at),
        update(User).values(is_active=False),
    ],
)
async def test_an_ended_sign_in_and_a_closed_account_are_seen_within_a_second(
    db: Database, tokens: Tokens, callers: Callers, ending: object
) -> None:
    async with db.transaction() as session:
        token = await sign_in(session, tokens, await make_user(session))
    assert (await callers.of(token)).kind is CallerKind.USER

    async with db.transaction() as session:
        await session.execute(ending)  # type: ignore[call-overload]

    await eventually_refused(callers, token)


async def test_a_revoked_guest_is_seen_within_a_second(
    db: Database, tokens: Tokens, callers: Callers
) -> None:
    async with db.transaction() as session:
        _, token = await make_guest(session, tokens)
    assert (await callers.of(token)).kind is CallerKind.GUEST

    async with db.transaction() as session:
        await session.execute(update(Guest).values(revoked_at=Guest.created_at))

    await eventually_refused(callers, token)


async def eventually_refused(callers: Callers, token: str) -> None:
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        try:
            await callers.of(token)
        except TokenInvalid:
            return
    with pytest.raises(TokenInvalid):
        await callers.of(token)


async def test_permissions_given_and_taken_are_seen_within_a_second(
    db: Database, tokens: Tokens, callers: Callers
) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        staff = await make_staff(session, merchant, Permission.MANAGE_ORDERS)
        token = await sign_in(session, tokens, staff)

    async def may() -> list[bool]:
        caller = await callers.of(token)
        asked = (Permission.MANAGE_ORDERS, Permission.MANAGE_PRICES)
        return [caller.may(each, merchant.id) for each in asked]

    before = await may()
    async with db.transaction() as session:
        await session.execute(update(Membership).values(permissions=[Permission.MANAGE_PRICES]))
    started = time.monotonic()
    while await may() == before and time.monotonic() < started + 2:
        pass
    elapsed, after = time.monotonic() - started, await may()

    assert before == [True, False]
    assert after == [False, True]
    assert elapsed < 1.1


async def test_a_member_no_more_has_no_grants(
    db: Database, tokens: Tokens, callers: Callers
) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        staff = await make_staff(session, merchant, is_owner=True)
        token = await sign_in(session, tokens, staff)
        await session.execute(delete(Membership))

    caller = await callers.of(token)

    assert caller.grants == {FIRST_PARTY: EVERYONE}


async def test_a_token_that_expires_is_not_remembered_past_its_end(
    app: Starlette, settings: Settings, db: Database, reader: Reader, always_heard: News
) -> None:
    soon = settings.model_copy(update={"access_token_lifetime": timedelta(seconds=-4)})
    signer = Tokens(soon, app.state.keys)  # valid for less than a second, by the leeway
    async with db.transaction() as session:
        token = await sign_in(session, signer, await make_user(session))
    callers = Callers(signer, reader, always_heard)
    await callers.of(token)

    await eventually_refused(callers, token)


async def test_the_memory_for_callers_is_limited(
    db: Database,
    tokens: Tokens,
    reader: Reader,
    always_heard: News,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    callers = Callers(tokens, reader, always_heard)
    monkeypatch.setattr("auth.memory.MAX_REMEMBERED", 3)
    async with db.transaction() as session:
        given = [(await make_guest(session, tokens))[1] for _ in range(5)]

    for token in given:
        await callers.of(token)

    assert list(callers._memory.known) == given[2:]
    assert callers._memory._tokens._things.keys() == set().union(
        *(known.about for known in callers._memory.known.values())
    )


@pytest.mark.parametrize("is_theirs", [True, False])
async def test_what_is_revoked_while_the_database_is_asked_is_not_remembered(
    db: Database,
    tokens: Tokens,
    reader: Reader,
    always_heard: News,
    cleaner: asyncpg.Connection,
    *,
    is_theirs: bool,
) -> None:
    callers = Callers(tokens, reader, always_heard)
    async with db.transaction() as session:
        user = await make_user(session)
        token = await sign_in(session, tokens, user)

    async with cleaner.transaction():
        await cleaner.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        asking = asyncio.create_task(callers.of(token))
        await asyncio.sleep(0.1)
        callers.forget_one(user.id if is_theirs else new_id())
    caller = await asking

    assert caller.subject == user.id
    assert (token in callers._memory.known) is not is_theirs


def test_grants_are_what_memberships_and_the_platform_give() -> None:
    first, second = UUID(int=1), UUID(int=2)
    memberships = [
        {"merchant_id": first, "is_owner": True, "permissions": []},
        {
            "merchant_id": second,
            "is_owner": False,
            "permissions": ["MANAGE_ORDERS", "MANAGE_PAYMENTS", "GONE"],
        },
    ]

    grants = grants_of(["VIEW_AUDIT"], memberships)

    assert grants["MANAGE_ORDERS"] == frozenset({first, second})
    assert grants["MANAGE_PRICES"] == frozenset({first})
    assert grants["VIEW_AUDIT"] is EVERYONE
    assert "GONE" not in grants
    assert {*grants} & PLATFORM_ONLY == {Permission.VIEW_AUDIT}
    assert len(grants) == len(Permission) - len(PLATFORM_ONLY) + 1


async def test_platform_staff_hold_their_permission_for_every_merchant(
    db: Database, tokens: Tokens, callers: Callers
) -> None:
    async with db.transaction() as session:
        user = await make_user(session, platform=(Permission.MANAGE_ORDERS,))
        token = await sign_in(session, tokens, user)

    caller = await callers.of(token)

    assert caller.may(Permission.MANAGE_ORDERS, new_id())
    assert not caller.may(Permission.MANAGE_PRICES, new_id())
    assert caller.merchants(Permission.MANAGE_ORDERS) is None


async def test_who_is_not_known_because_the_database_is_gone_is_told_to_try_again(
    app: Starlette, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Reader("postgresql+asyncpg://postgres@127.0.0.1:1/nothing", size=1)
    await away.open()
    tokens: Tokens = app.state.shop.tokens
    monkeypatch.setattr(app.state.callers, "_reader", away)

    answer = await ask.as_(tokens.guest(new_id())[0]).answer(ME)

    assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
