"""People and their tokens for tests."""

from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.tokens import Tokens
from models.accounts import Address, Guest, Session, User
from models.factors import Passkey
from models.merchants import Membership, Merchant

_numbers = count(1)


async def make_user(
    session: AsyncSession,
    *,
    email: str | None = None,
    password_hash: str = "!",
    platform: tuple[str, ...] = (),
) -> User:
    """A saved user; nobody knows a password for it unless told otherwise."""
    n = next(_numbers)
    user = User(
        email=email or f"person{n}@example.test",
        password_hash=password_hash,
        first_name="Person",
        last_name=str(n),
        platform_permissions=list(platform),
    )
    session.add(user)
    await session.flush()  # others refer to its row
    return user


async def make_staff(
    session: AsyncSession, merchant: Merchant, *permissions: str, is_owner: bool = False
) -> User:
    """Somebody who works for the merchant."""
    user = await make_user(session)
    session.add(
        Membership(
            user_id=user.id,
            merchant_id=merchant.id,
            permissions=list(permissions),
            is_owner=is_owner,
        )
    )
    await session.flush()  # the caller may read it in the same transaction
    return user


async def sign_in(session: AsyncSession, tokens: Tokens, user: User) -> str:
    """An access token of a new sign-in."""
    opened = Session(user_id=user.id)
    session.add(opened)
    await session.flush()  # the token names its id
    return tokens.access(user.id, opened.id)[0]


async def make_address(session: AsyncSession, user: User, **columns: Any) -> Address:
    """A saved entry of the user's address book."""
    n = next(_numbers)
    parts = {"name": "Person", "line1": f"{n} Long Lane", "city": "Leeds", "country": "GB"}
    address = Address(user_id=user.id, **(parts | columns))
    session.add(address)
    await session.flush()  # the caller may read it in the same transaction
    return address


def make_passkey(user: User, **columns: Any) -> Passkey:
    """A passkey that no authenticator has."""
    n = next(_numbers)
    parts = {"name": f"Passkey {n}", "credential_id": f"credential {n}".encode(), "sign_count": 0}
    return Passkey(user_id=user.id, public_key=b"key", is_synced=False, **(parts | columns))


async def make_guest(session: AsyncSession, tokens: Tokens) -> tuple[UUID, str]:
    """A guest's id and token."""
    guest = Guest()
    session.add(guest)
    await session.flush()  # the token names its id
    return guest.id, tokens.guest(guest.id)[0]
