"""Sign-ins: each is a family of refresh tokens, of which the newest is good once.

Whoever uses a token that was used before has stolen it, or its owner has been stolen from: the
sign-in ends. Within GRACE that is not so: a double click, two tabs, or a request repeated after a
lost answer send the same token twice. The second one gets nothing, which serves no thief, and
the sign-in goes on.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import NotFound
from core.identity import client
from core.ids import new_id
from models.accounts import RefreshToken, Session, User
from services import audit
from services.accounts.credentials import Credentials
from services.accounts.devices import where
from services.accounts.errors import SignInFailed

GRACE: Final = timedelta(seconds=10)
TOKEN_BYTES: Final = 32
MAX_TOKEN_CHARACTERS: Final = 128
BY_PASSWORD: Final = ("pwd",)


@dataclass(frozen=True, slots=True)
class SignIn:
    """An open sign-in with its newest refresh token, which nobody can read from the database."""

    user_id: UUID
    session_id: UUID
    refresh_token: str = field(repr=False)
    client_id: UUID | None = None
    scopes: tuple[str, ...] = ()


async def sign_in(
    session: AsyncSession,
    *,
    known: Credentials,
    lifetime: timedelta,
    amr: Sequence[str] = BY_PASSWORD,
) -> SignIn:
    """Open a sign-in for whoever knew the password.

    known: what the password was checked against; it is looked at again under a lock, so that no
    sign-in with an old password survives its change.
    An account that was to be erased is kept.

    Raises: SignInFailed.
    """
    same = (User.id == known.user_id, User.password_hash == known.password_hash, User.is_active)
    found = select(User.erase_after).where(*same).with_for_update(key_share=True)
    user = (await session.execute(found)).one_or_none()
    if user is None:
        raise SignInFailed
    if user.erase_after is not None:
        await _keep_account(session, known.user_id)
    return await open_session(session, user_id=known.user_id, lifetime=lifetime, amr=amr)


async def open_session(
    session: AsyncSession,
    *,
    user_id: UUID,
    lifetime: timedelta,
    amr: Sequence[str] = BY_PASSWORD,
    client_id: UUID | None = None,
    scopes: Sequence[str] = (),
) -> SignIn:
    """A new sign-in of a user who has shown who they are, on the device that asks.

    amr: how they did, as RFC 8176 names it. client_id, scopes: of the OAuth client that it is for;
    None: one of our own apps.
    """
    session_id = new_id()
    made = insert(Session).values(
        id=session_id,
        user_id=user_id,
        client_id=client_id,
        scopes=list(scopes),
        auth_time=now(),
        amr=list(amr),
        **where(client.get()),
    )
    await session.execute(made)
    token = await _new_token(session, session_id, lifetime)
    return SignIn(user_id, session_id, token, client_id, tuple(scopes))


async def refresh(
    session: AsyncSession,
    *,
    refresh_token: str,
    lifetime: timedelta,
    ended: set[UUID],
    client_id: UUID | None = None,
) -> SignIn | None:
    """Take a refresh token and give the next one. None: it is not good.

    client_id: who sends it. A token that was given to somebody else is not good, and stays so.
    ended: takes up the sign-in that this has ended, to be told of after the commit.

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
            Session.id == RefreshToken.session_id,
            Session.client_id.is_not_distinct_from(client_id),
        )
        .values(used_at=moment)
        .returning(RefreshToken.session_id)
    )
    session_id = await session.scalar(taken)
    if session_id is None:
        ended.update(await _end_if_reused(session, refresh_token, client_id))
        return None
    used = (
        update(Session)
        .where(
            Session.id == session_id,
            Session.revoked_at.is_(None),
            User.id == Session.user_id,
            User.is_active,
        )
        .values(last_used_at=moment, **where(client.get()))
        .returning(Session.user_id, Session.scopes)
    )
    open_one = (await session.execute(used)).one_or_none()
    if open_one is None:
        return None
    token = await _new_token(session, session_id, lifetime)
    return SignIn(open_one.user_id, session_id, token, client_id, tuple(open_one.scopes))


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


async def _keep_account(session: AsyncSession, user_id: UUID) -> None:
    """Whoever asked for their account to be deleted has changed their mind."""
    await session.execute(update(User).where(User.id == user_id).values(erase_after=None))
    await audit.record(session, audit.entry("ACCOUNT_DELETION_CANCELLED", "User", user_id))


async def _end_if_reused(
    session: AsyncSession, refresh_token: str, client_id: UUID | None
) -> Sequence[UUID]:
    """Whoever may be the thief's victim is signed out, and the log knows why."""
    used = (
        select(RefreshToken.session_id)
        .join(Session, Session.id == RefreshToken.session_id)
        .where(
            RefreshToken.token_hash == _hash(refresh_token),
            RefreshToken.used_at < now() - GRACE,
            Session.client_id.is_not_distinct_from(client_id),
        )
    )
    ended = await _ended(session, Session.id.in_(used))
    entries = [
        audit.entry("REFRESH_TOKEN_REUSED", "Session", row.id, after={"userId": row.user_id.hex})
        for row in ended
    ]
    await audit.record(session, *entries)
    return [row.id for row in ended]


async def _end(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    """How many open sign-ins it ended."""
    return len(await _ended(session, *conditions))


async def _ended(session: AsyncSession, *conditions: ColumnElement[bool]) -> Sequence[Any]:
    """The open sign-ins that it ended."""
    ended = update(Session).where(Session.revoked_at.is_(None), *conditions)
    returned = ended.values(revoked_at=now()).returning(Session.id, Session.user_id)
    return (await session.execute(returned)).all()


async def _new_token(session: AsyncSession, session_id: UUID, lifetime: timedelta) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token_hash": _hash(token), "session_id": session_id, "expires_at": now() + lifetime}
    await session.execute(insert(RefreshToken).values(row))
    return token


def _hash(refresh_token: str) -> bytes:
    return hashlib.sha256(refresh_token.encode()).digest()
