"""Anonymous callers who begin to own something: they become guests."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.identity import Caller, CallerKind
from resolvers.context import RequestContext
from services import accounts


async def somebody(ctx: RequestContext, session: AsyncSession) -> tuple[Caller, UUID]:
    """The caller and its id; an anonymous one is a new guest, who exists from the commit on."""
    caller = ctx.caller
    if caller.subject is not None:
        return caller, caller.subject
    guest_id = await accounts.new_guest(session)
    return Caller(CallerKind.GUEST, guest_id), guest_id


def go_on_as(ctx: RequestContext, caller: Caller) -> str | None:
    """After the commit: a new guest's token, None for whoever was somebody before."""
    if caller is ctx.caller or caller.subject is None:
        return None
    ctx.become(caller)
    return ctx.shop.tokens.guest(caller.subject)[0]
