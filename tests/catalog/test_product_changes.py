"""Products are changed, published, taken off the shelf."""

from typing import Any

import asyncpg
import pytest

from core.db import Database, counted
from models.merchants import Merchant, MerchantStatus
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import (
    DELETE,
    PUBLISH,
    UPDATE,
    created,
    own,
    size_option,
    text,
    variant,
)
from tests.catalog.watch import Watch

FIND = "query($slug: String!) { product(by: {slug: $slug}) { name version } }"


async def update(ask: Ask, product: dict[str, Any], **change: Any) -> dict[str, Any]:
    answer = await ask(UPDATE, input={"productId": product["id"], **change})
    payload: dict[str, Any] = answer["productUpdate"]
    return payload


async def publish(ask: Ask, product: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await ask(PUBLISH, input={"productId": product["id"], **more})
    payload: dict[str, Any] = answer["productPublish"]
    return payload


async def test_only_what_is_named_changes(stage: Stage) -> None:
    product = await created(
        stage,
        description=text("Old.", "旧。"),
        summary=text("Short."),
        brandId=stage.gid("brand"),
        productTypeId=stage.gid("producttype"),
        attributes=[{"slug": "material", "values": ["wool"]}],
    )

    answer = await update(stage.ann, product, description=text("New."), brandId=None)

    assert answer == {
        "userErrors": [],
        "product": {
            "slug": "linen-shirt",
            "name": "Linen Shirt",
            "summary": "Short.",
            "description": "New.",
            "version": 2,
            "brand": None,
            "category": {"slug": stage.category.slug},
            "options": [{"slug": "size"}],
            "attributes": [{"slug": "material", "value": "wool"}],
        },
    }
    chinese = await stage.ann(
        'query($id: ID!) @inContext(language: "zh-Hans") {product(by: {id: $id}) {name description}}',
        id=product["id"],
    )
    assert chinese == {"product": {"name": "亚麻衬衫", "description": "旧。"}}


async def test_the_same_again_is_no_change(stage: Stage) -> None:
    product = await created(stage)

    answer = await update(stage.ann, product, name=text("Linen Shirt"))

    assert answer["product"]["version"] == 1


async def test_a_type_that_goes_takes_its_attribute_values_along(stage: Stage) -> None:
    product = await created(
        stage,
        productTypeId=stage.gid("producttype"),
        attributes=[{"slug": "material", "values": ["wool"]}],
    )

    answer = await update(stage.ann, product, productTypeId=None)

    assert answer["product"]["attributes"] == []


async def test_a_version_that_is_not_the_present_one_is_refused(
    stage: Stage, nothing_changes: Watch
) -> None:
    product = await created(stage)
    await update(stage.ann, product, slug="other", expectedVersion=1)

    async with nothing_changes():
        refused = [
            await update(stage.ann, product, slug="third", expectedVersion=1),
            await publish(stage.ann, product, expectedVersion=1),
        ]

    for answer in refused:
        error = answer["userErrors"][0]
        assert (error["__typename"], error["currentVersion"]) == ("VersionConflict", 2)
        assert error["field"] == ["expectedVersion"]


async def test_a_slug_of_another_product_is_refused(stage: Stage, nothing_changes: Watch) -> None:
    await created(stage, slug="mine", variants=[])
    product = await created(stage, variants=[])

    async with nothing_changes():
        answer = await update(stage.ann, product, slug="mine")

    assert answer["userErrors"][0]["value"] == "mine"


async def test_options_that_an_active_variant_does_not_fit_are_refused(
    stage: Stage, nothing_changes: Watch
) -> None:
    product = await created(stage)

    async with nothing_changes():
        answer = await update(stage.ann, product, options=[size_option("s", "m")])

    error = answer["userErrors"][0]
    assert (error["__typename"], error["sku"], error["option"]) == (
        "OptionsMismatch",
        "L-1",
        "size",
    )
    wider = await update(stage.ann, product, options=[size_option("s", "m", "l")])
    assert wider["userErrors"] == []


@pytest.mark.parametrize("operation", [UPDATE, PUBLISH, DELETE])
async def test_a_product_of_others_is_not_there(
    stage: Stage, ask: Ask, nothing_changes: Watch, operation: str
) -> None:
    product = await created(stage)

    async with nothing_changes():
        answers = [
            await asked(operation, input={"productId": key})
            for asked, key in (
                (stage.bob, product["id"]),
                (stage.ann, "product_" + "0" * 32),
                (stage.ann, "variant_" + "0" * 32),
                (stage.ann, "nonsense"),
            )
        ]
        anonymous = await ask.answer(operation, input={"productId": product["id"]})

    for answer in answers:
        (payload,) = answer.values()
        error = payload["userErrors"][0]
        assert (error["__typename"], error["kind"]) == ("NotFound", "Product")
        assert error["field"] == ["productId"]
        assert payload["product"] is None
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_published_product_is_on_the_shelf_until_it_is_taken_off(
    stage: Stage, ask: Ask
) -> None:
    product = await created(stage)

    published = await publish(stage.ann, product)
    seen = await ask(FIND, slug="linen-shirt")
    again = await publish(stage.ann, product)
    hidden = await publish(stage.ann, product, isPublished=False)

    assert (published["product"]["status"], published["product"]["version"]) == ("PUBLISHED", 2)
    assert seen == {"product": {"name": "Linen Shirt", "version": 2}}
    assert again["product"] == published["product"]
    assert hidden["product"]["status"] == "DRAFT"
    assert await ask(FIND, slug="linen-shirt") == {"product": None}


async def test_what_a_product_lacks_to_be_published_is_told(
    stage: Stage, db: Database, nothing_changes: Watch
) -> None:
    empty = await created(stage, variants=[])
    in_euro = [variant("E-1", "s", prices=[{"currency": "EUR", "amount": "1.00"}])]
    unpriced = await created(stage, variants=in_euro)
    asleep = await created(stage, variants=[variant("E-2", "s", isActive=False)])

    async with nothing_changes():
        missing = [
            (await publish(stage.ann, product))["userErrors"][0]["missing"]
            for product in (empty, unpriced, asleep)
        ]

    assert missing == [["VARIANT", "PRICE"], ["PRICE"], ["VARIANT", "PRICE"]]


async def test_a_suspended_merchant_publishes_nothing(
    stage: Stage, db: Database, nothing_changes: Watch
) -> None:
    product = await created(stage)
    async with db.transaction() as session:
        merchant = await session.get_one(Merchant, stage.merchant.id)
        merchant.status = MerchantStatus.SUSPENDED

    async with nothing_changes():
        answer = await publish(stage.ann, product)

    assert answer["userErrors"][0]["missing"] == ["ACTIVE_MERCHANT"]


async def test_a_deleted_product_is_archived_and_can_come_back(stage: Stage, ask: Ask) -> None:
    product = await created(stage)
    await publish(stage.ann, product)

    deleted = (await stage.ann(DELETE, input={"productId": product["id"]}))["productDelete"]
    hidden = await ask(FIND, slug="linen-shirt")
    back = await publish(stage.ann, product)

    assert deleted == {"userErrors": [], "product": {"status": "ARCHIVED", "version": 3}}
    assert hidden == {"product": None}
    assert back["product"]["status"] == "PUBLISHED"
    assert (await ask(FIND, slug="linen-shirt"))["product"]["version"] == 4


async def test_changes_are_told_to_the_world_by_id_and_version(
    stage: Stage, cleaner: asyncpg.Connection
) -> None:
    product = await created(stage, variants=[variant("S-1", "s")])
    await update(stage.ann, product, slug="other")
    await publish(stage.ann, product)
    await stage.ann(DELETE, input={"productId": product["id"]})

    told = await cleaner.fetch("SELECT kind, facts::jsonb->>'version' AS v FROM outbox ORDER BY id")

    assert [(row["kind"], row["v"]) for row in told] == [
        ("ProductCreated", "1"),
        ("VariantCreated", "1"),
        ("ProductChanged", "2"),
        ("ProductPublished", "3"),
        ("ProductArchived", "4"),
    ]


async def test_each_change_of_a_product_takes_a_fixed_number_of_statements(stage: Stage) -> None:
    product = await created(stage)

    with counted() as updating:
        await update(stage.ann, product, slug="other")
    with counted() as publishing:
        await publish(stage.ann, product)
    with counted() as deleting:
        await stage.ann(DELETE, input={"productId": product["id"]})

    counts = [len(own(each)) for each in (updating, publishing, deleting)]
    assert counts == [10, 8, 5]  # the payload's are among them
