"""Passkeys of users: kept, named, used, removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Uuid, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Query, Reader, Row
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from models.factors import Passkey
from services import audit
from services.accounts import proofs
from services.accounts.users import locked
from services.factors.errors import PasskeyRefused, TooManyPasskeys
from services.factors.letters import Change, tell
from services.factors.ways import check_other_way, check_recent

CEREMONY: Final = timedelta(minutes=5)
REGISTRATION: Final = "PASSKEY_REGISTRATION"
SIGN_IN: Final = "PASSKEY_SIGN_IN"
MAX_PASSKEYS: Final = 20
LONGEST_NAME: Final = 60
MAX_TRANSPORTS: Final = 10


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator has made, checked."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    is_synced: bool


_BY_CREDENTIAL: Final = Query(
    select(Passkey.id, Passkey.user_id, Passkey.public_key).where(
        Passkey.credential_id == bindparam("credential_id", type_=LargeBinary())
    )
)
_OF_USER: Final = Query(
    select(Passkey.credential_id, Passkey.transports)
    .where(Passkey.user_id == bindparam("user_id", type_=Uuid()))
    .order_by(Passkey.id)
)


async def passkey_of(reader: Reader, credential_id: bytes) -> Row | None:
    """id, user_id and public_key."""
    rows = await reader.fetch(_BY_CREDENTIAL, credential_id=credential_id)
    return rows[0] if rows else None


async def passkeys_of(reader: Reader, user_id: UUID) -> Sequence[Row]:
    """credential_id and transports, for the browser to choose from."""
    return await reader.fetch(_OF_USER, user_id=user_id)


async def begin_registration(
    session: AsyncSession, *, user_id: UUID, session_id: UUID | None
) -> str:
    """A challenge for a new passkey of the user.

    Raises: NotFound, RecentSignInRequired, TooManyPasskeys.
    """
    await check_recent(session, session_id=session_id)
    await locked(session, user_id)
    await _check_room(session, user_id)
    return await proofs.create(session, purpose=REGISTRATION, user_id=user_id, lifetime=CEREMONY)


async def begin_sign_in(
    session: AsyncSession, *, ticket_digest: str = "", user_id: UUID | None = None
) -> str:
    """A challenge for a sign-in; with a ticket, for the second half of that one only."""
    facts = {"ticket": ticket_digest}
    return await proofs.create(
        session, purpose=SIGN_IN, user_id=user_id, facts=facts, lifetime=CEREMONY
    )


async def take_challenge(session: AsyncSession, challenge: str, *, ticket_digest: str = "") -> bool:
    """Whether it is one of ours for such a sign-in; used up either way."""
    proof = await proofs.take(session, purpose=SIGN_IN, text=challenge)
    return proof is not None and proof.facts.get("ticket") == ticket_digest


async def take_registration(session: AsyncSession, challenge: str, *, user_id: UUID) -> bool:
    """Whether it is one of ours for a new passkey of the user; used up either way."""
    proof = await proofs.take(session, purpose=REGISTRATION, text=challenge)
    return proof is not None and proof.user_id == user_id


async def add_passkey(session: AsyncSession, *, user_id: UUID, new: NewPasskey, name: str) -> UUID:
    """Raises: InvalidInput, NotFound, PasskeyRefused when it is registered, TooManyPasskeys."""
    checked = _checked_name(name)
    user = await locked(session, user_id)
    await _check_room(session, user_id)
    passkey_id = new_id()
    added = (
        insert(Passkey)
        .values(
            id=passkey_id,
            user_id=user_id,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            transports=list(new.transports)[:MAX_TRANSPORTS],
            name=checked,
            is_synced=new.is_synced,
        )
        .on_conflict_do_nothing(index_elements=["credential_id"])
        .returning(Passkey.id)
    )
    if (await session.execute(added)).first() is None:
        raise PasskeyRefused
    await tell(session, user, Change.PASSKEY_ADDED)
    await audit.record(session, audit.entry("PASSKEY_ADDED", "Passkey", passkey_id))
    return passkey_id


async def rename_passkey(
    session: AsyncSession, *, user_id: UUID, passkey_id: UUID, name: str
) -> None:
    """Raises: InvalidInput, NotFound."""
    mine = update(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id)
    renamed: Any = await session.execute(mine.values(name=_checked_name(name)))
    if not renamed.rowcount:
        raise NotFound(kind="Passkey", id=passkey_id, path=("id",))


async def remove_passkey(
    session: AsyncSession, *, user_id: UUID, session_id: UUID | None, passkey_id: UUID
) -> None:
    """Raises: LastWayToSignIn, NotFound, RecentSignInRequired."""
    await check_recent(session, session_id=session_id)
    user = await locked(session, user_id)
    await check_other_way(session, user_id=user_id, besides=passkey_id, path=("id",))
    mine = delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id)
    removed: Any = await session.execute(mine)
    if not removed.rowcount:
        raise NotFound(kind="Passkey", id=passkey_id, path=("id",))
    await tell(session, user, Change.PASSKEY_REMOVED)
    await audit.record(session, audit.entry("PASSKEY_REMOVED", "Passkey", passkey_id))


async def use_passkey(session: AsyncSession, *, passkey_id: UUID, sign_count: int) -> bool:
    """Note a use. False: the passkey is gone, or its counter has been there: it is a copy.

    Authenticators that do not count always say 0. Source: WebAuthn Level 3, section 6.1.1.
    """
    went_on: ColumnElement[bool] = Passkey.sign_count < sign_count
    if sign_count == 0:
        went_on = Passkey.sign_count == 0
    used = update(Passkey).where(Passkey.id == passkey_id, went_on)
    noted: Any = await session.execute(used.values(sign_count=sign_count, last_used_at=now()))
    return bool(noted.rowcount)


async def _check_room(session: AsyncSession, user_id: UUID) -> None:
    mine = select(func.count()).where(Passkey.user_id == user_id)
    if (await session.scalar(mine) or 0) >= MAX_PASSKEYS:
        raise TooManyPasskeys(maximum=MAX_PASSKEYS)


def _checked_name(name: str) -> str:
    text = " ".join(name.split())
    if not 1 <= len(text) <= LONGEST_NAME or not text.isprintable():
        raise InvalidInput(
            problem=f"The name of a passkey has 1 to {LONGEST_NAME} characters.", path=("name",)
        )
    return text
