"""Refunds by card: in parts, whole, never more than was paid, and refunds that banks undo."""

import uuid
from collections.abc import AsyncIterator

import pytest

from core.clock import now
from integrations.payments.card import CardProvider
from services.payments.ports import (
    Inquiry,
    PaymentRequest,
    ProviderAnswer,
    ProviderRejected,
    RefundRequest,
    RefundState,
)
from tests.payments.sandbox_process import Sandbox, new_key, request_of


@pytest.fixture(scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
async def provider(sandbox: Sandbox) -> AsyncIterator[CardProvider]:
    provider = sandbox.provider()
    yield provider
    await provider.aclose()


async def test_a_payment_is_given_back_in_parts_until_nothing_is_left(
    provider: CardProvider,
) -> None:
    request = request_of(amount=1_000)
    paid = await provider.authorize(request, idempotency_key=new_key())

    first = await provider.refund(_refund(paid, 300), idempotency_key=new_key())
    between = await _now(provider, request, paid)
    second = await provider.refund(_refund(paid, 700), idempotency_key=new_key())

    assert (first.state, first.amount_minor) == (RefundState.SUCCEEDED, 300)
    assert (first.payment_reference, first.currency) == (paid.reference, "USD")
    assert between.refunded_minor == 300
    assert (second.state, second.amount_minor) == (RefundState.SUCCEEDED, 700)
    assert (await _now(provider, request, paid)).refunded_minor == 1_000


@pytest.mark.parametrize(
    ("already", "amount", "code"),
    [
        (0, 1_001, "invalid_request_error"),
        (400, 601, "invalid_request_error"),
        (1_000, 1, "charge_already_refunded"),
    ],
)
async def test_more_than_is_left_is_refused_and_gives_nothing_back(
    provider: CardProvider, already: int, amount: int, code: str
) -> None:
    request = request_of(amount=1_000)
    paid = await provider.authorize(request, idempotency_key=new_key())
    if already:
        await provider.refund(_refund(paid, already), idempotency_key=new_key())

    with pytest.raises(ProviderRejected) as rejected:
        await provider.refund(_refund(paid, amount), idempotency_key=new_key())

    assert rejected.value.code == code
    assert (await _now(provider, request, paid)).refunded_minor == already


async def test_a_payment_found_by_its_attempt_tells_what_was_given_back(
    provider: CardProvider,
) -> None:
    request, started = request_of(amount=1_000), now()
    paid = await provider.authorize(request, idempotency_key=new_key())
    await provider.refund(_refund(paid, 300), idempotency_key=new_key())

    found = await provider.inquire(Inquiry(request.attempt_id, called_since=started))

    assert found == await _now(provider, request, paid)
    assert found is not None
    assert found.refunded_minor == 300


async def test_a_declined_payment_has_nothing_to_give_back(provider: CardProvider) -> None:
    failed = await provider.authorize(
        request_of("pm_card_chargeDeclined"), idempotency_key=new_key()
    )

    with pytest.raises(ProviderRejected):
        await provider.refund(_refund(failed, 1), idempotency_key=new_key())


async def test_the_same_key_gives_money_back_once(provider: CardProvider) -> None:
    request = request_of(amount=1_000)
    paid = await provider.authorize(request, idempotency_key=new_key())
    refund, key = _refund(paid, 400), new_key()

    answers = [await provider.refund(refund, idempotency_key=key) for _ in range(3)]

    assert len({answer.reference for answer in answers}) == 1
    assert answers[0].refund_id == refund.refund_id
    assert (await _now(provider, request, paid)).refunded_minor == 400


async def test_a_pending_refund_succeeds_later(sandbox: Sandbox, provider: CardProvider) -> None:
    paid = await provider.authorize(request_of("pm_card_pendingRefund"), idempotency_key=new_key())
    refund, key = _refund(paid, 500), new_key()

    pending = await provider.refund(refund, idempotency_key=key)
    await sandbox.control("POST", f"refunds/{pending.reference}/settle")
    asked = await provider.inquire_refund(pending.reference)
    repeated = await provider.refund(refund, idempotency_key=key)

    assert pending.state is RefundState.PENDING
    assert asked is not None
    assert asked.state is RefundState.SUCCEEDED
    assert repeated == asked


async def test_a_refund_that_the_bank_returns_is_owed_again(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of("pm_card_refundFail")
    paid = await provider.authorize(request, idempotency_key=new_key())

    first = await provider.refund(_refund(paid, 500), idempotency_key=new_key())
    before = await _now(provider, request, paid)
    await sandbox.control("POST", f"refunds/{first.reference}/settle")
    after = await provider.inquire_refund(first.reference)

    assert (first.state, before.refunded_minor) == (RefundState.SUCCEEDED, 500)
    assert after is not None
    assert (after.state, after.failure_reason) == (RefundState.FAILED, "lost_or_stolen_card")
    assert (await _now(provider, request, paid)).refunded_minor == 0


def _refund(paid: ProviderAnswer, amount: int) -> RefundRequest:
    return RefundRequest(
        refund_id=uuid.uuid4(),
        payment_reference=paid.reference or "",
        amount_minor=amount,
        currency=paid.currency,
    )


async def _now(
    provider: CardProvider, request: PaymentRequest, paid: ProviderAnswer
) -> ProviderAnswer:
    found = await provider.inquire(Inquiry(request.attempt_id, now(), paid.reference))
    assert found is not None
    return found
