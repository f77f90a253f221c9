"""What shows a product: pictures that were sent, and addresses elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound, Refusals, VersionConflict
from core.identity import Caller
from core.ids import new_id
from models.catalog import MediaKind, Product, ProductMedia, Variant
from models.platform import UploadPurpose
from services import events
from services.catalog.drafts import Texts
from services.catalog.edits import KEEP, Keep, kept
from services.catalog.product_edits import lock_product
from services.catalog.texts import SUMMARY, line_problems, merged, translation_problems
from services.media import StoredPicture, use_uploads
from services.recordset import insertion, recordset, table_of

MAX_MEDIA: Final = 50  # of one product: they are shown as one list
MAX_URL: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMedia:
    """upload_id: of a picture that was sent; or url: where it is, with its kind.

    position: the place in the list, from 0; None: at its end.
    """

    upload_id: UUID | None = None
    url: str | None = None
    kind: MediaKind = MediaKind.IMAGE
    alt: Texts = field(default_factory=dict)
    variant_id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaChange:
    """Of the alt text, only the languages that are named. variant_id None: of all variants."""

    id: UUID
    alt: Texts | Keep = KEEP
    variant_id: UUID | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUpdate:
    """remove, then order (those not named keep their order behind), then add at their places."""

    add: Sequence[NewMedia] = ()
    change: Sequence[MediaChange] = ()
    remove: Sequence[UUID] = ()
    order: Sequence[UUID] = ()


_MEDIA: Final = table_of(ProductMedia)
_COLUMNS: Final = tuple(column.name for column in _MEDIA.c)
_INSERT: Final = insertion(ProductMedia, *_COLUMNS)
_given = recordset(ProductMedia, "id", "position", "alt", "variant_id")
_UPDATE: Final = (
    update(_MEDIA)
    .where(_MEDIA.c.id == _given.c.id)
    .values(position=_given.c.position, alt=_given.c.alt, variant_id=_given.c.variant_id)
)


async def update_media(
    session: AsyncSession,
    caller: Caller,
    *,
    product_id: UUID,
    changes: MediaUpdate,
    pictures: Mapping[UUID, StoredPicture],
    expected_version: int | None,
) -> list[str]:
    """Change what shows a product: the paths of uploads that nobody needs any more.

    pictures: what `media.read_pictures` made of the uploads that are added.

    Raises: NotFound; VersionConflict; InvalidInput; Refusals of everything that is wrong.
    """
    product = await lock_product(session, caller, product_id)
    if expected_version not in {None, product["version"]}:
        raise VersionConflict(current_version=product["version"], path=("expectedVersion",))
    old = await _media_of(session, product_id)
    variants = await session.scalars(select(Variant.id).where(Variant.product_id == product_id))
    if refusals := list(_refusals(changes, old, set(variants))):
        raise Refusals(refusals)
    uploads = {
        each.upload_id: ("add", str(n), "uploadId")
        for n, each in enumerate(changes.add)
        if each.upload_id
    }
    paths = await use_uploads(session, caller, purpose=UploadPurpose.IMAGE, uploads=uploads)
    new = [_new_row(product_id, each, pictures) for each in changes.add]
    await _write(session, old, new, changes)
    bump = update(Product).where(Product.id == product_id).values(version=Product.version + 1)
    version = await session.scalar(bump.returning(Product.version))
    merchant_id = product["merchant_id"].hex
    await events.record(
        session,
        events.event("ProductChanged", product_id, merchant_id=merchant_id, version=version),
    )
    return list(paths.values())


async def _media_of(session: AsyncSession, product_id: UUID) -> dict[UUID, dict[str, Any]]:
    """Media id -> row, in their order."""
    found = await session.execute(
        select(_MEDIA)
        .where(_MEDIA.c.product_id == product_id)
        .order_by(_MEDIA.c.position, _MEDIA.c.id)
    )
    return {row["id"]: dict(row) for row in found.mappings()}


def _refusals(
    changes: MediaUpdate, old: Mapping[UUID, Any], variants: set[UUID]
) -> Iterator[DomainError]:
    named = {
        "remove": list(changes.remove),
        "order": list(changes.order),
        "update": [each.id for each in changes.change],
    }
    for part, ids in named.items():
        for n, media_id in enumerate(ids):
            if media_id not in old:
                yield NotFound(kind="Media", id=media_id, path=(part, str(n)))
    if len(old) - len({*changes.remove}) + len(changes.add) > MAX_MEDIA:
        yield InvalidInput(problem=f"A product has at most {MAX_MEDIA} media.", path=("add",))
    for n, added in enumerate(changes.add):
        yield from _problems(added.alt, added.variant_id, variants, "add", str(n))
        yield from _source_problems(added, "add", str(n))
    for n, changed in enumerate(changes.change):
        alt, variant_id = kept(changed.alt, {}), kept(changed.variant_id, None)
        yield from _problems(alt, variant_id, variants, "update", str(n))


def _problems(
    alt: Texts, variant_id: UUID | None, variants: set[UUID], *here: str
) -> Iterator[DomainError]:
    yield from translation_problems(alt, *here, "alt", longest=SUMMARY)
    if variant_id is not None and variant_id not in variants:
        yield NotFound(kind="ProductVariant", id=variant_id, path=(*here, "variantId"))


def _source_problems(added: NewMedia, *here: str) -> Iterator[DomainError]:
    if (added.upload_id is None) == (added.url is None):
        yield InvalidInput(problem="Give an upload or a url.", path=here)
    elif added.url is not None:
        yield from url_problems(added.url, *here, "url")
    elif added.kind is not MediaKind.IMAGE:
        yield InvalidInput(problem="Uploads are pictures.", path=(*here, "kind"))


def url_problems(url: str, *path: str) -> Iterator[DomainError]:
    """Pages of the shop show it: over TLS only."""
    yield from line_problems(url, *path, longest=MAX_URL)
    if not url.startswith("https://"):
        yield InvalidInput(problem="The address begins with https://.", path=path)


def _new_row(
    product_id: UUID, added: NewMedia, pictures: Mapping[UUID, StoredPicture]
) -> dict[str, Any]:
    picture = pictures.get(added.upload_id) if added.upload_id else None
    facts: dict[str, Any] = dict.fromkeys(_COLUMNS)
    if picture:
        facts |= asdict(picture)
    return facts | {
        "id": new_id(),
        "product_id": product_id,
        "variant_id": added.variant_id,
        "kind": added.kind,
        "alt": dict(added.alt),
        "url": added.url,
        "thumbnails": picture.thumbnails if picture else {},
    }


async def _write(
    session: AsyncSession,
    old: dict[UUID, dict[str, Any]],
    new: Sequence[dict[str, Any]],
    changes: MediaUpdate,
) -> None:
    """Three statements."""
    before = {key: dict(row) for key, row in old.items()}
    for each in changes.change:
        row = old[each.id]
        row["alt"] = merged(row["alt"], kept(each.alt, {}))
        row["variant_id"] = kept(each.variant_id, row["variant_id"])
    gone = {*changes.remove}
    first = dict.fromkeys([*changes.order, *old])
    listed = [old[key] for key in first if key not in gone]
    for row, added in zip(new, changes.add, strict=True):
        listed.insert(len(listed) if added.position is None else max(added.position, 0), row)
    for position, row in enumerate(listed):
        row["position"] = position
    if gone:
        await session.execute(delete(_MEDIA).where(_MEDIA.c.id.in_(gone)))
    if changed := [row for row in listed if row["id"] in old and row != before[row["id"]]]:
        await session.execute(_UPDATE, {"rows": changed})
    if new:
        await session.execute(_INSERT, {"rows": list(new)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalPicture:
    url: str
    alt: Texts = field(default_factory=dict)


async def put_external_pictures(
    session: AsyncSession, pictures: Mapping[UUID, Sequence[ExternalPicture]]
) -> None:
    """Let products, which the caller has made or locked, show exactly these; two statements.

    Raises: Refusals, their paths beginning with the number of the product and of the picture.
    """
    problems = [
        problem
        for n, listed in enumerate(pictures.values())
        for m, picture in enumerate(listed)
        for problem in (
            *url_problems(picture.url, str(n), str(m), "url"),
            *translation_problems(picture.alt, str(n), str(m), "alt", longest=SUMMARY),
        )
    ]
    if problems:
        raise Refusals(problems)
    keys = bindparam("products", type_=ARRAY(Uuid()))
    remove = delete(_MEDIA).where(_MEDIA.c.product_id == any_(keys))
    await session.execute(remove, {"products": list(pictures)})
    rows = [
        _new_row(product_id, NewMedia(url=picture.url, alt=picture.alt), {})
        | {"position": position}
        for product_id, listed in pictures.items()
        for position, picture in enumerate(listed[:MAX_MEDIA])
    ]
    await session.execute(_INSERT, {"rows": rows})
