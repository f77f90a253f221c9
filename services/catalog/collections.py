"""Collections: hand-picked lists of products, of a merchant or of the platform."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound, Refusals
from core.identity import EVERYONE, Caller, Permission
from core.ids import new_id
from models.catalog import Collection, CollectionProduct, Product
from services import audit, events
from services.catalog.drafts import Texts
from services.catalog.edits import KEEP, Keep, kept
from services.catalog.permissions import require
from services.catalog.single_rows import locked, write
from services.catalog.slugs import free_slug
from services.catalog.texts import (
    DEFAULT_LANGUAGE,
    DESCRIPTION,
    NAME,
    merged,
    slug_problems,
    translation_problems,
)
from services.recordset import insertion

MAX_PRODUCTS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionChange:
    """Of texts, only the languages that are named. products: all of them, in their order."""

    slug: str | Keep = KEEP
    name: Texts | Keep = KEEP
    description: Texts | Keep = KEEP
    is_published: bool | Keep = KEEP
    products: Sequence[UUID] | Keep = KEEP


_FOUND: Final = select(Product.id, Product.merchant_id).where(
    Product.id == any_(bindparam("products", type_=ARRAY(Uuid())))
)
_INSERT: Final = insertion(CollectionProduct, "collection_id", "product_id", "position")
_USUAL: Final[dict[str, Any]] = {
    "slug": None,
    "name": {},
    "description": {},
    "is_published": False,
}


async def save_collection(
    session: AsyncSession,
    caller: Caller,
    *,
    collection_id: UUID | None,
    merchant_id: UUID | None,
    change: CollectionChange,
) -> UUID:
    """Make a collection (id None) of a merchant or the platform (None), or change one.

    A merchant's holds its own products only. merchant_id is not looked at for a known collection.

    Raises: NotFound; Taken; Refusals of everything that is wrong with the change.
    """
    key = collection_id or new_id()
    old = {**_USUAL, "merchant_id": merchant_id}
    if collection_id:
        old = await locked(session, Collection, key)
    _require(caller, collection_id, old["merchant_id"])
    name = merged(old["name"], kept(change.name, {}))
    slug = kept(change.slug, old["slug"])
    if slug is None:
        named = name.get(DEFAULT_LANGUAGE, "")
        slug = await free_slug(session, Collection.slug, name=named, id=key)
    values = {
        "slug": slug,
        "name": name,
        "description": merged(old["description"], kept(change.description, {})),
        "is_published": kept(change.is_published, old["is_published"]),
        "merchant_id": old["merchant_id"],
    }
    if problems := list(_problems(values)):
        raise Refusals(problems)
    await write(session, Collection, key, values, is_new=collection_id is None)
    if not isinstance(change.products, Keep):
        await _replace_products(session, key, old["merchant_id"], change.products)
    await events.record(session, events.event("CollectionChanged", key))
    told = audit.difference(old, values)
    await audit.record(
        session,
        audit.entry(
            "COLLECTION_CHANGED", "Collection", key, merchant_id=old["merchant_id"], **told
        ),
    )
    return key


def _require(caller: Caller, collection_id: UUID | None, merchant_id: UUID | None) -> None:
    """Raises: NotFound of the collection, or of the merchant for whom one shall be made."""
    is_mine = (
        caller.grants.get(Permission.MANAGE_PRODUCTS) is EVERYONE
        if merchant_id is None
        else caller.may(Permission.MANAGE_PRODUCTS, merchant_id)
    )
    if is_mine:
        return
    if collection_id:
        raise NotFound(kind="Collection", id=collection_id, path=("id",))
    if merchant_id is None:
        problem = "Only the platform's staff makes collections without a merchant."
        raise InvalidInput(problem=problem, path=("merchantId",))
    require(caller, Permission.MANAGE_PRODUCTS, merchant_id)


def _problems(values: Mapping[str, Any]) -> Iterator[DomainError]:
    yield from slug_problems(values["slug"], "slug")
    yield from translation_problems(values["name"], "name", longest=NAME, is_required=True)
    yield from translation_problems(values["description"], "description", longest=DESCRIPTION)


async def _replace_products(
    session: AsyncSession, key: UUID, merchant_id: UUID | None, products: Sequence[UUID]
) -> None:
    """Three statements. Raises: Refusals of NotFound and InvalidInput."""
    if len(products) > MAX_PRODUCTS:
        problem = f"A collection holds at most {MAX_PRODUCTS} products."
        raise InvalidInput(problem=problem, path=("products",))
    found = {
        row.id
        for row in await session.execute(_FOUND, {"products": list(products)})
        if merchant_id in {None, row.merchant_id}
    }
    refusals: list[DomainError] = [
        NotFound(kind="Product", id=product_id, path=("products", str(n)))
        for n, product_id in enumerate(products)
        if product_id not in found
    ]
    if refusals:
        raise Refusals(refusals)
    await session.execute(delete(CollectionProduct).where(CollectionProduct.collection_id == key))
    rows = [
        {"collection_id": key, "product_id": product_id, "position": position}
        for position, product_id in enumerate(dict.fromkeys(products))
    ]
    await session.execute(_INSERT, {"rows": rows})
