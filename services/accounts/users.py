"""Users: made, changed, and their passwords."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import NotFound, VersionConflict
from core.ids import new_id
from models.accounts import User
from services import audit, events
from services.accounts import proofs
from services.accounts.addresses import LONGEST
from services.accounts.credentials import Credentials, checked_email
from services.accounts.errors import EmailTaken, WrongPassword
from services.accounts.letters import CHANGE_EMAIL, RESET_PASSWORD, send_password_changed
from services.accounts.phones import checked_phone
from services.accounts.sessions import end_sessions
from services.accounts.texts import one_line

LONGEST_NAME: Final = 100


async def create_user(
    session: AsyncSession,
    *,
    email: str,
    password_hash: str,
    first_name: str = "",
    last_name: str = "",
    phone: str | None = "",
    language: str = "en",
    platform_permissions: Sequence[str] = (),
    user_id: UUID | None = None,
    is_verified: bool = False,
) -> UUID:
    """Open an account. Its password was checked and hashed before.

    user_id: of which something was told before it was opened; None: a new one.
    is_verified: whether the address was shown to be the user's.

    Raises: InvalidInput, EmailTaken.
    """
    user_id = user_id or new_id()
    profile = checked_profile({"first_name": first_name, "last_name": last_name, "phone": phone})
    values = {
        "id": user_id,
        "email_verified_at": now() if is_verified else None,
        "email": checked_email(email, "email"),
        "password_hash": password_hash,
        "language": language,
        "platform_permissions": list(platform_permissions),
        **profile,
    }
    made = insert(User).values(values).on_conflict_do_nothing(index_elements=["email"])
    if (await session.execute(made.returning(User.id))).first() is None:
        raise EmailTaken(path=("email",))
    await events.record(session, events.event("UserRegistered", user_id))
    await audit.record(session, audit.entry("USER_REGISTERED", "User", user_id))
    return user_id


async def update_user(
    session: AsyncSession,
    *,
    user_id: UUID,
    changes: Mapping[str, str],
    expected_version: int | None = None,
) -> None:
    """Change first_name, last_name, phone, language; "" removes a text. Locks the user.

    Raises: InvalidInput, VersionConflict.
    """
    values = checked_profile(changes)
    row = await locked(session, user_id)
    if expected_version is not None and expected_version != row.version:
        raise VersionConflict(current_version=row.version, path=("expectedVersion",))
    if all(getattr(row, name) == value for name, value in values.items()):
        return
    values["version"] = row.version + 1
    await session.execute(update(User).where(User.id == user_id).values(values))
    await events.record(session, events.event("UserChanged", user_id, version=values["version"]))


async def change_password(
    session: AsyncSession, *, known: Credentials, password_hash: str, kept_session_id: UUID | None
) -> None:
    """Keep another password, end every other sign-in of the user, and tell them by a letter.

    known: what the right password was checked against; somebody may have changed it since.

    Raises: WrongPassword.
    """
    changed = (
        update(User)
        .where(User.id == known.user_id, User.password_hash == known.password_hash, User.is_active)
        .values(password_hash=password_hash)
        .returning(User.email, User.language)
    )
    user = (await session.execute(changed)).one_or_none()
    if user is None:
        raise WrongPassword(path=("currentPassword",))
    await end_sessions(session, user_id=known.user_id, kept_session_id=kept_session_id)
    # Whoever had the old password may have sent a link to an address of theirs.
    await proofs.forget(session, user_id=known.user_id, purposes=[RESET_PASSWORD, CHANGE_EMAIL])
    await send_password_changed(session, email=user.email, language=user.language)
    await audit.record(session, audit.entry("PASSWORD_CHANGED", "User", known.user_id))
    await events.record(session, events.event("UserPasswordChanged", known.user_id))


async def locked(session: AsyncSession, user_id: UUID) -> Any:
    """The user's row, locked: what belongs to one user is changed one after the other.

    Raises: NotFound for a closed account.
    """
    found = select(*User.__table__.c).where(User.id == user_id, User.is_active)
    row = (await session.execute(found.with_for_update(key_share=True))).one_or_none()
    if row is None:
        raise NotFound(kind="User")
    return row


def checked_profile(texts: Mapping[str, str | None]) -> dict[str, Any]:
    """What a user says of themselves, as it is kept: no telephone number is None.

    Raises: InvalidInput.
    """
    values: dict[str, Any] = dict(texts)
    for name, outside in (("first_name", "firstName"), ("last_name", "lastName")):
        if name in values:
            values[name] = one_line(values[name], outside, longest=LONGEST_NAME)
    if "phone" in values:
        phone = one_line(values["phone"] or "", "phone", longest=LONGEST["phone"])
        values["phone"] = checked_phone(phone, "phone") if phone else None
    return values
