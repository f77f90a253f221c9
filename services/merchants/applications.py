"""Applying to sell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, Refusals
from core.identity import Caller
from core.ids import new_id
from models.accounts import User
from models.merchants import (
    Membership,
    Merchant,
    MerchantMode,
    MerchantRecord,
    MerchantStatus,
)
from services import audit, events
from services.catalog import Taken
from services.merchants.errors import EmailUnverified, TooManyApplications
from services.merchants.facts import (
    Business,
    business_problems,
    face_problems,
    with_plain_email,
)

MAX_WAITING: Final = 3  # applications of one user that wait for an answer
WAITING: Final = (MerchantStatus.APPLIED, MerchantStatus.IN_REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """business: all of its facts, the contact's if there is one."""

    name: str
    slug: str
    mode: MerchantMode
    business: Business
    description: Mapping[str, str] = field(default_factory=dict)


async def apply(session: AsyncSession, caller: Caller, *, application: Application) -> UUID:
    """A new merchant in the state APPLIED, owned by the caller. Locks the caller's user.

    Raises: NotFound for a closed account; EmailUnverified; TooManyApplications; Taken for the slug;
    Refusals of everything that is wrong with the facts.
    """
    face = {
        "slug": application.slug,
        "name": application.name,
        "description": dict(application.description),
    }
    facts = application.business.values()
    if problems := [*face_problems(face), *business_problems(facts)]:
        raise Refusals(problems)
    user_id = await _applicant(session, caller)
    merchant_id = new_id()
    made = upsert(Merchant).values(
        id=merchant_id, status=MerchantStatus.APPLIED.value, mode=application.mode.value, **face
    )
    is_new = made.on_conflict_do_nothing(index_elements=["slug"]).returning(Merchant.id)
    if (await session.execute(is_new)).first() is None:
        raise Taken(value=application.slug, path=("slug",))
    record = {"contact_email": None, "contact_phone": None, **with_plain_email(facts)}
    await session.execute(insert(MerchantRecord).values(merchant_id=merchant_id, **record))
    await session.execute(
        insert(Membership).values(user_id=user_id, merchant_id=merchant_id, is_owner=True)
    )
    await audit.record(
        session,
        audit.entry(
            "MERCHANT_APPLIED",
            "Merchant",
            merchant_id,
            merchant_id=merchant_id,
            after={"slug": application.slug, "mode": application.mode.value},
        ),
    )
    await events.record(session, events.event("MerchantApplied", merchant_id, version=1))
    return merchant_id


async def _applicant(session: AsyncSession, caller: Caller) -> UUID:
    """Raises: NotFound, EmailUnverified, TooManyApplications."""
    mine = select(User.id, User.email_verified_at).where(User.id == caller.subject, User.is_active)
    user = (await session.execute(mine.with_for_update(key_share=True))).one_or_none()
    if user is None:
        raise NotFound(kind="User")
    if user.email_verified_at is None:  # what we decide goes to that address
        raise EmailUnverified
    waiting = (
        select(func.count())
        .select_from(Membership)
        .join(Merchant, Merchant.id == Membership.merchant_id)
        .where(Membership.user_id == user.id, Membership.is_owner, Merchant.status.in_(WAITING))
    )
    if (await session.scalar(waiting) or 0) >= MAX_WAITING:
        raise TooManyApplications(maximum=MAX_WAITING)
    user_id: UUID = user.id
    return user_id
