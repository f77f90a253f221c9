"""The keys that sign our tokens: RS256, several live at a time, made and replaced in auth.rotation.

Algorithm, issuer and type are fixed: what a token says of itself never chooses how it is checked.
Its `kid` is looked up among the keys we hold, and is never a path, an address or SQL.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from sqlalchemy import func, or_, select

from core.db import Query, Reader, Row
from core.errors import Shown, Unavailable
from core.settings import Settings
from models.keys import KeyStatus, SigningKey

ALGORITHM: Final = "RS256"
BITS: Final = 2048
LEEWAY_SECONDS: Final = 5
MAX_CHARACTERS: Final = 4096
CATCH_UP_SECONDS: Final = 1.0

NONCE_BYTES: Final = 12

log = logging.getLogger("auth.keys")

_LIVE: Final = Query(
    select(SigningKey.id, SigningKey.status, SigningKey.private_key)
    .where(or_(SigningKey.ends_at.is_(None), SigningKey.ends_at > func.now()))
    .order_by(SigningKey.id)
)


class TokenInvalid(Shown):
    """Malformed, forged, expired, or not one of ours; which of these is nobody's business."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("The token is not valid, or not any more; leave it out or get a new one.")


class KeyUnknown(TokenInvalid):
    """Signed by a key that we do not hold: somebody else's, or one made a moment ago."""


class KeysUnreadable(Exception):
    """TOKEN_SECRET is not the one that the keys in the database were encrypted with."""

    def __init__(self) -> None:
        super().__init__(
            "TOKEN_SECRET does not open the signing keys in the database. Set the one they were"
            " made with, or end all sign-ins by `python -m tools.rotate_keys --replace`."
        )


class Signed(NamedTuple):
    """What a good signature stands under. typ: the token's type, as its header says."""

    typ: str
    claims: dict[str, Any]


class Vault:
    """Encrypts private keys, each bound to its id, by a key that follows from TOKEN_SECRET."""

    def __init__(self, secret: str) -> None:
        """Raises: ValueError without a secret."""
        if not secret:
            raise ValueError("TOKEN_SECRET is empty: anybody could sign tokens")
        derived = HKDF(SHA256(), 32, salt=None, info=b"signing keys").derive(secret.encode())
        self._cipher = AESGCM(derived)

    def sealed(self, id: UUID, key: RSAKey) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key.as_der(private=True), id.bytes)

    def opened(self, id: UUID, sealed: bytes) -> RSAKey:
        """Raises: KeysUnreadable."""
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return RSAKey.import_key(self._cipher.decrypt(nonce, text, id.bytes))
        except InvalidTag:
            raise KeysUnreadable from None


class Keys:
    """The live keys of one process, read again every few seconds and when they change.

    when_gone: is called after keys that were held have gone: what they signed is good no more.
    """

    def __init__(self, settings: Settings, reader: Reader) -> None:
        """Raises: ValueError without a secret."""
        self._vault = Vault(settings.token_secret.get_secret_value())
        self._reader, self.issuer = reader, settings.issuer
        self._live: dict[str, RSAKey] = {}
        self._current: str | None = None
        self._read_at = 0.0
        self.when_gone: list[Callable[[], None]] = []
        self._reading = asyncio.Lock()

    @property
    def are_read(self) -> bool:
        return self._current is not None

    async def refresh(self) -> None:
        """Take in what the database holds.

        Raises: KeysUnreadable; one of core.db.FAULTS.
        """
        began = time.monotonic()
        rows = await self._reader.fetch(_LIVE)
        opened = {row["id"].hex: self._opened(row) for row in rows}
        current = [row["id"].hex for row in rows if row["status"] == KeyStatus.CURRENT]
        if current:
            gone = self._live.keys() - opened.keys()
            self._live, self._current = opened, current[0]
            for call in self.when_gone if gone else ():
                call()
        self._read_at = began

    async def catch_up(self) -> None:
        """Look whether an unknown key is a new one; whatever strangers send, once a second.

        Raises: as `refresh`.
        """
        async with self._reading:
            if time.monotonic() - self._read_at >= CATCH_UP_SECONDS:
                await self.refresh()

    def sign(self, claims: Mapping[str, Any], typ: str) -> str:
        """Claims as a token of this type, with our issuer.

        Raises: core.errors.Unavailable until the keys were read for the first time.
        """
        kid = self._current
        if kid is None:
            raise Unavailable("Nobody can sign in at the moment; try again in a few seconds.")
        header = {"alg": ALGORITHM, "typ": typ, "kid": kid}
        named = {"iss": self.issuer, **claims}
        return jwt.encode(header, named, self._live[kid], algorithms=[ALGORITHM])

    def verify(self, text: str, typ: str) -> dict[str, Any]:
        """The claims of a token of ours of this type; whom it is for is the caller's to check.

        Raises: as `opened`.
        """
        signed = self.opened(text)
        if signed.typ != typ:
            raise TokenInvalid
        return signed.claims

    def opened(self, text: str) -> Signed:
        """What one of our keys has signed and is good now, whatever its type.

        Raises: TokenInvalid; KeyUnknown; core.errors.Unavailable before the keys were read.
        """
        if self._current is None:
            raise Unavailable("Nobody can be recognised at the moment; try again in a few seconds.")
        if len(text) > MAX_CHARACTERS:
            raise TokenInvalid
        try:
            token = jwt.decode(text, self._key_of, algorithms=[ALGORITHM])
            _CLAIMS.validate(token.claims)
        except (JoseError, ValueError, TypeError):
            raise TokenInvalid from None
        typ = token.header.get("typ")
        if token.claims["iss"] != self.issuer or not isinstance(typ, str):
            raise TokenInvalid
        return Signed(typ, token.claims)

    def jwks(self) -> dict[str, Any]:
        """The public parts of all live keys, as RFC 7517 writes them."""
        more = {"use": "sig", "alg": ALGORITHM}
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": kid, **more}
                for kid, key in self._live.items()
            ]
        }

    def _opened(self, row: Row) -> RSAKey:
        known = self._live.get(row["id"].hex)
        return known or self._vault.opened(row["id"], row["private_key"])

    def _key_of(self, token: Any) -> RSAKey:
        kid = token.headers().get("kid")
        key = self._live.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise KeyUnknown
        return key


# Every token of ours says who made it, for whom, and when it ends; the time is taken per token.
_CLAIMS: Final = jwt.JWTClaimsRegistry(
    leeway=LEEWAY_SECONDS,
    iss={"essential": True},
    sub={"essential": True},
    aud={"essential": True},
    exp={"essential": True},
)
