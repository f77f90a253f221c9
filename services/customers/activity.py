"""Closing and opening accounts, by the platform's staff."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput, NotFound
from core.identity import PLATFORM_ONLY, Caller, Permission
from models.accounts import User
from models.merchants import Membership
from services import accounts, audit, events, merchants
from services.catalog import PermissionMissing

MAX_REASON: Final = 500


async def set_active(
    session: AsyncSession, caller: Caller, *, user_id: UUID, is_active: bool, reason: str
) -> None:
    """Close an account, which ends its sign-ins, or open it again; the same again is a no-op.

    Nobody closes their own, nor that of somebody who holds anything, for any merchant, that they
    do not hold for all. Locks both users, and the platform's staff.

    Raises: NotFound, InvalidInput, PermissionMissing.
    """
    if len(reason) > MAX_REASON:
        raise InvalidInput(problem=f"At most {MAX_REASON} characters.", path=("reason",))
    if user_id == caller.subject:
        raise InvalidInput(problem="This is your own account.", path=("userId",))
    people = await merchants.lock_people(session, caller, user_id)
    mine = merchants.platform_rights(people, caller)
    user = people.get(user_id)
    if Permission.MANAGE_CUSTOMERS not in mine or user is None or user.erased_at is not None:
        raise NotFound(kind="User", id=user_id, path=("userId",))
    for permission in await _held(session, user):
        if permission not in mine:
            raise PermissionMissing(permission=permission, path=("userId",))
    if user.is_active == is_active:
        return
    await session.execute(
        update(User)
        .where(User.id == user_id)
        .values(is_active=is_active, version=User.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not is_active:
        await accounts.end_sessions(session, user_id=user_id)
    what = "OPENED" if is_active else "CLOSED"
    entry = audit.entry(
        f"ACCOUNT_{what}",
        "User",
        user_id,
        before={"isActive": not is_active},
        after={"isActive": is_active},
        person={"reason": reason} if reason else None,
    )
    await audit.record(session, entry)
    await events.record(session, events.event(f"UserAccount{what.title()}", user_id))


async def _held(session: AsyncSession, user: Any) -> list[str]:
    """Everything the user holds anywhere, in the order of Permission."""
    works = select(Membership.is_owner, Membership.permissions).where(Membership.user_id == user.id)
    held = {*user.platform_permissions}
    for row in await session.execute(works):
        held |= {*Permission} - PLATFORM_ONLY if row.is_owner else {*row.permissions}
    return [each.value for each in Permission if each in held]
