"""Factors: the second half of a sign-in, passkeys, and how an account is entered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from auth.passkeys import challenge_of
from auth.providers import Started
from auth.totp import qr_code
from core.errors import InvalidInput, NotFound
from resolvers.accounts import enter
from resolvers.context import RequestContext
from services import accounts, factors
from services.factors import Login


@dataclass(frozen=True, slots=True)
class Callback:
    """What came back from a provider, and what the client had kept."""

    login: Login
    code: str = field(repr=False)
    issuer: str | None


async def token_create_complete(
    ctx: RequestContext,
    *,
    ticket: str,
    code: str | None,
    recovery_code: str | None,
    passkey: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Show one second factor for a sign-in that waits."""
    if sum(each is not None for each in (code, recovery_code, passkey)) != 1:
        problem = "Exactly one of code, recoveryCode and passkey is needed."
        raise InvalidInput(problem=problem, path=("code",))
    sign_ins = ctx.shop.sign_ins
    if passkey is not None:
        return await enter(ctx, await sign_ins.with_passkey(credential=passkey, ticket=ticket))
    return await enter(
        ctx, await sign_ins.with_code(ticket=ticket, code=code or recovery_code or "")
    )


async def totp_setup(ctx: RequestContext) -> dict[str, Any]:
    """A new generator; it counts when it is confirmed."""
    known = await _credentials(ctx)
    secret, sealed = ctx.shop.sign_ins.generators.new(known.user_id)
    async with ctx.db.transaction() as session:
        await factors.begin_totp(
            session, user_id=known.user_id, session_id=ctx.caller.session_id, secret=sealed
        )
    uri = ctx.shop.sign_ins.generators.uri(secret, name=known.email)
    return {"secret": secret, "uri": uri, "qr_code": qr_code(uri)}


async def totp_confirm(ctx: RequestContext, *, code: str) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        secret = await factors.pending_totp(session, user_id=user_id)
        step = ctx.shop.sign_ins.generators.step(secret, code, user_id=user_id)
        if step is None:
            raise factors.CodeWrong(path=("code",))
        codes = await factors.confirm_totp(session, user_id=user_id, step=step)
    return {"recovery_codes": codes, "user_id": user_id}


async def totp_remove(ctx: RequestContext) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        await factors.remove_totp(session, user_id=user_id, session_id=ctx.caller.session_id)
    return {"user_id": user_id}


async def recovery_codes_renew(ctx: RequestContext) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        codes = await factors.renew_recovery_codes(
            session, user_id=user_id, session_id=ctx.caller.session_id
        )
    return {"recovery_codes": codes, "user_id": user_id}


async def passkey_registration_start(ctx: RequestContext) -> dict[str, Any]:
    """What the browser is asked for a new passkey of the caller."""
    known = await _credentials(ctx)
    passkeys = await factors.passkeys_of(ctx.reader, known.user_id)
    async with ctx.db.transaction() as session:
        challenge = await factors.begin_registration(
            session, user_id=known.user_id, session_id=ctx.caller.session_id
        )
    options = ctx.shop.sign_ins.passkeys.registration(
        user_id=known.user_id, email=known.email, challenge=challenge, known=passkeys
    )
    return {"options": options}


async def passkey_register(
    ctx: RequestContext, *, credential: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """Keep a new passkey. The challenge is used up first, whatever comes of it."""
    user_id, challenge = ctx.user_id, challenge_of(credential)
    async with ctx.db.transaction() as session:
        is_ours = await factors.take_registration(session, challenge, user_id=user_id)
    if not is_ours:
        raise factors.PasskeyRefused(path=("credential",))
    made = ctx.shop.sign_ins.passkeys.registered(credential, challenge=challenge)
    async with ctx.db.transaction() as session:
        passkey_id = await factors.add_passkey(session, user_id=user_id, new=made, name=name)
    return {"passkey_id": passkey_id, "user_id": user_id}


async def passkey_rename(ctx: RequestContext, *, passkey_id: UUID, name: str) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await factors.rename_passkey(session, user_id=ctx.user_id, passkey_id=passkey_id, name=name)
    return {"passkey_id": passkey_id}


async def passkey_remove(ctx: RequestContext, *, passkey_id: UUID) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        await factors.remove_passkey(
            session, user_id=user_id, session_id=ctx.caller.session_id, passkey_id=passkey_id
        )
    return {"removed_passkey_id": passkey_id, "user_id": user_id}


async def passkey_sign_in_start(ctx: RequestContext, *, ticket: str | None) -> dict[str, Any]:
    return {"options": await ctx.shop.sign_ins.passkey_request(ticket=ticket)}


async def passkey_sign_in(ctx: RequestContext, *, credential: Mapping[str, Any]) -> dict[str, Any]:
    """Sign in with a passkey alone; a guest's things come along."""
    return await enter(ctx, await ctx.shop.sign_ins.with_passkey(credential=credential))


def login_providers(ctx: RequestContext) -> list[dict[str, str]]:
    offered = ctx.shop.logins.offered
    return [{"name": provider.name, "label": provider.label} for provider in offered]


async def oauth_login_start(
    ctx: RequestContext, *, provider: str, redirect_uri: str
) -> dict[str, Any]:
    return _started(await ctx.shop.logins.start(name=provider, redirect_uri=redirect_uri))


async def oauth_login_complete(ctx: RequestContext, callback: Callback) -> dict[str, Any]:
    """Sign in as whoever the provider's account is linked to, or open an account for them."""
    outside = await ctx.shop.logins.finish(
        callback.login, code=callback.code, issuer=callback.issuer
    )
    user_id = await ctx.shop.logins.user_of(outside, language=ctx.language)
    if user_id is None:
        async with ctx.db.transaction() as session:
            ticket = await factors.offer_link(session, outside)
        raise factors.LinkRequired(provider=outside.provider, ticket=ticket)
    return await enter(ctx, await ctx.shop.sign_ins.with_identity(user_id))


async def identity_link_start(
    ctx: RequestContext, *, provider: str, redirect_uri: str
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await factors.check_recent(session, session_id=ctx.caller.session_id)
    return _started(
        await ctx.shop.logins.start(name=provider, redirect_uri=redirect_uri, user_id=ctx.user_id)
    )


async def identity_link(
    ctx: RequestContext, *, ticket: str | None, callback: Callback | None
) -> dict[str, Any]:
    """Link an account of a provider to the caller's, who has shown now that both are theirs."""
    if (ticket is None) == (callback is None):
        raise InvalidInput(problem="Either a ticket or a callback is needed.", path=("ticket",))
    user_id, outside = ctx.user_id, None
    if callback is not None:
        outside = await ctx.shop.logins.finish(
            callback.login, code=callback.code, issuer=callback.issuer, user_id=user_id
        )
    async with ctx.db.transaction() as session:
        await factors.check_recent(session, session_id=ctx.caller.session_id)
        if outside is None:
            outside = await factors.take_link(session, ticket or "")
        identity_id = await factors.link(session, user_id=user_id, outside=outside)
    return {"identity_id": identity_id, "user_id": user_id}


async def identity_unlink(ctx: RequestContext, *, identity_id: UUID) -> dict[str, Any]:
    user_id = ctx.user_id
    async with ctx.db.transaction() as session:
        await factors.unlink(
            session, user_id=user_id, session_id=ctx.caller.session_id, identity_id=identity_id
        )
    return {"unlinked_identity_id": identity_id, "user_id": user_id}


def _started(started: Started) -> dict[str, Any]:
    login = started.login
    return {"address": started.address, "state": login.state, "verifier": login.verifier}


async def _credentials(ctx: RequestContext) -> accounts.Credentials:
    known = await accounts.credentials_of_user(ctx.reader, ctx.user_id)
    if known is None:
        raise NotFound(kind="User")
    return known
