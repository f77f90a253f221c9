"""Opening an account: nothing is made before its address was shown to be somebody's.

Whoever registers an address hears the same whether or not it has an account; only the letter to it
tells. Its link alone opens nothing: the password is asked for again (`tries`), so that no account
comes of it which a stranger could enter, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.accounts import User
from services import audit, mail
from services.accounts import proofs
from services.accounts.errors import EmailTaken, LinkInvalid
from services.accounts.letters import REGISTER, link_facts
from services.accounts.proofs import Proof
from services.accounts.users import create_user


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants an account. profile: names, phone and language, as they are kept."""

    email: str = field(repr=False)
    password_hash: str = field(repr=False)
    profile: Mapping[str, Any] = field(repr=False)


async def request_account(session: AsyncSession, *, wanted: Applicant, base_url: str) -> None:
    """Write to an address: a link that opens an account, or that it has one already.

    Whoever asks sees neither: the same rows are written either way, so that it takes as long, too.
    An account's address gets a proof that proves nothing, and keeps no guess of its password.
    """
    found = select(User.id, User.language).where(User.email == wanted.email)
    user = (await session.execute(found)).one_or_none()
    if user is None:
        # The id is chosen now: erasing the account then finds what the log says of this moment.
        user_id, kind, language = new_id(), REGISTER, str(wanted.profile["language"])
        facts = {
            "user_id": user_id.hex,
            "email": wanted.email,
            "password_hash": wanted.password_hash,
            "profile": dict(wanted.profile),
        }
        proof = Proof(None, facts)
    else:
        user_id, kind, language = user.id, "ALREADY_REGISTERED", user.language
        proof = Proof(user_id, {"email": wanted.email})
    told = await link_facts(
        session, purpose=REGISTER, proof=proof, base_url=base_url, language=language
    )
    await mail.send(session, mail.Letter(kind, wanted.email, language, told))
    person = {"email": wanted.email}
    asked = audit.entry("REGISTRATION_REQUESTED", "User", user_id, person=person)
    await audit.record(session, asked)


async def open_account(session: AsyncSession, *, token: str) -> UUID:
    """Make the account of a link whose password was the right one; whose it is.

    Raises: LinkInvalid; EmailTaken when another link to the address was faster.
    """
    proof = await proofs.take(session, purpose=REGISTER, text=token)
    if proof is None or proof.user_id is not None:
        raise LinkInvalid(path=("token",))
    facts = proof.facts
    try:
        return await create_user(
            session,
            user_id=UUID(hex=facts["user_id"]),
            email=facts["email"],
            password_hash=facts["password_hash"],
            is_verified=True,
            **facts["profile"],
        )
    except EmailTaken:
        raise EmailTaken(path=("token",)) from None
