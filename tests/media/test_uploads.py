"""Files come to signed addresses, once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from core.clock import now
from core.db import Database
from core.ids import decode
from core.settings import Settings
from services import media
from services.media import uploads
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.watch import Watch
from tests.media.conftest import STAGE_UPLOAD, Sender


def files(settings: Settings) -> list[bytes]:
    return [file.read_bytes() for file in (settings.data_dir / "uploads").glob("*")]


async def test_a_file_comes_to_its_address(
    stage: Stage, sender: Sender, settings: Settings, cleaner: asyncpg.Connection
) -> None:
    upload = await sender.staged(stage.ann)

    response = await sender.put(upload["url"], b"some bytes")

    assert response.status_code == 201
    assert response.json() == {"id": upload["id"], "bytes": 10}
    assert files(settings) == [b"some bytes"]
    assert upload["maximumBytes"] == 10 * 1024 * 1024
    row = await cleaner.fetchrow("SELECT status, size, path, filename FROM uploads")
    assert row is not None
    key = decode("upload", upload["id"])
    assert key is not None
    assert (row["status"], row["size"], row["filename"]) == ("RECEIVED", 10, "a.png")
    assert row["path"].startswith(f"uploads/{key.hex}.")  # a name of ours


async def test_an_address_is_good_for_one_file(
    stage: Stage, sender: Sender, settings: Settings
) -> None:
    upload = await sender.staged(stage.ann)
    await sender.put(upload["url"], b"first")

    response = await sender.put(upload["url"], b"second")

    assert response.status_code == 410
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert files(settings) == [b"first"]


async def test_of_many_who_send_to_one_address_at_once_one_wins(
    stage: Stage, sender: Sender, settings: Settings
) -> None:
    upload = await sender.staged(stage.ann)

    async def slowly(n: int) -> AsyncIterator[bytes]:
        for _ in range(3):
            yield str(n).encode()
            await asyncio.sleep(0.01)

    responses = await asyncio.gather(*(sender.put(upload["url"], slowly(n)) for n in range(8)))

    assert sorted(response.status_code for response in responses) == [201] + [410] * 7
    assert len(files(settings)) == 1
    winner = [response.status_code for response in responses].index(201)
    assert files(settings) == [str(winner).encode() * 3]


async def test_a_forged_address_is_refused_before_a_byte_is_read(
    stage: Stage, sender: Sender, settings: Settings, nothing_changes: Watch
) -> None:
    upload = await sender.staged(stage.ann)
    other = await sender.staged(stage.ann)
    path = urlsplit(upload["url"]).path
    query = urlsplit(upload["url"]).query
    signature = query.partition("signature=")[2]
    later = int(now().timestamp()) + 3600
    was_read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal was_read
        was_read = True
        yield b"bytes"

    async with nothing_changes():
        responses = [
            await sender.put(url, body())
            for url in (
                path,
                f"{path}?{query[:-1]}x",
                f"{path}?expires={later}&signature={signature}",
                f"{path}?expires=&signature={signature}",
                f"{path}?expires=abc&signature=é",
                f"{urlsplit(other['url']).path}?{query}",
                f"/uploads/{'0' * 32}?{query}",
                f"/uploads/..%2f..%2fetc?{query}",
            )
        ]

    assert {response.status_code for response in responses} <= {403, 404}
    assert [response.status_code for response in responses[:7]] == [403] * 7
    assert not was_read
    assert files(settings) == []


async def test_an_expired_address_is_refused(
    stage: Stage, sender: Sender, settings: Settings, nothing_changes: Watch
) -> None:
    upload = await sender.staged(stage.ann)
    key = decode("upload", upload["id"])
    assert key is not None
    secret = settings.token_secret.get_secret_value()
    expires = int(now().timestamp()) - 1
    url = media.upload_address("", secret, upload_id=key, expires=expires)

    async with nothing_changes():
        response = await sender.put(url, b"bytes")

    assert response.status_code == 410
    assert files(settings) == []


async def test_a_file_that_is_too_long_is_refused_while_it_comes(
    stage: Stage, sender: Sender, settings: Settings, nothing_changes: Watch
) -> None:
    upload = await sender.staged(stage.ann)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64:
            sent += 1
            yield bytes(1024 * 1024)

    async with nothing_changes():
        announced = await sender.put(upload["url"], bytes(10 * 1024 * 1024 + 1))
        silent = await sender.put(upload["url"], endless())
        empty = await sender.put(upload["url"], b"")

    assert [announced.status_code, silent.status_code, empty.status_code] == [413, 413, 400]
    assert files(settings) == []
    assert (await sender.put(upload["url"], bytes(10 * 1024 * 1024))).status_code == 201


async def test_an_import_may_be_ten_times_as_long(stage: Stage, sender: Sender) -> None:
    upload = await sender.staged(stage.ann, "IMPORT")

    response = await sender.put(upload["url"], bytes(11 * 1024 * 1024))

    assert response.status_code == 201
    assert upload["maximumBytes"] == 100 * 1024 * 1024


@pytest.mark.parametrize("name", ["", "x" * 256, "a\nb"])
async def test_a_bad_file_name_is_refused(stage: Stage, nothing_changes: Watch, name: str) -> None:
    async with nothing_changes():
        answer = await stage.ann(STAGE_UPLOAD, input={"purpose": "IMAGE", "filename": name})

    assert answer["stagedUploadCreate"]["userErrors"][0]["field"] == ["filename"]


async def test_only_staff_gets_addresses_and_only_so_many(
    stage: Stage, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"purpose": "IMAGE", "filename": "a.png"}
    monkeypatch.setattr(uploads, "MAX_UNUSED", 2)
    for _ in range(2):
        await stage.ann(STAGE_UPLOAD, input=given)

    refused = (await stage.ann(STAGE_UPLOAD, input=given))["stagedUploadCreate"]
    anonymous = await ask.answer(STAGE_UPLOAD, input=given)

    assert refused["upload"] is None
    assert refused["userErrors"][0]["maximum"] == 2
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_what_is_never_used_is_swept_away(
    stage: Stage, sender: Sender, settings: Settings, db: Database, cleaner: asyncpg.Connection
) -> None:
    await sender.sent(stage.ann, b"forgotten")
    await sender.staged(stage.ann)
    kept = await sender.sent(stage.ann, b"kept")
    await cleaner.execute(
        "UPDATE uploads SET expires_at = now() - interval '1 minute' WHERE id <> $1",
        decode("upload", kept),
    )

    swept = await media.sweep(db, settings.data_dir)

    assert swept == 2
    assert files(settings) == [b"kept"]
    assert await cleaner.fetchval("SELECT count(*) FROM uploads") == 1
