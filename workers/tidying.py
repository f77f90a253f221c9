"""Housekeeping that runs in one transaction of ours."""

from auth.oauth import tidying as oauth
from core.clock import now
from core.db import Database
from services import accounts, factors, merchants


async def forget_ended_sign_ins(db: Database) -> int:
    """Refresh tokens that nobody can use any more, and sign-ins that have none left."""
    async with db.transaction() as session:
        return await accounts.delete_ended(session, before=now())


async def forget_expired_proofs(db: Database) -> int:
    """Links in letters, and tickets of half sign-ins, that nobody followed in time."""
    async with db.transaction() as session:
        gone = await accounts.proofs.delete_expired(session, before=now())
        return gone + await factors.delete_expired(session, before=now())


async def forget_expired_grants(db: Database) -> int:
    """Codes, device grants, cookies and ended tokens that nobody can use any more."""
    async with db.transaction() as session:
        return await oauth.delete_expired(session, before=now())


async def forget_expired_invitations(db: Database) -> int:
    """Addresses of people who were asked to work for a merchant and never answered."""
    async with db.transaction() as session:
        return await merchants.delete_expired_invitations(session, before=now())
