"""Products are shown by what was sent, and by addresses elsewhere."""

from pathlib import Path
from typing import Any

import httpx

from core.db import counted
from core.settings import Settings
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import ERRORS, own, text
from tests.catalog.watch import Watch
from tests.media.conftest import Sender, picture

UPDATE = f"""mutation($input: ProductMediaUpdateInput!) {{ productMediaUpdate(input: $input) {{
  product {{ version media {{
    __typename
    ... on Image {{ id alt position width height url thumbnail large: thumbnail(size: LARGE) }}
    ... on ExternalVideo {{ id alt position url }}
  }} }}
  {ERRORS}
}} }}"""
URL = "https://cdn.example.test/a.png"


async def update(ask: Ask, product: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = await ask(UPDATE, input={"productId": product["id"], **changes})
    payload: dict[str, Any] = answer["productMediaUpdate"]
    return payload


def alts(answer: dict[str, Any]) -> list[str]:
    assert answer["userErrors"] == []
    return [each["alt"] for each in answer["product"]["media"]]


def added(*names: str) -> list[dict[str, Any]]:
    return [{"url": URL, "alt": text(name)} for name in names]


async def test_a_picture_from_disk_is_served_in_three_sizes(
    stage: Stage,
    sender: Sender,
    product: dict[str, Any],
    client: httpx.AsyncClient,
    settings: Settings,
) -> None:
    upload = await sender.sent(stage.ann, picture("JPEG"))

    answer = await update(
        stage.ann, product, add=[{"uploadId": upload, "alt": text("Front", "正面")}]
    )

    (image,) = answer["product"]["media"]
    assert answer["userErrors"] == []
    assert answer["product"]["version"] == 2
    assert (image["width"], image["height"], image["alt"]) == (1200, 800, "Front")
    served = [await client.get(image[size]) for size in ("url", "large", "thumbnail")]
    assert [response.status_code for response in served] == [200, 200, 200]
    types = [response.headers["content-type"] for response in served]
    assert types == ["image/jpeg", "image/webp", "image/webp"]
    for response in served:
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"
    assert not [*(settings.data_dir / "uploads").glob("*")]


async def test_only_pictures_of_ours_are_served(
    client: httpx.AsyncClient, settings: Settings, clean: None
) -> None:
    folder = settings.data_dir / "media" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "notes.txt").write_text("private")
    (settings.data_dir / "secret.png").write_bytes(picture())
    (folder / f"{'a' * 64}.png").symlink_to(settings.data_dir / "secret.png")

    answers = [
        await client.get(path)
        for path in (
            "/media/ab/notes.txt",
            "/media/../secret.png",
            "/media/%2e%2e/secret.png",
            "/media/ab/..%2f..%2fsecret.png",
            f"/media/ab/{'a' * 64}.png",
            f"/media/ab/{'b' * 64}.png",
            "/media/",
            "/media",
        )
    ]

    assert {response.status_code for response in answers} <= {404, 307}
    (folder / f"{'a' * 64}.png").unlink()
    (Path(settings.data_dir) / "secret.png").unlink()


async def test_media_are_added_ordered_changed_and_removed(
    stage: Stage, product: dict[str, Any]
) -> None:
    first = await update(stage.ann, product, add=added("a", "b", "c"))
    ids = [each["id"] for each in first["product"]["media"]]

    ordered = await update(stage.ann, product, order=[ids[2], ids[0]])
    inserted = await update(
        stage.ann,
        product,
        remove=[ids[1]],
        add=[{**added("d")[0], "position": 1}],
        update=[{"id": ids[0], "alt": text("A")}],
    )
    film = {"url": "https://films.example.test/1", "kind": "EXTERNAL_VIDEO", "alt": text("film")}
    with_film = await update(stage.ann, product, add=[film])

    assert alts(first) == ["a", "b", "c"]
    assert alts(ordered) == ["c", "a", "b"]
    assert alts(inserted) == ["c", "d", "A"]
    assert [each["position"] for each in inserted["product"]["media"]] == [0, 1, 2]
    assert alts(with_film)[3] == "film"
    assert with_film["product"]["media"][3]["__typename"] == "ExternalVideo"


async def test_a_picture_can_show_one_variant(
    stage: Stage, product: dict[str, Any], nothing_changes: Watch
) -> None:
    bound = {**added("a")[0], "variantId": product["variants"][0]["id"]}
    foreign = {**added("a")[0], "variantId": "variant_" + "0" * 32}

    good = await update(stage.ann, product, add=[bound])
    async with nothing_changes():
        bad = await update(stage.ann, product, add=[foreign])

    assert good["userErrors"] == []
    assert bad["userErrors"][0]["field"] == ["add", "0", "variantId"]


async def test_an_upload_that_is_no_picture_is_refused_and_can_be_told_apart(
    stage: Stage, sender: Sender, product: dict[str, Any], nothing_changes: Watch
) -> None:
    fake = await sender.sent(stage.ann, b"<script>alert(1)</script>")
    good = await sender.sent(stage.ann, picture())
    unsent = (await sender.staged(stage.ann))["id"]

    async with nothing_changes():
        answer = await update(
            stage.ann, product, add=[{"uploadId": each} for each in (good, fake, unsent)]
        )

    errors = [(error["__typename"], error["field"]) for error in answer["userErrors"]]
    assert errors == [
        ("UnreadableUpload", ["add", "1", "uploadId"]),
        ("UnreadableUpload", ["add", "2", "uploadId"]),
    ]
    assert (await update(stage.ann, product, add=[{"uploadId": good}]))["userErrors"] == []


async def test_an_upload_is_used_once_and_by_its_sender(
    stage: Stage, sender: Sender, product: dict[str, Any], nothing_changes: Watch
) -> None:
    upload = await sender.sent(stage.ann, picture())
    theirs = await sender.sent(stage.bob, picture())
    imported = await sender.sent(stage.ann, picture(), "IMPORT")
    await update(stage.ann, product, add=[{"uploadId": upload}])

    async with nothing_changes():
        answers = [
            await update(stage.ann, product, add=[{"uploadId": each}])
            for each in (upload, theirs, imported, "nonsense")
        ]

    for answer in answers:
        error = answer["userErrors"][0]
        assert (error["__typename"], error["kind"]) == ("NotFound", "StagedUpload")


async def test_bad_media_are_told_in_their_place(
    stage: Stage, ask: Ask, product: dict[str, Any], nothing_changes: Watch
) -> None:
    tries: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"add": [{"url": "http://plain.test/a.png"}]}, "InvalidInput", ["add", "0", "url"]),
        ({"add": [{"url": "javascript:alert(1)"}]}, "InvalidInput", ["add", "0", "url"]),
        ({"add": [{}]}, "InvalidInput", ["add", "0"]),
        ({"add": added(*"abcdefghijklmnopqrstu")}, "InvalidInput", ["add"]),
        ({"add": added("x" * 501)}, "InvalidInput", ["add", "0", "alt"]),
        ({"remove": ["media_" + "0" * 32]}, "NotFound", ["remove", "0"]),
        ({"order": ["nonsense"]}, "NotFound", ["order", "0"]),
        ({"update": [{"id": "media_" + "0" * 32}]}, "NotFound", ["update", "0"]),
        ({"expectedVersion": 9}, "VersionConflict", ["expectedVersion"]),
    ]

    async with nothing_changes():
        answers = [await update(stage.ann, product, **changes) for changes, _, _ in tries]
        foreign = await update(stage.bob, product, add=added("a"))
        anonymous = await ask.answer(UPDATE, input={"productId": product["id"]})

    for answer, (_, kind, field) in zip(answers, tries, strict=True):
        error = answer["userErrors"][0]
        assert (error["__typename"], error["field"]) == (kind, field)
    assert foreign["userErrors"][0]["kind"] == "Product"
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_product_has_at_most_fifty_media(
    stage: Stage, product: dict[str, Any], nothing_changes: Watch
) -> None:
    for _ in range(2):
        await update(stage.ann, product, add=added(*"abcdefghijklmnopqrst"))
    await update(stage.ann, product, add=added(*"abcdefghij"))

    async with nothing_changes():
        answer = await update(stage.ann, product, add=added("one more"))

    assert answer["userErrors"][0]["field"] == ["add"]


async def test_twenty_pictures_need_no_more_statements_than_one(
    stage: Stage, product: dict[str, Any]
) -> None:
    with counted() as one:
        await update(stage.ann, product, add=added("a"))
    with counted() as many:
        await update(stage.ann, product, add=added(*"abcdefghijklmnopqrst"))

    assert len(own(one)) == len(own(many)) == 9, own(many)
