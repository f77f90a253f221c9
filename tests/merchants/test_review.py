"""What the platform decides about merchants."""

from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import func, select

from auth.tokens import Tokens
from core.db import Database, counted
from core.ids import encode
from models.audit import AuditDetails, AuditEntry
from models.catalog import Collection, Product
from models.mail import QueuedLetter
from models.merchants import Merchant
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalog import make_product, make_variant
from tests.factories.merchants import make_merchant
from tests.factories.shops import make_stall
from tests.merchants.operations import REVIEW, decide, refused
from tests.merchants.rows import actions, kinds, told
from tests.shopping import complete, fill_in, place, start_cart, start_checkout

PRODUCTS = "{ products { nodes { slug } totalCount { count } } }"
PRODUCT = "query($slug: String!) { product(by: {slug: $slug}) { slug } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }"
CART = """query($id: ID!) { cart(id: $id) { lines { problems { code } } } }"""


async def reviewer(db: Database, tokens: Tokens, ask: Ask) -> Ask:
    async with db.transaction() as session:
        person = await make_user(session, platform=("MANAGE_MERCHANTS",))
        return ask.as_(await sign_in(session, tokens, person))


async def test_an_application_is_rejected_corrected_and_approved(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        merchant = await make_merchant(session, status="APPLIED")

    steps = [
        await decide(platform, merchant.id, decision)
        for decision in ("START_REVIEW", "REJECT", "START_REVIEW", "APPROVE")
    ]

    seen = [(step["merchant"]["status"], step["merchant"]["version"]) for step in steps]
    assert seen == [("IN_REVIEW", 2), ("APPLIED", 3), ("IN_REVIEW", 4), ("ACTIVE", 5)]
    reasons = [step["merchant"]["record"]["statusReason"] for step in steps]
    assert reasons == [None, "Because.", None, None]
    async with db.transaction() as session:
        assert await actions(session) == [
            "MERCHANT_REVIEW_STARTED",
            "MERCHANT_REJECTED",
            "MERCHANT_REVIEW_STARTED",
            "MERCHANT_APPROVED",
        ]
        assert (await kinds(session))[-1] == "MerchantApproved"
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
        said = await session.scalar(
            select(AuditDetails.content).where(AuditDetails.id == entries[1].details_id)
        )
    steps_told = [(each.before["status"], each.after["status"]) for each in entries]
    assert steps_told[:2] == [("APPLIED", "IN_REVIEW"), ("IN_REVIEW", "APPLIED")]
    assert not [each for each in entries if "Because." in f"{each.before} {each.after}"]
    assert "Because." in (said or "")


@pytest.mark.parametrize(
    ("status", "decision"),
    [
        ("APPLIED", "APPROVE"),
        ("APPLIED", "REJECT"),
        ("APPLIED", "SUSPEND"),
        ("IN_REVIEW", "REINSTATE"),
        ("ACTIVE", "START_REVIEW"),
        ("ACTIVE", "REJECT"),
        ("CLOSED", "REINSTATE"),
        ("CLOSED", "SUSPEND"),
    ],
)
async def test_a_decision_that_the_state_does_not_allow_changes_nothing(
    db: Database, tokens: Tokens, ask: Ask, status: str, decision: str
) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        merchant = await make_merchant(session, status=status)

    payload = await decide(platform, merchant.id, decision)

    assert refused(payload) == [("NotAllowedInState", ["decision"])]
    if (status, decision) == ("APPLIED", "APPROVE"):
        assert payload["userErrors"][0]["message"] == (
            "This can't be done while the Merchant is APPLIED. Possible now: START_REVIEW, CLOSE."
        )
    async with db.transaction() as session:
        row = await session.get_one(Merchant, merchant.id)
    assert (row.status, row.version) == (status, 1)
    assert await told(db) == (0, 0)


async def test_a_decision_without_its_reason_or_on_an_old_version_is_refused(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        merchant = await make_merchant(session)

    outcomes = [
        await decide(platform, merchant.id, "SUSPEND", reason=" "),
        await decide(platform, merchant.id, "SUSPEND", reason="x" * 501),
        await decide(platform, merchant.id, "SUSPEND", expectedVersion=7),
    ]

    assert [refused(each) for each in outcomes] == [
        [("InvalidInput", ["reason"])],
        [("InvalidInput", ["reason"])],
        [("VersionConflict", ["expectedVersion"])],
    ]
    assert await told(db) == (0, 0)


async def test_the_same_decision_again_is_no_change(db: Database, tokens: Tokens, ask: Ask) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        merchant = await make_merchant(session)

    first = await decide(platform, merchant.id, "SUSPEND")
    again = await decide(platform, merchant.id, "SUSPEND", reason="Another one.")

    assert first == again
    assert await told(db) == (1, 1)


async def test_owners_are_written_to_in_their_language(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        merchant = await make_merchant(session, status="APPLIED", name="Tea House")
        owner = await make_staff(session, merchant, is_owner=True)
        owner.language = "zh-Hans"
        closed = await make_staff(session, merchant, is_owner=True)
        closed.is_active = False
        await make_staff(session, merchant, "MANAGE_STAFF")

    for decision in ("START_REVIEW", "REJECT", "START_REVIEW", "APPROVE"):
        await decide(platform, merchant.id, decision)

    async with db.transaction() as session:
        letters = (await session.scalars(select(QueuedLetter).order_by(QueuedLetter.id))).all()
    assert [(each.kind, each.recipient, each.language) for each in letters] == [
        ("MERCHANT_REJECTED", owner.email, "zh-Hans"),
        ("MERCHANT_APPROVED", owner.email, "zh-Hans"),
    ]
    assert letters[0].facts == {"merchant": "Tea House", "reason": "Because."}


async def test_what_a_suspended_merchant_sells_disappears_and_comes_back(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        stall, other = await make_stall(session), await make_stall(session)
        draft = await make_product(session, merchant=stall.merchant, is_published=False)
        product = await session.get_one(Product, stall.variant.product_id)
        staff = await make_staff(session, stall.merchant, "MANAGE_PRODUCTS")
        keeper = ask.as_(await sign_in(session, tokens, staff))
        name = {"en": "Ours"}
        shelf = Collection(merchant_id=stall.merchant.id, slug="ours", name=name, is_published=True)
        session.add(shelf)
    guest, cart_id = await start_cart(ask, stall, other)
    ids = [
        encode("merchant", stall.merchant.id),
        encode("product", product.id),
        encode("variant", stall.variant.id),
        encode("collection", shelf.id),
    ]

    async def seen() -> Any:
        return (
            (await ask(PRODUCTS))["products"]["totalCount"]["count"],
            bool((await ask(PRODUCT, slug=product.slug))["product"]),
            [bool(node) for node in (await ask(NODES, ids=ids))["nodes"]],
            [line["problems"] for line in (await guest(CART, id=cart_id))["cart"]["lines"]],
        )

    before = await seen()
    suspended = await decide(platform, stall.merchant.id, "SUSPEND")
    during = await seen()
    to_its_staff = (await keeper(PRODUCTS))["products"]["totalCount"]["count"]
    reinstated = await decide(platform, stall.merchant.id, "REINSTATE")
    after = await seen()

    assert before == after == (2, True, [True] * 4, [[], []])
    assert during == (1, False, [False] * 4, [[{"code": "NOT_FOR_SALE"}], []])
    assert to_its_staff == 3
    assert suspended["merchant"]["record"] == {"statusReason": "Because.", "payoutsHeld": True}
    assert reinstated["merchant"]["record"] == {"statusReason": None, "payoutsHeld": False}
    async with db.transaction() as session:
        assert not (await session.get_one(Product, draft.id)).is_listed


async def test_a_checkout_of_a_suspended_merchant_is_refused_before_and_after_it_began(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    checkout_id = await start_checkout(guest, cart_id)
    await fill_in(guest, checkout_id, stall)
    late, late_cart = await start_cart(ask, stall)

    await decide(platform, stall.merchant.id, "SUSPEND")
    begun = await complete(guest, checkout_id)
    created = await late(
        """mutation($id: ID!) { checkoutCreate(input: {cartId: $id, idempotencyKey: "k"}) {
          userErrors { __typename field } } }""",
        id=late_cart,
    )

    assert refused(begun) == [("NotForSale", ["checkoutId"])]
    assert begun["orderGroup"] is None
    assert refused(created["checkoutCreate"]) == [("NotForSale", None)]


async def test_open_orders_of_a_suspended_merchant_are_served_on(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        stall = await make_stall(session)
        staff = await make_staff(session, stall.merchant, "MANAGE_ORDERS")
        keeper = ask.as_(await sign_in(session, tokens, staff))
    _, group = await place(ask, stall)
    order_id = group["orders"][0]["id"]
    await decide(platform, stall.merchant.id, "SUSPEND")

    cancelled = await keeper(
        """mutation($id: ID!) { orderCancel(input: {orderId: $id, idempotencyKey: "k"}) {
          order { status } userErrors { __typename } } }""",
        id=order_id,
    )

    assert cancelled["orderCancel"] == {"order": {"status": "CANCELLED"}, "userErrors": []}


async def test_a_merchants_own_staff_decides_nothing(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session, status="IN_REVIEW")
        owner = await make_staff(session, merchant, is_owner=True)
        as_owner = ask.as_(await sign_in(session, tokens, owner))
    details = {"merchantId": encode("merchant", merchant.id), "decision": "APPROVE"}

    answer = await as_owner.answer(REVIEW, input=details)

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await told(db) == (0, 0)


async def test_a_merchant_of_more_than_a_shelf_is_hidden_whole(
    db: Database, tokens: Tokens, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("services.merchants.review"), "SHELF", 2)
    platform = await reviewer(db, tokens, ask)
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        for _ in range(5):
            await make_product(session, merchant=merchant)
    listed = select(func.count()).where(Product.is_listed)

    counts = []
    for decision in ("SUSPEND", "REINSTATE"):
        await decide(platform, merchant.id, decision)
        async with db.transaction() as session:
            counts.append(await session.scalar(listed))

    assert counts == [0, 5]


async def test_a_suspension_takes_as_many_statements_for_many_products_as_for_one(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    platform = await reviewer(db, tokens, ask)
    numbers = []

    for size in (1, 12):
        async with db.transaction() as session:
            merchant = await make_merchant(session)
            await make_staff(session, merchant, is_owner=True)
            for _ in range(size):
                product = await make_product(session, merchant=merchant)
                await make_variant(session, product=product)
        await platform("{ me { id } }")
        with counted() as statements:
            await decide(platform, merchant.id, "SUSPEND")
        numbers.append(len(statements))
        async with db.transaction() as session:
            listed = select(func.count()).where(
                Product.merchant_id == merchant.id, Product.is_listed
            )
            assert await session.scalar(listed) == 0

    assert numbers == [11, 11]
