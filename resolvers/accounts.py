"""Accounts: signing in and out, and the transaction of each mutation.

Passwords are checked before a transaction begins: they take tens of milliseconds.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.brakes import REGISTER, RESET, TOKEN
from auth.callers import forget_caller
from auth.passwords import hashed
from auth.sign_in import PASSWORD, Halfway, Proven
from auth.strength import check_strength
from auth.tokens import TokenInvalid, TokenKind
from core.db import Row
from core.identity import Caller, CallerKind
from resolvers.context import RequestContext
from resolvers.credentials import check_with_link
from resolvers.loaders.accounts import USERS
from services import accounts, audit, cart, factors, orders
from services.accounts import SignIn


async def me(ctx: RequestContext) -> Row | None:
    """The caller's own user; None for anonymous callers and guests."""
    user: Row | None = await ctx.one(USERS, ctx.user_id) if ctx.is_signed_in else None
    return user


async def register(
    ctx: RequestContext, *, email: str, password: str, profile: Mapping[str, str]
) -> dict[str, Any]:
    """Ask for an account; the answer and its time tell nobody whether there is one already."""
    address = accounts.checked_email(email, "email")
    await ctx.shop.brakes.check(REGISTER, address)
    accounts.check_password(password, "password", email=address)
    known = accounts.checked_profile(profile)
    about = (address, *profile.values(), ctx.shop.settings.shop_name)
    await check_strength(password, "password", about=about)
    wanted = accounts.Applicant(address, await hashed(password), known)
    async with ctx.db.transaction() as session:
        await accounts.request_account(session, wanted=wanted, base_url=ctx.shop.settings.base_url)
    return {}


async def confirm(ctx: RequestContext, *, token: str, password: str) -> dict[str, Any]:
    """Open an account by the link of its letter, and sign in; a guest's things come along."""
    await ctx.shop.brakes.check(RESET)
    await check_with_link(ctx, purpose=accounts.REGISTER, token=token, password=password)
    async with ctx.db.transaction() as session:
        user_id = await accounts.open_account(session, token=token)
        signed_in = await accounts.open_session(session, user_id=user_id, lifetime=_lifetime(ctx))
        await _bring_along(ctx, session, user_id)
        entered, facts = Caller(CallerKind.USER, user_id), {"methods": list(PASSWORD)}
        entry = audit.entry("SIGNED_IN", "User", user_id, after=facts, actor=entered)
        await audit.record(session, entry)
    await ctx.shop.brakes.passed(RESET)
    return _entered(ctx, signed_in)


async def confirm_on_page(ctx: RequestContext, *, token: str, password: str) -> dict[str, Any]:
    """The same for who is in a browser: a page keeps no tokens, so they sign in afterwards."""
    await ctx.shop.brakes.check(RESET)
    await check_with_link(ctx, purpose=accounts.REGISTER, token=token, password=password)
    async with ctx.db.transaction() as session:
        await accounts.open_account(session, token=token)
    await ctx.shop.brakes.passed(RESET)
    return {}


async def token_create(ctx: RequestContext, *, email: str, password: str) -> dict[str, Any]:
    """Sign in with a password; a guest's things come along."""
    return await enter(ctx, await ctx.shop.sign_ins.with_password(email=email, password=password))


async def enter(ctx: RequestContext, shown: Proven | Halfway) -> dict[str, Any]:
    """Open a sign-in for who has shown who they are; a guest's things come along.

    Raises: SecondFactorRequired, SignInFailed.
    """
    if isinstance(shown, Halfway):
        raise factors.SecondFactorRequired(ticket=shown.ticket, methods=shown.methods)
    async with ctx.db.transaction() as session:
        signed_in = await accounts.sign_in(
            session, known=shown.known, lifetime=_lifetime(ctx), amr=shown.amr
        )
        await _bring_along(ctx, session, shown.user_id)
    return _entered(ctx, signed_in)


async def token_refresh(ctx: RequestContext, *, refresh_token: str) -> dict[str, Any]:
    """The next tokens of a sign-in. A refusal may have ended it: that is kept."""
    await ctx.shop.brakes.check(TOKEN)
    ended: set[UUID] = set()
    async with ctx.db.transaction() as session:
        signed_in = await accounts.refresh(
            session, refresh_token=refresh_token, lifetime=_lifetime(ctx), ended=ended
        )
    for session_id in ended:
        forget_caller(session_id)
    if signed_in is None:
        raise accounts.RefreshTokenInvalid(path=("refreshToken",))
    return _entered(ctx, signed_in)


async def token_revoke(
    ctx: RequestContext, *, session_id: UUID | None, is_all: bool
) -> dict[str, Any]:
    """End one sign-in of the caller, by default the one that asks, or all of them."""
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        if is_all:
            ended = await accounts.end_sessions(session, user_id=user_id)
        else:
            one = session_id or ctx.caller.session_id
            assert one is not None, "who is signed in has a sign-in"
            ended = await accounts.end_session(session, user_id=user_id, session_id=one)
    forget_caller(user_id)
    return {"ended_sessions": ended}


async def update(
    ctx: RequestContext, *, changes: Mapping[str, str], expected_version: int | None
) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        await accounts.update_user(
            session, user_id=user_id, changes=changes, expected_version=expected_version
        )
    return {"user_id": user_id}


async def address_upsert(
    ctx: RequestContext,
    *,
    address_id: UUID | None,
    address: Mapping[str, Any],
    defaults: Mapping[str, bool],
) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        kept_id = await accounts.upsert_address(
            session, user_id=user_id, address_id=address_id, address=address, defaults=defaults
        )
    return {"address_id": kept_id, "user_id": user_id}


async def address_delete(ctx: RequestContext, *, address_id: UUID) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        await accounts.delete_address(session, user_id=user_id, address_id=address_id)
    return {"deleted_address_id": address_id, "user_id": user_id}


async def guest_merge(ctx: RequestContext, *, guest_token: str) -> dict[str, Any]:
    """Give the things of a guest to the caller's account, by the guest's token."""
    user_id = ctx.user_id
    try:
        claims = ctx.shop.tokens.read(guest_token)
    except TokenInvalid:
        raise accounts.GuestTokenInvalid(path=("guestToken",)) from None
    if claims.kind is not TokenKind.GUEST:
        raise accounts.GuestTokenInvalid(path=("guestToken",))
    async with ctx.db.transaction() as session:
        await _join(session, claims.subject, user_id)
    forget_caller(claims.subject)
    return {"user_id": user_id}


async def _bring_along(ctx: RequestContext, session: AsyncSession, user_id: UUID) -> None:
    """Give the things of a guest who signs in to the account."""
    if ctx.caller.kind is CallerKind.GUEST and ctx.caller.subject is not None:
        await _join(session, ctx.caller.subject, user_id)


async def _join(session: AsyncSession, guest_id: UUID, user_id: UUID) -> None:
    """Once per guest: the cart is merged, checkouts and orders change hands."""
    if await accounts.join_guest(session, guest_id=guest_id, user_id=user_id):
        await cart.merge(session, from_owner=guest_id, to_owner=user_id)
        await orders.take_over(session, from_owner=guest_id, to_owner=user_id)


def _entered(ctx: RequestContext, signed_in: SignIn) -> dict[str, Any]:
    """The payload of a sign-in; what is read from here on is read as its user."""
    if ctx.caller.kind is CallerKind.GUEST and ctx.caller.subject:
        forget_caller(ctx.caller.subject)
    access_token, expires_at = ctx.shop.tokens.access(signed_in.user_id, signed_in.session_id)
    ctx.become(Caller(CallerKind.USER, signed_in.user_id, signed_in.session_id))
    return {
        "access_token": access_token,
        "refresh_token": signed_in.refresh_token,
        "expires_at": expires_at,
        "user_id": signed_in.user_id,
    }


def _lifetime(ctx: RequestContext) -> timedelta:
    return ctx.shop.settings.refresh_token_lifetime
