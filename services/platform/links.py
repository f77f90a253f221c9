"""Signed addresses of reports: whoever has one may read it for an hour, without signing in."""

import hashlib
import hmac
from typing import Final
from uuid import UUID

LIFETIME_SECONDS: Final = 3600
_PURPOSE: Final = b"marketfront job reports"


def _signature(secret: str, job_id: UUID, expires: int) -> str:
    key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    return hmac.new(key, f"GET {job_id.hex} {expires}".encode(), hashlib.sha256).hexdigest()


def report_address(base_url: str, secret: str, *, job_id: UUID, expires: int) -> str:
    """expires: seconds since 1970. The key is derived: it signs nothing but these addresses."""
    signature = _signature(secret, job_id, expires)
    return f"{base_url}/jobs/{job_id.hex}/report?expires={expires}&signature={signature}"


def is_genuine_report(secret: str, *, job_id: UUID, expires: int, signature: str) -> bool:
    """Whether we made the address; whether its time has passed is another question."""
    expected = _signature(secret, job_id, expires)
    return hmac.compare_digest(expected.encode(), signature.encode())
