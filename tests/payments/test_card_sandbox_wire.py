"""The sandbox on the wire: who may ask, how parameters are written, what is refused and how."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.payments.sandbox_process import API_KEY, RETURN_URL, Sandbox, new_key

SALE = {
    "amount": "1000",
    "currency": "usd",
    "confirm": "true",
    "payment_method": "pm_card_visa",
    "allowed_payment_method_types[]": "card",
}


@pytest.fixture(scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {API_KEY}", 200),
        (f"Basic {base64.b64encode(f'{API_KEY}:'.encode()).decode()}", 200),
        ("Bearer sk_test_another", 401),
        (f"Bearer {API_KEY}x", 401),
        ("Basic not-base64", 401),
        ("", 401),
    ],
)
async def test_only_the_key_lets_in(sandbox: Sandbox, authorization: str, status: int) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url) as stranger:
        answer = await stranger.get("/v1/payment_intents", headers={"Authorization": authorization})

    assert answer.status_code == status
    assert (status == 200) == ("error" not in answer.json())


@pytest.mark.parametrize(
    ("form", "status", "code", "param"),
    [
        ({"nope": "1"}, 400, "parameter_unknown", "nope"),
        ({"metadata": "flat"}, 400, None, "metadata"),
        ({"shipping[planet]": "mars"}, 400, "parameter_unknown", "shipping[planet]"),
        ({"amount": ""}, 400, "parameter_invalid_empty", "amount"),
        ({"amount": "10.00"}, 400, "parameter_invalid_integer", "amount"),
        ({"amount": "１０００"}, 400, "parameter_invalid_integer", "amount"),
        ({"amount": "-1000"}, 400, "parameter_invalid_integer", "amount"),
        ({"amount": "49"}, 400, "amount_too_small", "amount"),
        ({"amount": "100000000"}, 400, "amount_too_large", "amount"),
        ({"amount": "9" * 5000}, 400, "amount_too_large", "amount"),
        ({"currency": "gold"}, 400, None, "currency"),
        ({"currency": "kwd", "amount": "1001"}, 400, None, "amount"),
        ({"confirm": "yes"}, 400, None, "confirm"),
        ({"customer": "cus_nobody"}, 400, "resource_missing", "customer"),
        ({"payment_method": "pm_nobody"}, 400, "resource_missing", "payment_method"),
        (
            {"payment_method_types[0]": "card"},
            400,
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        (
            {"automatic_payment_methods[enabled]": "true"},
            400,
            "parameters_exclusive",
            "allowed_payment_method_types",
        ),
        ({"expand[]": "latest_charge.secrets"}, 400, None, "expand"),
        ({"amount[0]": "5"}, 400, None, "amount[0]"),
        ({f"metadata[{'k' * 41}]": "v"}, 400, None, "metadata"),
        ({"metadata[k]": "v" * 501}, 400, None, "metadata"),
    ],
)
async def test_a_wrong_parameter_is_refused_by_name_and_charges_nothing(
    sandbox: Sandbox, form: dict[str, str], status: int, code: str | None, param: str
) -> None:
    before = await _counts(sandbox)

    answer = await sandbox.post("payment_intents", SALE | form)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (status, "invalid_request_error")
    assert (error.get("code"), error["param"]) == (code, param)
    assert await _counts(sandbox) == before


@pytest.mark.parametrize("missing", ["amount", "currency"])
async def test_a_missing_parameter_is_named(sandbox: Sandbox, missing: str) -> None:
    form = {name: value for name, value in SALE.items() if name != missing}

    error = (await sandbox.post("payment_intents", form)).json()["error"]

    assert (error["code"], error["param"]) == ("parameter_missing", missing)


async def test_lists_may_be_indexed_or_not_and_values_keep_their_characters(
    sandbox: Sandbox,
) -> None:
    strange = "O 1&é=[x]+%"

    indexed = await sandbox.post(
        "payment_intents", SALE | {"metadata[order]": strange, "expand[0]": "latest_charge"}
    )
    bare = await sandbox.http.post(
        "/v1/payment_intents",
        content=(
            "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa"
            "&automatic_payment_methods[enabled]=true"
            "&automatic_payment_methods[allow_redirects]=never"
            "&expand[]=latest_charge&expand[]=payment_method&metadata[order]=O+1%26%C3%A9"
        ),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert indexed.json()["metadata"] == {"order": strange}
    assert indexed.json()["latest_charge"]["metadata"] == {"order": strange}
    assert bare.json()["metadata"] == {"order": "O 1&é"}
    assert bare.json()["latest_charge"]["object"] == "charge"
    assert bare.json()["payment_method"]["card"]["last4"] == "4242"


@pytest.mark.parametrize("body", [b"amount=%ff", b"[a]=1", b"a[=1", b"&".join([b"a=1"] * 1_001)])
async def test_a_form_that_is_none_is_refused(sandbox: Sandbox, body: bytes) -> None:
    answer = await sandbox.http.post(
        "/v1/payment_intents",
        content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_json_is_no_form(sandbox: Sandbox) -> None:
    answer = await sandbox.http.post("/v1/payment_intents", json=SALE)

    assert answer.status_code == 400


async def test_an_unknown_address_and_an_unknown_id_are_not_found(sandbox: Sandbox) -> None:
    address = await sandbox.http.get("/v1/crystal_balls")
    identifier = await sandbox.http.get("/v1/payment_intents/pi_unknown")

    assert (address.status_code, identifier.status_code) == (404, 404)
    assert identifier.json()["error"]["code"] == "resource_missing"


async def test_a_decline_names_the_bank_the_charge_and_the_intent(sandbox: Sandbox) -> None:
    answer = await sandbox.post(
        "payment_intents", SALE | {"payment_method": "pm_card_visa_chargeDeclinedLostCard"}
    )

    error = answer.json()["error"]
    assert answer.status_code == 402
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert error["decline_code"] == "lost_card"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert error["payment_intent"]["last_payment_error"]["decline_code"] == "lost_card"
    assert error["payment_intent"]["latest_charge"] == error["charge"]


async def test_a_declined_intent_is_paid_with_another_card(sandbox: Sandbox) -> None:
    declined = SALE | {"payment_method": "pm_card_chargeDeclined"}
    intent = (await sandbox.post("payment_intents", declined)).json()["error"]["payment_intent"]

    paid = await sandbox.post(
        f"payment_intents/{intent['id']}/confirm", {"payment_method": "pm_card_mastercard"}
    )

    assert (paid.json()["status"], paid.json()["amount_received"]) == ("succeeded", 1_000)
    assert paid.json()["last_payment_error"] is None


async def test_a_held_amount_is_captured_in_part_and_only_once(sandbox: Sandbox) -> None:
    held = (await sandbox.post("payment_intents", SALE | {"capture_method": "manual"})).json()
    address = f"payment_intents/{held['id']}/capture"

    too_much = await sandbox.post(address, {"amount_to_capture": "1001"})
    captured = (await sandbox.post(address, {"amount_to_capture": "700"})).json()
    twice = await sandbox.post(address, {"amount_to_capture": "100"})

    assert (held["status"], held["amount_capturable"]) == ("requires_capture", 1_000)
    assert (too_much.status_code, twice.status_code) == (400, 400)
    assert (captured["status"], captured["amount_received"]) == ("succeeded", 700)
    assert captured["amount_capturable"] == 0


async def test_a_held_amount_is_let_go_without_a_refund(sandbox: Sandbox) -> None:
    held = (await sandbox.post("payment_intents", SALE | {"capture_method": "manual"})).json()

    gone = await sandbox.post(
        f"payment_intents/{held['id']}/cancel",
        {"cancellation_reason": "abandoned", "expand[0]": "latest_charge"},
    )

    assert (gone.json()["status"], gone.json()["cancellation_reason"]) == ("canceled", "abandoned")
    charge = gone.json()["latest_charge"]
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, False, 0)


async def test_a_card_that_needs_its_holder_is_declined_when_nobody_is_there(
    sandbox: Sandbox,
) -> None:
    alone = {"payment_method": "pm_card_authenticationRequired", "off_session": "true"}

    answer = await sandbox.post("payment_intents", SALE | alone | {"return_url": RETURN_URL})

    assert answer.status_code == 402
    assert answer.json()["error"]["code"] == "authentication_required"


async def test_a_list_is_walked_both_ways_by_pages(sandbox: Sandbox) -> None:
    customer = (await sandbox.post("customers", {"email": "kay@example.org"})).json()["id"]
    mine = {"amount": "100", "currency": "usd", "customer": customer}
    made = [(await sandbox.post("payment_intents", mine)).json()["id"] for _ in range(5)]
    newest_first = made[::-1]

    first = await _page(sandbox, customer=customer, limit=2)
    second = await _page(sandbox, customer=customer, limit=3, starting_after=first[0][-1])
    back = await _page(sandbox, customer=customer, limit=2, ending_before=newest_first[4])

    assert first == (newest_first[:2], True)
    assert second == (newest_first[2:], False)
    assert back == (newest_first[2:4], True)


async def test_events_are_listed_by_their_type(sandbox: Sandbox) -> None:
    paid = (await sandbox.post("payment_intents", SALE, key=new_key())).json()

    listed = await sandbox.http.get(
        "/v1/events", params={"type": "payment_intent.succeeded", "limit": 1}
    )

    (event,) = listed.json()["data"]
    assert event["data"]["object"]["id"] == paid["id"]
    assert (await sandbox.http.get(f"/v1/events/{event['id']}")).json() == event


async def test_a_test_token_is_a_template_and_a_customer_keeps_what_it_makes(
    sandbox: Sandbox,
) -> None:
    customer = (await sandbox.post("customers", {"name": "Kay"})).json()["id"]

    one = (await sandbox.post("payment_methods/pm_card_visa/attach", {"customer": customer})).json()
    two = (
        await sandbox.post("payment_methods", {"type": "card", "card[token]": "tok_visa"})
    ).json()
    kept = (await sandbox.http.get(f"/v1/customers/{customer}/payment_methods")).json()["data"]

    assert one["id"] != two["id"]
    assert [each["id"] for each in kept] == [one["id"]]
    assert (one["card"]["last4"], two["card"]["last4"]) == ("4242", "4242")


async def _counts(sandbox: Sandbox) -> tuple[int, int]:
    charges = await sandbox.control("GET", "charges")
    return len(charges), len((await _page(sandbox, limit=100))[0])


async def _page(sandbox: Sandbox, **query: Any) -> tuple[list[str], bool]:
    listed = (await sandbox.http.get("/v1/payment_intents", params=query)).json()
    return [each["id"] for each in listed["data"]], listed["has_more"]
