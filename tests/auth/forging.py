"""Tokens as we would never make them: taken apart, changed, and put together again."""

import base64
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from auth.keys import Keys


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = token.split(".")
    decoded = (base64.urlsafe_b64decode(part + "==") for part in (header, claims))
    return orjson.loads(next(decoded)), orjson.loads(next(decoded)), signature


def encoded(value: Any) -> str:
    return text_of(orjson.dumps(value))


def text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def joined(header: Any, claims: Any, signature: bytes = b"") -> str:
    return f"{encoded(header)}.{encoded(claims)}.{text_of(signature)}"


def signed_by(private_key: Any, header: Any, claims: Any) -> str:
    """RS256, whatever the header says."""
    told = f"{encoded(header)}.{encoded(claims)}"
    return f"{told}.{text_of(private_key.sign(told.encode(), PKCS1v15(), SHA256()))}"


def resigned(keys: Keys, header: Any, claims: Any) -> str:
    """With our own key: as if we had made it ourselves."""
    assert keys._current
    return signed_by(keys._live[keys._current].private_key, header, claims)
