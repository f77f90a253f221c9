"""Idempotency keys as Stripe keeps them, asked over the wire."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.payments.sandbox_process import Sandbox, new_key

SALE = {
    "amount": "1000",
    "currency": "usd",
    "confirm": "true",
    "payment_method": "pm_card_visa",
    "allowed_payment_method_types[0]": "card",
}


@pytest.fixture(scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


async def test_the_same_key_and_parameters_get_the_first_answer_again(sandbox: Sandbox) -> None:
    key, charged = new_key(), await _charges(sandbox)

    first = await sandbox.post("payment_intents", SALE, key=key)
    again = await sandbox.post("payment_intents", dict(reversed(SALE.items())), key=key)

    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert again.headers["request-id"] != first.headers["request-id"]
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == key
    assert "idempotent-replayed" not in first.headers
    assert await _charges(sandbox) == charged + 1


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("payment_intents", {"amount": "1001"}),
        ("payment_intents", {"metadata[order]": "7"}),
        ("refunds", {}),
    ],
)
async def test_the_same_key_with_something_else_is_refused_and_does_nothing(
    sandbox: Sandbox, path: str, changed: dict[str, str]
) -> None:
    key = new_key()
    await sandbox.post("payment_intents", SALE, key=key)
    charged = await _charges(sandbox)

    refused = await sandbox.post(path, SALE | changed, key=key)

    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "idempotency_error"
    assert f"other than '{key}'" in refused.json()["error"]["message"]
    assert "idempotent-replayed" not in refused.headers
    assert await _charges(sandbox) == charged


async def test_a_key_in_use_is_a_conflict_and_is_not_remembered(sandbox: Sandbox) -> None:
    key, charged = new_key(), await _charges(sandbox)
    await sandbox.spoil("slow", seconds=0.3)

    running = asyncio.create_task(sandbox.post("payment_intents", SALE, key=key))
    await asyncio.sleep(0.1)
    conflict = await sandbox.post("payment_intents", SALE, key=key)
    first = await running
    again = await sandbox.post("payment_intents", SALE, key=key)

    assert conflict.status_code == 409
    assert conflict.json()["error"]["code"] == "idempotency_key_in_use"
    assert (first.status_code, again.content) == (200, first.content)
    assert await _charges(sandbox) == charged + 1


async def test_a_decline_is_remembered_and_a_new_try_needs_a_new_key(sandbox: Sandbox) -> None:
    declined, key = SALE | {"payment_method": "pm_card_chargeDeclined"}, new_key()

    first = await sandbox.post("payment_intents", declined, key=key)
    again = await sandbox.post("payment_intents", declined, key=key)

    assert (first.status_code, again.status_code) == (402, 402)
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_malformed_request_is_not_remembered(sandbox: Sandbox) -> None:
    key = new_key()

    malformed = await sandbox.post("payment_intents", SALE | {"amount": "ten"}, key=key)
    corrected = await sandbox.post("payment_intents", SALE, key=key)

    assert (malformed.status_code, corrected.status_code) == (400, 200)
    assert "idempotent-replayed" not in corrected.headers


async def test_a_step_that_the_state_forbids_is_remembered(sandbox: Sandbox) -> None:
    paid = (await sandbox.post("payment_intents", SALE)).json()
    path, key = f"payment_intents/{paid['id']}/cancel", new_key()

    first = await sandbox.post(path, {}, key=key)
    again = await sandbox.post(path, {}, key=key)

    assert first.status_code == 400
    assert first.json()["error"]["code"] == "payment_intent_unexpected_state"
    assert first.json()["error"]["payment_intent"]["status"] == "succeeded"
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_fault_is_remembered_and_says_that_trying_again_is_useless(
    sandbox: Sandbox,
) -> None:
    key, charged = new_key(), await _charges(sandbox)
    await sandbox.spoil("server_error")

    first = await sandbox.post("payment_intents", SALE, key=key)
    again = await sandbox.post("payment_intents", SALE, key=key)

    assert (first.status_code, again.status_code) == (500, 500)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["stripe-should-retry"] == "false"
    assert await _charges(sandbox) == charged


async def test_without_a_key_every_request_is_a_new_one(sandbox: Sandbox) -> None:
    charged = await _charges(sandbox)

    for _ in range(2):
        await sandbox.post("payment_intents", SALE)

    assert await _charges(sandbox) == charged + 2


async def test_a_key_has_at_most_255_characters(sandbox: Sandbox) -> None:
    longest = await sandbox.post("payment_intents", SALE, key="k" * 255)
    too_long = await sandbox.post("payment_intents", SALE, key="k" * 256)

    assert (longest.status_code, too_long.status_code) == (200, 400)


async def test_a_key_on_reading_is_ignored(sandbox: Sandbox) -> None:
    paid = (await sandbox.post("payment_intents", SALE)).json()
    address, key = f"/v1/payment_intents/{paid['id']}", {"Idempotency-Key": new_key()}

    answers = [await sandbox.http.get(address, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("idempotent-replayed" not in answer.headers for answer in answers)


async def _charges(sandbox: Sandbox) -> int:
    return len(await sandbox.control("GET", "charges"))
