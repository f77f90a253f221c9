"""Scopes: what a client may ask for, as the user writes it in `scope` (docs/adr/0013)."""

from collections.abc import Iterable, Sequence
from typing import Final

from core.identity import Permission

OPENID: Final = "openid"
OFFLINE: Final = "offline_access"
SHOP: Final = "shop"
STAFF: Final = "staff"
PERMISSIONS: Final = tuple(permission.lower() for permission in Permission)
SCOPES: Final = (
    OPENID,
    "profile",
    "email",
    "phone",
    "address",
    OFFLINE,
    SHOP,
    STAFF,
    *PERMISSIONS,
)
_ORDER: Final = {scope: number for number, scope in enumerate(SCOPES)}


def listed(scope: str | None) -> list[str]:
    """The scopes of a parameter, each once, in our order; unknown ones last."""
    return in_order((scope or "").split())


def in_order(scopes: Iterable[str]) -> list[str]:
    return sorted(set(scopes), key=lambda scope: (_ORDER.get(scope, len(_ORDER)), scope))


def written(scopes: Sequence[str]) -> str:
    return " ".join(scopes)
