"""Mutations on pictures: announcing a file, showing it on a product."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import strawberry

from core.errors import InvalidInput, VersionConflict
from core.identity import Permission
from engine.declare import batched, column
from models.catalog import MediaKind
from models.platform import UploadPurpose
from resolvers import catalog as resolve, media as uploads
from resolvers.context import RequestContext
from resolvers.loaders.catalog import PRODUCTS_VISIBLE
from schema.access import SIGNED_IN, staff
from schema.catalog.errors import COMMON
from schema.catalog.inputs import TranslationInput, id_or_keep, texts_of, texts_or_keep
from schema.catalog.product import Product
from schema.errors import Outcome, Payload, mutation
from schema.fields import relation
from schema.ids import node_id, optional, required
from schema.scalars import DateTime
from services.catalog import MediaChange, MediaUpdate, NewMedia
from services.media import TooManyUploads, UnreadableUpload

MAX_ADDED: Final = 20
ALT = "What is seen, for those who can't see it: at most 500 characters a language."

strawberry.enum(
    UploadPurpose,
    description=(
        "IMAGE: a JPEG, PNG, WebP or GIF of at most 10 MiB, for `productMediaUpdate`. IMPORT: a"
        " file of at most 100 MiB, for `catalogImportStart`."
    ),
)
strawberry.enum(
    MediaKind,
    description="IMAGE: a picture. VIDEO, EXTERNAL_VIDEO: a film. MODEL_3D: to turn around.",
)


@strawberry.input(description="A file that you are going to send.")
class StagedUploadCreateInput:
    purpose: UploadPurpose = strawberry.field(description="What for; decides how long it may be.")
    filename: str = strawberry.field(
        description="Its name, for people: 1 to 255 characters. It decides nothing."
    )


@strawberry.type(
    description=(
        "Where to send a file: `PUT` its bytes to `url` before `expiresAt`, once. Answers: 201 for"
        " a file that has come, 403 for a forged address, 410 for an expired or used one, 413 for"
        " too many bytes; a broken connection may be tried again."
    ),
    directives=[SIGNED_IN],
)
class StagedUpload:
    id: strawberry.ID = node_id("StagedUpload")
    url: str = column(str, description="The address; whoever has it may send the file.")
    expires_at: DateTime = column(DateTime, description="When the address ends: in 15 minutes.")
    maximum_bytes: int = column(int, description="How many bytes the file may have.")


@strawberry.type(description="Where to send the file, or why not.")
class StagedUploadCreatePayload(Payload):
    @batched(StagedUpload | None, description="The upload; null when refused.")
    def upload(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        return [payload["upload"] for payload in payloads]


@strawberry.input(description="Something that shows a product: an upload, or an address.")
class MediaAddInput:
    upload_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "A picture you sent to a staged upload within the last day. Its metadata is removed,"
            " it is turned upright, and kept with at most 4,096 pixels on a side."
        ),
    )
    url: str | None = strawberry.field(
        default=None,
        description="Or where it is: an https address of at most 2,000 characters.",
    )
    kind: MediaKind = strawberry.field(
        default=MediaKind.IMAGE, description="What is at the address; uploads are IMAGE."
    )
    alt: list[TranslationInput] | None = strawberry.field(default=None, description=ALT)
    variant_id: strawberry.ID | None = strawberry.field(
        default=None, description="The variant it shows; null: all of them."
    )
    position: int | None = strawberry.field(
        default=None, description="Its place in the list, from 0; at the end if not said."
    )


@strawberry.input(description="What shall be different of one of the product's media.")
class MediaChangeInput:
    id: strawberry.ID = strawberry.field(description="Which one.")
    alt: list[TranslationInput] | None = strawberry.field(
        default=None, description=f"{ALT} Languages not named stay."
    )
    variant_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The variant it shows; null: all of them."
    )


@strawberry.input(
    description=(
        "First `remove`, then `order`, then `add` at their places. A product has at most 50 media."
    )
)
class ProductMediaUpdateInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse if the product has another version by now."
    )
    add: list[MediaAddInput] | None = strawberry.field(
        default=None, description="What to add; at most 20 at once."
    )
    update: list[MediaChangeInput] | None = strawberry.field(
        default=None, description="What to change."
    )
    remove: list[strawberry.ID] | None = strawberry.field(
        default=None, description="What to remove."
    )
    order: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Those to come first, in this order; the others follow."
    )


@strawberry.type(description="The product, or why nothing changed.")
class ProductMediaUpdatePayload(Payload):
    product = relation(
        Product | None, PRODUCTS_VISIBLE, "product_id", description="As it is now; null if refused."
    )


@strawberry.type
class MediaMutation:
    @mutation(
        StagedUploadCreatePayload,
        auth=staff(Permission.MANAGE_PRODUCTS),
        description="Gives an address to which one file may be sent, outside GraphQL.",
        refusals=[*COMMON, TooManyUploads],
    )
    async def staged_upload_create(
        ctx: RequestContext, input: StagedUploadCreateInput
    ) -> dict[str, Any]:
        staged = await uploads.staged_upload_create(
            ctx, purpose=input.purpose, filename=input.filename
        )
        return {"upload": asdict(staged)}

    @mutation(
        ProductMediaUpdatePayload,
        auth=staff(Permission.MANAGE_PRODUCTS),
        description="Adds, changes, removes and orders what shows a product. All or nothing.",
        refusals=[*COMMON, VersionConflict, UnreadableUpload],
    )
    async def product_media_update(
        ctx: RequestContext, input: ProductMediaUpdateInput
    ) -> dict[str, Any]:
        product_id = required("Product", input.product_id, "productId")
        await resolve.product_media_update(
            ctx,
            product_id=product_id,
            changes=_changes(input),
            expected_version=input.expected_version,
        )
        return {"product_id": product_id}


def _changes(input: ProductMediaUpdateInput) -> MediaUpdate:
    """Raises: NotFound, InvalidInput."""
    if len(input.add or ()) > MAX_ADDED:
        raise InvalidInput(problem=f"Add at most {MAX_ADDED} at once.", path=("add",))
    return MediaUpdate(
        add=[_added(each, "add", str(n)) for n, each in enumerate(input.add or ())],
        change=[
            MediaChange(
                id=required("Media", each.id, "update", str(n), "id"),
                alt=texts_or_keep(each.alt, "update", str(n), "alt"),
                variant_id=id_or_keep(
                    "ProductVariant", each.variant_id, "update", str(n), "variantId"
                ),
            )
            for n, each in enumerate(input.update or ())
        ],
        remove=[
            required("Media", text, "remove", str(n)) for n, text in enumerate(input.remove or ())
        ],
        order=[
            required("Media", text, "order", str(n)) for n, text in enumerate(input.order or ())
        ],
    )


def _added(given: MediaAddInput, *path: str) -> NewMedia:
    return NewMedia(
        upload_id=optional("StagedUpload", given.upload_id, *path, "uploadId"),
        url=given.url,
        kind=given.kind,
        alt=texts_of(given.alt, *path, "alt"),
        variant_id=optional("ProductVariant", given.variant_id, *path, "variantId"),
        position=given.position,
    )
