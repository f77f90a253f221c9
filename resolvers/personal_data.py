"""Personal data: a copy of it, and the end of it."""

from typing import Any

from auth.brakes import MAIL
from auth.callers import forget_caller
from resolvers.context import RequestContext
from resolvers.credentials import base_url, prove_again, require_person
from services import accounts, merchants


async def export(ctx: RequestContext, *, password: str | None) -> dict[str, Any]:
    """Where the caller can fetch a copy of all that is kept about them."""
    user_id = ctx.user_id
    await ctx.shop.brakes.check(MAIL, f"export {user_id}")
    await prove_again(ctx, password, "password")
    async with ctx.db.transaction() as session:
        await require_person(ctx, session, password)
        url, expires_at = await accounts.offer_copy(
            session, user_id=user_id, session_id=ctx.caller.session_id, base_url=base_url(ctx)
        )
    return {"url": url, "expires_at": expires_at}


async def delete(ctx: RequestContext, *, password: str | None) -> dict[str, Any]:
    """Close the caller's account now; it is erased later, unless they sign in again."""
    user_id = ctx.user_id
    await prove_again(ctx, password, "password")
    async with ctx.db.transaction() as session:
        await require_person(ctx, session, password)
        owned = await merchants.sole_ownerships(session, user_id)
        if owned:
            raise accounts.SoleOwner(merchant_id=owned[0])
        await merchants.require_may_leave(session, user_id)
        erase_after = await accounts.close_account(
            session,
            user_id=user_id,
            delay=ctx.shop.settings.erasure_delay,
            base_url=base_url(ctx),
        )
    forget_caller(user_id)
    return {"erase_after": erase_after}
