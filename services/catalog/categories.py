"""The one tree of categories that all merchants share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound, Refusals
from core.ids import new_id
from models.catalog import Category
from services import audit, events
from services.catalog.drafts import Texts
from services.catalog.drafts_by_slug import put_by_slug
from services.catalog.edits import KEEP, Keep, kept
from services.catalog.errors import CategoryCycle
from services.catalog.single_rows import locked, write
from services.catalog.slugs import free_slug
from services.catalog.texts import (
    DEFAULT_LANGUAGE,
    DESCRIPTION,
    NAME,
    merged,
    slug_problems,
    translation_problems,
)
from services.recordset import insertion, table_of

MAX_POSITION: Final = 100_000
TREE_LOCK: Final = 7_246_100  # of moves: two at the same time could make a circle together


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDraft:
    slug: str
    name: Texts
    description: Texts = field(default_factory=dict)
    parent_id: UUID | None = None
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChange:
    """Of texts, only the languages that are named. parent_id None: a root."""

    slug: str | Keep = KEEP
    name: Texts | Keep = KEEP
    description: Texts | Keep = KEEP
    parent_id: UUID | Keep | None = KEEP
    position: int | Keep = KEEP


_CATEGORIES: Final = table_of(Category)
_insert = insertion(Category, "id", "slug", "name", "description", "parent_id", "position")
_PUT: Final = _insert.on_conflict_do_update(
    index_elements=["slug"],
    set_={
        "name": _insert.excluded.name,
        "description": _insert.excluded.description,
        "position": _insert.excluded.position,
        "updated_at": func.now(),
    },
).returning(_CATEGORIES.c.slug, _CATEGORIES.c.id)


async def put_categories(session: AsyncSession, drafts: Sequence[CategoryDraft]) -> list[UUID]:
    """Make categories, or change those whose slug is known; two statements.

    For set-up and imports of the platform. A known category stays where it is in the tree.

    Raises: Refusals, their paths beginning with the number of the draft.
    """
    return await put_by_slug(
        session, drafts, put=_PUT, problems_of=_problems, kind="Category", action="CATEGORY_CHANGED"
    )


def _problems(values: Mapping[str, Any]) -> Iterator[DomainError]:
    yield from slug_problems(values["slug"], "slug")
    yield from translation_problems(values["name"], "name", longest=NAME, is_required=True)
    yield from translation_problems(values["description"], "description", longest=DESCRIPTION)
    if not 0 <= values["position"] <= MAX_POSITION:
        problem = f"It must be 0 to {MAX_POSITION}."
        yield InvalidInput(problem=problem, path=("position",))


_USUAL: Final[dict[str, Any]] = {
    "slug": None,
    "name": {},
    "description": {},
    "parent_id": None,
    "position": 0,
}


async def save_category(
    session: AsyncSession, *, category_id: UUID | None, change: CategoryChange
) -> UUID:
    """Make a category (None) or change one.

    Raises: NotFound; CategoryCycle; Taken; Refusals of everything that is wrong with the change.
    """
    key = category_id or new_id()
    if category_id and isinstance(change.parent_id, UUID):  # before any row: others wait here
        await session.execute(select(func.pg_advisory_xact_lock(TREE_LOCK)))
    old = await locked(session, Category, key) if category_id else _USUAL
    name = merged(old["name"], kept(change.name, {}))
    slug = kept(change.slug, old["slug"])
    if slug is None:
        named = name.get(DEFAULT_LANGUAGE, "")
        slug = await free_slug(session, Category.slug, name=named, id=key)
    values = {
        "slug": slug,
        "name": name,
        "description": merged(old["description"], kept(change.description, {})),
        "parent_id": kept(change.parent_id, old["parent_id"]),
        "position": kept(change.position, old["position"]),
    }
    if problems := list(_problems(values)):
        raise Refusals(problems)
    if values["parent_id"] not in {None, old["parent_id"]}:
        await _check_parent(session, key, values["parent_id"])
    await write(session, Category, key, values, is_new=category_id is None)
    told = audit.difference(old, values)
    await events.record(session, events.event("CategoryChanged", key, changed=[*told["after"]]))
    await audit.record(session, audit.entry("CATEGORY_CHANGED", "Category", key, **told))
    return key


async def _check_parent(session: AsyncSession, id: UUID, parent_id: UUID) -> None:
    """Raises: NotFound, CategoryCycle."""
    up = select(Category.id, Category.parent_id).where(Category.id == parent_id)
    above = up.cte("above", recursive=True)
    above = above.union(
        select(Category.id, Category.parent_id).where(Category.id == above.c.parent_id)
    )
    way = set(await session.scalars(select(above.c.id)))
    if not way:
        raise NotFound(kind="Category", id=parent_id, path=("parentId",))
    if id in way:
        raise CategoryCycle(path=("parentId",))
