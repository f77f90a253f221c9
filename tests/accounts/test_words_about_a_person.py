"""What is written about a person, around their orders and their work, is not left over."""

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from auth.tokens import Tokens
from core.clock import now
from core.db import Database, Reader
from core.identity import Client, client
from core.ids import decode
from models.accounts import User
from models.audit import AuditDetails
from models.orders import OrderEvent, OrderEventKind
from models.outbox import OutboxEvent
from services import accounts, audit, merchants, orders
from tests.accounts.operations import (
    RESET_REQUEST,
    open_account,
    refused,
    register,
    sign_in,
)
from tests.accounts.test_email_change import request as request_email_change
from tests.accounts.test_personal_data import delete, erase, make_due, whole
from tests.asking import Ask
from tests.audit.test_coverage import CANCEL
from tests.audit.test_sealing import seal_all
from tests.conftest import SECRET
from tests.factories.accounts import make_staff, sign_in as sign_in_as
from tests.factories.merchants import make_merchant
from tests.factories.shipments import make_carrier
from tests.factories.shops import Stall, make_stall
from tests.merchants.operations import ACCEPT, invite
from tests.merchants.rows import token_of_letter
from tests.shipments.steps import ORDER, Sale, staff_of
from tests.shopping import new_key, place

WORDS = ("Annabel moved to Rome", "Signed for by Annabel", "12 Hidden Lane", "Annabel rang")


async def cancelled(db: Database, own: Ask, stall: Stall) -> str:
    """A paid order that its buyer cancelled, saying why."""
    order_id = await paid(db, own, stall)
    details = {"orderId": order_id, "idempotencyKey": new_key(), "reason": WORDS[0]}
    assert (await own(CANCEL, input=details))["orderCancel"]["userErrors"] == []
    return order_id


async def paid(db: Database, own: Ask, stall: Stall) -> str:
    _, group = await place(own, stall)
    group_id = decode("ordergroup", group["id"])
    assert group_id is not None
    async with db.transaction() as session:
        await orders.settle(session, group_id=group_id, paid_minor=1_500)
    return str(group["orders"][0]["id"])


async def test_why_an_order_was_cancelled_is_in_its_timeline_and_in_no_event(
    db: Database, ann: User, ask: Ask
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    async with db.transaction() as session:
        stall = await make_stall(session)

    await cancelled(db, own, stall)

    is_end = OrderEvent.kind == OrderEventKind.CANCELLED
    async with db.transaction() as session:
        shown = await session.scalar(select(OrderEvent.facts).where(is_end))
        told = await session.scalar(
            select(OutboxEvent.facts).where(OutboxEvent.kind == "OrderCancelled")
        )
    assert shown == {"reason": WORDS[0], "paid_minor": 1_500}
    assert told == {"paid_minor": 1_500}


async def test_of_who_is_erased_no_word_about_their_orders_is_left(
    db: Database, ann: User, ask: Ask, redis: Redis, tokens: Tokens
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    async with db.transaction() as session:
        stall = await make_stall(session)
        await make_carrier(session)
        staff = await staff_of(session, stall.merchant, ask, tokens)
    await cancelled(db, own, stall)
    sent = await paid(db, own, stall)
    line = (await own(ORDER, id=sent))["order"]["lines"][0]["id"]
    sale = Sale(stall, own, staff, sent, line)
    shipment = await sale.created(1)
    await sale.dispatch(shipment)
    where = {"shipmentId": shipment["id"]}
    said = {"message": WORDS[1], "location": WORDS[2]}
    await sale.report(where, "DELIVERED", "2026-11-20T10:00:00Z", **said)
    async with db.transaction() as session:
        of_staff = audit.entry(
            "ORDER_CANCELLED", "Order", decode("order", sent), person={"reason": WORDS[3]}
        )
        await audit.record(session, of_staff)
    before = await whole(db)
    await delete(own)
    await make_due(db)

    assert await erase(db, redis) == 1

    left = await whole(db)
    assert [word for word in WORDS if word in before] == [*WORDS]
    assert [word for word in WORDS if word in left] == []
    async with db.transaction() as session:
        facts = await session.scalars(select(OrderEvent.facts))
        assert {"paid_minor": 1_500} in facts.all()  # the order's history stays


async def test_a_timeline_changes_in_no_other_way(db: Database, ann: User, ask: Ask) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    async with db.transaction() as session:
        stall = await make_stall(session)
    await cancelled(db, own, stall)

    for change in (
        "UPDATE order_events SET facts = facts - 'reason' - 'paid_minor'",
        "UPDATE order_events SET facts = facts - 'reason', kind = 'PAID'",
        "UPDATE order_events SET actor_id = NULL",
        "DELETE FROM order_events",
    ):
        with pytest.raises(IntegrityError, match="rows of order_events are never changed"):
            async with db.transaction() as session:
                await session.execute(text(change))


async def test_of_who_was_invited_and_is_erased_the_log_keeps_no_address(
    db: Database, ann: User, ask: Ask, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        first, second = await make_merchant(session), await make_merchant(session)
        owners = [await make_staff(session, each, is_owner=True) for each in (first, second)]
        ann.email_verified_at = now()
        await session.merge(ann)
        asks = [ask.as_(await sign_in_as(session, tokens, each)) for each in owners]
    for owner, merchant in zip(asks, (first, second), strict=True):
        await invite(owner, merchant.id, ann.email, "MANAGE_ORDERS")
    own = ask.as_((await sign_in(ask))["accessToken"])
    await own(ACCEPT, token=await token_of_letter(db, ann.email))  # of the second one

    async with db.transaction() as session:
        await merchants.erase_person(session, user_id=ann.id, email=ann.email)

    async with db.transaction() as session:
        details = (await session.scalars(select(AuditDetails.content))).all()
    assert details  # of others there are some
    assert [each for each in details if ann.email in each] == []


async def test_of_who_is_erased_the_log_keeps_no_address_from_before_they_had_an_account(
    db: Database, ask: Ask, reader: Reader
) -> None:
    """Entries of then name nobody, or accounts that never came to be."""
    nobodys = "bob@example.com"
    client.set(Client("203.0.113.1", '"person":{"email":"ann@example.com"}'))
    for said in (nobodys, "bob\0"):  # what a form may bring
        await audit.note(db, audit.entry("SIGN_IN_FAILED", "User", None, person={"email": said}))
    for email in (" Ann@Example.com ", nobodys):
        assert refused(await sign_in(ask, email=email)) == [("SignInFailed", None)]
    await ask(RESET_REQUEST, input={"email": "ann@example.com"})
    for _ in range(3):
        await register(ask)
    await open_account(db, ask, email="carol@example.com")
    carol = ask.as_((await sign_in(ask, email="carol@example.com"))["accessToken"])
    await request_email_change(carol, email="ann@example.com")
    await open_account(db, ask)
    keys = audit.KeyRing(SECRET)
    await seal_all(db, reader, keys)
    client.set(Client())

    async with db.transaction() as session:
        user_id = await session.scalar(select(User.id).where(User.email == "ann@example.com"))
        assert user_id is not None
        await accounts.erase_person(session, user_id=user_id, email="ann@example.com")
    await seal_all(db, reader, keys)

    async with db.transaction() as session:
        details = (await session.scalars(select(AuditDetails.content))).all()
    assert [each for each in details if '"ann@example.com"' in each] == []
    assert len([each for each in details if nobodys in each]) == 2
    assert [each for each in details if "carol@example.com" in each]
    assert (await audit.verify(reader)).problem is None
