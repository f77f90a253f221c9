"""Signed addresses to which a file may be sent: good for one file and for a quarter of an hour."""

import hashlib
import hmac
from datetime import timedelta
from typing import Final
from uuid import UUID

UPLOAD_LIFETIME: Final = timedelta(minutes=15)
_PURPOSE: Final = b"marketfront upload addresses"


def _signature(secret: str, upload_id: UUID, expires: int) -> str:
    key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    return hmac.new(key, f"PUT {upload_id.hex} {expires}".encode(), hashlib.sha256).hexdigest()


def upload_address(base_url: str, secret: str, *, upload_id: UUID, expires: int) -> str:
    """expires: seconds since 1970. The key is derived: it signs nothing but these addresses."""
    signature = _signature(secret, upload_id, expires)
    return f"{base_url}/uploads/{upload_id.hex}?expires={expires}&signature={signature}"


def is_genuine(secret: str, *, upload_id: UUID, expires: int, signature: str) -> bool:
    """Whether we made the address; whether its time has passed is another question."""
    expected = _signature(secret, upload_id, expires)
    return hmac.compare_digest(expected.encode(), signature.encode())
