"""Which ways into an account there are, and when they may be changed."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Query, Reader
from models.accounts import Session, User
from models.factors import Identity, Passkey, RecoveryCode, Totp
from services.factors.errors import LastWayToSignIn, RecentSignInRequired, SecondFactor

RECENT: Final = timedelta(minutes=15)

_USER = bindparam("user_id", type_=Uuid())
_METHODS: Final = Query(
    select(
        literal(SecondFactor.TOTP.value).label("totp"),
        exists().where(Passkey.user_id == _USER).label("passkey"),
        exists().where(RecoveryCode.user_id == _USER).label("recovery_code"),
    ).where(Totp.user_id == _USER, Totp.confirmed_at.is_not(None))
)


async def second_factors(reader: Reader, user_id: UUID) -> tuple[SecondFactor, ...]:
    """What can be shown besides a password. Empty: nothing is asked for.

    The user decides by turning one-time codes on. Passkeys alone do not change what a password is
    worth: who lost the device would be locked out.
    """
    rows = await reader.fetch(_METHODS, user_id=user_id)
    if not rows:
        return ()
    others = (SecondFactor.PASSKEY, SecondFactor.RECOVERY_CODE)
    return (SecondFactor.TOTP, *(each for each in others if rows[0][each.value.lower()]))


async def check_recent(session: AsyncSession, *, session_id: UUID | None) -> None:
    """Whoever found a phone unlocked, or stole a token, must not change the locks.

    Raises: RecentSignInRequired.
    """
    recent = select(Session.id).where(
        Session.id == session_id,
        Session.revoked_at.is_(None),
        Session.auth_time > now() - RECENT,
    )
    if (await session.execute(recent)).first() is None:
        raise RecentSignInRequired(maximum_age_seconds=int(RECENT.total_seconds()))


async def check_other_way(
    session: AsyncSession, *, user_id: UUID, besides: UUID, path: tuple[str, ...]
) -> None:
    """Somebody can still sign in without one passkey or identity. The user's row is locked.

    Raises: LastWayToSignIn.
    """
    ways: list[ColumnElement[bool]] = [
        exists().where(User.id == user_id, User.password_hash.startswith("$argon2")),
        exists().where(Passkey.user_id == user_id, Passkey.id != besides),
        exists().where(Identity.user_id == user_id, Identity.id != besides),
    ]
    if not await session.scalar(select(or_(*ways))):
        raise LastWayToSignIn(path=path)
