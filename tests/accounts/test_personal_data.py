"""A copy of what is kept about a person, and the end of it."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text, update

from core.clock import now
from core.db import Database
from models.accounts import Proof, Session, User
from models.audit import AuditDetails, AuditEntry
from models.base import Base
from models.catalog import Review
from models.merchants import Membership
from models.oauth import ClientAuthentication, Consent, OAuthClient
from models.orders import Order, OrderStatus
from services import audit
from tests.accounts.letters import letters
from tests.accounts.operations import (
    PASSWORD,
    REFUSALS,
    everything,
    open_account,
    refresh,
    refused,
    sign_in,
)
from tests.asking import Ask
from tests.factories.accounts import make_address, make_staff, make_user
from tests.factories.merchants import make_merchant
from tests.factories.shops import make_stall
from tests.shopping import place
from workers.erasing import erase_next

EXPORT = f"""mutation($input: PersonalDataExportInput!) {{
  personalDataExport(input: $input) {{ url expiresAt {REFUSALS} }} }}"""
DELETE = f"""mutation($input: AccountDeleteInput!) {{
  accountDelete(input: $input) {{ eraseAfter {REFUSALS} }} }}"""
MARKS = ("ann@example.com", "Annabel", "12 Hidden Lane", "+12175550199", "curious-agent")


async def export(own: Ask, **values: Any) -> dict[str, Any]:
    return (await own(EXPORT, input={"password": PASSWORD} | values))["personalDataExport"]


async def delete(own: Ask, **values: Any) -> dict[str, Any]:
    return (await own(DELETE, input={"password": PASSWORD} | values))["accountDelete"]


def path_of(payload: dict[str, Any]) -> str:
    return str(payload["url"]).removeprefix("http://127.0.0.1:8000")


async def make_a_life(db: Database, ann: User, ask: Ask) -> Ask:
    """An account with something of everything."""
    own = ask.as_((await sign_in(ask))["accessToken"])
    async with db.transaction() as session:
        stall = await make_stall(session)
        await make_address(session, ann, line1="12 Hidden Lane", phone="+12175550199")
        session.add(
            Review(
                product_id=stall.variant.product_id, user_id=ann.id, author_name="Annabel", rating=5
            )
        )
        await session.execute(update(User).values(first_name="Annabel", phone="+12175550199"))
        app = OAuthClient(name="Curious App", authentication=ClientAuthentication.NONE)
        session.add(app)
        await session.flush()  # the consent refers to its row
        session.add(Consent(user_id=ann.id, client_id=app.id, scopes=["shop"]))
        seen = audit.entry("SEEN", "User", ann.id, person={"agent": "curious-agent"})
        await audit.record(session, seen)
    await place(own, stall)
    parts = {"name": "Annabel", "line1": "12 Hidden Lane", "country": "US", "region": "IL"}
    async with db.transaction() as session:
        await session.execute(
            update(Order).values(
                email="ann@example.com", shipping_address=parts, billing_address=parts
            )
        )
    return own


async def erase(db: Database, redis: Redis) -> int:
    """As the worker does it: where nobody has asked for anything."""
    return await asyncio.create_task(erase_next(db, redis), context=Context())


async def make_due(db: Database) -> None:
    """No order is under way, and the time has come."""
    async with db.transaction() as session:
        await session.execute(update(Order).values(status=OrderStatus.DELIVERED))
        await session.execute(
            update(User).where(User.erase_after.is_not(None)).values(erase_after=now())
        )


async def whole(db: Database) -> str:
    """Everything that the database holds, as text."""
    async with db.transaction() as session:
        found = [
            str(await session.scalar(text(f"SELECT string_agg(each::text, '|') FROM {table} each")))
            for table in Base.metadata.tables
        ]
    return "\n".join(found)


async def test_the_copy_holds_what_every_domain_keeps(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient
) -> None:
    own = await make_a_life(db, ann, ask)

    payload = await export(own)
    answer = await client.get(path_of(payload))

    assert payload["userErrors"] == []
    assert answer.headers["content-disposition"] == 'attachment; filename="personal-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    copy = answer.json()
    assert {name for name, rows in copy.items() if rows} >= {
        *(
            "profile",
            "addresses",
            "sign_ins",
            "orders",
            "order_lines",
            "reviews",
            "connected_apps",
            "log",
        ),
    }
    assert all(mark in answer.text for mark in MARKS)
    assert "argon2" not in answer.text
    assert copy["profile"][0]["email"] == "ann@example.com"


async def test_it_holds_nothing_of_anybody_else(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient, password_hash: str
) -> None:
    await make_a_life(db, ann, ask)
    async with db.transaction() as session:
        await make_user(session, email="bob@example.com", password_hash=password_hash)
    own = ask.as_((await sign_in(ask, email="bob@example.com"))["accessToken"])

    answer = await client.get(path_of(await export(own)))

    assert not [mark for mark in MARKS if mark in answer.text]
    rows = {name: len(rows) for name, rows in answer.json().items() if name != "made_at" and rows}
    assert {"profile", "sign_ins", "log"} == rows.keys()


async def test_its_address_ends_with_the_sign_in_and_after_ten_minutes(
    db: Database, ann: User, ask: Ask, client: httpx.AsyncClient
) -> None:
    mine, other = [ask.as_((await sign_in(ask))["accessToken"]) for _ in range(2)]
    first, second = path_of(await export(mine)), path_of(await export(other))
    statuses = [(await client.get(path)).status_code for path in (first, second)]

    await mine("mutation { tokenRevoke(input: {}) { endedSessions } }")
    ended = (await client.get(first)).status_code
    async with db.transaction() as session:
        ends = await session.scalar(select(Proof.expires_at).where(Proof.purpose == "EXPORT_DATA"))
        await session.execute(update(Proof).values(expires_at=now()))

    assert statuses == [200, 200]
    assert ended == 404
    assert ends is not None
    assert timedelta(minutes=9) < ends - now() < timedelta(minutes=11)
    assert (await client.get(second)).status_code == 404
    assert (await client.get("/account/data?token=x")).status_code == 404


@pytest.mark.parametrize("operation", [EXPORT, DELETE])
async def test_only_the_person_themselves_can_ask(
    db: Database, ann: User, ask: Ask, operation: str
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    async with db.transaction() as session:
        await session.execute(update(Session).values(auth_time=now() - timedelta(hours=1)))
    before = await everything(db)

    stale = (await own(operation, input={})).popitem()[1]
    wrong = (await own(operation, input={"password": "wrong horse battery"})).popitem()[1]
    nobody = await ask.answer(operation, input={})

    assert refused(stale) == [("RecentSignInRequired", None)]
    assert refused(wrong) == [("WrongPassword", ["password"])]
    assert nobody["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await everything(db) == before


async def test_a_deleted_account_is_signed_out_and_told_and_can_come_back(
    db: Database, ann: User, ask: Ask
) -> None:
    tokens = await sign_in(ask)

    payload = await delete(ask.as_(tokens["accessToken"]))

    assert payload["userErrors"] == []
    assert refused(await refresh(ask, tokens["refreshToken"]))
    assert await letters(db) == [("ACCOUNT_CLOSING", "ann@example.com")]
    assert (await sign_in(ask))["userErrors"] == []  # and so she keeps it
    async with db.transaction() as session:
        assert (await session.scalars(select(User.erase_after))).all() == [None]


async def test_of_two_sign_ins_at_once_both_bring_it_back(
    db: Database, ann: User, ask: Ask
) -> None:
    await delete(ask.as_((await sign_in(ask))["accessToken"]))

    payloads = await asyncio.gather(*(sign_in(ask) for _ in range(4)))

    assert [payload["userErrors"] for payload in payloads] == [[]] * 4


async def test_nothing_is_erased_before_its_time(
    db: Database, ann: User, ask: Ask, redis: Redis
) -> None:
    await delete(ask.as_((await sign_in(ask))["accessToken"]))
    before = await everything(db)

    assert await erase(db, redis) == 0
    assert await everything(db) == before


async def test_nothing_of_the_person_is_left_and_the_order_stays(
    db: Database, ann: User, ask: Ask, redis: Redis
) -> None:
    own = await make_a_life(db, ann, ask)
    await export(own)
    await delete(own)
    await make_due(db)

    assert await erase(db, redis) == 1
    assert await erase(db, redis) == 0

    assert await letters(db) == [("ACCOUNT_ERASED", "ann@example.com")]
    async with db.transaction() as session:
        await session.execute(text("DELETE FROM letters"))  # it was sent
        order = (await session.scalars(select(Order))).one()
        review = (await session.scalars(select(Review))).one()
        entries = (await session.scalars(select(AuditEntry.action))).all()
        details = (await session.scalars(select(AuditDetails.content))).all()
        consents = (await session.scalars(select(Consent.scopes))).all()
    left = await whole(db)
    assert not [mark for mark in MARKS if mark in left]
    assert order.email == ""
    assert order.shipping_address == {"name": "", "line1": "", "country": "US", "region": "IL"}
    assert (order.total_minor > 0, order.owner_id) == (True, ann.id)
    assert (review.rating, review.author_name, review.user_id) == (5, "", None)
    assert "ACCOUNT_ERASED" in entries
    assert (details, consents) == ([], [])
    assert refused(await sign_in(ask)) == [("SignInFailed", None)]


async def test_the_address_is_free_for_a_new_account(
    db: Database, ann: User, ask: Ask, redis: Redis
) -> None:
    await delete(ask.as_((await sign_in(ask))["accessToken"]))
    await make_due(db)
    await erase(db, redis)

    payload = await open_account(db, ask)

    assert payload["userErrors"] == []
    assert payload["user"]["email"] == "ann@example.com"


async def test_an_order_under_way_is_finished_first(
    db: Database, ann: User, ask: Ask, redis: Redis
) -> None:
    own = await make_a_life(db, ann, ask)
    await delete(own)
    await make_due(db)
    async with db.transaction() as session:
        await session.execute(update(Order).values(status=OrderStatus.SHIPPED))

    assert await erase(db, redis) == 1
    assert await erase(db, redis) == 0

    async with db.transaction() as session:
        user = await session.get_one(User, ann.id)
    assert user.email == "ann@example.com"
    assert user.erase_after is not None
    assert timedelta(hours=23) < user.erase_after - now() < timedelta(hours=25)


async def test_the_only_owner_of_a_merchant_can_not_go(db: Database, ann: User, ask: Ask) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        session.add(Membership(user_id=ann.id, merchant_id=merchant.id, is_owner=True))
    own = ask.as_((await sign_in(ask))["accessToken"])
    before = await everything(db)

    alone = await delete(own)
    unchanged = await everything(db) == before
    async with db.transaction() as session:
        await make_staff(session, merchant, is_owner=True)
    with_another = await delete(own)

    assert refused(alone) == [("SoleOwner", None)]
    assert unchanged
    assert with_another["userErrors"] == []


DYING = """
import asyncio, sys
from core.db import Database
from services import accounts
from workers import erasing

async def hang(session, *, user_id, email):
    await real(session, user_id=user_id, email=email)
    print("halfway", flush=True)
    await asyncio.sleep(60)

real, accounts.erase_person = accounts.erase_person, hang

async def main():
    await erasing.erase_next(Database(sys.argv[1], size=4), None)

asyncio.run(main())
"""


async def test_who_is_killed_in_the_middle_has_erased_nobody_by_half(
    fresh_database: Callable[[], Awaitable[str]], root: Path, redis: Redis
) -> None:
    url = await fresh_database()
    own_db = Database(url, size=4)
    async with own_db.transaction() as session:
        user = await make_user(session, email="ann@example.com")
        await make_address(session, user, line1="12 Hidden Lane")
        user.erase_after = now()
    before = await everything(own_db)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DYING, url),
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"halfway\n"

    process.send_signal(signal.SIGKILL)
    await process.wait()
    after_the_kill = await everything(own_db)
    done = await erase(own_db, redis)
    left = await whole(own_db)
    await own_db.close()

    assert after_the_kill == before
    assert done == 1
    assert "12 Hidden Lane" not in left


async def test_ids_of_erased_people_name_nobody(
    db: Database, ann: User, ask: Ask, redis: Redis
) -> None:
    await delete(ask.as_((await sign_in(ask))["accessToken"]))
    await make_due(db)
    await erase(db, redis)

    async with db.transaction() as session:
        user = await session.get_one(User, ann.id)

    assert user.email == f"{UUID(str(ann.id)).hex}@erased.invalid"
    assert (user.first_name, user.last_name, user.phone, user.password_hash) == ("", "", None, "!")
    assert not user.is_active
