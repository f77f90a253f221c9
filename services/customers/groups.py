"""Groups of customers: made, renamed, and who is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound, Refusals, VersionConflict
from core.identity import Caller, Permission
from core.ids import new_id
from models.accounts import User
from models.customers import CustomerGroup, CustomerGroupMember
from models.orders import Order
from services import audit, events
from services.catalog import Taken
from services.catalog.texts import line_problems, text_problems
from services.customers.errors import TooManyGroups

MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 1_000
MAX_MEMBERS_AT_ONCE: Final = 500
MAX_GROUPS: Final = 200  # of one merchant, or of the platform


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange:
    """What shall be different; None leaves a thing as it is. add, remove: users."""

    name: str | None = None
    description: str | None = None
    add: Sequence[UUID] = ()
    remove: Sequence[UUID] = ()


async def save_group(
    session: AsyncSession,
    caller: Caller,
    *,
    group_id: UUID | None,
    merchant_id: UUID | None,
    change: GroupChange,
    expected_version: int | None = None,
) -> UUID:
    """Make a group (group_id None) of a merchant, or of the platform (None), or change one.

    Into a merchant's group come buyers of that merchant only, or it would learn who else there is.
    Who is in it already, or was not, is no matter. Locks the group; seven statements at most,
    however many members.

    Raises: NotFound, VersionConflict, Taken, TooManyGroups, InvalidInput, Refusals of all that is
    wrong with the change.
    """
    if problems := list(_problems(change)):
        raise Refusals(problems)
    if group_id is None:
        row = await _made(session, caller, merchant_id, change)
    else:
        row = await _locked(session, caller, group_id)
    if expected_version not in {None, row.version}:
        raise VersionConflict(current_version=row.version, path=("expectedVersion",))
    texts = {"name": change.name, "description": change.description}
    news = {
        name: text
        for name, text in texts.items()
        if text is not None and text != getattr(row, name)
    }
    added, removed = await _move(session, row, change)
    is_new = group_id is None
    if is_new or news or added or removed:
        if not is_new:
            await _write(session, row, news)
        await _tell(session, row, news if not is_new else texts, added, removed)
    return row.id  # type: ignore[no-any-return]


def _problems(change: GroupChange) -> Sequence[DomainError]:
    found: list[DomainError] = []
    if change.name is not None:
        found += line_problems(change.name, "name", longest=MAX_NAME)
    if change.description is not None:
        found += text_problems(change.description, "description", longest=MAX_DESCRIPTION)
    for path, users in (("addMembers", change.add), ("removeMembers", change.remove)):
        if len(users) > MAX_MEMBERS_AT_ONCE:
            problem = f"At most {MAX_MEMBERS_AT_ONCE} at once."
            found.append(InvalidInput(problem=problem, path=(path,)))
    if {*change.add} & {*change.remove}:
        problem = "Somebody can't come and go at once."
        found.append(InvalidInput(problem=problem, path=("removeMembers",)))
    return found


async def _made(
    session: AsyncSession, caller: Caller, merchant_id: UUID | None, change: GroupChange
) -> Any:
    """Raises: NotFound, InvalidInput, TooManyGroups, Taken."""
    if not _may(caller, merchant_id):
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    if change.name is None:
        raise InvalidInput(problem="A new group needs a name.", path=("name",))
    there = select(func.count()).where(CustomerGroup.merchant_id.is_not_distinct_from(merchant_id))
    if (await session.scalar(there) or 0) >= MAX_GROUPS:
        raise TooManyGroups(maximum=MAX_GROUPS)
    row = {"id": new_id(), "merchant_id": merchant_id, "name": change.name, "version": 1}
    made = insert(CustomerGroup).values(**row, description=change.description or "")
    fresh = made.on_conflict_do_nothing(index_elements=["merchant_id", "name"])
    try:
        found = await session.execute(fresh.returning(*CustomerGroup.__table__.c))
    except IntegrityError as error:
        if "fk_customer_groups_merchant_id" not in str(error.orig):
            raise
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",)) from None
    group = found.one_or_none()
    if group is None:
        raise Taken(value=change.name, path=("name",))
    return group


async def _locked(session: AsyncSession, caller: Caller, group_id: UUID) -> Any:
    found = await session.execute(
        select(*CustomerGroup.__table__.c)
        .where(CustomerGroup.id == group_id)
        .with_for_update(key_share=True)
    )
    row = found.one_or_none()
    if row is None or not _may(caller, row.merchant_id):
        raise NotFound(kind="CustomerGroup", id=group_id, path=("id",))
    return row


def _may(caller: Caller, merchant_id: UUID | None) -> bool:
    if merchant_id is None:
        return caller.merchants(Permission.MANAGE_CUSTOMERS) is None
    return caller.may(Permission.MANAGE_CUSTOMERS, merchant_id)


async def _move(
    session: AsyncSession, group: Any, change: GroupChange
) -> tuple[list[UUID], list[UUID]]:
    """Who came and who went. Raises: Refusals of NotFound for who may not come."""
    added: list[UUID] = []
    removed: list[UUID] = []
    if change.add:
        await _require_customers(session, group, change.add)
        rows = [{"group_id": group.id, "user_id": each} for each in sorted({*change.add})]
        come = insert(CustomerGroupMember).values(rows).on_conflict_do_nothing()
        added += await session.scalars(come.returning(CustomerGroupMember.user_id))
    if change.remove:
        go = delete(CustomerGroupMember).where(
            CustomerGroupMember.group_id == group.id, CustomerGroupMember.user_id == any_(_USERS)
        )
        gone = go.returning(CustomerGroupMember.user_id).execution_options(
            synchronize_session=False
        )
        removed += await session.scalars(gone, {"users": list(change.remove)})
    return added, removed


async def _require_customers(session: AsyncSession, group: Any, users: Sequence[UUID]) -> None:
    wanted = select(User.id).where(User.id == any_(_USERS), User.erased_at.is_(None))
    if group.merchant_id is not None:
        bought = exists().where(Order.owner_id == User.id, Order.merchant_id == group.merchant_id)
        wanted = wanted.where(bought)
    known = {*await session.scalars(wanted, {"users": list(users)})}
    missing = [
        NotFound(kind="Customer", id=each, path=("addMembers", str(position)))
        for position, each in enumerate(users)
        if each not in known
    ]
    if missing:
        raise Refusals(missing)


async def _write(session: AsyncSession, group: Any, news: dict[str, str]) -> None:
    """Raises: Taken."""
    changed = update(CustomerGroup).where(CustomerGroup.id == group.id)
    try:
        await session.execute(
            changed.values(**news, version=group.version + 1).execution_options(
                synchronize_session=False
            )
        )
    except IntegrityError as error:
        if "uq_customer_groups_merchant_id_name" not in str(error.orig):
            raise
        raise Taken(value=news["name"], path=("name",)) from None


async def _tell(
    session: AsyncSession,
    group: Any,
    news: dict[str, Any],
    added: Sequence[UUID],
    removed: Sequence[UUID],
) -> None:
    people = {
        "added": [each.hex for each in added],
        "removed": [each.hex for each in removed],
    }
    entry = audit.entry(
        "CUSTOMER_GROUP_CHANGED",
        "CustomerGroup",
        group.id,
        merchant_id=group.merchant_id,
        before={name: getattr(group, name) for name in news},
        after=news | {name: ids for name, ids in people.items() if ids},
    )
    await audit.record(session, entry)
    await events.record(session, events.event("CustomerGroupChanged", group.id))


_USERS: Final = bindparam("users", type_=ARRAY(Uuid()))
