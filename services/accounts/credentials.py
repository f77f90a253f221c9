"""What people sign in with: e-mail addresses and passwords."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Text, Uuid, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Query, Reader, Row
from core.errors import InvalidInput
from models.accounts import User

MIN_PASSWORD: Final = 8
MAX_PASSWORD: Final = 256
MAX_EMAIL: Final = 254  # of a path in RFC 5321

_CREDENTIALS = select(User.id, User.email, User.password_hash).where(User.is_active)
_BY_EMAIL = Query(_CREDENTIALS.where(User.email == bindparam("email", type_=Text())))
_BY_ID = Query(_CREDENTIALS.where(User.id == bindparam("user_id", type_=Uuid())))


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of an account that is open; in the order in which they are selected."""

    user_id: UUID
    email: str = field(repr=False)
    password_hash: str = field(repr=False)


async def credentials_of_email(reader: Reader, email: str) -> Credentials | None:
    try:
        address = checked_email(email)
    except InvalidInput:
        return None
    return _credentials(await reader.fetch(_BY_EMAIL, email=address))


async def credentials_of_user(reader: Reader, user_id: UUID) -> Credentials | None:
    return _credentials(await reader.fetch(_BY_ID, user_id=user_id))


async def keep_better_hash(session: AsyncSession, *, known: Credentials, better_hash: str) -> bool:
    """Keep another hash of the same password; False when it was changed in the meantime."""
    same = (User.id == known.user_id, User.password_hash == known.password_hash, User.is_active)
    kept: Any = await session.execute(update(User).where(*same).values(password_hash=better_hash))
    return bool(kept.rowcount)


def _credentials(rows: Sequence[Row]) -> Credentials | None:
    return Credentials(*rows[0].values()) if rows else None


def checked_email(email: str, *path: str) -> str:
    """The address in lower case, its domain in one spelling. Nobody asks the domain's servers.

    Capitals before the @ mean somebody else to the letter of RFC 5321, but to no provider.

    Raises: InvalidInput for what is no address: malformed, of a reserved domain, too long, or with
    other letters than ASCII before the @.
    """
    problem = "Write an e-mail address: name@example.com."
    text = email.strip()
    if len(text) > MAX_EMAIL:
        raise InvalidInput(problem=problem, path=path)
    try:
        # `test` lets `.test` through, which RFC 2606 keeps for such as our demo: it reaches nobody.
        valid = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        raise InvalidInput(problem=problem, path=path) from None
    return valid.normalized.lower()


def tried_email(email: str) -> str:
    """What tries to sign in are counted by: however an address is spelled, it is one account's.

    Wide letters in a domain are usual ones to IDNA, and no others to who compares texts.
    """
    try:
        return checked_email(email)
    except InvalidInput:
        return email


def check_password(password: str, *path: str, email: str) -> None:
    """Raises: InvalidInput for a password too short, too long, or the same as the address."""
    problem = None
    text = unicodedata.normalize("NFKC", password)
    if len(text) < MIN_PASSWORD or len(password) > MAX_PASSWORD:
        problem = f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters."
    elif text.strip().lower() == email:
        problem = "The password must not be the e-mail address."
    if problem:
        raise InvalidInput(problem=problem, path=path)
