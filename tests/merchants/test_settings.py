"""What a merchant changes of itself."""

import asyncio
from collections import Counter
from typing import Any, NamedTuple

import pytest

from auth.tokens import Tokens
from core.db import Database, counted
from core.ids import encode
from models.audit import AuditDetails, AuditEntry
from models.merchants import Merchant, MerchantRecord
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant, make_record
from tests.merchants.operations import MINE, UPDATE, refused
from tests.merchants.rows import told


class Scene(NamedTuple):
    """A merchant with a record, and who changes its settings."""

    merchant: Merchant
    keeper: Ask
    platform: Ask


@pytest.fixture
async def scene(db: Database, tokens: Tokens, ask: Ask) -> Scene:
    async with db.transaction() as session:
        merchant = await make_merchant(session, description={"en": "Old.", "fr": "Vieux."})
        await make_record(session, merchant)
        keeper = await make_staff(session, merchant, "MANAGE_SETTINGS")
        person = await make_user(session, platform=("MANAGE_SETTINGS", "MANAGE_MERCHANTS"))
        signed_in = [ask.as_(await sign_in(session, tokens, each)) for each in (keeper, person)]
    return Scene(merchant, *signed_in)


async def change(ask: Ask, merchant: Merchant, **changes: Any) -> dict[str, Any]:
    details = {"merchantId": encode("merchant", merchant.id)} | changes
    payload: dict[str, Any] = (await ask(UPDATE, input=details))["merchantUpdate"]
    return payload


def text(text: str, language: str = "en") -> dict[str, str]:
    return {"language": language, "text": text}


async def test_staff_changes_what_shoppers_read_and_whom_to_write_to(
    db: Database, scene: Scene
) -> None:
    payload = await change(
        scene.keeper,
        scene.merchant,
        name="Tea & More",
        description=[text("New.")],
        returnPolicy=[text("Within 30 days."), text("30 天内。", "zh-Hans")],
        business={"contactEmail": "Ada@Example.test", "contactPhone": None},
        expectedVersion=1,
    )

    assert payload["userErrors"] == []
    assert payload["merchant"] == {
        "name": "Tea & More",
        "slug": scene.merchant.slug,
        "version": 2,
        "description": "New.",
        "policies": {"returnPolicy": "Within 30 days.", "terms": None},
        "record": {
            "legalName": f"{scene.merchant.name} Ltd",
            "country": "DE",
            "contactEmail": "ada@example.test",
            "contactPhone": None,
        },
    }
    async with db.transaction() as session:
        row = await session.get_one(Merchant, scene.merchant.id)
        [entry] = (await session.scalars(AuditEntry.__table__.select())).all() and [
            (await session.execute(AuditEntry.__table__.select())).one()
        ]
        details = (await session.execute(AuditDetails.__table__.select())).one()
    assert row.description == {"en": "New.", "fr": "Vieux."}
    assert entry.action == "MERCHANT_CHANGED"
    assert "ada@example.test" not in str(entry.after)
    assert "ada@example.test" in details.content


async def test_slug_and_approved_facts_are_the_platforms_to_change(
    db: Database, scene: Scene
) -> None:
    refusals = [
        refused(await change(scene.keeper, scene.merchant, slug="better", name="Better")),
        refused(await change(scene.keeper, scene.merchant, business={"legalName": "Other Ltd"})),
    ]
    unchanged = await told(db)
    by_platform = await change(
        scene.platform, scene.merchant, slug="better", business={"legalName": "Other Ltd"}
    )

    assert refusals == [
        [("PermissionMissing", ["slug"])],
        [("PermissionMissing", ["business"])],
    ]
    assert unchanged == (0, 0)
    assert by_platform["merchant"]["slug"] == "better"
    assert by_platform["merchant"]["record"]["legalName"] == "Other Ltd"


async def test_an_applicant_corrects_the_facts(db: Database, tokens: Tokens, ask: Ask) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session, status="APPLIED")
        await make_record(session, merchant)
        owner = await make_staff(session, merchant, is_owner=True)
        as_owner = ask.as_(await sign_in(session, tokens, owner))

    payload = await change(as_owner, merchant, business={"legalName": "Right Ltd"})

    assert payload["merchant"]["record"]["legalName"] == "Right Ltd"


async def test_what_is_wrong_is_told_at_once_and_nothing_changes(
    db: Database, scene: Scene
) -> None:
    async with db.transaction() as session:
        other = await make_merchant(session)

    outcomes = [
        await change(
            scene.keeper,
            scene.merchant,
            name=" ",
            terms=[text("x" * 20_001)],
            business={"contactPhone": "x"},
        ),
        await change(scene.keeper, scene.merchant, name="New", expectedVersion=9),
        await change(scene.keeper, other, name="Mine"),
        await change(scene.platform, scene.merchant, slug=other.slug),
        await change(scene.platform, other, business={"contactPhone": "+49 30 12345"}),
    ]

    assert [refused(each) for each in outcomes] == [
        [
            ("InvalidInput", ["name"]),
            ("InvalidInput", ["terms"]),
            ("InvalidInput", ["business", "contactPhone"]),
        ],
        [("VersionConflict", ["expectedVersion"])],
        [("NotFound", ["merchantId"])],
        [("Taken", ["slug"])],
        [
            ("InvalidInput", ["business", part])
            for part in ("legalName", "registrationNumber", "country")
        ],
    ]
    async with db.transaction() as session:
        row = await session.get_one(Merchant, scene.merchant.id)
        record = await session.get_one(MerchantRecord, scene.merchant.id)
    assert (row.version, row.name) == (1, scene.merchant.name)
    assert record.contact_phone == "+49 30 123456"
    assert await told(db) == (0, 0)


async def test_nothing_new_is_no_change(db: Database, scene: Scene) -> None:
    payload = await change(
        scene.keeper, scene.merchant, name=scene.merchant.name, description=[text("Old.")]
    )

    assert payload["merchant"]["version"] == 1
    assert await told(db) == (0, 0)


async def test_of_two_changes_of_one_version_one_counts(db: Database, scene: Scene) -> None:
    payloads = await asyncio.gather(
        *[change(scene.keeper, scene.merchant, name=f"N {n}", expectedVersion=1) for n in range(2)]
    )

    outcomes = Counter(str(refused(each)) for each in payloads)
    assert outcomes == {"[]": 1, "[('VersionConflict', ['expectedVersion'])]": 1}


async def test_a_merchants_record_is_for_its_keepers_and_the_platform(
    db: Database, tokens: Tokens, ask: Ask, scene: Scene
) -> None:
    async with db.transaction() as session:
        clerk = await make_staff(session, scene.merchant, "MANAGE_ORDERS")
        elsewhere = await make_staff(session, await make_merchant(session), "MANAGE_SETTINGS")
        reviewer = await make_user(session, platform=("MANAGE_MERCHANTS",))
        others = [
            ask.as_(await sign_in(session, tokens, each)) for each in (clerk, elsewhere, reviewer)
        ]
    query = "query($s: String!) { merchant(by: {slug: $s}) { record { legalName } } }"

    seen = [
        bool((await each(query, s=scene.merchant.slug))["merchant"]["record"])
        for each in (ask, *others, scene.keeper, scene.platform)
    ]

    assert seen == [False, False, False, True, True, True]


async def test_a_change_takes_few_statements(db: Database, scene: Scene) -> None:
    await scene.keeper(MINE)

    with counted() as statements:
        await change(
            scene.keeper,
            scene.merchant,
            name="New",
            terms=[text("T")],
            business={"contactPhone": None},
        )

    assert len(statements) == 10, statements
