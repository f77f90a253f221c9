"""Who may tell the shop that something happened to a payment: only who knows the secret."""

import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.payments.card import CardProvider
from integrations.payments.sandbox.webhooks import signature
from services.payments.ports import InvalidSignature, ProviderEvent

SECRET, NEXT_SECRET = "whsec_test_secret", "whsec_next"
SIGNED_AT = 1_700_000_000
# The worked example, made with the official library; the sandbox has to sign the same.
BODY = (
    b'{"id":"evt_1","object":"event","type":"payment_intent.succeeded",'
    b'"data":{"object":{"id":"pi_1","object":"payment_intent"}}}'
)
DIGEST = "ad449e7ce1554730d147003402b7abd98e37b986a9e657b6868110fd854cf5d3"
ATTEMPT = uuid.UUID("0192f3aa-0000-7000-8000-000000000001")


@pytest.fixture
async def provider() -> AsyncIterator[CardProvider]:
    made = _provider(SECRET, NEXT_SECRET)
    yield made
    await made.aclose()


def test_the_sandbox_signs_as_the_worked_example() -> None:
    assert signature(SECRET, BODY, SIGNED_AT) == f"t={SIGNED_AT},v1={DIGEST}"


async def test_a_signed_event_is_taken_as_a_hint(provider: CardProvider) -> None:
    body = _event("payment_intent.succeeded", _intent())

    event = await provider.parse_callback(body, _signed(body))

    assert event == ProviderEvent(
        event_id="evt_7",
        kind="payment_intent.succeeded",
        created_at=datetime.fromtimestamp(SIGNED_AT, UTC),
        payment_reference="pi_7",
        attempt_id=ATTEMPT,
    )


@pytest.mark.parametrize(
    ("subject", "payment", "refund"),
    [
        ({"id": "ch_1", "object": "charge", "payment_intent": "pi_7"}, "pi_7", None),
        ({"id": "re_1", "object": "refund", "payment_intent": "pi_7"}, "pi_7", "re_1"),
        ({"id": "du_1", "object": "dispute", "payment_intent": "pi_7"}, "pi_7", None),
        ({"id": "cus_1", "object": "customer"}, None, None),
    ],
)
async def test_an_event_names_the_payment_it_is_about(
    provider: CardProvider, subject: dict[str, Any], payment: str | None, refund: str | None
) -> None:
    body = _event("something.happened", subject)

    event = await provider.parse_callback(body, _signed(body))

    assert (event.payment_reference, event.refund_reference) == (payment, refund)


@pytest.mark.parametrize("metadata", [{}, {"attempt_id": "no uuid"}, {"order": "7"}])
async def test_another_systems_payment_names_no_attempt(
    provider: CardProvider, metadata: dict[str, str]
) -> None:
    body = _event("payment_intent.succeeded", {**_intent(), "metadata": metadata})

    event = await provider.parse_callback(body, _signed(body))

    assert event.attempt_id is None


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
async def test_either_secret_is_good_while_it_is_being_changed(
    provider: CardProvider, secret: str
) -> None:
    body = _event("payment_intent.succeeded", _intent())

    event = await provider.parse_callback(body, _signed(body, secret=secret))

    assert event.event_id == "evt_7"


async def test_two_signatures_are_good_when_one_of_them_is() -> None:
    provider, body = _provider(SECRET), _event("payment_intent.succeeded", _intent())
    header = f"{_header(body)},v1={'0' * 64},v0=ignored"

    event = await provider.parse_callback(body, {"Stripe-Signature": header})

    assert event.event_id == "evt_7"
    await provider.aclose()


async def test_the_headers_name_may_be_written_in_any_case(provider: CardProvider) -> None:
    body = _event("payment_intent.succeeded", _intent())

    event = await provider.parse_callback(body, {"STRIPE-signature": _header(body)})

    assert event.event_id == "evt_7"


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
async def test_a_signature_too_old_or_from_the_future_is_refused(
    provider: CardProvider, seconds: int
) -> None:
    body = _event("payment_intent.succeeded", _intent())

    with pytest.raises(InvalidSignature):
        await provider.parse_callback(body, _signed(body, at=SIGNED_AT + seconds))


@pytest.mark.parametrize("seconds", [-300, 300])
async def test_five_minutes_of_difference_are_let_pass(
    provider: CardProvider, seconds: int
) -> None:
    body = _event("payment_intent.succeeded", _intent())

    event = await provider.parse_callback(body, _signed(body, at=SIGNED_AT + seconds))

    assert event.event_id == "evt_7"


@pytest.mark.parametrize("position", [0, 40, -1])
async def test_one_changed_byte_is_refused(provider: CardProvider, position: int) -> None:
    body = _event("payment_intent.succeeded", _intent())
    headers, changed = _signed(body), bytearray(body)
    changed[position] ^= 1

    with pytest.raises(InvalidSignature):
        await provider.parse_callback(bytes(changed), headers)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=1700000000",
        f"t={SIGNED_AT},v0={DIGEST}",
        f"v1={DIGEST}",
        f"t=later,v1={DIGEST}",
        f"t={SIGNED_AT},v1=",
        f"t={SIGNED_AT},v1={DIGEST[:-1]}",
        f"t={SIGNED_AT},v1=é{DIGEST}",
        f"t={SIGNED_AT + 1},v1={DIGEST}",
        "=,,=,t",
    ],
)
async def test_a_header_that_proves_nothing_is_refused(
    provider: CardProvider, header: str | None
) -> None:
    headers = {} if header is None else {"stripe-signature": header}

    with pytest.raises(InvalidSignature):
        await provider.parse_callback(BODY, headers)


async def test_another_secrets_signature_is_refused(provider: CardProvider) -> None:
    body = _event("payment_intent.succeeded", _intent())

    with pytest.raises(InvalidSignature):
        await provider.parse_callback(body, _signed(body, secret="whsec_of_somebody_else"))


@pytest.mark.parametrize("secrets", [(), ("",)])
async def test_without_a_secret_nothing_is_believed(secrets: tuple[str, ...]) -> None:
    provider, body = _provider(*secrets), _event("payment_intent.succeeded", _intent())

    with pytest.raises(InvalidSignature):
        await provider.parse_callback(body, _signed(body, secret=""))

    await provider.aclose()


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"not json", b"[]", b"null", b"{}", b'{"data":{"object":[]}}']
)
async def test_what_is_signed_but_no_event_is_refused(provider: CardProvider, body: bytes) -> None:
    with pytest.raises(InvalidSignature):
        await provider.parse_callback(body, _signed(body))


def _provider(*secrets: str) -> CardProvider:
    moment = datetime.fromtimestamp(SIGNED_AT, UTC)
    return CardProvider(api_key="sk_test_unused", webhook_secrets=secrets, clock=lambda: moment)


def _intent() -> dict[str, Any]:
    return {
        "id": "pi_7",
        "object": "payment_intent",
        "metadata": {"attempt_id": str(ATTEMPT)},
    }


def _event(kind: str, subject: dict[str, Any]) -> bytes:
    event = {
        "id": "evt_7",
        "object": "event",
        "created": SIGNED_AT,
        "type": kind,
        "data": {"object": subject},
    }
    return json.dumps(event).encode()


def _header(body: bytes, *, secret: str = SECRET, at: int = SIGNED_AT) -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _signed(body: bytes, *, secret: str = SECRET, at: int = SIGNED_AT) -> dict[str, str]:
    return {"Stripe-Signature": _header(body, secret=secret, at=at)}
