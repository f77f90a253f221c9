"""Sign-ins: each is a family of refresh tokens, of which the newest is good once.

Whoever uses a token that was used before has stolen it, or its owner has been stolen from: the
sign-in ends. Within GRACE that is not so: a double click, two tabs, or a request repeated after a
lost answer send the same token twice. The second one gets nothing, which serves no thief, and
the sign-in goes on.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import NotFound
from core.ids import new_id
from models.accounts import RefreshToken, Session, User
from services.accounts.credentials import Credentials
from services.accounts.errors import SignInFailed

GRACE: Final = timedelta(seconds=10)
TOKEN_BYTES: Final = 32
MAX_TOKEN_CHARACTERS: Final = 128


@dataclass(frozen=True, slots=True)
class SignIn:
    """An open sign-in with its newest refresh token, which nobody can read from the database."""

    user_id: UUID
    session_id: UUID
    refresh_token: str = field(repr=False)


async def sign_in(
    session: AsyncSession,
    *,
    known: Credentials,
    better_hash: str | None = None,
    lifetime: timedelta,
) -> SignIn:
    """Open a sign-in for whoever knew the password.

    known: what the password was checked against; it is looked at again under a lock, so that no
    sign-in with an old password survives its change.
    better_hash: of the same password, to keep from now on.

    Raises: SignInFailed.
    """
    same = (User.id == known.user_id, User.password_hash == known.password_hash, User.is_active)
    found: Any = select(User.id).where(*same).with_for_update(read=True)
    if better_hash:
        found = update(User).where(*same).values(password_hash=better_hash).returning(User.id)
    if (await session.execute(found)).first() is None:
        raise SignInFailed
    return await open_session(session, user_id=known.user_id, lifetime=lifetime)


async def open_session(session: AsyncSession, *, user_id: UUID, lifetime: timedelta) -> SignIn:
    """A new sign-in of a user who has shown who they are."""
    session_id = new_id()
    await session.execute(insert(Session).values(id=session_id, user_id=user_id))
    return SignIn(user_id, session_id, await _new_token(session, session_id, lifetime))


async def refresh(
    session: AsyncSession, *, refresh_token: str, lifetime: timedelta
) -> SignIn | None:
    """Take a refresh token and give the next one. None: it is not good.

    That is no exception, because the transaction must be kept: a token that was used before ends
    its sign-in. Of many at once with the same token one wins, and the sign-in stays open.
    """
    if len(refresh_token) > MAX_TOKEN_CHARACTERS:
        return None
    moment = now()
    taken = (
        update(RefreshToken)
        .where(
            RefreshToken.token_hash == _hash(refresh_token),
            RefreshToken.used_at.is_(None),
            RefreshToken.expires_at > moment,
        )
        .values(used_at=moment)
        .returning(RefreshToken.session_id)
    )
    session_id = await session.scalar(taken)
    if session_id is None:
        await _end_if_reused(session, refresh_token)
        return None
    used = (
        update(Session)
        .where(
            Session.id == session_id,
            Session.revoked_at.is_(None),
            User.id == Session.user_id,
            User.is_active,
        )
        .values(last_used_at=moment)
        .returning(Session.user_id)
    )
    user_id = await session.scalar(used)
    if user_id is None:
        return None
    return SignIn(user_id, session_id, await _new_token(session, session_id, lifetime))


async def end_session(session: AsyncSession, *, user_id: UUID, session_id: UUID) -> int:
    """End one sign-in of the user. How many were ended: 0 when it was ended before.

    Raises: NotFound for a sign-in that is not the user's.
    """
    mine = (Session.user_id == user_id, Session.id == session_id)
    count = await _end(session, *mine)
    if not count and (await session.execute(select(Session.id).where(*mine))).first() is None:
        raise NotFound(kind="Session", id=session_id, path=("sessionId",))
    return count


async def end_sessions(
    session: AsyncSession, *, user_id: UUID, kept_session_id: UUID | None = None
) -> int:
    """End all sign-ins of a user, or all but one; how many that were."""
    conditions = [Session.user_id == user_id]
    if kept_session_id is not None:
        conditions.append(Session.id != kept_session_id)
    return await _end(session, *conditions)


async def delete_ended(session: AsyncSession, *, before: datetime) -> int:
    """Delete refresh tokens that expired before a moment, and sign-ins that have none left.

    Housekeeping: until they expire, used tokens are kept to notice when they are used again.
    Returns how many tokens went.
    """
    expired = delete(RefreshToken).where(RefreshToken.expires_at < before)
    gone: Any = await session.execute(expired)
    has_tokens = exists().where(RefreshToken.session_id == Session.id)
    await session.execute(delete(Session).where(Session.last_used_at < before, ~has_tokens))
    return int(gone.rowcount)


async def _end_if_reused(session: AsyncSession, refresh_token: str) -> None:
    used = select(RefreshToken.session_id).where(
        RefreshToken.token_hash == _hash(refresh_token), RefreshToken.used_at < now() - GRACE
    )
    await _end(session, Session.id.in_(used))


async def _end(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    """How many open sign-ins it ended."""
    ended = update(Session).where(Session.revoked_at.is_(None), *conditions)
    rows = await session.execute(ended.values(revoked_at=now()).returning(Session.id))
    return len(rows.all())


async def _new_token(session: AsyncSession, session_id: UUID, lifetime: timedelta) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token_hash": _hash(token), "session_id": session_id, "expires_at": now() + lifetime}
    await session.execute(insert(RefreshToken).values(row))
    return token


def _hash(refresh_token: str) -> bytes:
    return hashlib.sha256(refresh_token.encode()).digest()
