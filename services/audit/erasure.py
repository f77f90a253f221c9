"""Forgetting a person without breaking the chain."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from core.identity import UNKNOWN
from models.accounts import Guest
from models.audit import AuditDetails, AuditEntry
from services.audit.entries import dumped, entry, record

BATCH: Final = 1_000
# Of an address that was somebody's only later, or is not known to be anybody's: the entries name
# no user, or one that never came to be.
ABOUT_ADDRESSES: Final = (
    "EMAIL_CHANGE_REQUESTED",
    "EMAIL_CONFIRMATION_REQUESTED",
    "PASSWORD_RESET_REQUESTED",
    "REGISTRATION_REQUESTED",
    "SIGN_IN_FAILED",
)

_person = bindparam("person", type_=Uuid())
_AS_GUEST = select(Guest.id).where(Guest.joined_user_id == _person)
# As text: a cast to jsonb would fail at what somebody typed with a NUL. What a client says of
# itself can't look like it, since quotes in a JSON string are escaped.
_OF_THEIR_ADDRESS = (
    select(AuditEntry.details_id)
    .join(AuditDetails, AuditDetails.id == AuditEntry.details_id)
    .where(
        AuditEntry.action.in_(ABOUT_ADDRESSES),
        func.strpos(AuditDetails.content, bindparam("said", type_=Text())) > 0,
    )
)
# Each by its own index: one condition with OR would read the whole log.
_THEIRS = union(
    _OF_THEIR_ADDRESS,
    *(
        select(AuditEntry.details_id).where(condition, AuditEntry.details_id.is_not(None))
        for condition in (
            AuditEntry.actor_id == _person,
            AuditEntry.actor_id.in_(_AS_GUEST),
            AuditEntry.object_id == _person,
        )
    ),
)
_ERASE: Final = delete(AuditDetails).where(AuditDetails.id.in_(_THEIRS)).returning(AuditDetails.id)

_OLD: Final = (
    select(AuditDetails.id)
    .where(AuditDetails.id < bindparam("boundary", type_=Uuid()))
    .order_by(AuditDetails.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("old")  # run once: a subquery may run, and lock, once per row
)
_ERASE_OLD: Final = (
    delete(AuditDetails).where(AuditDetails.id == _OLD.c.id).returning(AuditDetails.id)
)


async def erase_person(session: AsyncSession, user_id: UUID, *, email: str) -> int:
    """Erase addresses and personal details of what a user did and of what was done to them.

    What they did as a guest before belongs to it, and what was tried with their e-mail address
    when it had no account. The entries stay, and name the person by an id that says nothing any
    more. Two statements. Tells how many details are gone.
    """
    said = f'"person":{dumped({"email": email})}'
    gone = (await session.execute(_ERASE, {"person": user_id, "said": said})).all()
    await _tell(session, user_id, len(gone))
    return len(gone)


async def erase_words(session: AsyncSession, user_id: UUID, *, objects: Select[UUID]) -> None:
    """Erase what others said of a user in entries of these objects: their orders, invitations.

    The address of who said it goes along; entries in which nothing was said keep theirs. Two
    statements.
    """
    about = select(AuditEntry.details_id).where(
        AuditEntry.object_id.in_(objects), AuditEntry.details_id.is_not(None)
    )
    words = delete(AuditDetails).where(
        AuditDetails.id.in_(about), cast(AuditDetails.content, JSONB).has_key("person")
    )
    gone = (await session.execute(words.returning(AuditDetails.id))).all()
    await _tell(session, user_id, len(gone))


async def _tell(session: AsyncSession, user_id: UUID, count: int) -> None:
    if count:
        told = entry("DETAILS_ERASED", "User", user_id, after={"count": count})
        await record(session, replace(told, client=UNKNOWN))  # it may be the person who asks


async def erase_old_details(db: Database, *, lifetime: timedelta) -> int:
    """Erase details that are older; the worker's. A bounded part of them: tells how many.

    Also of those whom nobody can name: failed sign-ins of strangers have addresses too.
    """
    async with db.transaction() as session:
        gone = (await session.execute(_ERASE_OLD, {"boundary": _first_id(now() - lifetime)})).all()
        if gone:
            facts = {"count": len(gone), "older_than_days": lifetime.days}
            await record(session, entry("DETAILS_ERASED", "AuditEntry", None, after=facts))
    return len(gone)


def _first_id(moment: datetime) -> UUID:
    """Ids begin with their time: none that was made at or after the moment is smaller."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
