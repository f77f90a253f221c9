"""Hand-picked lists of products."""

from typing import Any

from core.db import Database, counted
from core.ids import encode
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import ERRORS, own, text
from tests.catalog.watch import Watch
from tests.factories.catalog import make_product

UPSERT = f"""mutation($input: CollectionUpsertInput!) {{ collectionUpsert(input: $input) {{
  collection {{ id slug name isPublished products(first: 5) {{ nodes {{ slug }} }} }} {ERRORS}
}} }}"""
FIND = "query($slug: String!) { collection(by: {slug: $slug}) { name } }"


async def upsert(ask: Ask, **given: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(UPSERT, input=given))["collectionUpsert"]
    return payload


async def test_a_merchant_shows_its_products_in_its_order(
    stage: Stage, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        products = [
            await make_product(session, merchant=stage.merchant, category=stage.category)
            for _ in range(3)
        ]
    ids = [encode("product", product.id) for product in products]

    made = await upsert(
        stage.ann, merchantId=stage.gid("merchant"), name=text("Best"), products=ids[::-1]
    )
    hidden = await ask(FIND, slug="best")
    changed = await upsert(
        stage.ann, id=made["collection"]["id"], isPublished=True, products=ids[:2]
    )

    slugs = [product.slug for product in products]
    assert made["userErrors"] == []
    assert [each["slug"] for each in made["collection"]["products"]["nodes"]] == slugs[::-1]
    assert hidden == {"collection": None}
    assert [each["slug"] for each in changed["collection"]["products"]["nodes"]] == slugs[:2]
    assert await ask(FIND, slug="best") == {"collection": {"name": "Best"}}


async def test_what_is_not_theirs_is_refused(
    stage: Stage, db: Database, ask: Ask, nothing_changes: Watch
) -> None:
    async with db.transaction() as session:
        foreign = await make_product(session, merchant=stage.other, category=stage.category)
    mine = await upsert(stage.ann, merchantId=stage.gid("merchant"), name=text("Mine"))
    tries: list[tuple[Ask, dict[str, Any], str, list[str]]] = [
        (stage.bob, {"id": mine["collection"]["id"], "slug": "x"}, "NotFound", ["id"]),
        (
            stage.bob,
            {"merchantId": stage.gid("merchant"), "name": text("X")},
            "NotFound",
            ["merchantId"],
        ),
        (stage.ann, {"name": text("X")}, "InvalidInput", ["merchantId"]),
        (
            stage.ann,
            {"id": mine["collection"]["id"], "products": [encode("product", foreign.id)]},
            "NotFound",
            ["products", "0"],
        ),
        (
            stage.ann,
            {"merchantId": stage.gid("merchant"), "name": text("X"), "slug": "mine"},
            "Taken",
            ["slug"],
        ),
    ]

    async with nothing_changes():
        answers = [await upsert(asked, **given) for asked, given, _, _ in tries]
        anonymous = await ask.answer(UPSERT, input={"name": text("X")})

    for answer, (_, _, kind, field) in zip(answers, tries, strict=True):
        error = answer["userErrors"][0]
        assert (error["__typename"], error["field"]) == (kind, field)
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_platform_picks_from_all_merchants(stage: Stage, db: Database) -> None:
    async with db.transaction() as session:
        products = [
            await make_product(session, merchant=merchant, category=stage.category)
            for merchant in (stage.merchant, stage.other)
        ]

    answer = await upsert(
        stage.platform,
        name=text("Picks"),
        products=[encode("product", product.id) for product in products],
    )

    assert answer["userErrors"] == []
    assert len(answer["collection"]["products"]["nodes"]) == 2


async def test_forty_products_need_no_more_statements_than_one(stage: Stage, db: Database) -> None:
    async with db.transaction() as session:
        products = [
            await make_product(session, merchant=stage.merchant, category=stage.category)
            for _ in range(40)
        ]
    ids = [encode("product", product.id) for product in products]
    mine = {"merchantId": stage.gid("merchant"), "name": text("X")}

    with counted() as one:
        await upsert(stage.ann, **mine, products=ids[:1])
    with counted() as many:
        await upsert(stage.ann, **mine, products=ids)

    assert len(own(one)) == len(own(many)) == 9, own(many)
