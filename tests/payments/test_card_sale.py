"""A sale by card, from the adapter through the real client library to the sandbox's process."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from core.clock import now
from integrations.payments.card import CardProvider
from services.payments.ports import (
    FailureCode,
    Inquiry,
    PaymentState,
    ProviderAnswer,
    ProviderRejected,
)
from tests.payments.sandbox_process import RETURN_URL, Sandbox, new_key, request_of

CHALLENGED = "pm_card_threeDSecure2Required"


@pytest.fixture(scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with Sandbox.running(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
async def provider(sandbox: Sandbox) -> AsyncIterator[CardProvider]:
    provider = sandbox.provider()
    yield provider
    await provider.aclose()


async def test_a_good_card_is_charged_whole_and_at_once(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of(amount=4_200)

    answer = await provider.authorize(request, idempotency_key=new_key())

    assert answer == ProviderAnswer(
        state=PaymentState.CAPTURED,
        reference=answer.reference,
        attempt_id=request.attempt_id,
        amount_minor=4_200,
        currency="USD",
        captured_minor=4_200,
    )
    (charge,) = await sandbox.charges_of(request.attempt_id)
    assert (charge["amount_captured"], charge["payment_intent"]) == (4_200, answer.reference)


@pytest.mark.parametrize(
    ("card", "code", "message"),
    [
        ("pm_card_chargeDeclined", FailureCode.DECLINED, "The card was declined."),
        ("pm_card_visa_chargeDeclined", FailureCode.DECLINED, "The card was declined."),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            FailureCode.INSUFFICIENT_FUNDS,
            "There is not enough money on the card.",
        ),
        (
            "pm_card_chargeDeclinedExpiredCard",
            FailureCode.EXPIRED_CARD,
            "The card has expired.",
        ),
        (
            "pm_card_chargeDeclinedIncorrectCvc",
            FailureCode.INCORRECT_CVC,
            "The security code is wrong.",
        ),
        (
            "pm_card_chargeDeclinedProcessingError",
            FailureCode.PROCESSING_ERROR,
            "The card could not be processed. Please try again.",
        ),
        ("pm_card_chargeDeclinedLostCard", FailureCode.LOST_OR_STOLEN, "The card was declined."),
        ("pm_card_chargeDeclinedStolenCard", FailureCode.LOST_OR_STOLEN, "The card was declined."),
        ("pm_card_riskLevelHighest", FailureCode.DECLINED, "The card was declined."),
    ],
)
async def test_a_decline_is_an_answer_in_our_words_and_takes_no_money(
    sandbox: Sandbox, provider: CardProvider, card: str, code: FailureCode, message: str
) -> None:
    request = request_of(card)

    answer = await provider.authorize(request, idempotency_key=new_key())

    assert (answer.state, answer.failure_code) == (PaymentState.FAILED, code)
    assert answer.failure_message == message
    assert answer.captured_minor == 0
    (charge,) = await sandbox.charges_of(request.attempt_id)
    assert (charge["status"], charge["amount_captured"]) == ("failed", 0)


async def test_an_unknown_payment_method_fails_without_making_a_payment(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of("pm_nobody_knows")

    answer = await provider.authorize(request, idempotency_key=new_key())

    assert (answer.state, answer.reference) == (PaymentState.FAILED, None)
    assert answer.failure_code is FailureCode.UNKNOWN_PAYMENT_METHOD
    assert await sandbox.charges_of(request.attempt_id) == []


async def test_an_amount_below_the_minimum_is_rejected_as_our_mistake(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of(amount=49)

    with pytest.raises(ProviderRejected) as rejected:
        await provider.authorize(request, idempotency_key=new_key())

    assert (rejected.value.code, rejected.value.parameter) == ("amount_too_small", "amount")
    assert await sandbox.charges_of(request.attempt_id) == []


async def test_a_wrong_api_key_is_rejected_and_not_repeated_in_the_error(sandbox: Sandbox) -> None:
    provider = CardProvider(api_key="sk_test_somebody_elses", api_base=sandbox.url)

    with pytest.raises(ProviderRejected) as rejected:
        await provider.authorize(request_of(), idempotency_key=new_key())

    assert "somebody_elses" not in f"{rejected.value!r} {provider!r}"
    assert rejected.value.__cause__ is None
    await provider.aclose()


async def test_yen_go_as_they_are_and_icelandic_krona_as_hundredths(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    yen, krona = request_of(amount=500, currency="JPY"), request_of(amount=700, currency="ISK")

    in_yen = await provider.authorize(yen, idempotency_key=new_key())
    in_krona = await provider.authorize(krona, idempotency_key=new_key())

    assert [charge["amount"] for charge in await sandbox.charges_of(yen.attempt_id)] == [500]
    assert [charge["amount"] for charge in await sandbox.charges_of(krona.attempt_id)] == [70_000]
    assert (in_yen.captured_minor, in_yen.currency) == (500, "JPY")
    assert (in_krona.captured_minor, in_krona.currency) == (700, "ISK")


async def test_the_bank_asks_and_the_shopper_completes(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of(CHALLENGED)

    asked = await provider.authorize(request, idempotency_key=new_key())
    back = await sandbox.authenticate(asked.next_action, "complete")
    paid = await provider.capture(asked.reference or "", idempotency_key=new_key())

    assert (asked.state, asked.captured_minor) == (PaymentState.ACTION_REQUIRED, 0)
    assert back.status_code == 303
    address, expected = urlsplit(back.headers["location"]), urlsplit(RETURN_URL)
    assert (address.netloc, address.path) == (expected.netloc, expected.path)
    assert parse_qs(address.query) == {
        "tab": ["payment"],
        "payment_intent": [asked.reference],
        "payment_intent_client_secret": [asked.next_action and asked.next_action.client_secret],
        "redirect_status": ["succeeded"],
    }
    assert (paid.state, paid.captured_minor) == (PaymentState.CAPTURED, 4_200)
    (charge,) = await sandbox.charges_of(request.attempt_id)
    secure = charge["payment_method_details"]["card"]["three_d_secure"]
    assert secure["result"] == "authenticated"


async def test_the_bank_asks_and_the_shopper_fails(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request, key = request_of(CHALLENGED), new_key()

    asked = await provider.authorize(request, idempotency_key=key)
    back = await sandbox.authenticate(asked.next_action, "fail")
    again = await provider.authorize(request, idempotency_key=key)

    assert "redirect_status=failed" in back.headers["location"]
    assert again.state is PaymentState.FAILED
    assert again.failure_code is FailureCode.AUTHENTICATION_FAILED
    assert again.next_action is None
    assert await sandbox.charges_of(request.attempt_id) == []


async def test_the_bank_asks_lets_the_shopper_in_and_declines_all_the_same(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request, key = request_of("pm_card_threeDSecureRequiredChargeDeclined"), new_key()

    asked = await provider.authorize(request, idempotency_key=key)
    back = await sandbox.authenticate(asked.next_action, "complete")
    again = await provider.authorize(request, idempotency_key=key)

    assert "redirect_status=failed" in back.headers["location"]
    assert (again.state, again.failure_code) == (PaymentState.FAILED, FailureCode.DECLINED)


async def test_the_bank_asks_and_nobody_answers_until_it_is_given_up(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of(CHALLENGED)

    asked = await provider.authorize(request, idempotency_key=new_key())
    given_up = await provider.cancel(asked.reference or "", idempotency_key=new_key())
    too_late = await sandbox.authenticate(asked.next_action, "complete")

    assert given_up.state is PaymentState.CANCELLED
    assert "redirect_status=failed" in too_late.headers["location"]
    assert await sandbox.charges_of(request.attempt_id) == []


async def test_the_bank_is_answered_twice_and_charges_once(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of(CHALLENGED)

    asked = await provider.authorize(request, idempotency_key=new_key())
    first = await sandbox.authenticate(asked.next_action, "complete")
    second = await sandbox.authenticate(asked.next_action, "fail")

    assert first.headers["location"] == second.headers["location"]
    assert len(await sandbox.charges_of(request.attempt_id)) == 1


async def test_the_banks_page_works_without_script_and_only_by_its_own_address(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    asked = await provider.authorize(request_of(CHALLENGED), idempotency_key=new_key())

    assert asked.next_action is not None
    assert asked.next_action.redirect_url is not None
    page = await sandbox.http.get(asked.next_action.redirect_url)
    guessed = await sandbox.http.get(f"/3ds/{asked.reference}/auth_guessed")
    forged = await sandbox.http.post(f"/3ds/{asked.reference}/auth_x", data={"outcome": "complete"})

    assert '<button name="outcome" value="complete">Complete</button>' in page.text
    assert '<button name="outcome" value="fail">Fail</button>' in page.text
    assert "42.00 USD" in page.text
    assert "<script" not in page.text
    assert (guessed.status_code, forged.status_code) == (404, 404)


async def test_without_a_return_address_the_app_finishes_with_the_client_secret(
    provider: CardProvider,
) -> None:
    request = request_of(CHALLENGED, return_url=None)

    asked = await provider.authorize(request, idempotency_key=new_key())

    assert asked.state is PaymentState.ACTION_REQUIRED
    assert asked.next_action is not None
    assert asked.next_action.redirect_url is None
    assert asked.next_action.client_secret.startswith(f"{asked.reference}_secret_")


async def test_giving_up_a_payment_that_went_through_meanwhile_tells_so(
    provider: CardProvider,
) -> None:
    paid = await provider.authorize(request_of(), idempotency_key=new_key())

    answer = await provider.cancel(paid.reference or "", idempotency_key=new_key())

    assert answer == paid


async def test_neither_card_token_nor_client_secret_is_in_a_repr(provider: CardProvider) -> None:
    request = request_of(CHALLENGED)

    asked = await provider.authorize(request, idempotency_key=new_key())

    assert CHALLENGED not in repr(request)
    assert "_secret_" not in repr(asked)


async def test_an_amount_that_the_provider_has_wrong_is_told_as_it_is(
    sandbox: Sandbox, provider: CardProvider
) -> None:
    request = request_of()
    paid = await provider.authorize(request, idempotency_key=new_key())
    await sandbox.control("PATCH", f"objects/{paid.reference}", amount_received=1, currency="eur")

    found = await provider.inquire(Inquiry(request.attempt_id, now(), paid.reference))

    assert found is not None
    assert (found.amount_minor, found.captured_minor, found.currency) == (4_200, 1, "EUR")
