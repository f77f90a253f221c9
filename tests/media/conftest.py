"""A product whose staff sends files."""

import io
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from PIL import Image

from core.settings import Settings
from tests.asking import Ask
from tests.catalog.conftest import Stage, stage
from tests.catalog.operations import created
from tests.catalog.watch import Watch, watching

__all__ = ["stage"]

STAGE_UPLOAD = """mutation($input: StagedUploadCreateInput!) { stagedUploadCreate(input: $input) {
  upload { id url expiresAt maximumBytes }
  userErrors { __typename code message field ... on TooManyUploads { maximum } }
} }"""


def picture(
    kind: str = "PNG", size: tuple[int, int] = (1200, 800), mode: str = "RGB", **more: Any
) -> bytes:
    """A picture with more than one colour."""
    image = Image.linear_gradient("L").resize(size).convert(mode)
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


class Sender:
    """Asks for addresses and sends files to them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def staged(self, ask: Ask, purpose: str = "IMAGE") -> dict[str, Any]:
        answer = await ask(STAGE_UPLOAD, input={"purpose": purpose, "filename": "a.png"})
        payload = answer["stagedUploadCreate"]
        assert payload["userErrors"] == []
        upload: dict[str, Any] = payload["upload"]
        return upload

    async def put(self, url: str, content: Any) -> httpx.Response:
        parts = urlsplit(url)
        return await self.client.put(f"{parts.path}?{parts.query}", content=content)

    async def sent(self, ask: Ask, content: bytes, purpose: str = "IMAGE") -> str:
        """The id of an upload whose file has come."""
        upload = await self.staged(ask, purpose)
        response = await self.put(upload["url"], content)
        assert response.status_code == 201, response.text
        key: str = upload["id"]
        return key


@pytest.fixture
def sender(client: httpx.AsyncClient, clean: None) -> Sender:
    return Sender(client)


@pytest.fixture
async def product(stage: Stage) -> dict[str, Any]:
    return await created(stage)


@pytest.fixture
def nothing_changes(cleaner: asyncpg.Connection, clean: None) -> Watch:
    return watching(cleaner)


@pytest.fixture(autouse=True)
def empty_folders(settings: Settings, clean: None) -> None:
    for folder in ("uploads", "media"):
        for file in (settings.data_dir / folder).rglob("*.*"):
            file.unlink()
