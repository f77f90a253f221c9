"""Answers that get lost: unknown is not failed, and the same key never charges twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.clock import now
from integrations.payments.card import CardProvider
from services.payments.ports import (
    Inquiry,
    OutcomeUnknown,
    PaymentState,
    ProviderError,
    RefundRequest,
)
from tests.payments.sandbox_process import Sandbox, new_key, request_of

IMPATIENT_SECONDS = 0.4


@pytest.fixture(scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
async def provider(sandbox: Sandbox) -> AsyncIterator[CardProvider]:
    provider = sandbox.provider(timeout=IMPATIENT_SECONDS)
    yield provider
    await provider.aclose()


@pytest.mark.parametrize("fault", ["hang", "half_body", "not_json"])
async def test_an_answer_lost_after_the_charge_is_found_by_the_same_key(
    sandbox: Sandbox, provider: CardProvider, fault: str
) -> None:
    request, key = request_of(), new_key()
    await sandbox.spoil(fault, about=str(request.attempt_id))

    with pytest.raises(OutcomeUnknown):
        await provider.authorize(request, idempotency_key=key)
    charged_before = await sandbox.charges_of(request.attempt_id)
    answer = await provider.authorize(request, idempotency_key=key)

    assert (answer.state, answer.captured_minor) == (PaymentState.CAPTURED, 4_200)
    assert len(charged_before) == 1
    assert await sandbox.charges_of(request.attempt_id) == charged_before


async def test_the_library_repeats_a_silent_call_by_itself_with_one_key(sandbox: Sandbox) -> None:
    provider, request, key = sandbox.provider(timeout=1, retries=1), request_of(), new_key()
    await sandbox.spoil("hang", about=str(request.attempt_id))

    answer = await provider.authorize(request, idempotency_key=key)

    assert answer.state is PaymentState.CAPTURED
    assert len(await sandbox.charges_of(request.attempt_id)) == 1
    log = await sandbox.control("GET", "requests")
    calls = [(each["method"], each["replayed"]) for each in log if each["idempotency_key"] == key]
    assert calls == [("POST", False), ("POST", True)]
    await provider.aclose()


@pytest.mark.parametrize("fault", ["unavailable", "rate_limited"])
async def test_a_refusal_to_work_is_unknown_and_leaves_the_key_free(
    sandbox: Sandbox, provider: CardProvider, fault: str
) -> None:
    request, key = request_of(), new_key()
    await sandbox.spoil(fault, about=str(request.attempt_id))

    with pytest.raises(OutcomeUnknown):
        await provider.authorize(request, idempotency_key=key)
    charged_before = await sandbox.charges_of(request.attempt_id)
    answer = await provider.authorize(request, idempotency_key=key)

    assert charged_before == []
    assert answer.state is PaymentState.CAPTURED
    assert len(await sandbox.charges_of(request.attempt_id)) == 1


async def test_a_fault_that_charged_nothing_is_told_apart_by_asking(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request, key, started = request_of(), new_key(), now()
    await sandbox.spoil("server_error", about=str(request.attempt_id))

    for _ in range(2):  # the key is used up: it repeats the fault
        with pytest.raises(OutcomeUnknown):
            await provider.authorize(request, idempotency_key=key)
    found = await provider.inquire(Inquiry(request.attempt_id, called_since=started))

    assert found is None
    assert await sandbox.charges_of(request.attempt_id) == []


async def test_a_fault_that_charged_all_the_same_is_found_by_the_attempt(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request, key, started = request_of(), new_key(), now()
    await sandbox.spoil("server_error_after_commit", about=str(request.attempt_id))

    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await provider.authorize(request, idempotency_key=key)
    found = await provider.inquire(Inquiry(request.attempt_id, called_since=started))

    assert found is not None
    assert (found.state, found.captured_minor) == (PaymentState.CAPTURED, 4_200)
    (charge,) = await sandbox.charges_of(request.attempt_id)
    assert charge["payment_intent"] == found.reference


async def test_an_attempt_is_found_behind_more_than_a_page_of_younger_ones(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    started, request = now(), request_of()
    sought = await provider.authorize(request, idempotency_key=new_key())
    form = {"amount": "100", "currency": "usd"}
    for _ in range(105):
        (await sandbox.post("payment_intents", form)).raise_for_status()

    found = await provider.inquire(Inquiry(request.attempt_id, called_since=started))
    too_late = await provider.inquire(
        Inquiry(request.attempt_id, called_since=started + timedelta(hours=1))
    )

    assert found == sought
    assert too_late is None


async def test_a_call_still_running_is_unknown_and_ends_in_one_charge(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request, key = request_of(), new_key()
    await sandbox.spoil("slow", about=str(request.attempt_id), seconds=0.3)

    answers = await asyncio.gather(
        *(provider.authorize(request, idempotency_key=key) for _ in range(5)),
        return_exceptions=True,
    )

    unknown = [answer for answer in answers if isinstance(answer, OutcomeUnknown)]
    assert len(unknown) == 4
    assert len(await sandbox.charges_of(request.attempt_id)) == 1


async def test_a_provider_that_is_not_there_is_unknown() -> None:
    provider = CardProvider(api_key="sk_test_x", api_base="http://127.0.0.1:9", retries=0)

    with pytest.raises(OutcomeUnknown):
        await provider.authorize(request_of(), idempotency_key=new_key())

    await provider.aclose()


async def test_asking_for_what_the_provider_never_heard_of_is_no_error(
    provider: CardProvider,
) -> None:
    unknown = Inquiry(request_of().attempt_id, called_since=now(), reference="pi_unknown")

    assert await provider.inquire(unknown) is None
    assert await provider.inquire_refund("re_unknown") is None


async def test_a_lost_refund_is_found_by_the_same_key_and_given_once(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    paid = await provider.authorize(request_of(), idempotency_key=new_key())
    refund = RefundRequest(request_of().attempt_id, paid.reference or "", 1_000, "USD")
    key = new_key()
    await sandbox.spoil("hang", path="/v1/refunds", about=str(refund.refund_id))

    with pytest.raises(OutcomeUnknown):
        await provider.refund(refund, idempotency_key=key)
    answer = await provider.refund(refund, idempotency_key=key)

    assert answer.refund_id == refund.refund_id
    listed = (
        await sandbox.http.get("/v1/refunds", params={"payment_intent": paid.reference})
    ).json()
    assert [each["id"] for each in listed["data"]] == [answer.reference]


async def test_the_error_of_an_unknown_outcome_tells_no_secret(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of()
    await sandbox.spoil("half_body", about=str(request.attempt_id))

    with pytest.raises(ProviderError) as lost:
        await provider.authorize(request, idempotency_key=new_key())

    assert "_secret_" not in str(lost.value)
    assert lost.value.__cause__ is None
    assert lost.value.__suppress_context__
