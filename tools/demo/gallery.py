"""Pictures of the demo products: drawn into the media folder, hung up in the catalogue."""

import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from PIL import Image
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.catalog import ProductMedia
from tools.demo import stories
from tools.demo.pictures import SIDE, picture
from tools.demo.stories import texts

SMALL: Final = 240  # pixels


@dataclass(frozen=True, slots=True)
class Drawn:
    """path, small: below the media folder; size: of the large one, in bytes."""

    slug: str
    name: list[str]
    path: str
    small: str
    size: int


def draw(media: Path) -> list[Drawn]:
    """In threads: what costs time, Pillow does without the interpreter."""
    (media / "demo").mkdir(parents=True, exist_ok=True)
    products = [told for one in stories.merchants().values() for told in one["products"]]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(partial(_drawn, media), products))


def _drawn(media: Path, told: Mapping[str, Any]) -> Drawn:
    slug, shape, name = told["slug"], told["shape"], told["name"]
    large, small = picture(slug, shape), io.BytesIO()
    Image.open(io.BytesIO(large)).resize((SMALL, SMALL)).save(small, "WEBP", quality=82)
    drawn = Drawn(slug, name, f"demo/{slug}.webp", f"demo/{slug}-small.webp", len(large))
    (media / drawn.path).write_bytes(large)
    (media / drawn.small).write_bytes(small.getvalue())
    return drawn


async def hang(
    session: AsyncSession, gallery: Sequence[Drawn], products: Mapping[str, UUID]
) -> None:
    rows = [
        {
            "id": new_id(),
            "product_id": products[drawn.slug],
            "alt": texts(drawn.name),
            "path": drawn.path,
            "thumbnails": {"small": drawn.small},
            "content_type": "image/webp",
            "width": SIDE,
            "height": SIDE,
            "bytes": drawn.size,
        }
        for drawn in gallery
    ]
    await session.execute(insert(ProductMedia), rows)
