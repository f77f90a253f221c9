"""The same operation in another language and currency."""

import pytest

from core.db import Database
from core.ids import encode
from models.pricing import VariantPrice
from tests.asking import Ask
from tests.factories.catalog import make_product, make_variant

QUERY = """query($id: ID!) @inContext(%s) { product(by: {id: $id}) {
  name priceRange { start { amount currency } } variants { price { amount currency } } } }"""


async def test_language_and_currency_come_from_the_operation(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        product = await make_product(session)
        variant = await make_variant(session, product=product)
        session.add(VariantPrice(variant_id=variant.id, currency="CNY", amount_minor=7_200))

    answer = await ask(
        QUERY % 'language: "zh-Hans", currency: "CNY"', id=encode("product", product.id)
    )

    price = {"amount": "72.00", "currency": "CNY"}
    assert answer["product"]["name"] == product.name["zh-Hans"]
    assert answer["product"]["variants"] == [{"price": price}]
    assert answer["product"]["priceRange"] == {"start": price}


async def test_what_is_not_priced_in_a_currency_has_no_price_there(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        product = await make_product(session)
        await make_variant(session, product=product)

    answer = await ask(QUERY % 'currency: "JPY"', id=encode("product", product.id))

    assert answer["product"]["priceRange"] is None
    assert answer["product"]["variants"] == [{"price": None}]


@pytest.mark.parametrize("bad", ['currency: "dollars"', 'language: "!"', 'country: "Germany"'])
async def test_what_is_no_code_is_refused(ask: Ask, bad: str) -> None:
    answer = await ask.answer(QUERY % bad, id="product_x")

    assert answer["errors"][0]["extensions"]["code"] in {
        "BAD_USER_INPUT",
        "GRAPHQL_VALIDATION_FAILED",
    }
