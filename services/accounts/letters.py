"""Letters about an account, and where their links lead.

Links begin with the address that the settings name: what a request calls the server is anybody's.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from services import mail
from services.accounts import proofs
from services.accounts.proofs import Proof

REGISTER: Final = "REGISTER"
VERIFY_EMAIL: Final = "VERIFY_EMAIL"
RESET_PASSWORD: Final = "RESET_PASSWORD"  # noqa: S105 - a purpose, no secret
CHANGE_EMAIL: Final = "CHANGE_EMAIL"
UNDO_EMAIL_CHANGE: Final = "UNDO_EMAIL_CHANGE"
EXPORT_DATA: Final = "EXPORT_DATA"

LIFETIMES: Final = {
    REGISTER: timedelta(days=7),
    VERIFY_EMAIL: timedelta(days=7),
    RESET_PASSWORD: timedelta(minutes=30),
    CHANGE_EMAIL: timedelta(hours=24),
    UNDO_EMAIL_CHANGE: timedelta(days=3),
    EXPORT_DATA: timedelta(minutes=10),
}
# Where a link leads: the pages of `endpoints/account.py`, and the file of the last one.
PATHS: Final = {
    REGISTER: "/account/register",
    VERIFY_EMAIL: "/account/confirm",
    RESET_PASSWORD: "/account/reset",
    CHANGE_EMAIL: "/account/email",
    UNDO_EMAIL_CHANGE: "/account/email/undo",
    EXPORT_DATA: "/account/data",
}
_UNITS: Final = {"days": 86_400, "hours": 3_600, "minutes": 60}


async def link_facts(
    session: AsyncSession, *, purpose: str, proof: Proof, base_url: str, language: str = ""
) -> dict[str, object]:
    """A link that proves something, and how long it is good for, as letters tell it.

    language: of the letter; "" for a link that leads to no page.
    """
    lifetime = LIFETIMES[purpose]
    text = await proofs.create(
        session, purpose=purpose, user_id=proof.user_id, facts=proof.facts, lifetime=lifetime
    )
    seconds = lifetime.total_seconds()
    times = {unit: round(seconds / length) for unit, length in _UNITS.items()}
    link = proofs.link(f"{base_url}{PATHS[purpose]}", text, language=language)
    return {"link": link, **times}


async def send_password_changed(session: AsyncSession, *, email: str, language: str) -> None:
    await mail.send(session, mail.Letter("PASSWORD_CHANGED", email, language))
