"""The address book of a user. Orders keep copies, so entries may go."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Row
from core.errors import NotFound
from core.ids import new_id
from models.accounts import Address
from services import events
from services.accounts.addresses import checked_address
from services.accounts.errors import TooManyAddresses
from services.accounts.users import locked

MAX_ADDRESSES: Final = 100
DEFAULTS: Final = ("is_default_shipping", "is_default_billing")


async def upsert_address(
    session: AsyncSession,
    *,
    user_id: UUID,
    address_id: UUID | None,
    address: Mapping[str, Any],
    defaults: Mapping[str, bool],
) -> UUID:
    """Add an address to the user's book, or put it in the place of one; its id.

    An address that is in the book already is not added again. The first one becomes the default
    for both purposes. Locks the user.

    defaults: which of DEFAULTS to set or to take away; what is left out stays as it is.

    Raises: InvalidInput or Refusals for the address, NotFound, TooManyAddresses.
    """
    values = checked_address(address, ("address",))
    await locked(session, user_id)
    book = await _book(session, user_id)
    old = _same(book, values) if address_id is None else _by_id(book, address_id)
    if old is None and len(book) >= MAX_ADDRESSES:
        raise TooManyAddresses(maximum=MAX_ADDRESSES)
    wanted = {**values, **(dict.fromkeys(DEFAULTS, True) if not book else {}), **defaults}
    kept_id: UUID = new_id() if old is None else old["id"]
    if old is not None and all(old[name] == value for name, value in wanted.items()):
        return kept_id
    await _take_defaults(session, user_id, kept_id, wanted)
    if old is None:
        row = {"id": kept_id, "user_id": user_id, **dict.fromkeys(DEFAULTS, False), **wanted}
        await session.execute(insert(Address).values(row))
    else:
        await session.execute(update(Address).where(Address.id == kept_id).values(wanted))
    await events.record(session, events.event("UserAddressesChanged", user_id))
    return kept_id


async def delete_address(session: AsyncSession, *, user_id: UUID, address_id: UUID) -> None:
    """Raises: NotFound for an address that is not in the user's book."""
    mine = delete(Address).where(Address.id == address_id, Address.user_id == user_id)
    if (await session.execute(mine.returning(Address.id))).first() is None:
        raise NotFound(kind="Address", id=address_id, path=("id",))
    await events.record(session, events.event("UserAddressesChanged", user_id))


async def _book(session: AsyncSession, user_id: UUID) -> Sequence[Row]:
    found = select(*Address.__table__.c).where(Address.user_id == user_id).order_by(Address.id)
    rows: Sequence[Any] = (await session.execute(found)).mappings().all()
    return rows


def _by_id(book: Sequence[Row], address_id: UUID) -> Row:
    for entry in book:
        if entry["id"] == address_id:
            return entry
    raise NotFound(kind="Address", id=address_id, path=("id",))


def _same(book: Sequence[Row], values: Mapping[str, str]) -> Row | None:
    for entry in book:
        if all(entry[part] == text for part, text in values.items()):
            return entry
    return None


async def _take_defaults(
    session: AsyncSession, user_id: UUID, address_id: UUID, wanted: Mapping[str, Any]
) -> None:
    """Each default is one address at most: the one before gives it up first."""
    taken = {name: getattr(Address, name) for name in DEFAULTS if wanted.get(name)}
    if taken:
        others = (Address.user_id == user_id, Address.id != address_id, or_(*taken.values()))
        given_up = update(Address).where(*others).values(dict.fromkeys(taken, False))
        await session.execute(given_up)
