"""An authenticator of our own: what a phone or security key answers, honest or not."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from core.ids import new_id
from models.accounts import User
from models.factors import Passkey

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """Keeps one passkey. flags, origin and count are what a test bends."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin, self.count, self.step = origin, 0, 1 if counts else 0
        self.flags = PRESENT | VERIFIED
        self.rp_id = urlsplit(origin).hostname or ""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = new_id().bytes
        self.user = b""

    def registered(self, user: User) -> Passkey:
        """Its passkey as one of the user, to be saved, without the ceremony."""
        self.user = user.id.bytes
        return Passkey(
            user_id=user.id,
            credential_id=self.id,
            public_key=self._public(),
            sign_count=self.count,
            name="Phone",
            is_synced=False,
        )

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to creation options."""
        self.user = _bytes(options["user"]["id"])
        client_data = self._client_data("webauthn.create", options["challenge"])
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(with_key=True)}
        response = {
            "clientDataJSON": _text(client_data),
            "attestationObject": _text(cbor2.dumps(attestation)),
            "transports": ["internal", "hybrid", "telepathy"],
        }
        return self._credential(response)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to request options; the next count of it."""
        self.count += self.step
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data()
        signed = data + hashlib.sha256(client_data).digest()
        response = {
            "clientDataJSON": _text(client_data),
            "authenticatorData": _text(data),
            "signature": _text(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": _text(self.user),
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        own = _text(self.id)
        return {
            "id": own,
            "rawId": own,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, *, with_key: bool = False) -> bytes:
        flags = self.flags | (ATTESTED if with_key else 0)
        data = hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags])
        data += self.count.to_bytes(4, "big")
        if with_key:
            data += bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._public()
        return data

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (part.to_bytes(32, "big") for part in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
