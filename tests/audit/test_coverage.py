"""What staff, shoppers and workers change is in the log, with what it was before."""

from typing import Any

import asyncpg
import orjson
import pytest
from starlette.applications import Starlette

from auth.tokens import Tokens
from core.db import Database
from core.ids import decode, encode
from models.merchants import Merchant
from services import orders
from tests.asking import Ask
from tests.catalog.operations import CREATE, DELETE, PRICES, PUBLISH, new_product, text
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalog import make_category
from tests.factories.merchants import make_merchant
from tests.factories.shops import make_stall
from tests.inventory.steps import UPSERT, adjust, level
from tests.shipments.steps import make_sale
from tests.shopping import new_key, place

CANCEL = """mutation($input: OrderCancelInput!) { orderCancel(input: $input) {
    userErrors { message } } }"""
CONFIRM = """mutation($input: OrderConfirmInput!) { orderConfirm(input: $input) {
    userErrors { message } } }"""
LOOK_UP = """mutation($input: OrderAccessGrantInput!) { orderAccessGrant(input: $input) {
    order { id } userErrors { message } } }"""
BRAND = """mutation($input: BrandUpsertInput!) { brandUpsert(input: $input) {
    brand { id } userErrors { message } } }"""


class Log:
    """The entries since the last look, oldest first."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection, self._seen = connection, 0

    async def __call__(self) -> list[dict[str, Any]]:
        rows = await self._connection.fetch("SELECT * FROM audit_entries ORDER BY id")
        new, self._seen = rows[self._seen :], len(rows)
        return [
            {**row, "before": _json(row["before"]), "after": _json(row["after"])} for row in new
        ]


def _json(text: str | None) -> Any:
    return text and orjson.loads(text)


@pytest.fixture
def log(cleaner: asyncpg.Connection, clean: None) -> Log:
    return Log(cleaner)


async def owner_of(
    db: Database, ask: Ask, tokens: Tokens, merchant: Merchant | None = None
) -> tuple[Ask, Merchant]:
    async with db.transaction() as session:
        shop = merchant or await make_merchant(session)
        user = await make_staff(session, shop, is_owner=True)
        return ask.as_(await sign_in(session, tokens, user)), shop


async def test_prices_and_publication(db: Database, ask: Ask, tokens: Tokens, log: Log) -> None:
    owner, shop = await owner_of(db, ask, tokens)
    async with db.transaction() as session:
        category = await make_category(session)
    details = {
        **_product(shop),
        "categoryId": encode("category", category.id),
    }
    product = (await owner(CREATE, input=details))["productCreate"]["product"]
    assert await log() == []  # nobody has seen its first prices

    variant = product["variants"][0]["id"]
    price = {"variantId": variant, "currency": "USD", "amount": "9.00"}
    await owner(PRICES, input={"prices": [price]})
    await owner(PRICES, input={"prices": [price]})  # the same again is no change
    await owner(PUBLISH, input={"productId": product["id"]})
    await owner(DELETE, input={"productId": product["id"]})

    changed, published, archived = await log()
    assert changed["action"] == "PRICE_CHANGED"
    assert changed["object_id"] == decode("variant", variant)
    assert changed["merchant_id"] == shop.id
    assert changed["actor_kind"] == "USER"
    assert changed["before"] == {"currency": "USD", "amount_minor": 1000, "compare_at_minor": None}
    assert changed["after"] == {"currency": "USD", "amount_minor": 900, "compare_at_minor": None}
    assert (published["action"], archived["action"]) == ("PRODUCT_PUBLISHED", "PRODUCT_ARCHIVED")
    assert published["object_id"] == archived["object_id"] == decode("product", product["id"])


def _product(shop: Merchant) -> dict[str, Any]:
    class Of:
        def gid(self, kind: str) -> str:
            return encode(kind, shop.id)

    return new_product(Of())


async def test_stock_and_warehouses(db: Database, ask: Ask, tokens: Tokens, log: Log) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    owner, shop = await owner_of(db, ask, tokens, stall.merchant)

    await adjust(owner, level(stall, setTo=7))
    warehouse = {"merchantId": encode("merchant", shop.id), "code": stall.warehouse.code}
    await owner(UPSERT, input={**warehouse, "priority": 5})

    counted, changed = await log()
    assert (counted["action"], counted["object_id"]) == ("STOCK_ADJUSTED", stall.variant.id)
    assert counted["before"] == {"on_hand": 10}
    assert counted["after"] == {
        "on_hand": 7,
        "reason": "counted",
        "warehouse_id": stall.warehouse.id.hex,
    }
    assert changed["action"] == "WAREHOUSE_CHANGED"
    assert (changed["before"], changed["after"]) == (
        {"priority": stall.warehouse.priority},
        {"priority": 5},
    )


async def test_an_order_from_its_placing_to_its_end(
    db: Database, ask: Ask, tokens: Tokens, log: Log, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    owner, shop = await owner_of(db, ask, tokens, stall.merchant)
    _, group = await place(ask, stall)
    group_id = decode("ordergroup", group["id"])
    assert group_id is not None
    async with db.transaction() as session:
        await orders.settle(session, group_id=group_id, paid_minor=1_500)
    order = {"orderId": group["orders"][0]["id"]}

    await owner(CONFIRM, input=order)
    gone = {**order, "idempotencyKey": new_key(), "reason": "Ann moved to Rome"}
    await owner(CANCEL, input=gone)

    placed, paid, confirmed, cancelled = await log()
    steps = [placed, paid, confirmed, cancelled]
    assert [each["action"] for each in steps] == [
        "ORDER_PLACED",
        "ORDER_PAID",
        "ORDER_CONFIRMED",
        "ORDER_CANCELLED",
    ]
    assert {each["object_id"] for each in steps} == {decode("order", order["orderId"])}
    assert {each["merchant_id"] for each in steps} == {shop.id}
    assert placed["actor_kind"] == "GUEST"
    assert placed["after"] == {"total_minor": 1_500, "currency": "USD"}
    assert [each["before"] for each in steps[1:]] == [
        {"status": "PENDING_PAYMENT"},
        {"status": "PAID"},
        {"status": "CONFIRMED"},
    ]
    assert [each["after"] for each in steps[1:]] == [
        {"status": "PAID"},
        {"status": "CONFIRMED"},
        {"status": "CANCELLED", "paid_minor": 1_500},
    ]
    said = await cleaner.fetchval(
        "SELECT content FROM audit_details WHERE id = $1", cancelled["details_id"]
    )
    assert "Ann moved to Rome" in said


async def test_looking_up_an_order(db: Database, ask: Ask, log: Log, app: Starlette) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    _, group = await place(ask, stall)
    order = group["orders"][0]
    await log()

    await ask(LOOK_UP, input={"number": order["number"], "proof": "wrong@example.com"})
    await app.state.shop.refusals.write()
    await ask(LOOK_UP, input={"number": order["number"], "proof": "ada@example.com"})

    refused, granted = await log()
    assert (refused["action"], refused["actor_kind"]) == ("ACCESS_REFUSED", "ANONYMOUS")
    assert refused["after"]["fields"] == ["Mutation.orderAccessGrant"]
    assert granted["action"] == "ORDER_ACCESS_GRANTED"
    assert granted["object_id"] == decode("order", order["id"])


async def test_shipments(db: Database, ask: Ask, tokens: Tokens, log: Log) -> None:
    sale = await make_sale(db, ask, tokens)
    await log()

    shipment = await sale.created(1)
    await sale.update(shipment, service="express")
    await sale.dispatch(shipment)

    steps = await log()
    assert [each["action"] for each in steps] == [
        "SHIPMENT_CREATED",
        "SHIPMENT_CHANGED",
        "SHIPMENT_DISPATCHED",
        "ORDER_SHIPPED",
    ]
    assert steps[1]["before"] == {"service": ""}
    assert steps[1]["after"] == {"service": "express", "numbered_parcels": 0}
    assert steps[2]["before"] == {"status": "CREATED"}
    assert steps[2]["after"] == {"status": "DISPATCHED"}


async def test_taxonomy(db: Database, ask: Ask, tokens: Tokens, log: Log) -> None:
    async with db.transaction() as session:
        root = await make_user(session, platform=("MANAGE_TAXONOMY",))
        platform = ask.as_(await sign_in(session, tokens, root))

    made = (await platform(BRAND, input={"name": "Acme"}))["brandUpsert"]["brand"]
    await platform(BRAND, input={"id": made["id"], "name": "Apex", "description": text("Good")})

    first, second = await log()
    assert first["after"]["name"] == "Acme"
    assert (second["action"], second["merchant_id"]) == ("BRAND_CHANGED", None)
    assert second["before"] == {"name": "Acme", "description": {}}
    assert second["after"] == {"name": "Apex", "description": {"en": "Good"}}


async def test_a_refused_change_leaves_no_entry(
    db: Database, ask: Ask, tokens: Tokens, log: Log, app: Starlette
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    owner, _ = await owner_of(db, ask, tokens, stall.merchant)

    refused = await adjust(owner, level(stall, setTo=7, changeFromQuantity=99))

    assert refused["userErrors"][0]["__typename"] == "StockChanged"
    assert await log() == []
