"""What a merchant changes of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput, NotFound, Refusals, VersionConflict
from core.identity import Caller, Permission
from models.merchants import Merchant, MerchantRecord, MerchantStatus, MerchantText
from services import audit, events
from services.catalog import PermissionMissing, Taken
from services.catalog.edits import KEEP, Keep
from services.catalog.texts import merged
from services.merchants.facts import (
    POLICIES,
    Business,
    business_problems,
    face_problems,
    with_plain_email,
)
from services.merchants.holdings import lock_merchant
from services.recordset import table_of

Texts = Mapping[str, str]
NOTHING_NEW: Final = Business()
LEGAL: Final = {
    "legal_name": "legalName",
    "registration_number": "registrationNumber",
    "country": "country",
}
CONTACT: Final = ("contact_email", "contact_phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantChange:
    """Of texts, only the languages that are named; an empty text takes one away."""

    slug: str | Keep = KEEP
    name: str | Keep = KEEP
    description: Texts | Keep = KEEP
    return_policy: Texts | Keep = KEEP
    shipping_policy: Texts | Keep = KEEP
    terms: Texts | Keep = KEEP
    business: Business = NOTHING_NEW

    def told(self, *names: str) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if not isinstance(value, Keep)}


async def update_merchant(
    session: AsyncSession,
    caller: Caller,
    *,
    merchant_id: UUID,
    change: MerchantChange,
    expected_version: int | None = None,
) -> None:
    """Change parts of a merchant; nothing new is a no-op. Locks it.

    The slug is in addresses all over the world, and the legal facts are what was approved: from
    the review on, only the platform's MANAGE_MERCHANTS changes them.

    Raises: NotFound, VersionConflict, PermissionMissing, Taken, Refusals of all that is wrong.
    """
    if not caller.may(Permission.MANAGE_SETTINGS, merchant_id):
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    row = await lock_merchant(session, merchant_id, "merchantId")
    if expected_version not in {None, row.version}:
        raise VersionConflict(current_version=row.version, path=("expectedVersion",))
    face, texts = change.told("slug", "name", "description"), change.told(*POLICIES)
    facts = change.business.values()
    if problems := [*face_problems(face | texts), *business_problems(facts)]:
        raise Refusals(problems)
    old_record, old_texts = await _rest(session, merchant_id)
    if "description" in face:
        face["description"] = merged(row.description, face["description"])
    face = _news(face, {name: getattr(row, name) for name in face})
    texts = _news({name: merged(old_texts[name], text) for name, text in texts.items()}, old_texts)
    facts = _news(with_plain_email(facts), old_record)
    if not (face or texts or facts):
        return
    _require_platform(caller, row, face, facts)
    await _write_face(session, row, face)
    if texts:
        await _write_texts(session, merchant_id, old_texts | texts)
    if facts:
        await _write_record(session, merchant_id, old_record | facts)
    before = {name: getattr(row, name) for name in face} | old_texts | old_record
    await _tell(session, row, before, face | texts | facts)


def _news(values: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != old[name]}


def _require_platform(
    caller: Caller, row: Any, face: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    """Raises: PermissionMissing."""
    if caller.may(Permission.MANAGE_MERCHANTS, row.id):
        return
    needed = Permission.MANAGE_MERCHANTS
    if "slug" in face:
        raise PermissionMissing(permission=needed, path=("slug",))
    if row.status != MerchantStatus.APPLIED and any(name in facts for name in LEGAL):
        raise PermissionMissing(permission=needed, path=("business",))


async def _rest(session: AsyncSession, merchant_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The record, and the long texts; what is not there yet is null, or empty."""
    found = await session.execute(
        select(*_RECORD_COLUMNS, *_TEXT_COLUMNS)
        .select_from(Merchant)
        .outerjoin(MerchantRecord, MerchantRecord.merchant_id == Merchant.id)
        .outerjoin(MerchantText, MerchantText.merchant_id == Merchant.id)
        .where(Merchant.id == merchant_id)
    )
    row = found.mappings().one()
    record = {column.key: row[column.key] for column in _RECORD_COLUMNS}
    return record, {name: row[name] or {} for name in POLICIES}


async def _write_face(session: AsyncSession, row: Any, face: Mapping[str, Any]) -> None:
    """Every change counts the version. Raises: Taken."""
    changed = update(Merchant).where(Merchant.id == row.id)
    try:
        await session.execute(
            changed.values(**face, version=row.version + 1).execution_options(
                synchronize_session=False
            )
        )
    except IntegrityError as error:
        if "uq_merchants_slug" not in str(error.orig):
            raise
        raise Taken(value=face["slug"], path=("slug",)) from None


async def _write_texts(session: AsyncSession, merchant_id: UUID, texts: dict[str, Any]) -> None:
    new = insert(MerchantText).values(merchant_id=merchant_id, **texts)
    await session.execute(new.on_conflict_do_update(index_elements=["merchant_id"], set_=texts))


async def _write_record(session: AsyncSession, merchant_id: UUID, record: dict[str, Any]) -> None:
    """Raises: Refusals for a first record without its facts."""
    missing = [
        InvalidInput(problem="It is not known yet.", path=("business", outside))
        for name, outside in LEGAL.items()
        if record[name] is None
    ]
    if missing:
        raise Refusals(missing)
    new = insert(MerchantRecord).values(merchant_id=merchant_id, **record)
    await session.execute(new.on_conflict_do_update(index_elements=["merchant_id"], set_=record))


async def _tell(
    session: AsyncSession, row: Any, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    entry = audit.entry(
        "MERCHANT_CHANGED",
        "Merchant",
        row.id,
        merchant_id=row.id,
        before={name: old[name] for name in new if name not in CONTACT},
        after={name: value for name, value in new.items() if name not in CONTACT},
        person={name: value for name, value in new.items() if name in CONTACT} or None,
    )
    await audit.record(session, entry)
    await events.record(session, events.event("MerchantChanged", row.id, version=row.version + 1))


_RECORD_COLUMNS: Final = [
    column for column in table_of(MerchantRecord).c if column.name != "merchant_id"
]
_TEXT_COLUMNS: Final = [
    column for column in table_of(MerchantText).c if column.name != "merchant_id"
]
