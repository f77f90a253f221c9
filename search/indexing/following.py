"""Which products an event concerns: their documents are to be made anew.

Each event may come again, and a document made once too often harms nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, Query, Reader
from models.search import SearchChange, SearchDocument
from services import catalog, orders
from services.catalog import Part
from services.recordset import table_of

PAGE: Final = 10_000  # products noted in one transaction
FIRST: Final = UUID(int=0)

_PRODUCTS: Final = frozenset(
    {
        "ProductCreated",
        "ProductChanged",
        "ProductPublished",
        "ProductUnpublished",
        "ProductArchived",
        "ProductRatingChanged",
    }
)
_VARIANTS: Final = frozenset({"VariantCreated", "VariantChanged"})
# Kind -> what the object is to products, and which of its columns their documents hold; None: what
# changed is not told, or all of it matters.
_PARTS: Final[Mapping[str, tuple[Part, frozenset[str] | None]]] = {
    "CategoryChanged": (Part.CATEGORY, frozenset({"name", "parent_id"})),
    "BrandChanged": (Part.BRAND, frozenset({"name"})),
    "ProductTypeChanged": (Part.PRODUCT_TYPE, frozenset({"attributes"})),
    "MerchantApproved": (Part.MERCHANT, None),
    "MerchantSuspended": (Part.MERCHANT, None),
    "MerchantReinstated": (Part.MERCHANT, None),
    "MerchantClosed": (Part.MERCHANT, None),
}


class Happened(Protocol):
    """An event of the outbox."""

    @property
    def kind(self) -> str: ...
    @property
    def object_id(self) -> UUID: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


@dataclass
class Touched:
    """What events concern. products: by themselves; variants and orders: with their products."""

    products: set[UUID] = field(default_factory=set)
    variants: set[UUID] = field(default_factory=set)
    orders: set[UUID] = field(default_factory=set)
    parts: defaultdict[Part, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def add(self, event: Happened) -> None:
        kind, facts = event.kind, event.facts
        if kind in _PRODUCTS:
            self.products.add(event.object_id)
        elif kind in _VARIANTS:
            self.products.add(UUID(facts["product_id"]))
        elif kind == "AvailabilityChanged":
            self.variants.add(event.object_id)
        elif kind == "OrderPaid" or (kind == "OrderCancelled" and facts.get("paid_minor")):
            self.orders.add(event.object_id)
        elif kind in _PARTS:
            part, columns = _PARTS[kind]
            if columns is None or "changed" not in facts or columns & {*facts["changed"]}:
                self.parts[part].add(event.object_id)


async def follow(db: Database, events: Iterable[Happened]) -> None:
    """Note the products that events concern.

    Those of a category, a brand and so on may be very many: page by page, behind all others.
    """
    touched = Touched()
    for event in events:
        touched.add(event)
    if touched.products or touched.variants or touched.orders:
        async with db.transaction() as session:
            products = touched.products
            if touched.variants:
                products |= {*await catalog.products_of_variants(session, touched.variants)}
            if touched.orders:
                products |= {*await orders.products_of_orders(session, touched.orders)}
            await note(session, products)
    for part, ids in touched.parts.items():
        await note_all(db, part=part, of=ids)


async def note_all(
    db: Database, *, part: Part | None = None, of: Collection[UUID] = (), size: int = PAGE
) -> int:
    """Note all published products, or those of categories and so on; tells how many."""
    after, noted = FIRST, 0
    while True:
        async with db.transaction() as session:
            page = await catalog.published_ids(session, after=after, size=size, part=part, of=of)
            await note(session, page, is_bulk=True)
        noted += len(page)
        if len(page) < size:
            return noted
        after = page[-1]


async def note(
    session: AsyncSession, product_ids: Collection[UUID], *, is_bulk: bool = False
) -> None:
    """Let the products' documents be made anew; one statement.

    A maker who has just taken one of them away is waited for: he may have read it before it
    changed, so that it has to be noted again.
    """
    if product_ids:
        values = {"products": sorted(product_ids), "is_bulk": is_bulk}
        await session.execute(_NOTE_BULK if is_bulk else _NOTE, values)


_given = func.unnest(bindparam("products", type_=ARRAY(Uuid()))).column_valued("given")
_insert = insert(table_of(SearchChange)).from_select(
    ["product_id", "is_bulk"],
    select(_given, bindparam("is_bulk", type_=Boolean())),
    include_defaults=False,
)
_NOTE_BULK: Final = _insert.on_conflict_do_nothing()
# What waits among very many others moves to the front.
_NOTE: Final = _insert.on_conflict_do_update(
    index_elements=["product_id"],
    set_={"is_bulk": False, "since": func.now()},
    where=SearchChange.is_bulk.is_(True),
)


async def note_everything(db: Database) -> int:
    """Note all that is published, and all that was found until now; tells how many wait then."""
    await note_all(db)
    after = FIRST
    while True:
        async with db.transaction() as session:
            page = await session.execute(_KNOWN, {"after": after, "size": PAGE})
            known = list(page.scalars())
            await note(session, known, is_bulk=True)
            if len(known) < PAGE:
                return int(await session.scalar(_COUNT) or 0)
        after = known[-1]


async def left_to_make(reader: Reader) -> int:
    rows = await reader.fetch(_LEFT)
    return int(rows[0]["count"])


_KNOWN: Final = (
    select(SearchDocument.product_id)
    .where(SearchDocument.is_listed, SearchDocument.product_id > bindparam("after", type_=Uuid()))
    .order_by(SearchDocument.product_id)
    .limit(bindparam("size", type_=Integer()))
)
_COUNT: Final = select(func.count().label("count")).select_from(SearchChange)
_LEFT: Final = Query(_COUNT)
