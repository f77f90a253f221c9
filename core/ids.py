"""Ids: UUIDv7 inside, `product_<hex>` outside; an id is never a credential."""

import re
import secrets
import time
from collections.abc import Callable
from uuid import UUID

_OUTSIDE = re.compile(r"([a-z]+)_([0-9a-f]{32})")


def new_id() -> UUID:
    """A UUIDv7: milliseconds, the fraction of a millisecond, then random bits.

    Ids that one process makes sort in the order they were made. Source: RFC 9562, section 5.7 and
    method 3 of section 6.2.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = secrets.randbits(62)
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)


def encode(prefix: str, id: UUID) -> str:
    return encoder(prefix)(id)


def encoder(prefix: str) -> Callable[[UUID], str]:
    """Makes the ids of one kind: lists have hundreds of them."""
    start = f"{prefix}_"
    return lambda inside: start + inside.hex


def decode(prefix: str, text: str) -> UUID | None:
    """The id behind an outside id of this prefix; None for anything else."""
    match = _OUTSIDE.fullmatch(text)
    if not match or match[1] != prefix:
        return None
    return UUID(match[2])


def prefix_of(text: str) -> str | None:
    """Which kind of object an outside id names; None for what is no outside id."""
    match = _OUTSIDE.fullmatch(text)
    return match[1] if match else None
