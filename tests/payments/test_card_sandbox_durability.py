"""The sandbox is killed at the worst moments: what was charged stays charged, once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.payments.ports import OutcomeUnknown, PaymentState, ProviderAnswer
from tests.payments.sandbox_process import Sandbox, new_key, request_of


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(tmp_path) as running:
        yield running


async def test_a_charge_whose_answer_was_lost_survives_a_kill_and_is_not_made_twice(
    sandbox: Sandbox,
) -> None:
    provider, request, key = sandbox.provider(), request_of(), new_key()
    await sandbox.spoil("hang", about=str(request.attempt_id))

    lost = asyncio.create_task(provider.authorize(request, idempotency_key=key))
    charged_before = await _charged(sandbox)
    sandbox.kill()
    with pytest.raises(OutcomeUnknown):
        await lost
    await sandbox.start()
    answer = await provider.authorize(request, idempotency_key=key)

    assert (answer.state, answer.captured_minor) == (PaymentState.CAPTURED, 4_200)
    assert await sandbox.charges_of(request.attempt_id) == charged_before
    await provider.aclose()


async def test_a_shopper_finishes_the_banks_question_after_a_kill(sandbox: Sandbox) -> None:
    provider, request, key = (
        sandbox.provider(),
        request_of("pm_card_threeDSecure2Required"),
        new_key(),
    )
    asked = await provider.authorize(request, idempotency_key=key)

    sandbox.kill()
    await sandbox.start()
    await sandbox.authenticate(asked.next_action, "complete")
    answer = await provider.authorize(request, idempotency_key=key)

    assert (answer.reference, answer.state) == (asked.reference, PaymentState.CAPTURED)
    await provider.aclose()


async def test_killed_again_and_again_under_load_every_attempt_ends_in_one_charge(
    sandbox: Sandbox,
) -> None:
    provider = sandbox.provider()
    attempts = [(request_of(amount=100 + n), new_key()) for n in range(60)]

    async def pay(number: int) -> ProviderAnswer:
        request, key = attempts[number]
        while True:
            try:
                return await provider.authorize(request, idempotency_key=key)
            except OutcomeUnknown:
                await asyncio.sleep(0.1)

    paying = [asyncio.create_task(pay(number)) for number in range(len(attempts))]
    for _ in range(3):
        await asyncio.sleep(0.15)
        sandbox.kill()
        await sandbox.start()
    answers = await asyncio.gather(*paying)

    assert [answer.captured_minor for answer in answers] == list(range(100, 160))
    charges = await sandbox.control("GET", "charges")
    assert sorted(charge["amount"] for charge in charges) == list(range(100, 160))
    await provider.aclose()


async def _charged(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The first charge, as soon as there is one."""
    for _ in range(200):
        if charges := await sandbox.control("GET", "charges"):
            return charges
        await asyncio.sleep(0.02)
    raise AssertionError("Nothing was charged in time.")
