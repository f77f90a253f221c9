"""What imports and demonstrations call: many products at once, without the API."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from core.db import Database, counted
from core.errors import Refusals
from services import catalog
from services.catalog import (
    BrandDraft,
    CategoryDraft,
    ErrorPolicy,
    ExternalPicture,
    Option,
    OptionValue,
    ProductDraft,
    ReviewDraft,
    VariantDraft,
)
from services.pricing import NewPrice
from tests.catalog.conftest import Stage

SIZES = ("s", "m", "l")
OPTION = Option(
    slug="size",
    name={"en": "Size"},
    values=[OptionValue(slug=size, name={"en": size.upper()}) for size in SIZES],
)


def draft(stage: Stage, n: int, **more: Any) -> ProductDraft:
    """A shirt in three sizes, known by its reference."""
    values: dict[str, Any] = {
        "name": {"en": f"Shirt {n}"},
        "category_id": stage.category.id,
        "product_type_id": stage.product_type.id,
        "options": [OPTION],
        "attributes": {"material": ["wool"]},
        "description": {"en": "Long."},
        "external_reference": f"erp-{n}",
        "variants": [
            VariantDraft(
                sku=f"{n}-{size}",
                options={"size": size},
                prices=[NewPrice(currency="USD", amount_minor=100 + n)],
            )
            for size in SIZES
        ],
    }
    return ProductDraft(**(values | more))


async def save(
    db: Database, stage: Stage, drafts: list[ProductDraft], policy: ErrorPolicy
) -> list[catalog.Saved]:
    async with db.transaction() as session:
        return await catalog.save_products(
            session, merchant_id=stage.merchant.id, drafts=drafts, currency="USD", policy=policy
        )


async def ids(db: Database, stage: Stage, count: int) -> list[UUID]:
    drafts = [draft(stage, n) for n in range(count)]
    saved = await save(db, stage, drafts, ErrorPolicy.REJECT_EVERYTHING)
    return [each.id for each in saved if each.id]


async def test_a_hundred_products_take_as_many_statements_as_one(
    db: Database, stage: Stage
) -> None:
    async with db.transaction() as session:
        with counted() as one:
            await catalog.save_products(
                session, merchant_id=stage.merchant.id, drafts=[draft(stage, 0)], currency="USD"
            )
        with counted() as many:
            drafts = [draft(stage, n) for n in range(1, 101)]
            saved = await catalog.save_products(
                session, merchant_id=stage.merchant.id, drafts=drafts, currency="USD"
            )
        new = [each.id for each in saved if each.id]
        with counted() as publishing:
            refused = await catalog.publish_products(session, product_ids=new, currency="USD")
        changes = [
            draft(stage, n + 1, id=key, name={"en": "New"}, attributes={"material": ["silk"]})
            for n, key in enumerate(new)
        ]
        with counted() as changing:
            await catalog.save_products(
                session, merchant_id=stage.merchant.id, drafts=changes, currency="USD"
            )

    assert (len(new), refused) == (100, {})
    assert [len(each) for each in (one, many, publishing, changing)] == [15, 15, 6, 12]


async def test_two_imports_of_the_same_names_in_opposite_order_both_go_in(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    drafts = [draft(stage, n, external_reference=None, variants=[]) for n in range(1_000)]

    await asyncio.gather(
        *(save(db, stage, drafts[::way], ErrorPolicy.REJECT_EVERYTHING) for way in (1, -1) * 3)
    )

    assert await cleaner.fetchval("SELECT count(*) FROM products") == 6_000


async def test_lists_know_of_prices_attributes_and_listing(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    (key,) = await ids(db, stage, 1)
    async with db.transaction() as session:
        await catalog.publish_products(session, product_ids=[key], currency="USD")

    row = await cleaner.fetchrow(
        "SELECT name_sort, price_min_minor, price_max_minor, attributes_search, is_listed"
        " FROM products"
    )

    assert row is not None
    assert tuple(row) == ("shirt 0", 100, 100, ["material=wool"], True)


async def test_bad_rows_are_left_out_whole(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    drafts = [
        draft(stage, 0),
        draft(stage, 1, attributes={"material": ["cotton"]}),
        draft(stage, 2, variants=[VariantDraft(sku="2-s", options={"size": "xl"})]),
        draft(stage, 3, external_reference="erp-0"),
        draft(stage, 4),
    ]

    saved = await save(db, stage, drafts, ErrorPolicy.REJECT_FAILED_ROWS)

    assert [each.id is not None for each in saved] == [True, False, False, False, True]
    paths = [[refusal.path for refusal in each.refusals] for each in saved]
    assert paths == [
        [],
        [("attributes", "0")],
        [("variants", "0", "options")],
        [("externalReference",)],
        [],
    ]
    assert await cleaner.fetchval("SELECT count(*) FROM products") == 2
    assert await cleaner.fetchval("SELECT count(*) FROM variants") == 6


async def test_or_without_their_bad_parts(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    drafts = [
        draft(
            stage,
            1,
            brand_id=UUID(int=1),
            summary={"en": "x" * 501},
            attributes={"material": ["cotton"]},
        ),
        draft(stage, 2, variants=[VariantDraft(sku="2-s", options={"size": "xl"})]),
        draft(stage, 3, category_id=UUID(int=1)),
        draft(stage, 4, name={"en": ""}),
    ]

    saved = await save(db, stage, drafts, ErrorPolicy.IGNORE_FAILED)

    assert [each.id is not None for each in saved] == [True, True, False, False]
    assert [len(each.refusals) for each in saved] == [3, 1, 1, 1]
    assert await cleaner.fetchval("SELECT count(*) FROM variants") == 3


async def test_or_nothing_is_written_at_all(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    drafts = [draft(stage, 0), draft(stage, 1, category_id=UUID(int=1))]

    with pytest.raises(Refusals) as refused:
        await save(db, stage, drafts, ErrorPolicy.REJECT_EVERYTHING)

    assert [each.path for each in refused.value.refusals] == [("1", "categoryId")]
    assert await cleaner.fetchval("SELECT count(*) FROM products") == 0


async def test_the_same_import_again_finds_its_products(db: Database, stage: Stage) -> None:
    made = await ids(db, stage, 3)
    async with db.transaction() as session:
        known = await catalog.products_by_reference(
            session, merchant_id=stage.merchant.id, references=["erp-0", "erp-2", "erp-9"]
        )

    again = await save(
        db,
        stage,
        [draft(stage, 0, id=known["erp-0"]), draft(stage, 2, id=known["erp-2"])],
        ErrorPolicy.REJECT_EVERYTHING,
    )

    assert known == {"erp-0": made[0], "erp-2": made[2]}
    assert [each.id for each in again] == [made[0], made[2]]


async def test_reviews_make_the_rating(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    (key,) = await ids(db, stage, 1)
    reviews = [
        ReviewDraft(
            product_id=key,
            external_reference=str(rating),
            author_name="Ann",
            rating=rating,
            created_at=datetime(2026, 1, rating, tzinfo=UTC),
        )
        for rating in (3, 4, 4 + 1)
    ]

    for _ in range(2):  # the same again changes nothing
        async with db.transaction() as session:
            with counted() as statements:
                await catalog.put_reviews(session, reviews)

    row = await cleaner.fetchrow("SELECT rating_average, rating_count FROM products")
    assert row is not None
    assert (tuple(row), len(statements)) == ((400, 3), 4)
    with pytest.raises(Refusals):
        async with db.transaction() as session:
            await catalog.put_reviews(
                session,
                [
                    ReviewDraft(
                        product_id=key,
                        external_reference="x",
                        author_name="Ann",
                        rating=6,
                        created_at=datetime.now(UTC),
                    )
                ],
            )


async def test_categories_and_brands_are_put_by_their_slugs(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        categories = [CategoryDraft(slug=f"c{n}", name={"en": "C"}) for n in range(20)]
        with counted() as statements:
            first = await catalog.put_categories(session, categories)
            brands = await catalog.put_brands(session, [BrandDraft(slug="b", name="B")])
        again = await catalog.put_categories(session, categories)
        found = await catalog.categories_by_slug(session, ["c3", "unknown"])
        brand = await catalog.brands_by_slug(session, ["b"])

    assert (first, len(statements)) == (again, 6)
    assert found == {"c3": first[3]}
    assert brand == {"b": brands[0]}
    with pytest.raises(Refusals) as refused:
        async with db.transaction() as session:
            await catalog.put_brands(session, [BrandDraft(slug="B B", name="")])
    assert [each.path for each in refused.value.refusals] == [("0", "slug"), ("0", "name")]


async def test_pictures_elsewhere_are_put_for_many_products(
    db: Database, stage: Stage, cleaner: asyncpg.Connection
) -> None:
    made = await ids(db, stage, 3)
    pictures = {key: [ExternalPicture(url=f"https://a.test/{n}") for n in range(2)] for key in made}

    for _ in range(2):
        async with db.transaction() as session:
            with counted() as statements:
                await catalog.put_external_pictures(session, pictures)

    assert len(statements) == 2
    assert await cleaner.fetchval("SELECT count(*) FROM product_media") == 6
