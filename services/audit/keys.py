"""The Ed25519 keys of the audit log: outsiders check its signatures, only our worker makes them."""

import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.audit import AuditKey

NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign; `id` names its public half."""

    id: UUID
    key: Ed25519PrivateKey

    def sign(self, text: bytes) -> bytes:
        return self.key.sign(text)


class KeyRing:
    """Opens the newest key, or makes one when there is none that our secret opens.

    Whoever can write to the database, but does not know the secret, can sign nothing.
    """

    def __init__(self, secret: str) -> None:
        """Raises: ValueError without a secret."""
        if not secret:
            raise ValueError("TOKEN_SECRET is empty: anybody could sign the audit log")
        derived = HKDF(SHA256(), 32, salt=None, info=b"audit keys").derive(secret.encode())
        self._cipher = AESGCM(derived)
        self._opened: Signer | None = None

    async def signer(self, session: AsyncSession) -> Signer:
        """For whoever holds the sealer's lock: two must not make a first key at once."""
        newest = select(AuditKey.id, AuditKey.private).order_by(AuditKey.id.desc()).limit(1)
        row = (await session.execute(newest)).one_or_none()
        if row is not None and self._opened is not None and self._opened.id == row.id:
            return self._opened
        opened = self._open(row.id, row.private) if row is not None else None
        self._opened = opened or await self._make(session)
        return self._opened

    def _open(self, id: UUID, private: bytes) -> Signer | None:
        """None when it was made with another secret: what it signed stays good."""
        try:
            raw = self._cipher.decrypt(private[:NONCE_BYTES], private[NONCE_BYTES:], id.bytes)
        except InvalidTag:
            return None
        return Signer(id, Ed25519PrivateKey.from_private_bytes(raw))

    async def _make(self, session: AsyncSession) -> Signer:
        made = Signer(new_id(), Ed25519PrivateKey.generate())
        nonce = secrets.token_bytes(NONCE_BYTES)
        private = nonce + self._cipher.encrypt(nonce, made.key.private_bytes_raw(), made.id.bytes)
        public = made.key.public_key().public_bytes_raw()
        row = {"id": made.id, "public": public, "private": private}
        await session.execute(insert(AuditKey).values(row))
        return made
