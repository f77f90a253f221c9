"""Cursors as texts: JSON arrays in base64, opaque to clients and no secret."""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson

from core.errors import BadUserInput

CURSOR_CHARACTERS: Final = 1000
NOT_OURS: Final = "The cursor is not one of ours."
T = TypeVar("T")


def encoded(*parts: Any) -> str:
    """Texts, numbers, moments and ids."""
    text = orjson.dumps([_plain(part) for part in parts])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _plain(part: Any) -> Any:
    if isinstance(part, datetime):
        return part.isoformat()
    return part.hex if isinstance(part, UUID) else part


def decoded(cursor: str, read: Callable[..., T]) -> T:
    """What `read` makes of the parts; what they can't be, it says by the errors of conversions.

    Raises: BadUserInput for what is no cursor, and what `read` raises of that.
    """
    if len(cursor) > CURSOR_CHARACTERS:
        raise BadUserInput(NOT_OURS)
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return read(*orjson.loads(base64.b64decode(padded, b"-_", validate=True)))
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise BadUserInput(NOT_OURS) from None


def value_of(value: Any, kind: Any, *, bits: int = 64) -> Any:
    """A part that must be of a kind. Raises: ValueError and others when it can't be that."""
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if type(value) is not kind:
        raise TypeError
    if kind is int:
        value.to_bytes(bits // 8, "big", signed=True)
    return value
