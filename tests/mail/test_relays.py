"""Which relays a letter and a password are trusted to."""

from pathlib import Path

import pytest

from core.settings import Settings
from integrations.mail import postman
from services.mail import DeliveryFailed, Letter, Undeliverable
from tests.mail.conftest import sent_by
from tests.mail.relay import Relay, certificate, only, running_relay

LETTER = Letter("PASSWORD_CHANGED", "ann@example.com")


async def test_starttls_comes_before_letter_and_password(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}

    async with running_relay(**options, authenticator=only(b"shop", b"p@ss/word")) as relay:
        url = f"smtp://shop:p%40ss%2Fword@127.0.0.1:{relay.port}"
        await postman(sent_by(settings, url)).deliver(LETTER)

    assert relay.recipients == ["ann@example.com"]
    assert relay.used_tls == [True]


async def test_tls_from_the_first_byte(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    async with running_relay(ssl=context) as relay:
        await postman(sent_by(settings, f"smtps://127.0.0.1:{relay.port}")).deliver(LETTER)

    assert relay.recipients == ["ann@example.com"]


async def test_a_certificate_that_nobody_vouches_for_gets_no_letter(
    settings: Settings, tmp_path: Path
) -> None:
    context, _ = certificate(tmp_path)

    async with running_relay(tls_context=context) as relay:
        carrier = postman(sent_by(settings, f"smtp://127.0.0.1:{relay.port}"))
        with pytest.raises(DeliveryFailed):
            await carrier.deliver(LETTER)

    assert relay.messages == []


async def test_a_relay_without_starttls_gets_no_letter(settings: Settings, relay: Relay) -> None:
    carrier = postman(sent_by(settings, f"smtp://127.0.0.1:{relay.port}"))

    with pytest.raises(DeliveryFailed) as failure:
        await carrier.deliver(LETTER)

    assert not isinstance(failure.value, Undeliverable)
    assert relay.messages == []


async def test_a_wrong_password_is_our_mistake_and_no_reason_to_give_letters_up(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}

    async with running_relay(**options, authenticator=only(b"shop", b"right")) as relay:
        carrier = postman(sent_by(settings, f"smtp://shop:wrong@127.0.0.1:{relay.port}"))
        with pytest.raises(DeliveryFailed) as failure:
            await carrier.deliver(LETTER)

    assert not isinstance(failure.value, Undeliverable)
    assert "wrong" not in str(failure.value)


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp+plain://me:secret@mail.example"]
)
def test_an_address_of_no_relay_is_refused_without_showing_it(settings: Settings, url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL") as refused:
        postman(sent_by(settings, url))

    assert "secret" not in str(refused.value)
    assert "mail.example" not in str(refused.value)
