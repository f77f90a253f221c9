"""Orders: who sees them, who confirms and cancels them."""

from sqlalchemy import func, select

from auth.tokens import Tokens
from core.db import Database
from core.identity import Permission
from core.ids import encode
from models.inventory import StockLevel
from models.orders import Order, OrderEvent
from models.outbox import OutboxEvent
from services import orders
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.shops import make_stall
from tests.shopping import new_key, place

ORDER = "query($id: ID!) { order(by: {id: $id}) { id number status group { id } events { kind } } }"
ORDERS = "{ orders(first: 10) { nodes { id status } totalCount { count } } }"
CONFIRM = """mutation($input: OrderConfirmInput!) { orderConfirm(input: $input) {
  order { status version } userErrors { __typename code ... on NotAllowedInState { state } } } }"""
CANCEL = """mutation($input: OrderCancelInput!) { orderCancel(input: $input) {
  order { status } userErrors { __typename code } } }"""
GRANT = """mutation($input: OrderAccessGrantInput!) { orderAccessGrant(input: $input) {
  order { id status } guestToken userErrors { code message } } }"""


async def settle(db: Database, group_id: str) -> orders.Settlement:
    """The group as if its whole amount had been captured."""
    async with db.transaction() as session:
        group = await session.scalar(select(Order.group_id).limit(1))
        assert group is not None
        assert group_id == encode("ordergroup", group)
        total = await session.scalar(select(func.sum(Order.total_minor)))
        return await orders.settle(session, group_id=group, paid_minor=int(total or 0))


async def test_each_merchants_staff_sees_its_own_order_only(
    db: Database, ask: Ask, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        first, second = await make_stall(session), await make_stall(session)
        clerk = await make_staff(session, first.merchant, Permission.MANAGE_ORDERS)
        packer = await make_staff(session, first.merchant, Permission.MANAGE_SHIPMENTS)
        boss = await make_user(session, platform=(Permission.MANAGE_ORDERS,))
        clerks, packers, bosss = [
            await sign_in(session, tokens, user) for user in (clerk, packer, boss)
        ]
    _, group = await place(ask, first, second)
    mine, others = (each["id"] for each in group["orders"])

    seen = [(await ask.as_(clerks)(ORDER, id=each))["order"] for each in (mine, others)]
    listed = (await ask.as_(clerks)(ORDERS))["orders"]
    refused = await ask.as_(packers).answer(ORDERS)
    everything = (await ask.as_(bosss)(ORDERS))["orders"]

    assert seen[0]["id"] == mine
    assert seen[0]["group"] is None
    assert seen[1] is None
    assert [node["id"] for node in listed["nodes"]] == [mine]
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert everything["totalCount"]["count"] == 2
    assert (await ask.answer(ORDERS))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_paid_order_is_confirmed_once_and_an_unpaid_one_is_not(
    db: Database, ask: Ask, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
        clerk = await sign_in(
            session, tokens, await make_staff(session, stall.merchant, is_owner=True)
        )
    _, group = await place(ask, stall)
    details = {"orderId": group["orders"][0]["id"]}

    early = (await ask.as_(clerk)(CONFIRM, input=details))["orderConfirm"]
    await settle(db, group["id"])
    answers = [(await ask.as_(clerk)(CONFIRM, input=details))["orderConfirm"] for _ in range(2)]

    assert early["userErrors"][0] == {
        "__typename": "NotAllowedInState",
        "code": "NOT_ALLOWED_IN_STATE",
        "state": "PENDING_PAYMENT",
    }
    assert [each["order"] for each in answers] == [{"status": "CONFIRMED", "version": 3}] * 2


async def test_settling_sells_the_stock_once(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall, quantity=3)

    settlements = [await settle(db, group["id"]) for _ in range(2)]

    assert settlements == [orders.Settlement.PAID] * 2
    async with db.transaction() as session:
        level = (await session.scalars(select(StockLevel))).one()
    assert (level.on_hand, level.reserved, level.allocated) == (10, 0, 3)
    order = (await guest(ORDER, id=group["orders"][0]["id"]))["order"]
    assert [event["kind"] for event in order["events"]] == ["PLACED", "PAID"]


async def test_another_amount_than_the_total_pays_nothing_and_goes_back(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall, quantity=3)

    async with db.transaction() as session:
        group_id = (await session.scalars(select(Order.group_id))).one()
        settled = await orders.settle(session, group_id=group_id, paid_minor=3_499)

    assert settled is orders.Settlement.REFUND
    seen = (await guest(ORDER, id=group["orders"][0]["id"]))["order"]
    assert (seen["status"], len(seen["events"])) == ("PENDING_PAYMENT", 1)
    async with db.transaction() as session:
        level = (await session.scalars(select(StockLevel))).one()
    assert (level.reserved, level.allocated) == (3, 0)


async def test_an_unpaid_purchase_is_cancelled_whole_and_its_stock_is_free(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(2)]
    guest, group = await place(ask, *stalls)
    details = {"orderId": group["orders"][0]["id"], "idempotencyKey": new_key()}

    answers = [(await guest(CANCEL, input=details))["orderCancel"] for _ in range(2)]

    assert [each["order"] for each in answers] == [{"status": "CANCELLED"}] * 2
    async with db.transaction() as session:
        assert (await session.scalars(select(StockLevel.reserved))).all() == [0, 0]
        assert (await session.scalars(select(Order.status))).all() == ["CANCELLED"] * 2
        cancelled = select(func.count()).where(OrderEvent.kind == "CANCELLED")
        assert await session.scalar(cancelled) == 2


async def test_a_stranger_can_not_cancel_and_nothing_changes(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    stranger, _ = await place(ask, stall)
    async with db.transaction() as session:
        before = await session.scalar(select(func.count()).select_from(OutboxEvent))
    details = {"orderId": group["orders"][0]["id"], "idempotencyKey": new_key()}

    answers = [await asks(CANCEL, input=details) for asks in (stranger, ask)]

    assert [each["orderCancel"]["userErrors"][0]["code"] for each in answers] == ["NOT_FOUND"] * 2
    assert (await guest(ORDER, id=details["orderId"]))["order"]["status"] == "PENDING_PAYMENT"
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(OutboxEvent)) == before


async def test_number_and_e_mail_show_an_order_to_somebody_new(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    _, group = await place(ask, stall)
    number = group["orders"][0]["number"]

    wrong = [
        (await ask(GRANT, input={"number": n, "proof": p}))["orderAccessGrant"]
        for n, p in ((number, "eve@example.com"), ("261124-NOTHING1", "ada@example.com"))
    ]
    right = (await ask(GRANT, input={"number": number.lower(), "proof": "Ada@Example.com"}))[
        "orderAccessGrant"
    ]

    assert wrong[0] == wrong[1]
    assert wrong[0]["guestToken"] is None
    seen = await ask.as_(right["guestToken"])(ORDER, id=group["orders"][0]["id"])
    assert seen["order"]["status"] == "PENDING_PAYMENT"
    assert await ask(ORDER, id=group["orders"][0]["id"]) == {"order": None}
