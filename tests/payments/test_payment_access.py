"""Who sees what of a payment: the buyer, the merchants, the platform's staff."""

from typing import Any

from auth.tokens import Tokens
from core.db import Database
from core.identity import Permission
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.shops import Stall, make_stall
from tests.payments.paying import pay
from tests.payments.sandbox_process import Sandbox
from tests.shopping import new_key, place

PAYMENT = "query($id: ID!) { payment(id: $id) { id status } node(id: $id) { id __typename } }"
TRANSACTIONS = "query($id: ID!) { payment(id: $id) { transactions { providerReference } } }"
GROUP = """query($id: ID!) { orderGroup(id: $id) { availablePaymentMethods
  payments { id status orderGroup { id } transactions { kind } } } }"""
PART = "{ payment { id } status amount { amount } refunded { amount } }"
ORDER = f"query($id: ID!) {{ order(by: {{id: $id}}) {{ payments {PART} refunds {{ id amount {{ amount }} status }} }} }}"
CANCEL = (
    "mutation($input: OrderCancelInput!) { orderCancel(input: $input) { userErrors { code } } }"
)


async def sold(db: Database, ask: Ask) -> tuple[Ask, dict[str, Any], dict[str, Any], list[Stall]]:
    """Who paid two merchants, the group, the payment, the merchants in the order of the orders."""
    async with db.transaction() as session:
        stalls = [await make_stall(session, price_minor=price) for price in (1_000, 2_000)]
    guest, group = await place(ask, *stalls)
    return guest, group, await pay(guest, group), stalls


async def clerk(db: Database, ask: Ask, tokens: Tokens, stall: Stall) -> Ask:
    async with db.transaction() as session:
        user = await make_staff(session, stall.merchant, Permission.MANAGE_ORDERS)
        return ask.as_(await sign_in(session, tokens, user))


async def operator(db: Database, ask: Ask, tokens: Tokens, *permissions: str) -> Ask:
    async with db.transaction() as session:
        user = await make_user(session, platform=permissions)
        return ask.as_(await sign_in(session, tokens, user))


async def test_a_purchase_shows_its_payment_and_how_it_can_be_paid(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)

    before = (await guest(GROUP, id=group["id"]))["orderGroup"]
    payment = await pay(guest, group)
    after = (await guest(GROUP, id=group["id"]))["orderGroup"]

    assert before == {"availablePaymentMethods": ["CARD"], "payments": []}
    assert after == {
        "availablePaymentMethods": [],
        "payments": [
            {
                "id": payment["id"],
                "status": "CAPTURED",
                "orderGroup": {"id": group["id"]},
                "transactions": [{"kind": "CAPTURE"}],
            }
        ],
    }


async def test_a_merchant_sees_its_own_part_and_nothing_of_the_rest(
    db: Database, ask: Ask, tokens: Tokens, sandbox: Sandbox
) -> None:
    guest, group, payment, stalls = await sold(db, ask)
    amounts = {}
    for stall in stalls:
        asks = await clerk(db, ask, tokens, stall)
        seen = [(await asks(ORDER, id=each["id"]))["order"] for each in group["orders"]]
        own = [each for each in seen if each]
        assert len(own) == 1
        (part,) = own[0]["payments"]
        assert (part["payment"], part["status"]) == (None, "CAPTURED")
        assert await asks(PAYMENT, id=payment["id"]) == {"payment": None, "node": None}
        amounts[stall.merchant.id] = part["amount"]["amount"]

    bought = [(await guest(ORDER, id=each["id"]))["order"] for each in group["orders"]]

    assert amounts == {stalls[0].merchant.id: "15.00", stalls[1].merchant.id: "25.00"}
    assert {each["payments"][0]["payment"]["id"] for each in bought} == {payment["id"]}


async def test_one_merchants_refund_is_not_the_others(
    db: Database, ask: Ask, tokens: Tokens, sandbox: Sandbox
) -> None:
    guest, group, _, _ = await sold(db, ask)
    first, second = group["orders"]
    await guest(CANCEL, input={"orderId": first["id"], "idempotencyKey": new_key()})

    given_back, kept = [(await guest(ORDER, id=each["id"]))["order"] for each in (first, second)]

    part = given_back["payments"][0]
    assert (part["status"], part["refunded"]) == ("REFUNDED", part["amount"])
    (refund,) = given_back["refunds"]
    assert (refund["amount"], refund["status"]) == (part["amount"], "SUCCEEDED")
    assert (kept["payments"][0]["status"], kept["refunds"]) == ("CAPTURED", [])
    found = await guest("query($id: ID!) { node(id: $id) { id } }", id=refund["id"])
    stranger, _ = await place(ask, (await sold(db, ask))[3][0])
    hidden = await stranger("query($id: ID!) { node(id: $id) { id } }", id=refund["id"])
    assert (found, hidden) == ({"node": {"id": refund["id"]}}, {"node": None})


async def test_the_providers_ids_are_for_the_platforms_staff(
    db: Database, ask: Ask, tokens: Tokens, sandbox: Sandbox
) -> None:
    guest, _, payment, _ = await sold(db, ask)
    finance = await operator(db, ask, tokens, Permission.MANAGE_PAYMENTS)
    other = await operator(db, ask, tokens, Permission.MANAGE_TAXONOMY)

    seen = (await finance(TRANSACTIONS, id=payment["id"]))["payment"]["transactions"]
    answers = [await asks.answer(TRANSACTIONS, id=payment["id"]) for asks in (guest, other)]

    assert seen[0]["providerReference"].startswith("pi_")
    assert (await finance(PAYMENT, id=payment["id"]))["payment"]["status"] == "CAPTURED"
    assert await other(PAYMENT, id=payment["id"]) == {"payment": None, "node": None}
    assert answers[0]["errors"][0]["extensions"]["code"] in {"FORBIDDEN", "UNAUTHENTICATED"}
    assert answers[1]["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_payments_of_many_orders_are_read_together(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    query = f"""query($id: ID!) {{ orderGroup(id: $id) {{ payments {{ id transactions {{ kind }} }}
      orders {{ payments {PART} refunds {{ status }} }} }} }}"""
    numbers = []
    for merchants in (1, 5):
        async with db.transaction() as session:
            stalls = [await make_stall(session) for _ in range(merchants)]
        guest, group = await place(ask, *stalls)
        await pay(guest, group)
        numbers.append(len(await guest.statements(query, id=group["id"])))

    assert numbers == [7, 7]
