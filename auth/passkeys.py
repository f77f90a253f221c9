"""Passkeys: what browsers are asked (WebAuthn Level 3), and whether their answers are good."""

import contextlib
import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.db import Row
from core.settings import Settings
from services.factors import MAX_PASSKEYS, NewPasskey, PasskeyRefused

MILLISECONDS: Final = 120_000
MAX_CHARACTERS: Final = 20_000
VERIFIED: Final = UserVerificationRequirement.REQUIRED
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
TRANSPORTS: Final = {transport.value for transport in AuthenticatorTransport}

Answer = Mapping[str, Any]  # PublicKeyCredential.toJSON()


class Passkeys:
    """Asks and checks for one site: that of `base_url`.

    site: the host that passkeys are for, and all below it; WebAuthn's `rp.id`.
    """

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.base_url)
        host = parts.hostname or ""
        is_usual = parts.port in {None, DEFAULT_PORTS.get(parts.scheme)}
        port = "" if is_usual else f":{parts.port}"
        # Browsers let no bare address have passkeys; this machine is called localhost too.
        self.site = "localhost" if _is_loopback(host) else host
        own = f"{parts.scheme}://{self.site}{port}"
        self._origins = [own, *settings.passkey_origins]
        self._name = settings.shop_name

    def registration(
        self, *, user_id: UUID, email: str, challenge: str, known: Sequence[Row]
    ) -> dict[str, Any]:
        """PublicKeyCredentialCreationOptionsJSON; devices that have one of `known` say so."""
        options = generate_registration_options(
            rp_id=self.site,
            rp_name=self._name,
            user_id=user_id.bytes,
            user_name=email,
            challenge=challenge.encode(),
            timeout=MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
            exclude_credentials=_descriptors(known),
        )
        return options_to_json_dict(options)

    def request(self, *, challenge: str, known: Sequence[Row] = ()) -> dict[str, Any]:
        """PublicKeyCredentialRequestOptionsJSON. Without `known` the device shows what it has."""
        options = generate_authentication_options(
            rp_id=self.site,
            challenge=challenge.encode(),
            timeout=MILLISECONDS,
            allow_credentials=_descriptors(known),
            user_verification=VERIFIED,
        )
        return options_to_json_dict(options)

    def registered(self, answer: Answer, *, challenge: str) -> NewPasskey:
        """Raises: PasskeyRefused."""
        with _refusing_forgeries():
            made = verify_registration_response(
                credential=dict(answer),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.site,
                expected_origin=self._origins,
                require_user_verification=True,
            )
        given = answer["response"].get("transports")
        return NewPasskey(
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=[each for each in given if each in TRANSPORTS] if _is_list(given) else [],
            is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        )

    def sign_count(self, answer: Answer, *, challenge: str, passkey: Row) -> int:
        """What the authenticator counts, in an answer of this passkey to this challenge.

        Whether the counter goes backwards is for who can lock the row, not for here.

        Raises: PasskeyRefused.
        """
        with _refusing_forgeries():
            checked = verify_authentication_response(
                credential=dict(answer),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.site,
                expected_origin=self._origins,
                credential_public_key=passkey["public_key"],
                credential_current_sign_count=0,
                require_user_verification=True,
            )
            handle = answer["response"].get("userHandle")
            is_same = not handle or base64url_to_bytes(handle) == passkey["user_id"].bytes
        if not is_same:
            raise PasskeyRefused(path=("credential",))
        return checked.new_sign_count


def challenge_of(answer: Answer) -> str:
    """What an answer says it answers; to be looked up, not to be believed.

    Raises: PasskeyRefused.
    """
    with _refusing_forgeries():
        client_data = parse_client_data_json(_bytes(answer["response"]["clientDataJSON"]))
        return client_data.challenge.decode("ascii")


def credential_id_of(answer: Answer) -> bytes:
    """Raises: PasskeyRefused."""
    with _refusing_forgeries():
        return _bytes(answer["id"])


@contextlib.contextmanager
def _refusing_forgeries() -> Iterator[None]:
    """Raises: PasskeyRefused."""
    try:
        yield
    except Exception:  # noqa: BLE001 - of a forged answer its parsers raise anything
        raise PasskeyRefused(path=("credential",)) from None


def _bytes(text: str) -> bytes:
    if len(text) > MAX_CHARACTERS:
        raise ValueError("longer than any authenticator writes")
    return base64url_to_bytes(text)


def _descriptors(known: Sequence[Row]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=row["credential_id"],
            transports=[AuthenticatorTransport(each) for each in row["transports"]] or None,
        )
        for row in known[:MAX_PASSKEYS]
    ]


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
