"""Pictures, films and models of products."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import chain, islice
from typing import Annotated, Any, Final

import strawberry

from core.db import Row
from engine.access import typed_rows
from engine.declare import batched, column, translated
from resolvers.context import RequestContext
from resolvers.loaders import catalog
from schema.access import ANYONE
from schema.ids import node_id

MEDIA_PATH: Final = catalog.MEDIA_PATH
ALT = "What is seen, for those who can't see it."
ADDRESS = "Where the file is; relative addresses are on this server."
POSITION = "The place among the product's media."


@strawberry.enum(description="The longest side of a thumbnail: SMALL 240 pixels, LARGE 960.")
class ThumbnailSize(StrEnum):
    SMALL = "SMALL"
    LARGE = "LARGE"


@strawberry.type(description="A picture.", directives=[ANYONE])
class Image:
    id: strawberry.ID = node_id("Media")
    alt: str | None = translated(str | None, is_chosen=True, description=ALT)
    position: int = column(int, description=POSITION)
    width: int | None = column(int | None, description="In pixels; null when not known.")
    height: int | None = column(int | None, description="In pixels; null when not known.")
    url: str = column(str, description=ADDRESS)

    @batched(str, description="A smaller WebP of the same picture; the original if there is none.")
    def thumbnail(
        ctx: RequestContext,
        media: Sequence[Row],
        size: Annotated[
            ThumbnailSize, strawberry.argument(description="How large; SMALL if not said.")
        ] = ThumbnailSize.SMALL,
    ) -> list[str]:
        column_name = size.value.lower()
        return [row[column_name] or row["url"] for row in media]


@strawberry.type(description="A film on this server.", directives=[ANYONE])
class Video:
    id: strawberry.ID = node_id("Media")
    alt: str | None = translated(str | None, is_chosen=True, description=ALT)
    position: int = column(int, description=POSITION)
    url: str = column(str, description=ADDRESS)


@strawberry.type(description="A film elsewhere.", directives=[ANYONE])
class ExternalVideo:
    id: strawberry.ID = node_id("Media")
    alt: str | None = translated(str | None, is_chosen=True, description=ALT)
    position: int = column(int, description=POSITION)
    url: str = column(str, description=ADDRESS)


@strawberry.type(description="A model to turn around, or to place in a room.", directives=[ANYONE])
class Model3D:
    id: strawberry.ID = node_id("Media")
    alt: str | None = translated(str | None, is_chosen=True, description=ALT)
    position: int = column(int, description=POSITION)
    url: str = column(str, description=ADDRESS)


Media = Annotated[
    Image | Video | Model3D | ExternalVideo,
    strawberry.union("Media", description="What shows a product."),
]
_TYPES: Final = {
    "IMAGE": "Image",
    "VIDEO": "Video",
    "MODEL_3D": "Model3D",
    "EXTERNAL_VIDEO": "ExternalVideo",
}


def typed(groups: Sequence[Sequence[Row]]) -> list[Any]:
    """Rows of product_media as members of the union, per product."""
    rows = [*chain.from_iterable(groups)]
    members = typed_rows([_TYPES[row["kind"]] for row in rows], rows)
    return [[*islice(members, len(group))] for group in groups]
