"""Credentials: passwords and e-mail addresses that are confirmed, forgotten and changed.

Passwords are checked and hashed before a transaction begins: they take tens of milliseconds.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.brakes import MAIL, RESET, SIGN_IN
from auth.callers import forget_caller
from auth.passwords import Verdict, hashed, verify
from auth.strength import check_strength
from core.errors import NotFound
from core.identity import FIRST_PARTY
from resolvers.context import RequestContext
from services import accounts, audit, factors, platform
from services.accounts import Credentials, Recovered


async def verification_request(ctx: RequestContext) -> dict[str, Any]:
    """Another link to confirm the caller's address, if it needs one."""
    user_id = ctx.user_id
    await ctx.shop.brakes.check(MAIL, str(user_id))
    async with ctx.db.transaction() as session:
        await accounts.ask_to_confirm(session, user_id=user_id, base_url=base_url(ctx))
    return {"user_id": user_id}


async def confirmation_request(ctx: RequestContext, *, email: str) -> dict[str, Any]:
    """For who is not signed in; the answer and its time tell of no account."""
    await ctx.shop.brakes.check(RESET, accounts.tried_email(email))
    async with ctx.db.transaction() as session:
        await accounts.request_confirmation(
            session, email=email, language=ctx.language, base_url=base_url(ctx)
        )
    return {}


async def confirm(ctx: RequestContext, *, token: str) -> dict[str, Any]:
    await ctx.shop.brakes.check(RESET)
    async with ctx.db.transaction() as session:
        user_id = await accounts.confirm_email(session, token=token)
    await ctx.shop.brakes.passed(RESET)
    return {"user_id": user_id}


async def reset_request(ctx: RequestContext, *, email: str) -> dict[str, Any]:
    """The answer and its time are the same whether or not there is an account."""
    await ctx.shop.brakes.check(RESET, accounts.tried_email(email))
    async with ctx.db.transaction() as session:
        await accounts.request_reset(
            session, email=email, language=ctx.language, base_url=base_url(ctx)
        )
    return {}


async def reset(ctx: RequestContext, *, token: str, new_password: str) -> dict[str, Any]:
    """A password that is refused uses no link up; without a good link nothing dear is done."""
    await ctx.shop.brakes.check(RESET)
    proof = await accounts.proofs.find(ctx.reader, purpose=accounts.RESET_PASSWORD, text=token)
    if proof is None or proof.user_id is None:
        raise accounts.LinkInvalid(path=("token",))
    await _check(ctx, new_password, email=proof.facts["email"])
    password_hash = await hashed(new_password)
    async with ctx.db.transaction() as session:
        recovered = await accounts.reset_password(session, token=token, password_hash=password_hash)
        await _distrust(session, recovered)
    forget_caller(recovered.user_id)
    await ctx.shop.brakes.passed(RESET)
    return {}


async def password_change(
    ctx: RequestContext, *, current_password: str, new_password: str
) -> dict[str, Any]:
    """Another password for the caller; the other sign-ins end."""
    known = await _known(ctx)
    await _check(ctx, new_password, email=known.email)
    await _verify(ctx, known, current_password, "currentPassword")
    password_hash = await hashed(new_password)
    async with ctx.db.transaction() as session:
        await accounts.change_password(
            session,
            known=known,
            password_hash=password_hash,
            kept_session_id=ctx.caller.session_id,
        )
    forget_caller(known.user_id)
    return {"user_id": known.user_id}


async def email_change_request(
    ctx: RequestContext, *, email: str, password: str | None
) -> dict[str, Any]:
    """Nothing changes before somebody follows the link in the letter to the new address."""
    user_id = ctx.user_id
    await ctx.shop.brakes.check(MAIL, str(user_id))
    await prove_again(ctx, password, "password")
    async with ctx.db.transaction() as session:
        await require_person(ctx, session, password)
        await accounts.request_email_change(
            session, user_id=user_id, email=email, base_url=base_url(ctx)
        )
    return {"user_id": user_id}


async def email_change_confirm(
    ctx: RequestContext, *, token: str, password: str | None
) -> dict[str, Any]:
    """The letter alone moves no account: it may have gone to a stranger whose address was given.

    Raises: LinkInvalid, WrongPassword, EmailTaken; auth.brakes.Throttled.
    """
    await ctx.shop.brakes.check(RESET)
    purpose = accounts.CHANGE_EMAIL
    proof = await accounts.proofs.find(ctx.reader, purpose=purpose, text=token)
    if proof is None:
        raise accounts.LinkInvalid(path=("token",))
    if not _is_person(ctx, proof.user_id):
        if password is None:  # no guess: it takes no try of the link
            raise accounts.WrongPassword(path=("password",))
        await check_with_link(ctx, purpose=purpose, token=token, password=password)
    async with ctx.db.transaction() as session:
        user_id = await accounts.confirm_email_change(session, token=token, base_url=base_url(ctx))
    forget_caller(user_id)
    await ctx.shop.brakes.passed(RESET)
    return {}


async def email_change_undo(ctx: RequestContext, *, token: str) -> dict[str, Any]:
    await ctx.shop.brakes.check(RESET)
    async with ctx.db.transaction() as session:
        recovered = await accounts.undo_email_change(session, token=token, base_url=base_url(ctx))
        await _distrust(session, recovered)
    forget_caller(recovered.user_id)
    await ctx.shop.brakes.passed(RESET)
    return {}


async def check_with_link(ctx: RequestContext, *, purpose: str, token: str, password: str) -> None:
    """Whether a password is the one that a link asks for besides.

    A try is counted, and the count kept, before it is known to be right: of many at once no more
    than the link has are looked at.

    Raises: LinkInvalid, WrongPassword.
    """
    async with ctx.db.transaction() as session:
        asked = await accounts.try_password(session, purpose=purpose, token=token)
    await _compare(ctx, asked.user_id, password, asked.password_hash, "password")


async def prove_again(ctx: RequestContext, password: str | None, *path: str) -> None:
    """Whoever tells a password tells the right one.

    Raises: WrongPassword; auth.brakes.Throttled.
    """
    if password is not None:
        await _verify(ctx, await _known(ctx), password, *path)


async def require_person(ctx: RequestContext, session: AsyncSession, password: str | None) -> None:
    """Whoever told no password has signed in a moment ago.

    Raises: RecentSignInRequired.
    """
    if password is None:
        await factors.check_recent(session, session_id=ctx.caller.session_id)


def base_url(ctx: RequestContext) -> str:
    """What links in letters begin with; never what the request calls us."""
    return ctx.shop.settings.base_url


async def _distrust(session: AsyncSession, recovered: Recovered) -> None:
    if recovered.distrusted_since is not None:
        await factors.distrust(session, user_id=recovered.user_id, since=recovered.distrusted_since)
        await platform.distrust(
            session, user_id=recovered.user_id, since=recovered.distrusted_since
        )


async def _known(ctx: RequestContext) -> Credentials:
    known = await accounts.credentials_of_user(ctx.reader, ctx.user_id)
    if known is None:
        raise NotFound(kind="User")
    return known


async def _verify(ctx: RequestContext, known: Credentials, password: str, *path: str) -> None:
    """Guesses are counted like those of a sign-in: the caller may have stolen the token.

    Raises: WrongPassword; auth.brakes.Throttled.
    """
    await ctx.shop.brakes.check(SIGN_IN, known.email)
    await _compare(ctx, known.user_id, password, known.password_hash, *path)
    await ctx.shop.brakes.passed(SIGN_IN, known.email)


async def _compare(
    ctx: RequestContext, user_id: UUID, password: str, password_hash: str, *path: str
) -> None:
    """Raises: WrongPassword, which is in the audit log then."""
    verdict = Verdict(is_right=False)
    if len(password) <= accounts.MAX_PASSWORD:
        verdict = await verify(password, password_hash)
    if not verdict.is_right:
        await audit.note(ctx.db, audit.entry("PASSWORD_CHECK_FAILED", "User", user_id))
        raise accounts.WrongPassword(path=path)


def _is_person(ctx: RequestContext, user_id: UUID | None) -> bool:
    """Whether the caller is this user themselves, signed in with us."""
    caller = ctx.caller
    return caller.is_signed_in and caller.subject == user_id and FIRST_PARTY in caller.grants


async def _check(ctx: RequestContext, password: str, *, email: str) -> None:
    """Raises: InvalidInput, PasswordTooWeak."""
    accounts.check_password(password, "newPassword", email=email)
    about = (email, ctx.shop.settings.shop_name)
    await check_strength(password, "newPassword", about=about)
