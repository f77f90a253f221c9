"""Whose products a caller may change: not yours is not there."""

from uuid import UUID

from core.errors import NotFound
from core.identity import Caller, Permission


def require(caller: Caller, permission: Permission, merchant_id: UUID) -> None:
    """Raises: NotFound for a merchant that the caller does not hold the permission for."""
    if not caller.may(permission, merchant_id):
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
