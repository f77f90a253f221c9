"""`catalogImportStart` and `jobs`: from a sent file to a report that a browser can fetch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from core.db import Database, counted
from core.ids import decode, encode
from core.settings import Settings
from models.accounts import User
from models.catalog import Variant
from models.merchants import Merchant
from models.platform import Job, Upload, UploadPurpose, UploadStatus
from services import platform
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalog import make_category
from tests.factories.merchants import make_merchant
from tests.platform.uploads import sent_file

START = """mutation($input: CatalogImportStartInput!) {catalogImportStart(input: $input) {
    job {id kind status error resultUrl finishedAt merchant {slug}
        progress {processed failed total}}
    userErrors {__typename code message field ... on TooManyJobs {maximum}}
}}"""
JOB = """query($id: ID!) {node(id: $id) {... on Job {
    id status error resultUrl progress {processed failed total}}}}"""
JOBS = """query($where: JobWhere) {jobs(where: $where) {nodes {id} totalCount {count}}}"""
GOOD = {"sku": "A", "name": "Lamp", "category": "Home", "price": "9.50"}
ALL = ("MANAGE_PRODUCTS", "MANAGE_PRICES", "MANAGE_INVENTORY")


def jsonl(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@dataclass
class Office:
    """A merchant, who works there, and how they ask."""

    merchant: Merchant
    staff: User
    token: str
    ask: Ask
    db: Database
    data_dir: Path

    async def start(self, content: bytes, **more: Any) -> dict[str, Any]:
        upload = await sent_file(self.db, self.data_dir, self.staff, content)
        return await self.start_upload(upload, **more)

    async def start_upload(self, upload: str, **more: Any) -> dict[str, Any]:
        values = {
            "merchantId": encode("merchant", self.merchant.id),
            "uploadId": upload,
            "format": "JSONL",
            **more,
        }
        return (await self.ask(START, input=values))["catalogImportStart"]

    async def work(self) -> None:
        await platform.run_next_import(self.db, self.data_dir, is_stopping=lambda: False)


@pytest.fixture
async def office(db: Database, ask: Ask, app: Starlette, settings: Settings) -> Office:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        staff = await make_staff(session, merchant, *ALL)
        token = await sign_in(session, app.state.shop.tokens, staff)
    return Office(merchant, staff, token, ask.as_(token), db, settings.data_dir)


async def jobs_in(db: Database) -> int:
    async with db.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Job)) or 0


async def test_a_file_is_queued_worked_on_and_reported(
    office: Office, client: httpx.AsyncClient
) -> None:
    bad = {"sku": "B", "price": "free"}
    started = await office.start(jsonl(GOOD, bad, {**GOOD, "sku": "C"}))

    await office.work()
    finished = (await office.ask(JOB, id=started["job"]["id"]))["node"]
    report = await client.get(httpx.URL(finished["resultUrl"]).raw_path.decode())

    assert started == {
        "job": {
            "id": started["job"]["id"],
            "kind": "CATALOG_IMPORT",
            "status": "QUEUED",
            "error": None,
            "resultUrl": None,
            "finishedAt": None,
            "merchant": {"slug": office.merchant.slug},
            "progress": {"processed": 0, "failed": 0, "total": None},
        },
        "userErrors": [],
    }
    # The category is new, and only the platform's staff may make one.
    assert finished["status"] == "FAILED"
    assert finished["error"] == "No row could be taken in; the report says why."
    assert finished["progress"] == {"processed": 3, "failed": 3, "total": 3}
    assert report.status_code == 200
    assert report.headers["content-type"].startswith("application/jsonl")
    lines = [json.loads(line) for line in report.text.splitlines()]
    assert [(each["line"], each["field"], each["code"]) for each in lines] == [
        (1, "category", "NOT_FOUND"),
        (2, "price", "MALFORMED"),
        (3, "category", "NOT_FOUND"),
    ]


STAGE = """mutation {stagedUploadCreate(input: {purpose: IMPORT, filename: "rows.jsonl"}) {
    upload {id url}}}"""


async def test_the_whole_way_from_a_file_on_a_disk_to_a_product_on_the_shelf(
    office: Office, client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as session:
        category = await make_category(session)
    staged = (await office.ask(STAGE))["stagedUploadCreate"]["upload"]
    content = jsonl({**GOOD, "category": category.slug})

    sent = await client.put(httpx.URL(staged["url"]).raw_path.decode(), content=content)
    started = await office.start_upload(staged["id"])
    await office.work()
    finished = (await office.ask(JOB, id=started["job"]["id"]))["node"]
    listed = await office.ask.as_(None)("{products {nodes {name variants {sku}}}}")

    assert sent.status_code == 201
    assert finished["status"] == "SUCCEEDED"
    assert finished["progress"] == {"processed": 1, "failed": 0, "total": 1}
    assert listed["products"]["nodes"] == [{"name": "Lamp", "variants": [{"sku": "A"}]}]


async def test_platform_staff_makes_categories_on_the_way(
    office: Office, ask: Ask, app: Starlette, db: Database
) -> None:
    everything = (*ALL, "MANAGE_TAXONOMY")
    async with db.transaction() as session:
        office.staff = await make_user(session, platform=everything)
        token = await sign_in(session, app.state.shop.tokens, office.staff)
    office.ask = ask.as_(token)

    started = await office.start(jsonl(GOOD, {**GOOD, "sku": "B"}))
    await office.work()
    finished = (await office.ask(JOB, id=started["job"]["id"]))["node"]

    assert (finished["status"], finished["resultUrl"]) == ("SUCCEEDED", None)
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Variant)) == 2
        paths = list(await session.scalars(select(Upload.path)))
    assert [(office.data_dir / path).exists() for path in paths] == [False]


async def test_the_same_upload_again_is_the_same_job(office: Office, db: Database) -> None:
    upload = await sent_file(db, office.data_dir, office.staff, jsonl(GOOD))

    first = await office.start_upload(upload)
    again = await office.start_upload(upload)

    assert again["job"]["id"] == first["job"]["id"]
    assert await jobs_in(db) == 1


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        ("not sent yet", ("UnreadableUpload", ["uploadId"])),
        ("a picture", ("NotFound", ["uploadId"])),
        ("somebody else's", ("NotFound", ["uploadId"])),
        ("unknown", ("NotFound", ["uploadId"])),
        ("malformed", ("NotFound", ["uploadId"])),
        ("another merchant", ("NotFound", ["merchantId"])),
    ],
)
async def test_what_can_not_be_imported_is_refused_and_changes_nothing(
    office: Office, db: Database, what: str, refusal: tuple[str, list[str]]
) -> None:
    async with db.transaction() as session:
        other, stranger = await make_merchant(session), await make_user(session)
    owner = stranger if what == "somebody else's" else office.staff
    upload = await sent_file(
        db,
        office.data_dir,
        owner,
        jsonl(GOOD),
        status=UploadStatus.STAGED if what == "not sent yet" else UploadStatus.RECEIVED,
        purpose=UploadPurpose.IMAGE if what == "a picture" else UploadPurpose.IMPORT,
    )
    wrong = {
        "unknown": {"uploadId": encode("upload", other.id)},
        "malformed": {"uploadId": "upload_1"},
        "another merchant": {"merchantId": encode("merchant", other.id)},
    }

    refused = await office.start_upload(upload, **wrong.get(what, {}))

    assert refused["job"] is None
    (told,) = refused["userErrors"]
    assert (told["__typename"], told["field"]) == refusal
    assert await jobs_in(db) == 0
    async with db.transaction() as session:
        assert UploadStatus.USED not in set(await session.scalars(select(Upload.status)))


async def test_a_merchant_has_at_most_five_imports_waiting(office: Office, db: Database) -> None:
    for _ in range(5):
        await office.start(jsonl(GOOD))

    refused = await office.start(jsonl(GOOD))

    assert refused["job"] is None
    (told,) = refused["userErrors"]
    assert (told["code"], told["maximum"]) == ("TOO_MANY_JOBS", 5)
    assert await jobs_in(db) == 5


async def test_who_does_not_manage_products_is_refused_the_field(
    office: Office, ask: Ask, app: Starlette, db: Database
) -> None:
    async with db.transaction() as session:
        shopper = await make_user(session)
        token = await sign_in(session, app.state.shop.tokens, shopper)
    values = {"merchantId": "merchant_1", "uploadId": "upload_1", "format": "CSV"}

    answers = [
        await ask.answer(START, input=values),
        await ask.as_(token).answer(START, input=values),
        await ask.answer("{jobs {nodes {id}}}"),
    ]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN", "UNAUTHENTICATED"]


async def test_jobs_are_seen_by_their_owner_only(
    office: Office, ask: Ask, app: Starlette, db: Database
) -> None:
    first, second = await office.start(jsonl(GOOD)), await office.start(jsonl(GOOD))
    await office.work()
    async with db.transaction() as session:
        colleague = await make_staff(session, office.merchant, *ALL)
        token = await sign_in(session, app.state.shop.tokens, colleague)

    mine = await office.ask(JOBS)
    waiting = await office.ask(JOBS, where={"statuses": ["QUEUED"], "kinds": ["CATALOG_IMPORT"]})
    theirs = await ask.as_(token)(JOBS)
    node = await ask.as_(token)(JOB, id=first["job"]["id"])

    assert mine["jobs"] == {
        "nodes": [{"id": second["job"]["id"]}, {"id": first["job"]["id"]}],
        "totalCount": {"count": 2},
    }
    assert waiting["jobs"]["nodes"] == [{"id": second["job"]["id"]}]
    assert theirs["jobs"]["nodes"] == []
    assert node == {"node": None}


async def test_reports_are_given_out_at_their_signed_address_only(
    office: Office, client: httpx.AsyncClient, settings: Settings
) -> None:
    started = await office.start(jsonl({"sku": "B"}))
    await office.work()
    address = (await office.ask(JOB, id=started["job"]["id"]))["node"]["resultUrl"]
    genuine = httpx.URL(address).raw_path.decode()
    job_id = decode("job", started["job"]["id"])
    assert job_id is not None
    secret = settings.token_secret.get_secret_value()
    old = platform.report_address("", secret, job_id=job_id, expires=1)
    other = platform.report_address("", "another", job_id=job_id, expires=9_999_999_999)

    statuses = {
        "genuine": (await client.get(genuine)).status_code,
        "later than it may be": (await client.get(old)).status_code,
        "forged": (await client.get(other)).status_code,
        "with another time": (
            await client.get(genuine.replace("expires=", "expires=9"))
        ).status_code,
        "without a signature": (await client.get(genuine.split("?")[0])).status_code,
        "no id": (await client.get("/jobs/x/report?expires=1&signature=")).status_code,
    }

    assert statuses == {
        "genuine": 200,
        "later than it may be": 410,
        "forged": 404,
        "with another time": 404,
        "without a signature": 404,
        "no id": 404,
    }


async def test_starting_takes_seven_statements_and_listing_two(
    office: Office, db: Database
) -> None:
    upload = await sent_file(db, office.data_dir, office.staff, jsonl(GOOD))
    await office.start(jsonl(GOOD))

    with counted() as started:
        await office.start_upload(upload)
    listed = await office.ask.statements(JOBS)

    assert len(listed) == 2, listed
    assert len(started) == 7, started
