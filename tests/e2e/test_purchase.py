"""The shop's main job over HTTP, on real processes: from the catalogue to the doorstep."""

from datetime import timedelta
from typing import Any

import httpx

from core.clock import now
from tests.e2e.client import Client, eventually, new_key
from tests.e2e.letters import token_to_register

BROWSE = """query($category: ID!) { products(
    where: {category: $category, inStock: true}, sortBy: {key: PRICE}, first: 20) {
  nodes { slug merchant { id slug } priceRange { start { minorUnits } }
    variants { id quantityAvailable } } } }"""
CATEGORIES = "{ categories(first: 50, where: {roots: true}) { nodes { id slug } } }"
PAGE = """query($slug: String!) { product(by: {slug: $slug}) {
  name description merchant { name } variants { id sku price { amount } }
  reviews(first: 2) { nodes { rating } } rating { average count } } }"""
CART_CREATE = """mutation($lines: [CartLineInput!]!) { cartCreate(input: {lines: $lines}) {
  guestToken cart { id groups { merchant { slug } subtotal { minorUnits } } subtotal { minorUnits } }
  userErrors { code message } } }"""
REGISTER = """mutation($input: AccountRegisterInput!) { accountRegister(input: $input) {
  userErrors { code message } } }"""
CONFIRM = """mutation($input: AccountConfirmInput!) { accountConfirm(input: $input) {
  accessToken user { email } userErrors { code message } } }"""
CHECKOUT_CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  checkout { id expiresAt deliveryGroups { merchant { id } options { id price { minorUnits } } } }
  userErrors { code message } } }"""
CHECKOUT_UPDATE = """mutation($input: CheckoutUpdateInput!) { checkoutUpdate(input: $input) {
  checkout { totals { subtotal { minorUnits } shipping { minorUnits } total { minorUnits } } }
  userErrors { code message field } } }"""
COMPLETE = """mutation($input: CheckoutCompleteInput!) { checkoutComplete(input: $input) {
  orderGroup { id status total { minorUnits } availablePaymentMethods
    orders { id number status merchant { slug } } } userErrors { code message } } }"""
PAY = """mutation($input: PaymentInitializeInput!) { paymentInitialize(input: $input) {
  payment { id status captured { minorUnits } lastFailure { code message }
    nextAction { __typename ... on ThreeDSecureAction { redirectUrl } } }
  userErrors { code message } } }"""
CONFIRM_PAYMENT = """mutation($input: PaymentConfirmInput!) { paymentConfirm(input: $input) {
  payment { status } userErrors { code message } } }"""
GROUP = """query($id: ID!) { orderGroup(id: $id) { status
  orders { id number status paymentStatus fulfilmentStatus events { kind } payments { status amount { minorUnits } }
    refunds { status amount { minorUnits } } totals { total { minorUnits } refunded { minorUnits } }
    lines { id quantity quantityShipped }
    shipments { number status carrier { code } parcels { trackingNumber } events { status message } } } } }"""
MERCHANT_ORDERS = """{ orders(first: 100) { nodes {
  id number status lines { id quantity } group { id } } } }"""
CONFIRM_ORDER = """mutation($id: ID!) { orderConfirm(input: {orderId: $id}) {
  order { status } userErrors { code message } } }"""
SHIP = """mutation($input: ShipmentCreateInput!) { shipmentCreate(input: $input) {
  shipment { id status } userErrors { code message field } } }"""
DISPATCH = """mutation($input: ShipmentDispatchInput!) { shipmentDispatch(input: $input) {
  shipment { status order { status } } userErrors { code message } } }"""
TRACK = """mutation($input: TrackingEventReportInput!) { trackingEventReport(input: $input) {
  shipment { status } userErrors { code message field } } }"""
CANCEL = """mutation($input: OrderCancelInput!) { orderCancel(input: $input) {
  order { status } userErrors { code message } } }"""
STAFF = {
    "aurora-living": "aurora",
    "tidewater-outfitters": "tidewater",
    "lumen-and-byte": "lumen",
    "orchard-lane-market": "orchard",
    "papercrane-studio": "papercrane",
}
ADDRESS = {
    "name": "Ada Example",
    "line1": "1 Main Street",
    "city": "Springfield",
    "region": "IL",
    "postalCode": "12345",
    "country": "US",
    "phone": "+1 555 010 4321",
}


def staff_of(shop: str, merchant_slug: str) -> Client:
    name = STAFF[merchant_slug]
    return Client(shop).sign_in(f"{name}@demo.test", f"demo-{name}-2026")


def one_variant_each_of_two_merchants(shopper: Client) -> list[dict[str, Any]]:
    """Two products of two merchants, as a shopper finds them: the cheapest of their category."""
    found: dict[str, dict[str, Any]] = {}
    for category in shopper.ask(CATEGORIES)["categories"]["nodes"]:
        products = shopper.ask(BROWSE, category=category["id"])["products"]["nodes"]
        prices = [int(each["priceRange"]["start"]["minorUnits"]) for each in products]
        assert prices == sorted(prices)
        for product in products:
            variant = next((v for v in product["variants"] if v["quantityAvailable"] > 5), None)
            if variant:
                found.setdefault(product["merchant"]["slug"], {**product, "variant": variant})
    return list(found.values())[:2]


def order_group(shopper: Client, cart_id: str) -> Any:
    """From a cart to an order group, with the first way of delivery of each merchant."""
    checkout = shopper.change(
        CHECKOUT_CREATE, input={"cartId": cart_id, "idempotencyKey": new_key()}
    )["checkout"]
    deliveries = [
        {"merchantId": group["merchant"]["id"], "optionId": group["options"][0]["id"]}
        for group in checkout["deliveryGroups"]
    ]
    details = {
        "checkoutId": checkout["id"],
        "email": "ada@example.com",
        "shippingAddress": ADDRESS,
        "deliveries": deliveries,
    }
    totals = shopper.change(CHECKOUT_UPDATE, input=details)["checkout"]["totals"]
    group = shopper.change(
        COMPLETE, input={"checkoutId": checkout["id"], "idempotencyKey": new_key()}
    )["orderGroup"]
    assert group["total"] == totals["total"]
    return group


def pay(shopper: Client, group_id: str, card: str, return_url: str | None = None) -> Any:
    details = {
        "orderGroupId": group_id,
        "method": "CARD",
        "paymentMethod": card,
        "returnUrl": return_url,
        "idempotencyKey": new_key(),
    }
    return shopper.change(PAY, input=details)["payment"]


def filled_cart(shopper: Client) -> Any:
    lines = [
        {"variantId": each["variant"]["id"], "quantity": n + 1}
        for n, each in enumerate(one_variant_each_of_two_merchants(shopper))
    ]
    return shopper.change(CART_CREATE, lines=lines)


def test_from_the_catalogue_to_the_doorstep(running_shop: str) -> None:  # noqa: PLR0915 - one story
    shopper = Client(running_shop)
    first, second = one_variant_each_of_two_merchants(shopper)
    page = shopper.ask(PAGE, slug=first["slug"])["product"]
    assert page["description"]
    assert page["rating"]["count"] >= len(page["reviews"]["nodes"])

    made = filled_cart(shopper)
    shopper.token = made["guestToken"]
    cart = made["cart"]
    assert {group["merchant"]["slug"] for group in cart["groups"]} == {
        first["merchant"]["slug"],
        second["merchant"]["slug"],
    }
    email, password = f"{new_key()}@example.com", "a long new password"
    shopper.change(REGISTER, input={"email": email, "password": password})
    token = token_to_register(running_shop, email)
    opened = shopper.change(CONFIRM, input={"token": token, "password": password})
    assert opened["user"]["email"] == email
    shopper.token = opened["accessToken"]
    assert shopper.ask("{ cart { id } }")["cart"]["id"] == cart["id"]

    group = order_group(shopper, cart["id"])
    assert group["status"] == "PENDING_PAYMENT"
    assert group["availablePaymentMethods"] == ["CARD"]
    assert len(group["orders"]) == 2

    declined = pay(shopper, group["id"], "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert (declined["status"], declined["lastFailure"]["code"]) == ("FAILED", "INSUFFICIENT_FUNDS")
    paid = pay(shopper, group["id"], "pm_card_visa")
    assert paid["status"] == "CAPTURED"
    assert paid["captured"] == group["total"]
    seen = shopper.ask(GROUP, id=group["id"])["orderGroup"]
    assert [order["status"] for order in seen["orders"]] == ["PAID", "PAID"]

    for order in group["orders"]:
        deliver(running_shop, order["merchant"]["slug"], order["id"], group["orders"])

    delivered = shopper.ask(GROUP, id=group["id"])["orderGroup"]["orders"]
    assert [order["status"] for order in delivered] == ["DELIVERED", "DELIVERED"]
    assert [order["fulfilmentStatus"] for order in delivered] == ["DELIVERED", "DELIVERED"]
    for order in delivered:
        kinds = [event["kind"] for event in order["events"]]
        assert kinds == ["PLACED", "PAID", "CONFIRMED", "SHIPPED", "DELIVERED"]
        tracked = order["shipments"][0]["events"]
        assert [event["status"] for event in tracked] == ["PICKED_UP", "IN_TRANSIT", "DELIVERED"]
        assert all(line["quantityShipped"] == line["quantity"] for line in order["lines"])


def deliver(shop: str, merchant: str, order_id: str, orders: list[dict[str, Any]]) -> None:
    """The merchant's part: sees its own order only, confirms, packs, sends, reports."""
    staff = staff_of(shop, merchant)
    nodes = {each["id"]: each for each in staff.ask(MERCHANT_ORDERS)["orders"]["nodes"]}
    assert {order["id"] for order in orders} & {*nodes} == {order_id}
    assert nodes[order_id]["group"] is None
    assert staff.change(CONFIRM_ORDER, id=order_id)["order"]["status"] == "CONFIRMED"
    lines = [
        {"orderLineId": line["id"], "quantity": line["quantity"]}
        for line in nodes[order_id]["lines"]
    ]
    parcel = {"weightGrams": 900, "trackingNumber": f"TR{new_key()[:10].upper()}"}
    shipment = staff.change(
        SHIP,
        input={
            "orderId": order_id,
            "lines": lines,
            "parcels": [parcel],
            "idempotencyKey": new_key(),
        },
    )["shipment"]
    sent = staff.change(
        DISPATCH, input={"shipmentId": shipment["id"], "idempotencyKey": new_key()}
    )["shipment"]
    assert sent["order"]["status"] == "SHIPPED"
    report_delivery(staff, shipment["id"])


def report_delivery(staff: Client, shipment_id: str) -> None:
    """What a carrier would tell on its way."""
    for hours, status in ((3, "PICKED_UP"), (2, "IN_TRANSIT"), (1, "DELIVERED")):
        staff.change(
            TRACK,
            input={
                "of": {"shipmentId": shipment_id},
                "status": status,
                "message": f"{status.title()} in Springfield",
                "happenedAt": (now() - timedelta(hours=hours)).isoformat(),
                "eventKey": f"{shipment_id}-{status}",
                "idempotencyKey": new_key(),
            },
        )


def test_three_d_secure_is_one_step_more(running_shop: str) -> None:
    shopper = Client(running_shop)
    made = filled_cart(shopper)
    shopper.token = made["guestToken"]
    group = order_group(shopper, made["cart"]["id"])

    payment = pay(
        shopper, group["id"], "pm_card_threeDSecure2Required", "https://shop.example/return"
    )
    assert payment["status"] == "ACTION_REQUIRED"
    assert payment["nextAction"]["__typename"] == "ThreeDSecureAction"
    page = httpx.get(payment["nextAction"]["redirectUrl"])
    assert "Complete" in page.text
    answer = httpx.post(
        payment["nextAction"]["redirectUrl"], data={"outcome": "complete"}, follow_redirects=False
    )
    assert answer.status_code in {302, 303}
    confirmed = shopper.change(
        CONFIRM_PAYMENT, input={"paymentId": payment["id"], "idempotencyKey": new_key()}
    )

    assert confirmed["payment"]["status"] == "CAPTURED"
    assert shopper.ask(GROUP, id=group["id"])["orderGroup"]["status"] == "PAID"


def test_a_cancelled_order_frees_its_stock_and_its_money_goes_back(running_shop: str) -> None:
    shopper = Client(running_shop)
    made = filled_cart(shopper)
    shopper.token = made["guestToken"]
    group = order_group(shopper, made["cart"]["id"])
    pay(shopper, group["id"], "pm_card_visa")
    order_id = group["orders"][0]["id"]

    cancelled = shopper.change(
        CANCEL, input={"orderId": order_id, "idempotencyKey": new_key(), "reason": "Too late."}
    )

    assert cancelled["order"]["status"] == "CANCELLED"

    def order() -> Any:
        orders = shopper.ask(GROUP, id=group["id"])["orderGroup"]["orders"]
        return next(each for each in orders if each["id"] == order_id)

    assert eventually(lambda: order()["totals"]["refunded"] == order()["totals"]["total"])
    assert [refund["status"] for refund in order()["refunds"]] == ["SUCCEEDED"]
    assert order()["paymentStatus"] == "REFUNDED"
    others = shopper.ask(GROUP, id=group["id"])["orderGroup"]["orders"]
    assert sorted(each["status"] for each in others) == ["CANCELLED", "PAID"]
