"""From columns to rows: everything that is wrong with a row is told at once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.platform.imports.columns import understood
from services.platform.imports.rows import Record, ReviewRow, Row
from services.pricing import NewPrice


def row(**columns: Any) -> Row | list:
    return understood(Record(7, {"sku": "A", **columns}), currency="USD")


def fields(**columns: Any) -> list[tuple[str, str]]:
    found = row(**columns)
    assert isinstance(found, list), found
    return [(problem.field, problem.code) for problem in found]


def test_cells_of_csv_and_values_of_json_say_the_same() -> None:
    csv = {
        "product": "P",
        "name": "Lamp",
        "name:zh-Hans": "灯",
        "category": "Home > Light",
        "price": "9.90",
        "compare_at": "12",
        "price:CNY": "70",
        "stock": "4",
        "weight": "1200",
        "options": "Colour=Red; Size=L",
        "attributes": "material=Oak|Ash;handmade=true",
        "images": "https://a.example/1.jpg  https://a.example/2.jpg",
        "status": "draft",
        "minimum_quantity": "",
    }
    json = {
        "product": "P",
        "name": {"en": "Lamp", "zh-Hans": "灯"},
        "category": ["Home", "Light"],
        "price": 9.9,
        "compare_at": 12,
        "price:CNY": 70,
        "stock": 4,
        "weight": 1200,
        "options": {"Colour": "Red", "Size": "L"},
        "attributes": {"material": ["Oak", "Ash"], "handmade": True},
        "images": ["https://a.example/1.jpg", "https://a.example/2.jpg"],
        "status": "DRAFT",
        "minimum_quantity": None,
    }

    found = row(**csv)

    assert found == row(**json)
    assert found == Row(
        line=7,
        sku="A",
        product="P",
        name={"en": "Lamp", "zh-Hans": "灯"},
        category=("Home", "Light"),
        prices=[
            NewPrice(currency="USD", amount_minor=990, compare_at_minor=1200),
            NewPrice(currency="CNY", amount_minor=7000),
        ],
        stock=4,
        weight_grams=1200,
        options=[("Colour", "Red"), ("Size", "L")],
        attributes={"material": ["Oak", "Ash"], "handmade": ["true"]},
        images=["https://a.example/1.jpg", "https://a.example/2.jpg"],
        is_published=False,
    )


def test_the_sku_is_the_products_key_when_there_is_no_other() -> None:
    found = row()

    assert isinstance(found, Row)
    assert found.product == "A"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = fields(price="free", stock="-1", weight="1.5", status="maybe", prise="1", sku=None)

    assert sorted(found) == [
        ("price", "MALFORMED"),
        ("prise", "UNKNOWN_COLUMN"),
        ("sku", "MISSING"),
        ("status", "MALFORMED"),
        ("stock", "MALFORMED"),
        ("weight", "MALFORMED"),
    ]


@pytest.mark.parametrize(
    "columns",
    [
        {"price": "1.005"},
        {"price": "-1"},
        {"price": "1e30"},
        {"price": "NaN"},
        {"price": "5", "compare_at": "4"},
        {"compare_at": "4"},
        {"price:usd": "5"},
        {"price": "5", "currency": "dollars"},
        {"stock": "1000000000000"},
        {"stock": True},
        {"sku": "x" * 65},
        {"sku": "two\nlines"},
        {"name": ["a list"]},
        {"name": "zero\x00byte"},
        {"category": " > > "},
        {"category": "a>b>c>d>e>f>g"},
        {"options": "Colour"},
        {"options": "Colour=Red;Colour=Blue"},
        {"options": "{]"},
        {"images": "javascript:alert(1)"},
        {"images": "https://[bad"},
        {"images": " ".join(f"https://a.example/{n}" for n in range(21))},
        {"reviews": "not json"},
        {"reviews": [{"author": "A", "rating": 6}]},
        {"reviews": [{"rating": 5}]},
        {"reviews": [{"author": "A", "rating": 5, "date": "yesterday"}]},
    ],
)
def test_what_no_shop_would_take_is_refused(columns: dict[str, Any]) -> None:
    assert isinstance(row(**columns), list)


def test_reviews_have_a_reference_of_their_own_or_one_made_of_what_they_say() -> None:
    said = {"author": "Mira", "rating": 4, "text": "Good.", "date": "2026-01-02"}
    found = row(reviews=[{**said, "id": "r-1"}, said, said])

    assert isinstance(found, Row)
    assert found.reviews is not None
    named, made = found.reviews
    assert named == ReviewRow(
        reference="r-1",
        author="Mira",
        rating=4,
        title="",
        text="Good.",
        written_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    assert len(made.reference) == 24
