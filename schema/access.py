"""The rules that stand on every root field and type: who may ask for it."""

from core.identity import Permission
from engine.access import PUBLIC, SIGNED_IN as SIGNED_IN_CALLERS, Auth

ANYONE = Auth(requires=PUBLIC)
SIGNED_IN = Auth(requires=SIGNED_IN_CALLERS)


def staff(permission: Permission, of: str | None = None) -> Auth:
    """Staff with this permission; `of`: the column with the merchant they must hold it for."""
    return Auth(requires=permission.value, of=of)
