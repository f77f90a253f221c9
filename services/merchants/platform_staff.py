"""The platform's own staff: what they hold, they hold for every merchant."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, exists, func, literal, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.identity import Caller, Permission
from models.accounts import User
from services import audit, events
from services.catalog import PermissionMissing
from services.merchants.errors import LastStaffManager

# Changes of the platform's staff, and closing of accounts, happen one after the other.
PLATFORM_STAFF_LOCK: Final = 7_246_005


async def set_platform_staff(
    session: AsyncSession, caller: Caller, *, user_id: UUID, permissions: Sequence[Permission]
) -> None:
    """Give somebody exactly these permissions for every merchant; none: they are staff no more.

    The caller must hold all of them, and all that the user held. The same again is a no-op.

    Raises: NotFound, PermissionMissing, LastStaffManager.
    """
    wanted = [each.value for each in Permission if each in permissions]
    people = await lock_people(session, caller, user_id)
    mine = platform_rights(people, caller)
    if Permission.MANAGE_STAFF not in mine:
        raise PermissionMissing(permission=Permission.MANAGE_STAFF)
    user = people.get(user_id)
    if user is None or (wanted and not user.is_active):
        raise NotFound(kind="User", id=user_id, path=("userId",))
    before: list[str] = user.platform_permissions
    for path, needed in (("permissions", wanted), ("userId", before)):
        for permission in needed:
            if permission not in mine:
                raise PermissionMissing(permission=permission, path=(path,))
    if wanted == before:
        return
    if Permission.MANAGE_STAFF in before and Permission.MANAGE_STAFF not in wanted:
        await _require_another_manager(session, user_id, ("userId",))
    await session.execute(
        update(User)
        .where(User.id == user_id)
        .values(platform_permissions=wanted)
        .execution_options(synchronize_session=False)
    )
    change = audit.entry(
        "PERMISSIONS_CHANGED",
        "User",
        user_id,
        before={"permissions": before},
        after={"permissions": wanted},
    )
    await audit.record(session, change)
    await events.record(session, events.event("PlatformStaffChanged", user_id))


async def lock_people(session: AsyncSession, caller: Caller, user_id: UUID) -> dict[UUID, Any]:
    """The rows of the caller and somebody else, locked together with the platform's staff."""
    await session.execute(select(func.pg_advisory_xact_lock(PLATFORM_STAFF_LOCK)))
    users = literal([caller.subject, user_id], ARRAY(Uuid()))
    found = await session.execute(
        select(User.id, User.is_active, User.erased_at, User.platform_permissions)
        .where(User.id == any_(users))
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row for row in found}


def platform_rights(people: dict[UUID, Any], caller: Caller) -> Collection[str]:
    """What the caller holds for every merchant: by the rows, and by this token."""
    row = people.get(caller.subject) if caller.subject else None
    if row is None or not row.is_active:
        return frozenset()
    return {
        each
        for each in Permission
        if each in row.platform_permissions and caller.merchants(each) is None
    }


async def require_may_leave(session: AsyncSession, user_id: UUID) -> None:
    """Before an account is closed for good. Locks the platform's staff.

    Raises: LastStaffManager when nobody else would manage the platform's staff.
    """
    await session.execute(select(func.pg_advisory_xact_lock(PLATFORM_STAFF_LOCK)))
    held = await session.scalar(select(User.platform_permissions).where(User.id == user_id))
    if Permission.MANAGE_STAFF in (held or ()):
        await _require_another_manager(session, user_id)


async def _require_another_manager(
    session: AsyncSession, user_id: UUID, path: tuple[str, ...] | None = None
) -> None:
    """Raises: LastStaffManager when nobody else with an open account manages the staff."""
    others = exists().where(
        User.id != user_id,
        User.is_active,
        func.cardinality(User.platform_permissions) > literal_column("0"),  # as its index says
        literal(Permission.MANAGE_STAFF.value) == any_(User.platform_permissions),
    )
    if not await session.scalar(select(others)):
        raise LastStaffManager(path=path)
