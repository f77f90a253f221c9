"""Categories, brands and product types that rows name: found, or made where that is allowed."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import Attribute, Brand, Category, ProductType
from services import catalog
from services.catalog import AttributeDraft, BrandDraft, CategoryDraft, ProductTypeChange, texts
from services.platform.imports.rows import Row

Path = tuple[str, ...]
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CATEGORIES: Final = select(Category.id, Category.slug, Category.name, Category.parent_id)
_BRANDS: Final = select(Brand.id, Brand.slug, Brand.name).where(
    or_(
        Brand.slug == any_(bindparam("slugs", type_=ARRAY(Text()))),
        func.lower(Brand.name) == any_(bindparam("names", type_=ARRAY(Text()))),
    )
)
_TYPES: Final = select(ProductType.id, ProductType.slug).where(
    ProductType.slug == any_(bindparam("slugs", type_=ARRAY(Text())))
)


def slug_of(name: str) -> str:
    """A slug for a name in any script."""
    digest = hashlib.sha256(name.strip().lower().encode()).hexdigest()[:10]
    return texts.slug_of(name, otherwise=f"n{digest}")


@dataclass(slots=True)
class Taxonomy:
    """What there is, by the ways in which rows write it."""

    categories: dict[Path, UUID] = field(default_factory=dict)
    brands: dict[str, UUID] = field(default_factory=dict)
    types: dict[str, UUID] = field(default_factory=dict)


async def look_up(session: AsyncSession, rows: Sequence[Row], *, may_create: bool) -> Taxonomy:
    """The categories, brands and types that the rows name; what is missing is not in it.

    may_create: makes what is missing, attributes of types included.
    """
    found = Taxonomy()
    paths = {row.category for row in rows if row.category}
    found.categories = await _categories(session, paths, may_create=may_create)
    brands = {row.brand for row in rows if row.brand}
    found.brands = await _brands(session, brands, may_create=may_create)
    types = {row.product_type for row in rows if row.product_type}
    found.types = await _types(session, types)
    if may_create:
        for slug, attributes in _used(rows).items():
            found.types[slug] = await _complete(session, slug, found.types.get(slug), attributes)
    return found


async def _categories(
    session: AsyncSession, paths: set[Path], *, may_create: bool
) -> dict[Path, UUID]:
    if not paths:
        return {}
    tree = _Tree((await session.execute(_CATEGORIES)).all())
    deepest = max(len(path) for path in paths) if may_create else 0
    for depth in range(1, deepest + 1):
        missing = sorted({path[:depth] for path in paths if not tree.find(path)})
        await tree.grow(session, [path for path in missing if tree.find(path) is None])
    return {path: found for path in paths if (found := tree.find(path))}


class _Tree:
    """The category tree, by slugs and by names in any language, from a root down."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.slugs: dict[str, UUID] = {}
        self.below: dict[tuple[UUID | None, str], UUID] = {}
        for row in rows:
            self.add(row.id, row.slug, row.parent_id, row.name.values())

    def add(self, id: UUID, slug: str, parent_id: UUID | None, names: Iterable[str]) -> None:
        self.slugs[slug] = id
        for name in (slug, *names):
            self.below.setdefault((parent_id, name.strip().lower()), id)

    def find(self, path: Path) -> UUID | None:
        """From a root down; a single name may also be the slug of any category."""
        here: UUID | None = None
        for name in path:
            here = self.below.get((here, name.strip().lower()))
            if here is None:
                return self.slugs.get(path[0]) if len(path) == 1 else None
        return here

    async def grow(self, session: AsyncSession, paths: Sequence[Path]) -> None:
        """Make categories whose parents are there."""
        drafts: list[CategoryDraft] = []
        for path in paths:
            parent = self.find(path[:-1]) if path[:-1] else None
            slug = self._free_slug(path)
            self.slugs[slug] = UUID(int=0)  # taken from now on
            drafts.append(CategoryDraft(slug=slug, name={"en": path[-1]}, parent_id=parent))
        made = await catalog.put_categories(session, drafts) if drafts else []
        for path, draft, category_id in zip(paths, drafts, made, strict=True):
            self.add(category_id, draft.slug, draft.parent_id, [path[-1]])

    def _free_slug(self, path: Path) -> str:
        short, long = slug_of(path[-1]), slug_of(" ".join(path))
        digest = hashlib.sha256("\n".join(path).encode()).hexdigest()[:10]
        return next(slug for slug in (short, long, f"n{digest}") if slug not in self.slugs)


async def _brands(session: AsyncSession, names: set[str], *, may_create: bool) -> dict[str, UUID]:
    if not names:
        return {}
    wanted = {
        "slugs": [*{slug_of(name) for name in names}],
        "names": [name.lower() for name in names],
    }
    known: dict[str, UUID] = {}
    for row in await session.execute(_BRANDS, wanted):
        known |= {row.slug: row.id, row.name.lower(): row.id}
    missing = {slug_of(name): name for name in sorted(names) if _brand(known, name) is None}
    if may_create and missing:
        drafts = [BrandDraft(slug=slug, name=name) for slug, name in missing.items()]
        known |= dict(zip(missing, await catalog.put_brands(session, drafts), strict=True))
    return {name: found for name in names if (found := _brand(known, name))}


def _brand(known: Mapping[str, UUID], name: str) -> UUID | None:
    return known.get(name.lower()) or known.get(slug_of(name))


async def _types(session: AsyncSession, slugs: set[str]) -> dict[str, UUID]:
    if not slugs:
        return {}
    return {row.slug: row.id for row in await session.execute(_TYPES, {"slugs": list(slugs)})}


def _used(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Product type -> the attributes that rows give; only what can be a slug can be made."""
    used: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.product_type and _SLUG.fullmatch(row.product_type):
            named = [slug for slug in row.attributes or () if _SLUG.fullmatch(slug)]
            used.setdefault(row.product_type, {}).update(dict.fromkeys(named))
    return {slug: list(attributes) for slug, attributes in used.items()}


async def _complete(
    session: AsyncSession, slug: str, type_id: UUID | None, attributes: Sequence[str]
) -> UUID:
    """Make the type, and those of the attributes that it lacks, as texts."""
    known = await _attributes(session, type_id) if type_id else []
    new = [each for each in attributes if each not in {draft.slug for draft in known}]
    if type_id and not new:
        return type_id
    drafts = [AttributeDraft(slug=each, name={"en": _spoken(each)}) for each in new]
    change = ProductTypeChange(attributes=[*known, *drafts])
    if type_id is None:
        change = ProductTypeChange(slug=slug, name={"en": _spoken(slug)}, attributes=drafts)
    return await catalog.save_product_type(session, product_type_id=type_id, change=change)


async def _attributes(session: AsyncSession, type_id: UUID) -> list[AttributeDraft]:
    found = await session.execute(
        select(
            Attribute.slug,
            Attribute.name,
            Attribute.kind,
            Attribute.choices,
            Attribute.is_filterable,
        )
        .where(Attribute.product_type_id == type_id)
        .order_by(Attribute.position)
    )
    return [AttributeDraft(**row) for row in found.mappings()]


def _spoken(slug: str) -> str:
    return slug.replace("-", " ").capitalize()
