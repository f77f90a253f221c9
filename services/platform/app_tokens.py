"""Tokens of programs: made by staff, shown once, kept as their SHA-256.

What a token may do is looked up with each question, and never more than its maker may do then.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import InvalidInput, NotFound
from core.identity import PLATFORM_ONLY, Caller, Permission
from core.ids import new_id
from models.merchants import Merchant
from models.platform import AppToken
from services import audit
from services.catalog import PermissionMissing
from services.platform.errors import TooManyAppTokens

PREFIX: Final = "mf_"  # so that people and scanners of leaked secrets know what it is
RANDOM_BYTES: Final = 32
MAX_NAME: Final = 100
MAX_TOKENS: Final = 100  # of a merchant that are not revoked
LONGEST: Final = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class NewAppToken:
    """text: what the program sends; nobody can read it from the database."""

    id: UUID
    text: str = field(repr=False)


async def create_app_token(
    session: AsyncSession,
    caller: Caller,
    *,
    name: str,
    permissions: Sequence[Permission],
    merchant_id: UUID | None,
    expires_at: datetime | None,
) -> NewAppToken:
    """A token for a program of a merchant; without one, for all merchants.

    Who makes it manages the settings there. Locks the merchant: tokens are counted.

    Raises: InvalidInput, NotFound, PermissionMissing, TooManyAppTokens.
    """
    wanted = sorted({*permissions})
    label = _checked(name, wanted, expires_at)
    await _check_merchant(session, caller, merchant_id)
    _check_permissions(caller, permissions, merchant_id)
    await _check_number(session, merchant_id)
    made = NewAppToken(new_id(), PREFIX + secrets.token_urlsafe(RANDOM_BYTES))
    row = {
        "id": made.id,
        "merchant_id": merchant_id,
        "creator_id": caller.subject,
        "name": label,
        "permissions": [each.value for each in wanted],
        "token_hash": hashlib.sha256(made.text.encode()).digest(),
        "expires_at": expires_at,
    }
    await session.execute(insert(AppToken).values(row))
    after = {
        "name": label,
        "permissions": row["permissions"],
        "expires_at": expires_at.isoformat() if expires_at else None,
    }
    await audit.record(
        session,
        audit.entry("APP_TOKEN_CREATED", "AppToken", made.id, merchant_id=merchant_id, after=after),
    )
    return made


async def revoke_app_token(session: AsyncSession, caller: Caller, *, app_token_id: UUID) -> None:
    """End a token of a merchant whose settings the caller manages; one that ended stays so.

    The transaction's caller forgets it everywhere after the commit.

    Raises: NotFound.
    """
    merchants = caller.merchants(Permission.MANAGE_SETTINGS)
    mine = [AppToken.id == app_token_id]
    if merchants is not None:
        mine.append(AppToken.merchant_id.in_(merchants))
    found = await session.execute(
        select(AppToken.merchant_id, AppToken.revoked_at).where(*mine).with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(kind="AppToken", id=app_token_id, path=("appTokenId",))
    if row.revoked_at is not None:
        return
    await session.execute(
        update(AppToken).where(AppToken.id == app_token_id).values(revoked_at=now())
    )
    await audit.record(
        session,
        audit.entry("APP_TOKEN_REVOKED", "AppToken", app_token_id, merchant_id=row.merchant_id),
    )


async def distrust(session: AsyncSession, *, user_id: UUID, since: datetime) -> None:
    """End the tokens that were made since somebody else may have had the user's account."""
    newer = update(AppToken).where(
        AppToken.creator_id == user_id,
        AppToken.created_at >= since,
        AppToken.revoked_at.is_(None),
    )
    ended = newer.values(revoked_at=now()).returning(AppToken.id, AppToken.merchant_id)
    entries = [
        audit.entry("APP_TOKEN_REVOKED", "AppToken", row.id, merchant_id=row.merchant_id)
        for row in await session.execute(ended)
    ]
    await audit.record(session, *entries)


async def note_app_token_use(session: AsyncSession, ids: Collection[UUID], *, every: float) -> None:
    """That they were used now; not again within so many seconds."""
    before = now() - timedelta(seconds=every)
    await session.execute(
        update(AppToken)
        .where(
            AppToken.id.in_(ids),
            or_(AppToken.last_used_at.is_(None), AppToken.last_used_at <= before),
        )
        .values(last_used_at=now())
    )


def _checked(name: str, permissions: Sequence[Permission], expires_at: datetime | None) -> str:
    """The name as it is kept. Raises: InvalidInput."""
    label = " ".join(name.split())
    if not 1 <= len(label) <= MAX_NAME or not label.isprintable():
        problem = f"A name has 1 to {MAX_NAME} characters that can be printed."
        raise InvalidInput(problem=problem, path=("name",))
    if not permissions:
        raise InvalidInput(problem="Name what the token shall permit.", path=("permissions",))
    if expires_at is not None and not now() < expires_at <= now() + LONGEST:
        problem = "A token ends in the future, at most five years from now."
        raise InvalidInput(problem=problem, path=("expiresAt",))
    return label


async def _check_merchant(session: AsyncSession, caller: Caller, merchant_id: UUID | None) -> None:
    """Raises: InvalidInput, NotFound."""
    if merchant_id is None:
        if caller.merchants(Permission.MANAGE_SETTINGS) is not None:
            problem = "Name the merchant; only the platform's own staff make tokens for all."
            raise InvalidInput(problem=problem, path=("merchantId",))
        return
    found = select(Merchant.id).where(Merchant.id == merchant_id)
    if (
        not caller.may(Permission.MANAGE_SETTINGS, merchant_id)
        or await session.scalar(found.with_for_update(key_share=True)) is None
    ):
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))


def _check_permissions(
    caller: Caller, permissions: Sequence[Permission], merchant_id: UUID | None
) -> None:
    """Nobody gives away what they do not hold there. Raises: InvalidInput, PermissionMissing."""
    for position, permission in enumerate(permissions):
        path = ("permissions", str(position))
        if merchant_id is None:
            is_held = caller.merchants(permission) is None
        elif permission in PLATFORM_ONLY:
            raise InvalidInput(problem=f"{permission} is the platform's alone.", path=path)
        else:
            is_held = caller.may(permission, merchant_id)
        if not is_held:
            raise PermissionMissing(permission=permission.value, path=path)


async def _check_number(session: AsyncSession, merchant_id: UUID | None) -> None:
    """Raises: TooManyAppTokens."""
    live = select(func.count()).where(
        AppToken.merchant_id.is_not_distinct_from(merchant_id), AppToken.revoked_at.is_(None)
    )
    if (await session.scalar(live) or 0) >= MAX_TOKENS:
        raise TooManyAppTokens(maximum=MAX_TOKENS)
