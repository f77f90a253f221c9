"""A catalogue goes in: what is written, what is refused and why, and the same file again."""

import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from core.db import Database, counted
from models.audit import AuditEntry
from models.base import Base
from models.catalog import Category, Product, ProductMedia, Review, Variant
from models.inventory import StockLevel, StockMovement
from models.outbox import OutboxEvent
from models.platform import JobStatus
from services.platform import Allowed, ImportPolicy
from tests.asking import Ask
from tests.imports.files import Importing, row, small_chunks

PRODUCT = """query($slug: String!) {product(by: {slug: $slug}) {
    name summary description status category {name ancestors {name}} brand {name}
    options {slug name values {slug name}} attributes {slug value} rating {average count}
    reviews {nodes {authorName rating title body createdAt}} media {... on Image {url alt}}
    variants {sku name barcode weightGrams minimumQuantity quantityAvailable
        price {amount} compareAtPrice {amount} options {option value}}
}}"""


async def counts(db: Database) -> dict[str, int]:
    """How many rows each table has; of jobs, events and seals there are more each time."""
    others = select(func.count()).where(AuditEntry.action.not_like("JOB%"))
    async with db.transaction() as session:
        rows = {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name not in {"jobs", "outbox", "audit_seals"}
        }
        return rows | {"audit_entries": await session.scalar(others) or 0}


async def test_a_product_goes_in_with_all_that_its_rows_say(importing: Importing, ask: Ask) -> None:
    first = row(
        1,
        name={"en": "Dusk Lamp", "zh-Hans": "暮色灯"},
        summary="Warm light.",
        description="Long text.",
        category="Home > Lighting > Table Lamps",
        brand="Aurora",
        product_type="lamp",
        attributes={"material": ["Oak", "Brass"], "dimmable": True},
        options={"Colour": "Sea Green"},
        price="89.00",
        compare_at="109.00",
        images=["https://pictures.example/1.jpg", "https://pictures.example/2.jpg"],
        reviews=[
            {"author": "Mira", "rating": 5, "text": "Lovely.", "date": "2026-01-02"},
            {"author": "Jun", "rating": 4, "title": "Good"},
        ],
        weight=1900,
        barcode="4006381333931",
        minimum_quantity=2,
    )
    second = {
        "product": "P1",
        "sku": "S1-B",
        "options": {"Colour": "墨色"},
        "price": 95,
        "stock": 0,
    }

    job = await importing(importing.jsonl([first, second]))

    assert (job.status, job.error, job.report_path) == (JobStatus.SUCCEEDED, None, None)
    assert (job.total, job.processed, job.failed) == (2, 2, 0)
    product = (await ask(PRODUCT, slug="dusk-lamp"))["product"]
    options, variants = product.pop("options"), product.pop("variants")
    reviews = {each["authorName"]: each for each in product.pop("reviews")["nodes"]}
    assert product == {
        "name": "Dusk Lamp",
        "summary": "Warm light.",
        "description": "Long text.",
        "status": "PUBLISHED",
        "category": {
            "name": "Table Lamps",
            "ancestors": [{"name": "Home"}, {"name": "Lighting"}],
        },
        "brand": {"name": "Aurora"},
        "attributes": [
            {"slug": "material", "value": "Brass"},
            {"slug": "material", "value": "Oak"},
            {"slug": "dimmable", "value": "true"},
        ],
        "rating": {"average": 4.5, "count": 2},
        "media": [
            {"url": "https://pictures.example/1.jpg", "alt": "Dusk Lamp"},
            {"url": "https://pictures.example/2.jpg", "alt": "Dusk Lamp"},
        ],
    }
    assert reviews["Mira"] == {
        "authorName": "Mira",
        "rating": 5,
        "title": "",
        "body": "Lovely.",
        "createdAt": "2026-01-02T00:00:00Z",
    }
    (option,) = options
    assert (option["slug"], option["name"]) == ("colour", "Colour")
    assert [value["name"] for value in option["values"]] == ["Sea Green", "墨色"]
    green, ink = [value["slug"] for value in option["values"]]
    assert green == "sea-green"
    assert variants == [
        {
            "sku": "S1",
            "name": "Sea Green",
            "barcode": "4006381333931",
            "weightGrams": 1900,
            "minimumQuantity": 2,
            "quantityAvailable": 4,
            "price": {"amount": "89.00"},
            "compareAtPrice": {"amount": "109.00"},
            "options": [{"option": "colour", "value": green}],
        },
        {
            "sku": "S1-B",
            "name": "墨色",
            "barcode": None,
            "weightGrams": 0,
            "minimumQuantity": 1,
            "quantityAvailable": 0,
            "price": {"amount": "95.00"},
            "compareAtPrice": None,
            "options": [{"option": "colour", "value": ink}],
        },
    ]


async def test_the_same_file_again_changes_nothing(importing: Importing, db: Database) -> None:
    rows = [
        row(n, images=["https://a.example/1.jpg"], reviews=[{"author": "A", "rating": 5}])
        for n in range(5)
    ]
    file = importing.jsonl(rows)
    await importing(file)
    before = await counts(db)

    job = await importing(file)

    assert (job.status, job.failed) == (JobStatus.SUCCEEDED, 0)
    assert await counts(db) == before
    async with db.transaction() as session:
        versions = set(await session.scalars(select(Product.version)))
        moved = await session.scalar(select(func.sum(StockMovement.on_hand_delta)))
    assert len(versions) == 1
    assert moved == 20


async def test_a_later_file_changes_what_it_names_and_nothing_else(
    importing: Importing, ask: Ask
) -> None:
    await importing(importing.jsonl([row(1, summary="Old.", barcode="123", weight=5)]))

    later = {"product": "P1", "sku": "S1", "price": "7.00", "name:zh-Hans": "东西", "stock": 9}
    job = await importing(importing.jsonl([later]))

    assert job.failed == 0
    product = (await ask(PRODUCT, slug="thing-1"))["product"]
    assert (product["name"], product["summary"]) == ("Thing 1", "Old.")
    (variant,) = product["variants"]
    assert variant["price"] == {"amount": "7.00"}
    assert (variant["barcode"], variant["weightGrams"]) == ("123", 5)
    assert variant["quantityAvailable"] == 9


BAD = [
    ({"price": "free"}, "price", "MALFORMED"),
    ({"name": None}, "name", "MISSING"),
    ({"sku": "S0"}, "sku", "TWICE"),
    ({"sku": "SKU-OF-ANOTHER"}, "sku", "TAKEN"),
    ({"brand": "Nobody"}, "brand", "NOT_FOUND"),
    ({"category": "No > Where"}, "category", "NOT_FOUND"),
    ({"warehouse": "MOON"}, "warehouse", "NOT_FOUND"),
    ({"attributes": {"taste": "sweet"}}, "attributes", "INVALID_INPUT"),
    ({"price": None}, "status", "NOT_PUBLISHABLE"),
]


async def prepared(importing: Importing) -> None:
    rows = [row(99, product="ANOTHER", sku="SKU-OF-ANOTHER", brand="Known", product_type="thing")]
    await importing(importing.jsonl(rows))


@pytest.mark.parametrize(("columns", "field", "code"), BAD)
async def test_good_rows_go_in_around_a_bad_one(
    importing: Importing, db: Database, columns: dict[str, Any], field: str, code: str
) -> None:
    await prepared(importing)
    file = importing.jsonl([row(0), row(1, **columns), row(2)])

    job = await importing(file, allowed=Allowed())

    assert (job.status, job.processed, job.failed) == (JobStatus.SUCCEEDED, 3, 1)
    (told,) = importing.report(job)
    assert (told["line"], told["field"], told["code"]) == (2, field, code)
    assert told["message"].endswith(".")
    async with db.transaction() as session:
        skus = set(await session.scalars(select(Variant.sku)))
    assert {"S0", "S2"} <= skus


@pytest.mark.parametrize(("columns", "field", "code"), BAD)
async def test_nothing_goes_in_when_everything_is_to_be_rejected(
    importing: Importing, db: Database, columns: dict[str, Any], field: str, code: str, monkeypatch
) -> None:
    small_chunks(monkeypatch)
    await prepared(importing)
    before = await counts(db)
    file = importing.jsonl([row(0), row(1, **columns), row(2), row(3), row(4)])

    job = await importing(file, policy=ImportPolicy.REJECT_EVERYTHING, allowed=Allowed())

    assert (job.status, job.total, job.processed, job.failed) == (JobStatus.FAILED, 5, 0, 1)
    assert job.error == "Nothing was taken in, because of bad rows: 1."
    assert [(each["line"], each["code"]) for each in importing.report(job)] == [(2, code)]
    assert await counts(db) == before


async def test_a_good_file_goes_in_when_everything_might_have_been_rejected(
    importing: Importing, db: Database, monkeypatch
) -> None:
    small_chunks(monkeypatch)

    job = await importing(
        importing.jsonl([row(n) for n in range(5)]), policy=ImportPolicy.REJECT_EVERYTHING
    )

    assert (job.status, job.checked, job.processed, job.failed) == (JobStatus.SUCCEEDED, 5, 5, 0)
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Variant)) == 5


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty."),
        (b"sku,name\n", "The file holds no rows."),
        (b"name,price\nA,1\n", "The header needs the column sku."),
        (b"\xff\xfes\x00", "The file is UTF-16: save it as UTF-8."),
        (b"sku,price\nA,free\n", "No row could be taken in; the report says why."),
    ],
)
async def test_a_file_of_which_nothing_can_be_taken_fails_and_says_why(
    importing: Importing, db: Database, content: bytes, told: str
) -> None:
    before = await counts(db)
    file = importing.data_dir / "rows.csv"
    file.write_bytes(content)

    job = await importing(file)

    assert (job.status, job.error) == (JobStatus.FAILED, told)
    assert await counts(db) == before


async def test_parts_that_need_other_permissions_are_refused_row_by_row(
    importing: Importing, db: Database
) -> None:
    await prepared(importing)
    rows = [row(1, stock=None), row(2, price=None), row(3, price=None, stock=None, status="DRAFT")]

    job = await importing(importing.jsonl(rows), allowed=Allowed(may_price=False, may_stock=False))

    told = [(each["line"], each["field"], each["code"]) for each in importing.report(job)]
    assert told == [(1, "price", "PERMISSION_MISSING"), (2, "stock", "PERMISSION_MISSING")]
    async with db.transaction() as session:
        skus = set(await session.scalars(select(Variant.sku)))
    assert skus == {"SKU-OF-ANOTHER", "S3"}


async def test_stock_that_orders_count_on_is_not_taken_away(
    importing: Importing, db: Database
) -> None:
    await importing(importing.jsonl([row(1), row(2)]))
    async with db.transaction() as session:
        await session.execute(text("UPDATE stock_levels SET reserved = 3"))

    job = await importing(importing.jsonl([row(1, stock=2), row(2, stock=3)]))

    (told,) = importing.report(job)
    assert (told["line"], told["field"], told["code"]) == (1, "stock", "STOCK_PROMISED")
    async with db.transaction() as session:
        assert sorted(await session.scalars(select(StockLevel.on_hand))) == [3, 4]


async def test_a_chunk_takes_the_same_statements_however_long_it_is(importing: Importing) -> None:
    async def statements(number: int, first: int) -> int:
        rows = [row(first + n, reviews=[{"author": "A", "rating": 5}]) for n in range(number)]
        file = importing.jsonl(rows)
        with counted() as seen:
            await importing(file)
        return len(seen)

    await importing(importing.jsonl([row(0)]))
    few, many = await statements(3, first=10), await statements(250, first=1000)

    assert many == few


async def test_prices_of_json_numbers_are_exact(importing: Importing, db: Database) -> None:
    line = json.dumps(row(1)).replace('"9.50"', "19.99").encode()

    await importing(importing.jsonl([line]))

    async with db.transaction() as session:
        low = await session.scalar(select(Product.price_min_minor))
    assert Decimal(low or 0) / 100 == Decimal("19.99")


async def test_events_tell_of_products_and_progress(importing: Importing, db: Database) -> None:
    job = await importing(importing.jsonl([row(1)]))

    async with db.transaction() as session:
        found = await session.execute(
            select(OutboxEvent.kind, OutboxEvent.object_id, OutboxEvent.facts)
        )
        events = found.all()
    kinds = {event.kind for event in events}
    assert {"JobQueued", "JobProgressed", "JobFinished"} <= kinds
    assert {"ProductCreated", "VariantCreated", "StockAdjusted"} <= kinds
    finished = [event for event in events if event.kind == "JobFinished"]
    assert [(event.object_id, event.facts) for event in finished] == [
        (job.id, {"status": "SUCCEEDED"})
    ]


async def test_categories_are_found_by_names_in_any_language_and_by_slug(
    importing: Importing, db: Database
) -> None:
    await importing(importing.jsonl([row(1, category="Home > Light")]))
    async with db.transaction() as session:
        await session.execute(
            text(
                """UPDATE categories SET name = '{"en": "Light", "zh-Hans": "灯"}' WHERE slug = 'light'"""
            )
        )

    job = await importing(
        importing.jsonl([row(2, category="home > 灯"), row(3, category="light")]),
        allowed=Allowed(),
    )

    assert job.failed == 0
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Category)) == 2
        assert await session.scalar(select(func.count()).select_from(ProductMedia)) == 0
        assert await session.scalar(select(func.count()).select_from(Review)) == 0
