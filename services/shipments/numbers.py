"""Numbers that people and carriers read: of our shipments, of carriers' parcels."""

import re
import secrets
from typing import Final

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that looks like a digit
_CHARACTERS: Final = 10
_SPACES = re.compile(r"\s+")
_TRACKING_NUMBER = re.compile(r"[A-Z0-9-]{4,40}")


def new_number() -> str:
    """The number of a new shipment: `S-7K2M9QX4TB`. Random: it tells nobody how many there are."""
    return "S-" + "".join(secrets.choice(_CROCKFORD) for _ in range(_CHARACTERS))


def plain_number(text: str) -> str | None:
    """A tracking number as we keep it, however people write it; None for what can't be one."""
    number = _SPACES.sub("", text[:100]).upper()
    return number if _TRACKING_NUMBER.fullmatch(number) else None
