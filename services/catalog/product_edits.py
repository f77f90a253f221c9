"""One product, as staff make and change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, NotFound, Refusals, VersionConflict
from core.identity import Caller, Permission
from models.catalog import Product, ProductText
from services.catalog.drafts import Option, OptionValue, ProductDraft, Texts
from services.catalog.edits import KEEP, Keep, kept
from services.catalog.errors import placed
from services.catalog.permissions import require
from services.catalog.products import save_products
from services.catalog.texts import merged
from services.catalog.variants import prices_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChange:
    """What shall be different. Of texts, only the languages that are named."""

    name: Texts | Keep = KEEP
    summary: Texts | Keep = KEEP
    description: Texts | Keep = KEEP
    slug: str | Keep = KEEP
    category_id: UUID | Keep = KEEP
    brand_id: UUID | Keep | None = KEEP
    product_type_id: UUID | Keep | None = KEEP
    options: Sequence[Option] | Keep = KEEP
    attributes: Mapping[str, Sequence[str]] | Keep = KEEP
    external_reference: str | Keep | None = KEEP


async def create_product(
    session: AsyncSession,
    caller: Caller,
    *,
    merchant_id: UUID,
    draft: ProductDraft,
    currency: str,
) -> UUID:
    """A new draft of a product, perhaps with variants.

    Raises: NotFound for a merchant whose products the caller does not manage; PermissionMissing
    for prices; Refusals of everything that is wrong with the draft.
    """
    require(caller, Permission.MANAGE_PRODUCTS, merchant_id)
    if missing := prices_problem(caller, merchant_id, draft.variants):
        raise missing
    return await _saved(session, merchant_id, draft, currency)


async def update_product(
    session: AsyncSession,
    caller: Caller,
    *,
    product_id: UUID,
    change: ProductChange,
    expected_version: int | None,
    currency: str,
) -> None:
    """Change parts of a product.

    Raises: NotFound; VersionConflict; Refusals of everything that is wrong with the change.
    """
    old = await lock_product(session, caller, product_id)
    if expected_version not in {None, old["version"]}:
        raise VersionConflict(current_version=old["version"], path=("expectedVersion",))
    description = change.description
    if not isinstance(description, Keep):
        text = select(ProductText.description).where(ProductText.product_id == product_id)
        description = merged(await session.scalar(text) or {}, description)
    draft = ProductDraft(
        id=product_id,
        name=merged(old["name"], kept(change.name, {})),
        summary=merged(old["summary"], kept(change.summary, {})),
        description=kept(description, None),
        slug=kept(change.slug, None),
        category_id=kept(change.category_id, old["category_id"]),
        brand_id=kept(change.brand_id, old["brand_id"]),
        product_type_id=kept(change.product_type_id, old["product_type_id"]),
        options=kept(change.options, options_of(old["options"])),
        attributes=kept(change.attributes, None),
        external_reference=kept(change.external_reference, old["external_reference"]),
    )
    await _saved(session, old["merchant_id"], draft, currency)


async def _saved(
    session: AsyncSession, merchant_id: UUID, draft: ProductDraft, currency: str
) -> UUID:
    try:
        saved = await save_products(
            session, merchant_id=merchant_id, drafts=[draft], currency=currency
        )
    except Refusals as error:
        raise Refusals([_without_number(each) for each in error.refusals]) from None
    assert saved[0].id is not None, "or it would have been refused"
    return saved[0].id


def _without_number(refusal: DomainError) -> DomainError:
    """The input has one product: its paths begin in it."""
    refusal.path = (refusal.path or ())[1:]
    return placed(refusal)


async def lock_product(session: AsyncSession, caller: Caller, product_id: UUID) -> dict[str, Any]:
    """The row of a product that the caller manages.

    Raises: NotFound.
    """
    locked = select(*Product.__table__.c).where(Product.id == product_id)
    found = await session.execute(locked.with_for_update(key_share=True))
    row = found.mappings().one_or_none()
    if row is None or not caller.may(Permission.MANAGE_PRODUCTS, row["merchant_id"]):
        raise NotFound(kind="Product", id=product_id, path=("productId",))
    return dict(row)


def options_of(stored: Sequence[Mapping[str, Any]]) -> list[Option]:
    """Options of a row as a draft has them."""
    return [
        Option(
            slug=option["slug"],
            name=option["name"],
            values=[
                OptionValue(slug=value["slug"], name=value["name"]) for value in option["values"]
            ],
        )
        for option in stored
    ]
