"""What the platform decides about a merchant: approved, rejected, suspended, closed.

A merchant that stops selling disappears with everything it sells in the one transaction that says
so. Its open orders, its staff and their rights stay: what was bought is sent and refunded.
"""

import re
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import InvalidInput, NotFound, VersionConflict
from core.identity import Caller, Permission
from models.catalog import Product, ProductStatus
from models.merchants import Merchant, MerchantStatus
from services import audit, events, selling
from services.merchants.facts import MAX_REASON
from services.merchants.holdings import lock_merchant
from services.merchants.letters import tell_owners
from services.merchants.states import Decision, Move, move_of

SHELF: Final = 20_000  # products that one statement lists or hides: a second or two


async def review(
    session: AsyncSession,
    caller: Caller,
    *,
    merchant_id: UUID,
    decision: Decision,
    reason: str | None = None,
    expected_version: int | None = None,
) -> None:
    """Move a merchant to another state; the same decision again is a no-op.

    Locks its products, as all do who change them, then whether it sells, then the merchant: what
    is being bought or published meanwhile is ready before, or sees the new state. Nine
    statements, and one more for every SHELF of products.

    Raises: NotFound, InvalidInput, NotAllowedInState, VersionConflict.
    """
    if not caller.may(Permission.MANAGE_MERCHANTS, merchant_id):
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    text = _checked_reason(decision, reason)
    values = {"merchant": merchant_id}
    await session.execute(_LOCK_PRODUCTS, values)
    await session.execute(_LOCK_SELLING, values)
    row = await lock_merchant(session, merchant_id, "merchantId")
    move = move_of(decision, row.status)
    if move is None:
        return
    if expected_version not in {None, row.version}:
        raise VersionConflict(current_version=row.version, path=("expectedVersion",))
    change = _change(move, text, row)
    await session.execute(
        update(Merchant)
        .where(Merchant.id == merchant_id)
        .values(**change, version=row.version + 1, status_changed_at=now())
        .execution_options(synchronize_session=False)
    )
    await _list_again(session, merchant_id, is_selling=move.after is MerchantStatus.ACTIVE)
    await tell_owners(session, row, decision, text)
    await _tell(session, move, row, change)


def _checked_reason(decision: Decision, reason: str | None) -> str | None:
    """Raises: InvalidInput."""
    text = (reason or "").strip()
    if len(text) > MAX_REASON:
        raise InvalidInput(problem=f"At most {MAX_REASON} characters.", path=("reason",))
    if not text and decision in {Decision.REJECT, Decision.SUSPEND, Decision.CLOSE}:
        raise InvalidInput(problem="Say why.", path=("reason",))
    return text or None


def _change(move: Move, reason: str | None, row: Any) -> dict[str, Any]:
    """The columns; the reason stands as long as the state that it explains."""
    held = row.payouts_held if move.payouts_held is None else move.payouts_held
    return {
        "status": move.after.value,
        "status_reason": reason if move.needs_reason else None,
        "payouts_held": held,
    }


async def _list_again(session: AsyncSession, merchant_id: UUID, *, is_selling: bool) -> None:
    """Show all that is published, or nothing: shelf by shelf, each well within a time-out."""
    is_listed = (Product.status == ProductStatus.PUBLISHED) if is_selling else false()
    wrong = select(Product.id).where(
        Product.merchant_id == merchant_id, Product.is_listed != is_listed
    )
    shelf = update(Product).where(Product.id.in_(wrong.limit(SHELF))).values(is_listed=is_listed)
    is_done = False
    while not is_done:
        listed: Any = await session.execute(shelf.execution_options(synchronize_session=False))
        is_done = listed.rowcount < SHELF


async def _tell(session: AsyncSession, move: Move, row: Any, change: dict[str, Any]) -> None:
    after = dict(change)
    reason = after.pop("status_reason")  # anybody's words
    entry = audit.entry(
        re.sub(r"(?<!^)(?=[A-Z])", "_", move.event).upper(),
        "Merchant",
        row.id,
        merchant_id=row.id,
        before={name: getattr(row, name) for name in after},
        after=after,
        person={"reason": reason} if reason else None,
    )
    await audit.record(session, entry)
    told = events.event(move.event, row.id, version=row.version + 1, status=change["status"])
    await events.record(session, told)


_MERCHANT: Final = bindparam("merchant", type_=Uuid())
_LOCK_SELLING: Final = select(selling.alone(_MERCHANT))
_locked = (
    select(Product.id)
    .where(Product.merchant_id == _MERCHANT)
    .order_by(Product.id)
    .with_for_update(key_share=True)
    .subquery("locked")
)
_LOCK_PRODUCTS: Final = select(func.count()).select_from(_locked)
