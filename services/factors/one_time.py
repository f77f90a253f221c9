"""One-time codes: setting them up, using each once; and the recovery codes beside them."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from models.factors import RecoveryCode, Totp
from services import audit
from services.accounts.users import locked
from services.factors.errors import TotpOff, TotpOn
from services.factors.letters import Change, tell
from services.factors.ways import check_recent

SETUP_LIFETIME: Final = timedelta(minutes=15)
CODES: Final = 10
# Without letters and digits that look alike; 16 of 32 characters are 80 bits: a plain hash will do.
ALPHABET: Final = "023456789abcdefghjkmnpqrstuvwxyz"
CODE_CHARACTERS: Final = 16
GROUP: Final = 4


async def begin_totp(
    session: AsyncSession, *, user_id: UUID, session_id: UUID | None, secret: bytes
) -> None:
    """Keep a generator until it is confirmed; one that was not confirmed is replaced.

    Raises: NotFound, RecentSignInRequired, TotpOn.
    """
    await check_recent(session, session_id=session_id)
    await locked(session, user_id)
    values = {"secret": secret, "last_step": 0, "created_at": now(), "confirmed_at": None}
    kept = (
        postgresql.insert(Totp)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(
            index_elements=["user_id"], set_=values, where=Totp.confirmed_at.is_(None)
        )
        .returning(Totp.user_id)
    )
    if (await session.execute(kept)).first() is None:
        raise TotpOn


async def pending_totp(session: AsyncSession, *, user_id: UUID) -> bytes:
    """The secret, as it was kept, of the generator that waits to be confirmed. Locks the user.

    Raises: NotFound, TotpOff, TotpOn.
    """
    await locked(session, user_id)
    columns = select(Totp.secret, Totp.created_at, Totp.confirmed_at)
    found = columns.where(Totp.user_id == user_id)
    row = (await session.execute(found)).one_or_none()
    if row is None:
        raise TotpOff
    if row.confirmed_at is not None:
        raise TotpOn
    if row.created_at < now() - SETUP_LIFETIME:
        raise TotpOff
    secret: bytes = row.secret
    return secret


async def confirm_totp(session: AsyncSession, *, user_id: UUID, step: int) -> list[str]:
    """Turn one-time codes on; the new recovery codes, which nobody can read again."""
    confirmed = update(Totp).where(Totp.user_id == user_id)
    await session.execute(confirmed.values(confirmed_at=now(), last_step=step))
    codes = await _renew(session, user_id)
    await tell(session, await locked(session, user_id), Change.CODES_ON)
    await audit.record(session, audit.entry("TOTP_TURNED_ON", "User", user_id))
    return codes


async def active_totp(session: AsyncSession, *, user_id: UUID) -> bytes | None:
    """The secret, as it was kept, of the user's generator; None: one-time codes are off."""
    found = select(Totp.secret).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    secret: bytes | None = await session.scalar(found)
    return secret


async def use_step(session: AsyncSession, *, user_id: UUID, step: int) -> bool:
    """From now on only codes of later steps are good.

    False: somebody else has used this one since it was looked at.
    """
    later = update(Totp).where(Totp.user_id == user_id, Totp.last_step < step)
    used: Any = await session.execute(later.values(last_step=step))
    return bool(used.rowcount)


async def remove_totp(session: AsyncSession, *, user_id: UUID, session_id: UUID | None) -> None:
    """Turn one-time codes off; the recovery codes go with them.

    Raises: NotFound, RecentSignInRequired, TotpOff.
    """
    await check_recent(session, session_id=session_id)
    user = await locked(session, user_id)
    gone = delete(Totp).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    if (await session.execute(gone.returning(Totp.user_id))).first() is None:
        raise TotpOff
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    await tell(session, user, Change.CODES_OFF)
    await audit.record(session, audit.entry("TOTP_TURNED_OFF", "User", user_id))


async def renew_recovery_codes(
    session: AsyncSession, *, user_id: UUID, session_id: UUID | None
) -> list[str]:
    """New codes instead of all that are left.

    Raises: NotFound, RecentSignInRequired, TotpOff.
    """
    await check_recent(session, session_id=session_id)
    user = await locked(session, user_id)
    if await active_totp(session, user_id=user_id) is None:
        raise TotpOff
    codes = await _renew(session, user_id)
    await tell(session, user, Change.RECOVERY_CODES_RENEWED)
    await audit.record(session, audit.entry("RECOVERY_CODES_RENEWED", "User", user_id))
    return codes


async def use_recovery_code(session: AsyncSession, *, user_id: UUID, code: str) -> int | None:
    """Use a code up. How many are left; None: it is none of the user's, or not any more.

    Locks the user first, as whoever makes new codes does.
    """
    user = await locked(session, user_id)
    used = delete(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _hash(user_id, code)
    )
    taken: Any = await session.execute(used)
    if not taken.rowcount:
        return None
    await tell(session, user, Change.RECOVERY_CODE_USED)
    mine = select(func.count()).where(RecoveryCode.user_id == user_id)
    return int(await session.scalar(mine) or 0)


async def _renew(session: AsyncSession, user_id: UUID) -> list[str]:
    codes = [_new_code() for _ in range(CODES)]
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": _hash(user_id, code)} for code in codes]
    await session.execute(insert(RecoveryCode).values(rows))
    return codes


def _new_code() -> str:
    """`k7fq-2mxa-9tdw-h4pe`."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
    return "-".join(text[at : at + GROUP] for at in range(0, CODE_CHARACTERS, GROUP))


def _hash(user_id: UUID, code: str) -> bytes:
    """However it was typed: with capitals, spaces or without the hyphens."""
    text = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(user_id.bytes + text.encode()).digest()
