"""What the shop is told, and how badly: late, twice, in the wrong order, before the answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integrations.payments.card import CardProvider
from services.payments.ports import InvalidSignature, PaymentState, RefundRequest
from tests.payments.sandbox_process import Receiver, Sandbox, new_key, receiving, request_of, until

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Receiver, str]]:
    with receiving() as shop:
        yield shop


@pytest.fixture(scope="module")
async def sandbox(
    tmp_path_factory: pytest.TempPathFactory, shop: tuple[Receiver, str]
) -> AsyncIterator[Sandbox]:
    state = tmp_path_factory.mktemp("sandbox")
    async with Sandbox.running(state, webhook_url=shop[1]) as running:
        yield running


@pytest.fixture(scope="module")
def receiver(shop: tuple[Receiver, str]) -> Receiver:
    return shop[0]


@pytest.fixture(scope="module")
async def provider(sandbox: Sandbox) -> AsyncIterator[CardProvider]:
    provider = sandbox.provider()
    yield provider
    await provider.aclose()


async def test_events_arrive_signed_in_their_order_and_name_the_attempt(
    receiver: Receiver, provider: CardProvider
) -> None:
    request = request_of()

    paid = await provider.authorize(request, idempotency_key=new_key())
    await until(lambda: len(receiver.about(paid.reference or "")) == len(PAID))

    arrived = receiver.about(paid.reference or "")
    hints = [await provider.parse_callback(each.raw, each.headers) for each in arrived]
    assert [hint.kind for hint in hints] == PAID
    assert {hint.payment_reference for hint in hints} == {paid.reference}
    assert {hint.attempt_id for hint in hints} == {request.attempt_id}
    assert arrived[0].event["request"]["idempotency_key"].startswith("test:")


async def test_what_is_not_taken_comes_again_as_the_same_event(
    receiver: Receiver, provider: CardProvider
) -> None:
    receiver.answers = [500, 404, 302]

    paid = await provider.authorize(request_of(), idempotency_key=new_key())
    await until(lambda: len(receiver.about(paid.reference or "")) == len(PAID) + 3)

    ids = [each.event["id"] for each in receiver.about(paid.reference or "")]
    assert len(set(ids)) == len(PAID)
    await asyncio.sleep(0.6)  # what was taken does not come again
    assert len(receiver.about(paid.reference or "")) == len(PAID) + 3


async def test_a_late_event_still_carries_a_fresh_signature(
    sandbox: Sandbox, receiver: Receiver, provider: CardProvider
) -> None:
    await sandbox.control("POST", "webhooks/hold")

    paid = await provider.authorize(request_of(), idempotency_key=new_key())
    await asyncio.sleep(0.6)
    held = receiver.kinds(paid.reference or "")
    await sandbox.control("POST", "webhooks/release")
    await until(lambda: len(receiver.about(paid.reference or "")) == len(PAID))

    assert held == []
    last = receiver.about(paid.reference or "")[-1]
    assert (await provider.parse_callback(last.raw, last.headers)).kind == PAID[-1]


async def test_the_same_event_twenty_times_at_once(
    sandbox: Sandbox, receiver: Receiver, provider: CardProvider
) -> None:
    paid = await provider.authorize(request_of(), idempotency_key=new_key())
    await until(lambda: len(receiver.about(paid.reference or "")) == len(PAID))
    event = receiver.about(paid.reference or "")[-1].event["id"]

    statuses = await sandbox.control("POST", "webhooks/send", event=event, copies=20, at_once=True)

    assert statuses == [200] * 20
    ids = [each.event["id"] for each in receiver.about(paid.reference or "")]
    assert ids.count(event) == 21


async def test_events_can_arrive_in_the_wrong_order(
    sandbox: Sandbox, receiver: Receiver, provider: CardProvider
) -> None:
    await sandbox.control("POST", "webhooks/hold")
    paid = await provider.authorize(request_of(), idempotency_key=new_key())
    refund = RefundRequest(request_of().attempt_id, paid.reference or "", 4_200, "USD")
    await provider.refund(refund, idempotency_key=new_key())

    known = await sandbox.control("GET", "webhooks")
    waiting = [each["event"] for each in known if not each["delivered"]]
    await sandbox.control("POST", "webhooks/release", events=waiting[::-1])

    assert receiver.kinds(paid.reference or "") == [
        "charge.refunded",
        "refund.created",
        *PAID[::-1],
    ]


async def test_an_event_can_arrive_before_the_answer(
    sandbox: Sandbox, receiver: Receiver, provider: CardProvider
) -> None:
    request = request_of()
    await sandbox.spoil("webhook_first", about=str(request.attempt_id))

    paid = await provider.authorize(request, idempotency_key=new_key())

    assert paid.state is PaymentState.CAPTURED
    assert receiver.kinds(paid.reference or "") == PAID


async def test_an_event_can_arrive_although_the_answer_never_does(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    provider, request = sandbox.provider(timeout=0.4), request_of()
    await sandbox.spoil("hang", about=str(request.attempt_id))

    with pytest.raises(Exception, match="no answer"):
        await provider.authorize(request, idempotency_key=new_key())

    await until(lambda: len(receiver.about(str(request.attempt_id))) == len(PAID))
    await provider.aclose()


async def test_a_replayed_old_delivery_is_refused(
    sandbox: Sandbox, receiver: Receiver, provider: CardProvider
) -> None:
    paid = await provider.authorize(request_of(), idempotency_key=new_key())
    await until(lambda: len(receiver.about(paid.reference or "")) == len(PAID))
    event = receiver.about(paid.reference or "")[-1].event["id"]

    await sandbox.control("POST", "webhooks/send", event=event, moment=int(time.time()) - 3_600)

    old = receiver.about(paid.reference or "")[-1]
    with pytest.raises(InvalidSignature):
        await provider.parse_callback(old.raw, old.headers)


async def test_a_refund_that_the_bank_returns_is_told(
    sandbox: Sandbox, receiver: Receiver, provider: CardProvider
) -> None:
    paid = await provider.authorize(request_of("pm_card_refundFail"), idempotency_key=new_key())
    refund = RefundRequest(request_of().attempt_id, paid.reference or "", 100, "USD")
    given = await provider.refund(refund, idempotency_key=new_key())

    await sandbox.control("POST", f"refunds/{given.reference}/settle")
    await until(lambda: "refund.failed" in receiver.kinds(given.reference))

    last = receiver.about(given.reference)[-1]
    hint = await provider.parse_callback(last.raw, last.headers)
    assert (hint.kind, hint.refund_reference) == ("refund.failed", given.reference)
    assert hint.payment_reference == paid.reference


async def test_a_dispute_is_told_with_its_payment(
    receiver: Receiver, provider: CardProvider
) -> None:
    paid = await provider.authorize(request_of("pm_card_createDispute"), idempotency_key=new_key())

    await until(lambda: "charge.dispute.created" in receiver.kinds(paid.reference or ""))

    assert paid.state is PaymentState.CAPTURED


async def test_undelivered_events_survive_the_sandbox(tmp_path: Path) -> None:
    with receiving() as (receiver, url):
        async with Sandbox.running(tmp_path, webhook_url=url) as sandbox:
            provider = sandbox.provider()
            await sandbox.control("POST", "webhooks/hold")
            paid = await provider.authorize(request_of(), idempotency_key=new_key())

            sandbox.kill()
            await sandbox.start()
            await until(lambda: len(receiver.about(paid.reference or "")) == len(PAID))

            assert receiver.kinds(paid.reference or "") == PAID
            await provider.aclose()
