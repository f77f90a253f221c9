"""How many statements each list takes: never more for more rows."""

from typing import Any

import pytest

from core.db import Database
from core.ids import encode
from models.catalog import (
    Attribute,
    Collection,
    CollectionProduct,
    Product,
    ProductAttributeValue,
    ProductMedia,
    ProductText,
    ProductType,
    Review,
)
from tests.asking import Ask
from tests.factories.catalog import (
    make_brand,
    make_category,
    make_product,
    make_variant,
    make_warehouse,
)
from tests.factories.merchants import make_merchant

PRODUCT_PAGE = """query($id: ID!) { product(by: {id: $id}) {
  id slug name summary description
  category { id name ancestors { slug name } } brand { name } merchant { name slug }
  options { slug name values { slug name } } attributes { slug name value }
  media { __typename ... on Image { url alt thumbnail(size: LARGE) width height } }
  priceRange { start { amount currency } stop { amount } } availability
  rating { average count }
  variants { id sku name options { option value } price { amount } compareAtPrice { amount }
    quantityAvailable availability }
} }"""
# What is asked -> how many statements it takes, with the small tables in memory.
LISTS: dict[str, int] = {
    "{ products(first: 50) { nodes { name category { name } brand { name } merchant { name } } } }": 1,
    "{ products(first: 50) { nodes { description media { __typename } attributes { slug } collections { slug } variants { sku price { amount } } } } }": 6,
    "{ products(first: 50) { nodes { priceRange { start { amount } } } } }": 1,
    "{ products(first: 50) { nodes { availability } } }": 2,
    "{ products(first: 50) { nodes { reviews(first: 2) { nodes { rating } } } } }": 2,
    "{ products(first: 50) { totalCount { count } } }": 2,
    "{ products(first: 50, where: {inStock: true}, sortBy: {key: NAME}) { nodes { slug } } }": 1,
    "{ products(first: 50) { nodes { reviews(first: 2) { totalCount { count } } } } }": 3,
    "{ categories(first: 50) { nodes { products(first: 3) { nodes { slug } } } } }": 2,
    "{ categories(first: 50) { nodes { products(first: 3) { totalCount { count } nodes { slug } } } } }": 3,
    "{ categories(first: 50) { nodes { parent { slug } children { slug } ancestors { slug } } } }": 1,
    "{ collections(first: 50) { nodes { products(first: 3) { nodes { slug } totalCount { count } } } } }": 3,
    "{ merchants(first: 50) { nodes { products(first: 3) { nodes { slug } totalCount { count } } } } }": 3,
    "{ brands(first: 50) { nodes { name } totalCount { count } } }": 2,
    "{ productTypes(first: 50) { nodes { attributes { slug } } totalCount { count } } }": 3,
    "{ shop { name currency languages paymentMethods version } }": 0,
}


async def fill(db: Database, times: int) -> list[Product]:
    """Everything that the lists show, `times` of each."""
    products = []
    async with db.transaction() as session:
        root = await make_category(session)
        type_ = ProductType(slug=f"type-{times}", name={"en": "Type"})
        session.add(type_)
        await session.flush()  # its attribute refers to it
        attribute = Attribute(product_type_id=type_.id, slug="material", name={"en": "Material"})
        session.add(attribute)
        await session.flush()  # values refer to it
        for n in range(times):
            category = await make_category(session, parent=root)
            merchant = await make_merchant(session)
            warehouse = await make_warehouse(session, merchant)
            product = await make_product(
                session,
                merchant=merchant,
                category=category,
                brand=await make_brand(session),
                product_type_id=type_.id,
            )
            for _ in range(2):
                await make_variant(session, product=product, warehouse=warehouse)
            collection = Collection(
                slug=f"c-{times}-{n}", name={"en": "C"}, merchant_id=merchant.id, is_published=True
            )
            session.add(collection)
            await session.flush()  # its products refer to it
            parts: list[Any] = [
                ProductText(product_id=product.id, description={"en": "Long."}),
                ProductAttributeValue(
                    product_id=product.id, attribute_id=attribute.id, value="wool"
                ),
                ProductMedia(product_id=product.id, url="https://a.test/b.png"),
                CollectionProduct(collection_id=collection.id, product_id=product.id),
                *(
                    Review(
                        product_id=product.id,
                        author_name="A",
                        rating=rating,
                        external_reference=str(rating),
                    )
                    for rating in (1, 3, 5)
                ),
            ]
            session.add_all(parts)
            products.append(product)
    return products


async def test_a_product_page_takes_two_statements(db: Database, ask: Ask) -> None:
    (product,) = await fill(db, 1)

    statements = await ask.statements(PRODUCT_PAGE, id=encode("product", product.id))

    assert len(statements) == 2, statements


@pytest.mark.parametrize(("query", "expected"), LISTS.items())
async def test_a_list_takes_as_many_statements_for_many_rows_as_for_one(
    db: Database, ask: Ask, query: str, expected: int
) -> None:
    await fill(db, 1)
    one = await ask.statements(query)
    await fill(db, 12)

    many = await ask.statements(query)

    assert len(one) == len(many) == expected, many


async def test_nested_pages_hold_the_rows_of_their_parent(db: Database, ask: Ask) -> None:
    products = await fill(db, 5)
    query = """{ merchants(first: 50) { nodes { products(first: 3) {
      nodes { slug } totalCount { count precision } pageInfo { hasNextPage } } } } }"""

    pages = [each["products"] for each in (await ask(query))["merchants"]["nodes"]]

    assert [page["nodes"] for page in pages] == [[{"slug": each.slug}] for each in products]
    assert {page["totalCount"]["count"] for page in pages} == {1}
    assert {page["pageInfo"]["hasNextPage"] for page in pages} == {False}


PARTS = """slug attributes { slug name kind value }
  media { __typename ... on Image { id url alt position width height thumbnail } }"""
PAGE = f"query($id: ID!) {{ product(by: {{id: $id}}) {{ {PARTS} }} }}"
LIST = f"{{ products(first: 50) {{ nodes {{ {PARTS} }} }} }}"


async def test_a_page_shows_the_pictures_and_attributes_that_a_list_shows(
    db: Database, ask: Ask
) -> None:
    (product,) = await fill(db, 1)

    page = await ask(PAGE, id=encode("product", product.id))
    listed = await ask(LIST)

    assert page["product"]["media"]
    assert page["product"]["attributes"]
    assert page["product"] in listed["products"]["nodes"]
