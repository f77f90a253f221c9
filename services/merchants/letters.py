"""What a merchant's owners are told of the platform's decisions."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.accounts import User
from models.merchants import Membership
from services import mail
from services.merchants.states import Decision

# Of the begin of a review nobody is told.
KINDS: Final[Mapping[Decision, str]] = {
    Decision.APPROVE: "MERCHANT_APPROVED",
    Decision.REJECT: "MERCHANT_REJECTED",
    Decision.SUSPEND: "MERCHANT_SUSPENDED",
    Decision.REINSTATE: "MERCHANT_REINSTATED",
    Decision.CLOSE: "MERCHANT_CLOSED",
}
MAX_OWNERS: Final = 20  # who are written to


async def tell_owners(
    session: AsyncSession, merchant: Any, decision: Decision, reason: str | None
) -> None:
    """A letter to each owner with an open account: two statements at most."""
    kind = KINDS.get(decision)
    if kind is None:
        return
    owners = (
        select(User.email, User.language)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.merchant_id == merchant.id, Membership.is_owner, User.is_active)
        .order_by(Membership.joined_at, User.id)
        .limit(MAX_OWNERS)
    )
    facts = {"merchant": merchant.name, "reason": reason or ""}
    found = await session.execute(owners)
    letters = [mail.Letter(kind, row.email, row.language, facts) for row in found]
    await mail.send(session, *letters)
