"""OAuth2 clients, by hand of whoever runs the shop: `python -m tools.oauth_client`.

    create "Corner Shop App" --redirect https://app.example/callback --scope openid shop
    create "Stock Robot" --secret --merchant SLUG --permission MANAGE_INVENTORY
    list
    replace-secret CLIENT_ID --overlap-hours 24
    disable CLIENT_ID

A client without --secret or --jwks is public: an app in a browser (or, with --native, on the
person's own device), which can't keep a secret. Secrets are made here and printed once.
"""

import argparse
import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.news import announce
from auth.oauth.registration import NewClient, all_clients, disable, register, replace_secret
from core import redis
from core.db import Database
from core.errors import DomainError, NotFound
from core.settings import Settings
from models.merchants import Merchant
from models.oauth import ApplicationType, ClientAuthentication
from tools import given


async def create(session: AsyncSession, told: argparse.Namespace) -> None:
    """Raises: DomainError."""
    merchant_id = None
    if told.merchant:
        found = select(Merchant.id).where(Merchant.slug == told.merchant)
        merchant_id = await session.scalar(found)
        if merchant_id is None:
            raise NotFound(kind="Merchant", id=told.merchant)
    new = NewClient(
        name=told.name,
        logo_text=told.logo,
        merchant_id=merchant_id,
        authentication=_authentication(told),
        application_type=ApplicationType.NATIVE if told.native else ApplicationType.WEB,
        redirect_uris=told.redirect,
        post_logout_redirect_uris=told.post_logout,
        grant_types=told.grant,
        scopes=told.scope,
        permissions=told.permission,
        jwks=json.loads(told.jwks.read_text()) if told.jwks else None,
        is_first_party=told.first_party,
    )
    secret = await register(session, new)
    sys.stdout.write(f"client_id      {new.id.hex}\n")
    if secret:
        sys.stdout.write(f"client_secret  {secret}\n")


def _authentication(told: argparse.Namespace) -> ClientAuthentication:
    if told.jwks:
        return ClientAuthentication.PRIVATE_KEY
    return ClientAuthentication.SECRET if told.secret else ClientAuthentication.NONE


async def show(session: AsyncSession, _told: argparse.Namespace) -> None:
    for each in await all_clients(session):
        state = "disabled" if each.disabled_at else each.authentication.lower()
        sys.stdout.write(f"{each.id.hex}  {state:<12} {each.name}\n")


async def renew(session: AsyncSession, told: argparse.Namespace) -> None:
    """Raises: DomainError."""
    overlap = timedelta(hours=told.overlap_hours)
    secret = await replace_secret(session, told.client_id, overlap=overlap)
    sys.stdout.write(f"client_secret  {secret}\n")


async def main(settings: Settings, told: argparse.Namespace) -> None:
    """Raises: DomainError."""
    db = Database(settings.database_url, size=2)
    try:
        async with db.transaction() as session:
            ended = await told.run(session, told)
    finally:
        await db.close()
    if ended:
        cache = redis.connect(settings.redis_url)
        try:
            await announce(cache, *ended)
        finally:
            await cache.aclose()


async def end(session: AsyncSession, told: argparse.Namespace) -> list[UUID]:
    """Raises: DomainError."""
    return list(await disable(session, told.client_id))


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.oauth_client",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    made = commands.add_parser("create", help="a new client")
    made.set_defaults(run=create)
    made.add_argument("name", help="what people read when they decide")
    made.add_argument("--logo", default="", help="one or two characters that stand for it")
    made.add_argument("--secret", action="store_true", help="it can keep a secret")
    made.add_argument("--jwks", type=Path, help="file with its public keys: it signs who it is")
    made.add_argument("--native", action="store_true", help="on the person's own device")
    made.add_argument("--first-party", action="store_true", help="ours: nobody is asked")
    made.add_argument("--merchant", help="whose it is: a slug; else the platform's")
    made.add_argument("--redirect", nargs="+", default=[], help="where people are sent back to")
    made.add_argument(
        "--post-logout", nargs="+", default=[], help="where they go after signing out"
    )
    made.add_argument("--grant", nargs="+", default=[], help="grant types, if not the usual ones")
    made.add_argument("--scope", nargs="+", default=[], help="what it may ask people for")
    made.add_argument("--permission", nargs="+", default=[], help="what it may do as itself")
    commands.add_parser("list", help="all clients").set_defaults(run=show)
    renewed = commands.add_parser("replace-secret", help="another secret for a client")
    renewed.set_defaults(run=renew)
    renewed.add_argument("client_id", type=UUID)
    renewed.add_argument("--overlap-hours", type=float, default=24.0, help="old one stays good")
    ended = commands.add_parser("disable", help="ends a client and all sign-ins given to it")
    ended.set_defaults(run=end)
    ended.add_argument("client_id", type=UUID)
    return parser.parse_args(words)


if __name__ == "__main__":
    told = arguments()
    try:
        asyncio.run(main(given.settings("database_url", "redis_url"), told))
    except DomainError as refusal:
        raise SystemExit(refusal.message) from None
