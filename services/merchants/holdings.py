"""What people hold for a merchant at this moment: read in the transaction, never remembered.

A caller's grants may be a second old. Whoever gives or takes permissions is judged by the rows,
and by the token as well: it may be narrower than its user.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput, NotFound
from core.identity import PLATFORM_ONLY, Caller, Permission
from models.accounts import User
from models.merchants import Membership, Merchant
from services.catalog import PermissionMissing
from services.merchants.errors import OwnerRequired

OF_MERCHANTS: Final = tuple(each for each in Permission if each not in PLATFORM_ONLY)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody, and what they may do for one merchant, as its staff or as the platform's.

    is_member, is_owner: by the membership itself. commands_owners: makes and unmakes owners.
    """

    user_id: UUID
    email: str
    is_active: bool
    is_verified: bool
    language: str
    is_member: bool
    is_owner: bool
    named: tuple[str, ...]
    permissions: frozenset[Permission]
    commands_owners: bool

    @property
    def may_manage_staff(self) -> bool:
        return self.is_active and Permission.MANAGE_STAFF in self.permissions


async def lock_merchant(session: AsyncSession, merchant_id: UUID, *path: str) -> Any:
    """The merchant's row: changes of its staff, its state and itself happen one after the other.

    Orders and products may still refer to it meanwhile. Raises: NotFound.
    """
    locked = select(*Merchant.__table__.c).where(Merchant.id == merchant_id)
    row = (await session.execute(locked.with_for_update(key_share=True))).one_or_none()
    if row is None:
        raise NotFound(kind="Merchant", id=merchant_id, path=path)
    return row


async def holders(
    session: AsyncSession, merchant_id: UUID, users: Collection[UUID]
) -> dict[UUID, Holder]:
    """By user; what they hold stays so until the transaction ends.

    The merchant must be locked.
    """
    values = {"merchant": merchant_id, "users": list({*users})}
    found = (await session.execute(_HOLDERS, values)).all()
    return {row.id: _holder(row) for row in found}


def _holder(row: Any) -> Holder:
    platform = {*row.platform_permissions}.intersection(OF_MERCHANTS)
    is_owner = bool(row.is_owner)
    named = tuple(row.permissions or ())
    held = OF_MERCHANTS if is_owner else platform.union(named)
    return Holder(
        user_id=row.id,
        email=row.email,
        is_active=row.is_active,
        is_verified=row.email_verified_at is not None,
        language=row.language,
        is_member=row.is_owner is not None,
        is_owner=is_owner,
        named=named,
        permissions=frozenset(Permission(each) for each in held),
        commands_owners=is_owner or platform.issuperset(OF_MERCHANTS),
    )


def narrowed(holder: Holder | None, caller: Caller, merchant_id: UUID) -> Holder:
    """What the caller holds by this token.

    Raises: NotFound unless that includes MANAGE_STAFF: not yours is not there.
    """
    granted = {each for each in OF_MERCHANTS if caller.may(each, merchant_id)}
    if holder is None or not holder.may_manage_staff or Permission.MANAGE_STAFF not in granted:
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    return replace(
        holder,
        permissions=holder.permissions & granted,
        commands_owners=holder.commands_owners and granted.issuperset(OF_MERCHANTS),
    )


def require_at_least(mine: Holder, permissions: Iterable[str], *path: str, is_owner: bool) -> None:
    """Nobody gives, takes or outranks more than they hold.

    Raises: OwnerRequired; PermissionMissing with the first permission that the holder lacks.
    """
    if is_owner and not mine.commands_owners:
        raise OwnerRequired(path=path)
    for permission in permissions:
        if permission not in mine.permissions:
            raise PermissionMissing(permission=permission, path=path)


def checked_permissions(permissions: Sequence[Permission]) -> list[str]:
    """In the order of Permission, each once. Raises: InvalidInput for the platform's own ones."""
    for position, permission in enumerate(permissions):
        if permission in PLATFORM_ONLY:
            problem = f"{permission} is the platform's alone."
            raise InvalidInput(problem=problem, path=("permissions", str(position)))
    return [each.value for each in OF_MERCHANTS if each in permissions]


_HOLDERS: Final = (
    select(
        User.id,
        User.email,
        User.is_active,
        User.email_verified_at,
        User.language,
        User.platform_permissions,
        Membership.is_owner,
        Membership.permissions,
    )
    .outerjoin(
        Membership,
        and_(
            Membership.user_id == User.id,
            Membership.merchant_id == bindparam("merchant", type_=Uuid()),
        ),
    )
    .where(User.id == any_(bindparam("users", type_=ARRAY(Uuid()))))
    .order_by(User.id)
    .with_for_update(read=True, of=User)
)
