"""One-time codes by the clock (RFC 6238): secrets, what an app scans, whether a code is right."""

import re
import secrets
from typing import Final
from uuid import UUID

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyotp.exceptions import OTPVerificationError

from core.clock import now
from core.settings import Settings

NONCE_BYTES: Final = 12
WINDOW: Final = 1  # steps of 30 seconds that a clock may be wrong, in either direction
CODE: Final = re.compile(r"[0-9]{6}")


class Generators:
    """Secrets of generators, encrypted by a key that follows from TOKEN_SECRET.

    Each is bound to its user: a row copied to somebody else's account opens nothing.
    """

    def __init__(self, settings: Settings) -> None:
        secret = settings.token_secret.get_secret_value().encode()
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"one-time codes").derive(secret))
        self._issuer = settings.shop_name

    def new(self, user_id: UUID) -> tuple[str, bytes]:
        """A secret to show once, in base 32, and the same to keep."""
        secret = pyotp.random_base32()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return secret, nonce + self._cipher.encrypt(nonce, secret.encode(), user_id.bytes)

    def uri(self, secret: str, *, name: str) -> str:
        """What apps read from the picture. name: tells accounts apart in the app."""
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=self._issuer)

    def step(self, sealed: bytes, code: str, *, user_id: UUID) -> int | None:
        """The step that a code belongs to; None: to none of this moment's.

        Whether somebody has used it is for who can change the row, not for here.
        """
        text = code.replace(" ", "")
        if not CODE.fullmatch(text):
            return None
        nonce, encrypted = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            secret = self._cipher.decrypt(nonce, encrypted, user_id.bytes).decode()
        except InvalidTag:
            return None  # TOKEN_SECRET is another one: nobody can make codes for it any more
        try:
            return pyotp.TOTP(secret).verify_and_get_timecode(
                text, for_time=now(), valid_window=WINDOW
            )
        except OTPVerificationError:
            return None


def qr_code(uri: str) -> str:
    """The picture of a URI as the address of an SVG, for `<img src>`."""
    return segno.make(uri, error="m").svg_data_uri(scale=4, light="#fff")
