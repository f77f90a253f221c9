"""Documents made anew: facts from the groups' front doors, written in the same transaction.

Whoever takes a product's change away makes its document; facts are read afterwards, so they are at
least as new as the change. A later version of a product's document was therefore read later.
"""

import logging
from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ARRAY,
    CTE,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, Query, Reader, driver_error
from core.errors import BadUserInput
from models.search import VERSIONS, SearchChange, SearchDeadLetter
from search.documents import Document
from search.indexing import locks
from search.standin import rows
from search.words import code_of
from services import catalog, inventory, orders
from services.catalog import Findable
from services.recordset import table_of

BATCH: Final = 100  # so many that a change among very many others waits for less than a second

# What PostgreSQL says of texts that it can't take: too long for an index, no Unicode.
_OF_DATA: Final = (asyncpg.DataError, asyncpg.ProgramLimitExceededError, BadUserInput)
_REFUSED: Final = (DBAPIError, *_OF_DATA)  # SQLAlchemy wraps everything: see `_reason`

log = logging.getLogger("search")


async def make(db: Database, reader: Reader, *, is_pushed: bool, size: int = BATCH) -> int:
    """Make the documents that wait longest, at most `size`; tells how many.

    is_pushed: Elasticsearch is to have them too. A fixed number of statements.
    """
    if not await reader.fetch(_WAITING):
        return 0
    taken: list[UUID] = []
    try:
        async with db.transaction() as session:
            await locks.share(session)
            taken.extend(await session.scalars(_TAKE_NEXT, {"size": size}))
            await _write(session, taken, is_pushed=is_pushed)
    except _REFUSED as error:
        await _make_halves(db, taken, _reason(error), is_pushed=is_pushed)
    return len(taken)


async def _make_halves(
    db: Database, product_ids: Sequence[UUID], reason: str, *, is_pushed: bool
) -> None:
    """The same again by halves, so that only what can't be made is not."""
    if len(product_ids) <= 1:
        await _give_up(db, product_ids, reason)
        return
    middle = len(product_ids) // 2
    for half in (product_ids[:middle], product_ids[middle:]):
        try:
            async with db.transaction() as session:
                await locks.share(session)
                taken = list(await session.scalars(_TAKE, {"products": half}))
                await _write(session, taken, is_pushed=is_pushed)
        except _REFUSED as error:
            await _make_halves(db, half, _reason(error), is_pushed=is_pushed)


async def _give_up(db: Database, product_ids: Sequence[UUID], reason: str) -> None:
    for product_id in product_ids:
        log.error("document not made", extra={"object_id": product_id.hex, "reason": reason})
        async with db.transaction() as session:
            await session.execute(_TAKE, {"products": [product_id]})
            await session.execute(_DEAD, {"product": product_id, "reason": reason})


def _reason(error: Exception) -> str:
    """What kind of fault it is; its message may quote the document.

    Raises: the error when it is not about data.
    """
    cause = driver_error(error) if isinstance(error, DBAPIError) else error
    if not isinstance(cause, _OF_DATA):
        raise error
    return f"not made: {type(cause).__name__}"


async def _write(session: AsyncSession, product_ids: Sequence[UUID], *, is_pushed: bool) -> None:
    if not product_ids:
        return
    documents = await documents_of(session, product_ids)
    gone = {*product_ids} - {document.product_id for document in documents}
    await rows.write(session, documents, sorted(gone), push=is_pushed)
    await session.execute(_ALIVE, {"products": product_ids})


async def documents_of(session: AsyncSession, product_ids: Collection[UUID]) -> list[Document]:
    """Of those that everybody may find: four statements."""
    found = await catalog.findable(session, product_ids)
    listed = [product.id for product in found]
    available = await inventory.in_stock(session, listed)
    sold = await orders.units_sold(session, listed)
    return [
        _document(product, in_stock=product.id in available, units_sold=sold.get(product.id, 0))
        for product in found
    ]


def _document(product: Findable, *, in_stock: bool, units_sold: int) -> Document:
    return Document(
        product_id=product.id,
        merchant_id=product.merchant_id,
        product_type_id=product.product_type_id,
        brand_id=product.brand_id,
        category_ids=product.category_ids,
        names=product.names,
        summaries=product.summaries,
        descriptions=product.descriptions,
        categories=product.categories,
        brand=product.brand,
        attribute_texts=product.attribute_texts,
        codes=sorted({code_of(code) for code in product.codes}),
        attributes=product.attributes,
        price_minor=product.price_minor,
        in_stock=in_stock,
        rating=product.rating,
        rating_count=product.rating_count,
        units_sold=units_sold,
        published_at=product.published_at,
    )


_PRODUCTS: Final = bindparam("products", type_=ARRAY(Uuid()))
_WAITING: Final = Query(select(SearchChange.product_id).limit(1))
# Others may have taken some of them away, or be noting them just now: those come next time.
_free = select(SearchChange.product_id).with_for_update(skip_locked=True)
_next = (
    _free.order_by(SearchChange.is_bulk, SearchChange.since)
    .limit(bindparam("size", type_=Integer()))
    .cte("next")
)
_these = _free.where(SearchChange.product_id == any_(_PRODUCTS)).cte("these")


def _taking(chosen: CTE) -> Any:
    return (
        delete(SearchChange)
        .where(SearchChange.product_id == chosen.c.product_id)
        .returning(SearchChange.product_id)
        .execution_options(synchronize_session=False)
    )


_TAKE_NEXT: Final = _taking(_next)
_TAKE: Final = _taking(_these)
_ALIVE: Final = delete(SearchDeadLetter).where(SearchDeadLetter.product_id == any_(_PRODUCTS))
_dead = insert(table_of(SearchDeadLetter)).from_select(
    ["product_id", "version", "reason"],
    select(
        bindparam("product", type_=Uuid()),
        func.nextval(literal(VERSIONS.name)),
        bindparam("reason", type_=Text()),
    ),
    include_defaults=False,
)
_DEAD: Final = _dead.on_conflict_do_update(
    index_elements=["product_id"],
    set_={
        "version": _dead.excluded.version,
        "reason": _dead.excluded.reason,
        "created_at": func.now(),
    },
)
