"""Who works for a merchant, and what they may do for it.

Nobody gives what they do not hold, and nobody changes a colleague who holds more than they do.
Owners hold everything; a merchant always has one whose account is open.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.identity import Caller, Permission
from models.accounts import User
from models.merchants import Membership
from services import audit, events
from services.merchants.errors import LastOwner
from services.merchants.holdings import (
    Holder,
    checked_permissions,
    holders,
    lock_merchant,
    narrowed,
    require_at_least,
)


async def set_permissions(
    session: AsyncSession,
    caller: Caller,
    *,
    merchant_id: UUID,
    user_id: UUID,
    permissions: Sequence[Permission],
    is_owner: bool | None,
) -> None:
    """Give a colleague exactly these permissions; is_owner None: as it was. Locks the merchant.

    The same again is a no-op.

    Raises: NotFound, InvalidInput, PermissionMissing, OwnerRequired, LastOwner.
    """
    wanted = checked_permissions(permissions)
    mine, theirs = await _both(session, caller, merchant_id, user_id)
    mine = narrowed(mine, caller, merchant_id)
    theirs = _member(theirs, user_id)
    becomes_owner = theirs.is_owner if is_owner is None else is_owner
    require_at_least(mine, wanted, "permissions", is_owner=False)
    require_at_least(mine, theirs.named, "userId", is_owner=theirs.is_owner)
    require_at_least(mine, (), "isOwner", is_owner=becomes_owner)
    if (becomes_owner, wanted) == (theirs.is_owner, list(theirs.named)):
        return
    if theirs.is_owner and not becomes_owner:
        await _require_another_owner(session, merchant_id, user_id)
    await session.execute(
        update(Membership)
        .where(*_is(merchant_id, user_id))
        .values(permissions=wanted, is_owner=becomes_owner)
        .execution_options(synchronize_session=False)
    )
    after = {"permissions": wanted, "isOwner": becomes_owner}
    await _tell(session, "PERMISSIONS_CHANGED", merchant_id, theirs, after=after)


async def remove(
    session: AsyncSession, caller: Caller, *, merchant_id: UUID, user_id: UUID
) -> None:
    """End somebody's work for a merchant; everybody may leave themselves. Locks the merchant.

    Raises: NotFound, PermissionMissing, OwnerRequired, LastOwner.
    """
    mine, theirs = await _both(session, caller, merchant_id, user_id)
    if user_id != caller.subject:
        mine = narrowed(mine, caller, merchant_id)
        theirs = _member(theirs, user_id)
        require_at_least(mine, theirs.named, "userId", is_owner=theirs.is_owner)
    elif theirs is None or not theirs.is_member:  # a stranger learns of no merchant
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    if theirs.is_owner:
        await _require_another_owner(session, merchant_id, user_id)
    await session.execute(
        delete(Membership)
        .where(*_is(merchant_id, user_id))
        .execution_options(synchronize_session=False)
    )
    await _tell(session, "STAFF_REMOVED", merchant_id, theirs, after=None)


async def _both(
    session: AsyncSession, caller: Caller, merchant_id: UUID, user_id: UUID
) -> tuple[Holder | None, Holder | None]:
    """The caller and the colleague, as they are now. Raises: NotFound."""
    if caller.subject is None:
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    await lock_merchant(session, merchant_id, "merchantId")
    found = await holders(session, merchant_id, [caller.subject, user_id])
    return found.get(caller.subject), found.get(user_id)


def _member(holder: Holder | None, user_id: UUID) -> Holder:
    if holder is None or not holder.is_member:
        raise NotFound(kind="StaffMember", id=user_id, path=("userId",))
    return holder


async def _require_another_owner(session: AsyncSession, merchant_id: UUID, user_id: UUID) -> None:
    """Raises: LastOwner when nobody else with an open account owns the merchant."""
    others = exists().where(
        Membership.merchant_id == merchant_id,
        Membership.is_owner,
        Membership.user_id != user_id,
        User.id == Membership.user_id,
        User.is_active,
    )
    if not await session.scalar(select(others)):
        raise LastOwner(path=("userId",))


def _is(merchant_id: UUID, user_id: UUID) -> tuple[Any, Any]:
    return Membership.merchant_id == merchant_id, Membership.user_id == user_id


async def _tell(
    session: AsyncSession,
    action: str,
    merchant_id: UUID,
    before: Holder,
    *,
    after: dict[str, Any] | None,
) -> None:
    was = {"permissions": list(before.named), "isOwner": before.is_owner}
    change = audit.entry(
        action, "User", before.user_id, merchant_id=merchant_id, before=was, after=after
    )
    await audit.record(session, change)
    told = events.event("MerchantStaffChanged", merchant_id, user_id=before.user_id.hex)
    await events.record(session, told)
