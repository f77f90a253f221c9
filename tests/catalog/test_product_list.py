"""Products as shoppers browse them."""

from core.db import Database
from core.ids import encode
from tests.asking import Ask
from tests.factories.catalog import make_category, make_product, make_variant

LIST = """query($where: ProductWhere, $sort: ProductSort, $first: Int, $after: String) {
  products(where: $where, sortBy: $sort, first: $first, after: $after) {
    nodes { slug } pageInfo { hasNextPage endCursor } totalCount { count precision }
  }
}"""
W1 = """{
  products(first: 24) {
    nodes {
      id name slug summary
      category { id name } brand { id name }
      media { __typename ... on Image { url alt } }
      priceRange { start { amount currency } stop { amount currency } }
      variants { id sku name price { amount currency } quantityAvailable }
    }
  }
}"""


async def test_a_category_sorted_by_price_is_walked_page_by_page(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        above = await make_category(session)
        below = await make_category(session, parent=above)
        await make_product(session)  # elsewhere
        for price in (500, 100, 400, 200, 300):
            category = above if price % 200 else below
            await make_product(
                session, category=category, price_minor=price, summary={"en": str(price)}
            )
    where = {"category": encode("category", above.id)}
    slugs: list[str] = []

    after = None
    for _ in range(3):
        page = (await ask(LIST, where=where, sort={"key": "PRICE"}, first=2, after=after))[
            "products"
        ]
        slugs += [node["slug"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]

    assert len(slugs) == len({*slugs}) == 5
    assert page["pageInfo"]["hasNextPage"] is False
    assert page["totalCount"] == {"count": 5, "precision": "EXACT"}
    by_price = await ask(
        "query($w: ProductWhere){products(where: $w, sortBy: {key: PRICE}){nodes{slug summary}}}",
        w=where,
    )
    assert [node["summary"] for node in by_price["products"]["nodes"]] == [
        "100",
        "200",
        "300",
        "400",
        "500",
    ]
    assert [node["slug"] for node in by_price["products"]["nodes"]] == slugs


async def test_a_cursor_of_another_list_is_refused(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        await make_product(session)
        await make_product(session)
    cursor = (await ask(LIST, first=1))["products"]["pageInfo"]["endCursor"]

    answers = [
        await ask.answer(LIST, sort={"key": "PRICE"}, after=cursor),
        await ask.answer(LIST, after="forged"),
        await ask.answer(LIST, first=101),
    ]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["BAD_USER_INPUT"] * 3


async def test_a_draft_is_not_there_for_shoppers(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        draft = await make_product(session, is_published=False)

    answer = await ask(
        "query($id: ID!){product(by: {id: $id}){id}}", id=encode("product", draft.id)
    )

    assert answer == {"product": None}


async def test_a_product_list_needs_three_statements_however_long_it_is(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        for _ in range(12):
            product = await make_product(session)
            await make_variant(session, product=product)

    statements = await ask.statements(W1)

    assert len(statements) == 3, statements
