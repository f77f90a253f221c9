"""Looking things up in the catalogue."""

from pathlib import Path

import pytest

from core.db import Database
from core.ids import encode
from models.catalog import Collection, Review
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import created, variant
from tests.factories.catalog import make_brand, make_category, make_product

VARIANTS = """query($where: ProductVariantWhere) { productVariants(where: $where) {
  nodes { sku } totalCount { count } } }"""
NOTHING = "0" * 32


async def test_a_category_is_found_by_id_and_by_slug(stage: Stage, ask: Ask) -> None:
    find = "query($by: IdOrSlug!) { category(by: $by) { slug } }"
    known = [{"id": stage.gid("category")}, {"slug": stage.category.slug}]
    unknown = [{"id": f"category_{NOTHING}"}, {"id": "nonsense"}, {"slug": "nowhere"}]

    found = [(await ask(find, by=by))["category"] for by in known]
    lost = [(await ask(find, by=by))["category"] for by in unknown]

    assert found == [{"slug": stage.category.slug}] * 2
    assert lost == [None] * 3


async def test_categories_are_listed_by_their_place_in_the_tree(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        roots = [await make_category(session) for _ in range(2)]
        below = [await make_category(session, parent=roots[0]) for _ in range(2)]
    listed = "query($w: CategoryWhere) { categories(where: $w) { nodes { slug } } }"
    slugs = {
        name: [each["slug"] for each in (await ask(listed, w=where))["categories"]["nodes"]]
        for name, where in {
            "all": None,
            "roots": {"roots": True},
            "below": {"parent": encode("category", roots[0].id)},
            "named": {"slugs": [below[1].slug]},
            "nowhere": {"parent": "nonsense"},
        }.items()
    }

    assert slugs == {
        "all": [each.slug for each in (*roots, *below)],
        "roots": [each.slug for each in roots],
        "below": [each.slug for each in below],
        "named": [below[1].slug],
        "nowhere": [],
    }


async def test_brands_are_found_by_the_beginning_of_their_name(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        brands = [await make_brand(session) for _ in range(3)]
        for brand, name in zip(brands, ("Apple", "apricot", "100%_"), strict=True):
            brand.name = name
    search = "query($s: String!) { brands(where: {search: $s}) { nodes { name } } }"

    found = {
        text: [each["name"] for each in (await ask(search, s=text))["brands"]["nodes"]]
        for text in ("AP", "apr", "100%", "%", "_")
    }

    assert found == {
        "AP": ["Apple", "apricot"],
        "apr": ["apricot"],
        "100%": ["100%_"],
        "%": [],
        "_": [],
    }


async def test_product_types_tell_their_attributes(stage: Stage, ask: Ask) -> None:
    answer = await ask(
        """{ productTypes(where: {slugs: ["shirt"]}) {
          nodes { slug attributes { slug kind choices } } } }"""
    )

    assert answer["productTypes"]["nodes"] == [
        {
            "slug": "shirt",
            "attributes": [{"slug": "material", "kind": "CHOICE", "choices": ["wool", "silk"]}],
        }
    ]


async def test_collections_show_published_ones_to_all_and_the_others_to_their_staff(
    stage: Stage, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        for slug, is_published in (("open", True), ("secret", False)):
            session.add(
                Collection(
                    slug=slug,
                    name={"en": slug},
                    merchant_id=stage.merchant.id,
                    is_published=is_published,
                )
            )
    listed = "{ collections { nodes { slug } } }"

    seen = [
        [each["slug"] for each in (await asked(listed))["collections"]["nodes"]]
        for asked in (ask, stage.bob, stage.ann)
    ]

    assert seen == [["open"], ["open"], ["open", "secret"]]


async def test_staff_finds_variants_of_its_own_merchant(stage: Stage, ask: Ask) -> None:
    product = await created(
        stage, variants=[variant("S-1", "s", barcode="111"), variant("L-1", "l")]
    )
    wheres = {
        "all": None,
        "sku": {"skus": ["L-1", "unknown"]},
        "barcode": {"barcodes": ["111"]},
        "product": {"products": [product["id"]]},
        "merchant": {"merchants": [stage.gid("merchant")]},
        "other": {"merchants": [encode("merchant", stage.other.id)]},
        "stock": {"inStock": True},
        "none": {"inStock": False},
    }

    async def skus(asked: Ask, where: object) -> list[str]:
        page = (await asked(VARIANTS, where=where))["productVariants"]
        assert page["totalCount"]["count"] == len(page["nodes"])
        return [each["sku"] for each in page["nodes"]]

    mine = {name: await skus(stage.ann, where) for name, where in wheres.items()}
    theirs = {name: await skus(stage.bob, where) for name, where in wheres.items()}
    platform = await skus(stage.platform, None)
    anonymous = await ask.answer(VARIANTS)

    assert mine == {
        "all": ["L-1", "S-1"],
        "sku": ["L-1"],
        "barcode": ["S-1"],
        "product": ["L-1", "S-1"],
        "merchant": ["L-1", "S-1"],
        "other": [],
        "stock": [],
        "none": ["L-1", "S-1"],
    }
    assert theirs == {name: [] for name in wheres}
    assert platform == ["L-1", "S-1"]
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_shop_tells_what_a_client_must_know(ask: Ask, root: Path) -> None:
    answer = await ask("{ shop { name description currency languages paymentMethods version } }")

    assert answer["shop"]["name"] == "Marketfront"
    assert answer["shop"]["currency"] == "USD"
    assert answer["shop"]["languages"] == ["en", "zh-Hans"]
    assert isinstance(answer["shop"]["paymentMethods"], list)
    assert f'version = "{answer["shop"]["version"]}"' in (root / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    "query",
    [
        "query($v: [String!]) { brands(where: {slugs: $v}) { nodes { id } } }",
        "query($v: [String!]) { categories(where: {slugs: $v}) { nodes { id } } }",
        "query($v: [String!]) { productTypes(where: {slugs: $v}) { nodes { id } } }",
        "query($v: [String!]) { collections(where: {slugs: $v}) { nodes { id } } }",
        "query($v: [String!]) { merchants(where: {slugs: $v}) { nodes { id } } }",
    ],
)
async def test_a_filter_takes_a_hundred_values(ask: Ask, query: str) -> None:
    answer = await ask.answer(query, v=[f"s{n}" for n in range(101)])

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_reviews_and_attributes_are_found_by_their_ids(
    stage: Stage, db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        shown = await make_product(session, merchant=stage.merchant, category=stage.category)
        draft = await make_product(
            session, merchant=stage.merchant, category=stage.category, is_published=False
        )
        reviews = [
            Review(product_id=product.id, author_name="Ann", rating=5) for product in (shown, draft)
        ]
        session.add_all(reviews)
    (attribute,) = (await ask("{ productTypes { nodes { attributes { id } } } }"))["productTypes"][
        "nodes"
    ][0]["attributes"]
    ids = [*(encode("review", review.id) for review in reviews), attribute["id"]]
    find = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"

    anybody = (await ask(find, ids=ids))["nodes"]
    staff = (await stage.ann(find, ids=ids))["nodes"]

    assert [each and each["__typename"] for each in anybody] == ["Review", None, "Attribute"]
    assert [each["id"] for each in staff] == ids
