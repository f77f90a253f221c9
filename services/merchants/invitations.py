"""Invitations to work for a merchant: by letter, for whoever owns the address, for seven days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import InvalidInput, NotFound
from core.identity import Caller, Permission
from core.ids import new_id
from models.accounts import User
from models.merchants import Membership, MerchantStatus, StaffInvitation
from services import accounts, audit, events, mail
from services.accounts import proofs
from services.merchants.errors import (
    EmailUnverified,
    InvitationInvalid,
    NotAllowedInState,
    TooManyInvitations,
)
from services.merchants.holdings import (
    Holder,
    checked_permissions,
    holders,
    lock_merchant,
    narrowed,
    require_at_least,
)

PURPOSE: Final = "STAFF_INVITATION"
LIFETIME: Final = timedelta(days=7)
MAX_OPEN: Final = 50  # of one merchant
# Anybody may apply: letters to strangers, with a name of their choice, wait for somebody's look.
NOT_INVITING: Final = (MerchantStatus.APPLIED, MerchantStatus.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What somebody is invited to. page: the address that the letter leads to."""

    email: str
    permissions: Sequence[Permission]
    is_owner: bool
    page: str


async def invite(session: AsyncSession, caller: Caller, *, merchant_id: UUID, offer: Offer) -> UUID:
    """Write to an address; an earlier open invitation of it ends. Locks the merchant.

    Raises: NotFound, InvalidInput, PermissionMissing, OwnerRequired, NotAllowedInState,
    TooManyInvitations.
    """
    email = accounts.checked_email(offer.email, "email")
    wanted = checked_permissions(offer.permissions)
    if not wanted and not offer.is_owner:
        raise InvalidInput(problem="Name at least one permission.", path=("permissions",))
    if caller.subject is None:
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    merchant = await lock_merchant(session, merchant_id, "merchantId")
    found = await holders(session, merchant_id, [caller.subject])
    mine = narrowed(found.get(caller.subject), caller, merchant_id)
    require_at_least(mine, wanted, "permissions", is_owner=False)
    require_at_least(mine, (), "isOwner", is_owner=offer.is_owner)
    if merchant.status in NOT_INVITING:
        raise NotAllowedInState(kind="Merchant", state=merchant.status, path=("merchantId",))
    await _end(session, StaffInvitation.merchant_id == merchant_id, StaffInvitation.email == email)
    await _require_room(session, merchant_id)
    invitation_id = new_id()
    await session.execute(
        insert(StaffInvitation).values(
            id=invitation_id,
            merchant_id=merchant_id,
            email=email,
            permissions=wanted,
            is_owner=offer.is_owner,
            invited_by=caller.subject,
            expires_at=now() + LIFETIME,
        )
    )
    facts = {"merchant": merchant.name, "page": offer.page}
    await _write(session, mine, email=email, invitation_id=invitation_id, facts=facts)
    what = {"permissions": wanted, "isOwner": offer.is_owner}
    await _tell(session, "STAFF_INVITED", merchant_id, invitation_id, what, {"email": email})
    return invitation_id


async def _write(
    session: AsyncSession,
    sender: Holder,
    *,
    email: str,
    invitation_id: UUID,
    facts: dict[str, str],
) -> None:
    """In the language of the account with this address, or else of who invites."""
    proof = await proofs.create(
        session, purpose=PURPOSE, facts={"invitation_id": invitation_id.hex}, lifetime=LIFETIME
    )
    theirs = await session.scalar(select(User.language).where(User.email == email))
    language = theirs or sender.language
    told = {
        "merchant": facts["merchant"],
        "link": proofs.link(facts["page"], proof, language=language),
        "days": LIFETIME.days,
    }
    letter = mail.Letter(kind=PURPOSE, to=email, language=language, facts=told)
    await mail.send(session, letter)


async def accept(session: AsyncSession, caller: Caller, *, token: str) -> UUID:
    """Begin to work for the merchant that invited the caller; gives its id.

    Only for who is signed in with the invited address and has shown it to be theirs: whoever
    finds the letter gets nothing. What is given is cut to what the sender still holds, and added
    to what the caller has. A refusal leaves the invitation as it was. Locks the merchant.

    Raises: InvitationInvalid, EmailUnverified.
    """
    proof = await proofs.take(session, purpose=PURPOSE, text=token)
    if proof is None or caller.subject is None:
        raise InvitationInvalid(path=("token",))
    by_id = select(*StaffInvitation.__table__.c).where(
        StaffInvitation.id == UUID(proof.facts["invitation_id"])
    )
    known = (await session.execute(by_id)).one_or_none()
    if known is None:
        raise InvitationInvalid(path=("token",))
    await lock_merchant(session, known.merchant_id, "token")
    invitation = (await session.execute(by_id)).one()  # as it is under the lock
    people = await holders(session, known.merchant_id, [caller.subject, known.invited_by])
    _require_addressee(invitation, people.get(caller.subject))
    given, is_owner = _cut(invitation, people.get(known.invited_by))
    await _join(session, invitation, caller.subject, given, is_owner=is_owner)
    what = {"permissions": given, "isOwner": is_owner}
    await _tell(session, "STAFF_JOINED", known.merchant_id, invitation.id, what, None)
    return known.merchant_id  # type: ignore[no-any-return]


def _require_addressee(invitation: Any, caller: Holder | None) -> None:
    """Raises: InvitationInvalid, EmailUnverified."""
    is_open = invitation.accepted_at is None and invitation.revoked_at is None
    if not is_open or caller is None or caller.email != invitation.email:
        raise InvitationInvalid(path=("token",))
    if not caller.is_verified:
        raise EmailUnverified(path=("token",))


def _cut(invitation: Any, sender: Holder | None) -> tuple[list[str], bool]:
    """What the sender may still give. Raises: InvitationInvalid when that is nothing."""
    if sender is None or not sender.may_manage_staff:
        raise InvitationInvalid(path=("token",))
    given = [each for each in invitation.permissions if each in sender.permissions]
    is_owner = invitation.is_owner and sender.commands_owners
    if not given and not is_owner:
        raise InvitationInvalid(path=("token",))
    return given, is_owner


async def _join(
    session: AsyncSession, invitation: Any, user_id: UUID, given: list[str], *, is_owner: bool
) -> None:
    had = select(Membership.permissions, Membership.is_owner).where(
        Membership.user_id == user_id, Membership.merchant_id == invitation.merchant_id
    )
    before = (await session.execute(had)).one_or_none()
    known = before.permissions if before else []
    values = {
        "permissions": [each.value for each in Permission if each in {*known, *given}],
        "is_owner": is_owner or bool(before and before.is_owner),
    }
    row = {"user_id": user_id, "merchant_id": invitation.merchant_id, **values}
    await session.execute(
        upsert(Membership)
        .values(row)
        .on_conflict_do_update(index_elements=["user_id", "merchant_id"], set_=values)
    )
    await session.execute(
        update(StaffInvitation)
        .where(StaffInvitation.id == invitation.id)
        .values(accepted_at=now(), accepted_by=user_id, email=None)
        .execution_options(synchronize_session=False)
    )


async def revoke(session: AsyncSession, caller: Caller, *, invitation_id: UUID) -> None:
    """End an invitation before it is accepted; ended ones stay as they are. Locks the merchant.

    Raises: NotFound; PermissionMissing and OwnerRequired for one that offers more than one holds.
    """
    by_id = select(*StaffInvitation.__table__.c).where(StaffInvitation.id == invitation_id)
    row = (await session.execute(by_id)).one_or_none()
    hidden = NotFound(kind="StaffInvitation", id=invitation_id, path=("id",))
    if row is None or caller.subject is None:
        raise hidden
    await lock_merchant(session, row.merchant_id, "id")
    found = await holders(session, row.merchant_id, [caller.subject])
    try:
        mine = narrowed(found.get(caller.subject), caller, row.merchant_id)
    except NotFound:
        raise hidden from None
    require_at_least(mine, row.permissions, "id", is_owner=row.is_owner)
    if await _end(session, StaffInvitation.id == invitation_id):
        await _tell(session, "STAFF_INVITATION_REVOKED", row.merchant_id, row.id, {}, None)


async def _end(session: AsyncSession, *which: Any) -> bool:
    """Revoke open invitations; whether there were any."""
    ended = await session.execute(
        update(StaffInvitation)
        .where(*which, *_open())
        .values(revoked_at=now(), email=None)
        .returning(StaffInvitation.id)
        .execution_options(synchronize_session=False)
    )
    return ended.first() is not None


async def _require_room(session: AsyncSession, merchant_id: UUID) -> None:
    waiting: Select[Any] = select(func.count()).where(
        StaffInvitation.merchant_id == merchant_id, *_open(), StaffInvitation.expires_at > now()
    )
    if (await session.scalar(waiting) or 0) >= MAX_OPEN:
        raise TooManyInvitations(maximum=MAX_OPEN, path=("email",))


def _open() -> tuple[Any, Any]:
    return StaffInvitation.accepted_at.is_(None), StaffInvitation.revoked_at.is_(None)


async def delete_expired_invitations(session: AsyncSession, *, before: datetime) -> int:
    """Forget addresses that were invited and never answered; how many went. Housekeeping."""
    gone: Any = await session.execute(
        delete(StaffInvitation).where(*_open(), StaffInvitation.expires_at < before)
    )
    return int(gone.rowcount)


async def _tell(
    session: AsyncSession,
    action: str,
    merchant_id: UUID,
    invitation_id: UUID,
    after: dict[str, Any],
    person: dict[str, str] | None,
) -> None:
    entry = audit.entry(
        action,
        "StaffInvitation",
        invitation_id,
        merchant_id=merchant_id,
        after=after,
        person=person,
    )
    await audit.record(session, entry)
    told = events.event("MerchantStaffChanged", merchant_id, invitation_id=invitation_id.hex)
    await events.record(session, told)
