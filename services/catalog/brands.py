"""Brands: who makes products."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, Refusals
from core.ids import new_id
from models.catalog import Brand
from services import audit, events
from services.catalog.drafts import Texts
from services.catalog.drafts_by_slug import put_by_slug
from services.catalog.edits import KEEP, Keep, kept
from services.catalog.single_rows import locked, write
from services.catalog.slugs import free_slug
from services.catalog.texts import (
    DESCRIPTION,
    NAME,
    line_problems,
    merged,
    slug_problems,
    translation_problems,
)
from services.recordset import insertion, table_of

MAX_WEBSITE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandDraft:
    slug: str
    name: str
    description: Texts = field(default_factory=dict)
    website: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandChange:
    """Of the description, only the languages that are named."""

    slug: str | Keep = KEEP
    name: str | Keep = KEEP
    description: Texts | Keep = KEEP
    website: str | Keep | None = KEEP


_BRANDS: Final = table_of(Brand)
_insert = insertion(Brand, "id", "slug", "name", "description", "website")
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=["slug"],
    set_={
        "name": _insert.excluded.name,
        "description": _insert.excluded.description,
        "website": _insert.excluded.website,
        "updated_at": func.now(),
    },
).returning(_BRANDS.c.slug, _BRANDS.c.id)


async def put_brands(session: AsyncSession, drafts: Sequence[BrandDraft]) -> list[UUID]:
    """Make brands, or change those whose slug is known; three statements.

    For set-up and imports of the platform.

    Raises: Refusals, their paths beginning with the number of the draft.
    """
    return await put_by_slug(
        session, drafts, put=_PUT, problems_of=_problems, kind="Brand", action="BRAND_CHANGED"
    )


def _problems(values: Mapping[str, Any]) -> Iterator[DomainError]:
    yield from slug_problems(values["slug"], "slug")
    yield from line_problems(values["name"], "name", longest=NAME)
    yield from translation_problems(values["description"], "description", longest=DESCRIPTION)
    website = values["website"]
    if website is None:
        return
    yield from line_problems(website, "website", longest=MAX_WEBSITE)
    if not website.startswith(("https://", "http://")):
        problem = "A website begins with https:// or http://."
        yield InvalidInput(problem=problem, path=("website",))


_USUAL: Final[dict[str, Any]] = {"slug": None, "name": "", "description": {}, "website": None}


async def save_brand(session: AsyncSession, *, brand_id: UUID | None, change: BrandChange) -> UUID:
    """Make a brand (None) or change one.

    Raises: NotFound; Taken; Refusals of everything that is wrong with the change.
    """
    key = brand_id or new_id()
    old = await locked(session, Brand, key) if brand_id else _USUAL
    name = kept(change.name, old["name"])
    slug = kept(change.slug, old["slug"])
    if slug is None:
        slug = await free_slug(session, Brand.slug, name=name, id=key)
    values = {
        "slug": slug,
        "name": name,
        "description": merged(old["description"], kept(change.description, {})),
        "website": kept(change.website, old["website"]),
    }
    if problems := list(_problems(values)):
        raise Refusals(problems)
    await write(session, Brand, key, values, is_new=brand_id is None)
    told = audit.difference(old, values)
    await events.record(session, events.event("BrandChanged", key, changed=[*told["after"]]))
    await audit.record(session, audit.entry("BRAND_CHANGED", "Brand", key, **told))
    return key
