"""One chunk into the shop, in the caller's transaction: the same few statements for any chunk."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import DomainError
from models.catalog import Variant
from services import catalog
from services.catalog import ErrorPolicy, ExternalPicture, ProductDraft, ReviewDraft, Saved
from services.platform.imports import stock, taxonomy
from services.platform.imports.chunks import Chunk
from services.platform.imports.drafts import draft_of, find_products
from services.platform.imports.rows import Problem, Row
from services.platform.imports.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What an import may do, settled when it was started.

    currency: the shop's. may_create: categories, brands, product types and a warehouse.
    """

    job_id: UUID
    merchant_id: UUID
    currency: str
    may_price: bool
    may_stock: bool
    may_create: bool


@dataclass(frozen=True, slots=True)
class _Product:
    rows: Sequence[Row]
    draft: ProductDraft


async def write(session: AsyncSession, task: Task, chunk: Chunk) -> list[Problem]:
    """Make and change what the chunk's rows say; everything that was refused, by line.

    Locks products, then stock levels.

    Raises: services.catalog.Taken when somebody takes a name at the same moment: try again.
    """
    problems = list(chunk.problems)
    everything = [row for rows in chunk.products.values() for row in rows]
    found = await taxonomy.look_up(session, everything, may_create=task.may_create)
    places = await _warehouses(session, task, everything)
    good: dict[str, list[Row]] = {}
    for row in everything:
        wrong = list(_wrong(row, task, found, places))
        problems += wrong
        if not wrong:
            good.setdefault(row.product, []).append(row)
    products = await _drafts(session, task, good, found, problems)
    saved = await catalog.save_products(
        session,
        merchant_id=task.merchant_id,
        drafts=[product.draft for product in products],
        currency=task.currency,
        policy=ErrorPolicy.IGNORE_FAILED,
    )
    kept: list[tuple[_Product, UUID]] = []
    for product, result in zip(products, saved, strict=True):
        problems += _refused(product.rows, result)
        if result.id is not None:
            kept.append((product, result.id))
    await _show(session, task, kept, problems)
    await _count(session, task, kept, places, problems)
    return problems


async def _warehouses(
    session: AsyncSession, task: Task, rows: Sequence[Row]
) -> dict[str | None, UUID]:
    if not any(row.stock is not None for row in rows):
        return {}
    return await stock.warehouses(session, task.merchant_id, may_create=task.may_create)


def _wrong(
    row: Row, task: Task, found: Taxonomy, places: Mapping[str | None, UUID]
) -> Iterable[Problem]:
    """What keeps a row out, but for what the catalogue says."""
    unknown = {
        "category": row.category and row.category not in found.categories,
        "brand": row.brand and row.brand not in found.brands,
        "product_type": row.product_type and row.product_type not in found.types,
    }
    for column, is_unknown in unknown.items():
        if is_unknown:
            yield Problem(row.line, column, "NOT_FOUND", f"There is no such {column}.")
    if row.prices and not task.may_price:
        yield Problem(row.line, "price", "PERMISSION_MISSING", "You may not set prices.")
    if row.stock is not None and not task.may_stock:
        yield Problem(row.line, "stock", "PERMISSION_MISSING", "You may not change stock.")
    elif row.stock is not None and _place_of(row, places) is None:
        yield Problem(row.line, "warehouse", "NOT_FOUND", "There is no such warehouse.")


def _place_of(row: Row, places: Mapping[str | None, UUID]) -> UUID | None:
    return places.get(row.warehouse and row.warehouse.lower())


async def _drafts(
    session: AsyncSession,
    task: Task,
    good: Mapping[str, Sequence[Row]],
    found: Taxonomy,
    problems: list[Problem],
) -> list[_Product]:
    known, owners = await find_products(session, merchant_id=task.merchant_id, products=good)
    products = []
    for key, named in good.items():
        own = known[key]["id"] if key in known else None
        rows = [row for row in named if owners.get(row.sku, own) == own]
        problems += [
            Problem(row.line, "sku", "TAKEN", "Another product has this SKU.")
            for row in named
            if row not in rows
        ]
        if not rows:
            continue
        draft = draft_of(key, rows, known.get(key), found)
        if isinstance(draft, Problem):
            problems += [draft, *_left_out(rows, draft.line)]
        else:
            products.append(_Product(rows, draft))
    return products


def _left_out(rows: Sequence[Row], blamed: int) -> list[Problem]:
    message = f"Its product was left out; see line {blamed}."
    return [Problem(row.line, "", "LEFT_OUT", message) for row in rows if row.line != blamed]


# How the catalogue calls the columns.
_COLUMNS: Final = {
    "externalReference": "product",
    "id": "sku",
    "productId": "sku",
    "categoryId": "category",
    "brandId": "brand",
    "productTypeId": "product_type",
    "prices": "price",
    "weightGrams": "weight",
    "minimumQuantity": "minimum_quantity",
}


def _refused(rows: Sequence[Row], result: Saved) -> list[Problem]:
    problems = []
    for refusal in result.refusals:
        path, row = refusal.path or (), rows[0]
        if path[:1] == ("variants",):
            row, path = rows[int(path[1])], path[2:]
        column = _COLUMNS.get(path[0], path[0]) if path else ""
        problems.append(Problem(row.line, column, code_of(refusal), refusal.message))
    if result.id is None:
        problems += _left_out(rows, problems[0].line)
    return problems


def code_of(refusal: DomainError) -> str:
    """`OptionsMismatch -> OPTIONS_MISMATCH`, as `userErrors` have it."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(refusal).__name__).upper()


async def _show(
    session: AsyncSession,
    task: Task,
    kept: Sequence[tuple[_Product, UUID]],
    problems: list[Problem],
) -> None:
    """Pictures, reviews, and onto the shelf: new products, unless their rows say DRAFT."""
    pictures: dict[UUID, list[ExternalPicture]] = {}
    reviews: list[ReviewDraft] = []
    ready: dict[UUID, int] = {}
    for product, product_id in kept:
        for row in product.rows:
            if row.images is not None:
                alt = product.draft.name
                shown = [ExternalPicture(url=url, alt=alt) for url in row.images]
                pictures.setdefault(product_id, []).extend(shown)
            reviews += _reviews(row, product_id)
        wish = next(
            (row.is_published for row in product.rows if row.is_published is not None), None
        )
        if wish or (wish is None and product.draft.id is None):
            ready[product_id] = product.rows[0].line
    if pictures:
        await catalog.put_external_pictures(session, pictures)
    await catalog.put_reviews(session, reviews)
    if ready:
        refused = await catalog.publish_products(
            session, product_ids=ready.keys(), currency=task.currency
        )
        problems += [
            Problem(ready[product_id], "status", code_of(refusal), refusal.message)
            for product_id, refusal in refused.items()
        ]


def _reviews(row: Row, product_id: UUID) -> list[ReviewDraft]:
    return [
        ReviewDraft(
            product_id=product_id,
            external_reference=review.reference,
            author_name=review.author,
            rating=review.rating,
            title=review.title,
            body=review.text,
            created_at=review.written_at or clock.now(),
        )
        for review in row.reviews or ()
    ]


_VARIANTS: Final = select(Variant.id, Variant.sku, Variant.product_id).where(
    Variant.merchant_id == bindparam("merchant_id", type_=Uuid()),
    Variant.sku == any_(bindparam("skus", type_=ARRAY(Text()))),
)


async def _count(
    session: AsyncSession,
    task: Task,
    kept: Sequence[tuple[_Product, UUID]],
    places: Mapping[str | None, UUID],
    problems: list[Problem],
) -> None:
    """Stock last: nothing else is locked after it."""
    counted: dict[tuple[UUID, str], Row] = {
        (product_id, row.sku): row
        for product, product_id in kept
        for row in product.rows
        if row.stock is not None
    }
    if not counted:
        return
    skus = [sku for _, sku in counted]
    values = {"merchant_id": task.merchant_id, "skus": skus}
    counts: dict[stock.Place, int] = {}
    lines: dict[stock.Place, int] = {}
    for variant in await session.execute(_VARIANTS, values):
        row = counted.get((variant.product_id, variant.sku))
        place = _place_of(row, places) if row else None
        if row and row.stock is not None and place:  # not of a variant that was refused
            counts[place, variant.id] = row.stock
            lines[place, variant.id] = row.line
    refused = await stock.set_counts(
        session, merchant_id=task.merchant_id, counts=counts, reference_id=task.job_id
    )
    for where, promised in refused.items():
        message = f"{promised} units are promised to orders already."
        problems.append(Problem(lines[where], "stock", "STOCK_PROMISED", message))
