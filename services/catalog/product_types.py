"""Product types: which attributes products of a kind have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, Refusals
from core.ids import new_id
from models.catalog import Attribute, AttributeKind, ProductAttributeValue, ProductType
from services import audit, events
from services.catalog.drafts import Texts
from services.catalog.edits import KEEP, Keep, kept
from services.catalog.errors import AttributeInUse
from services.catalog.single_rows import locked, write
from services.catalog.slugs import free_slug
from services.catalog.texts import (
    DEFAULT_LANGUAGE,
    NAME,
    line_problems,
    merged,
    slug_problems,
    translation_problems,
)
from services.recordset import insertion

MAX_ATTRIBUTES: Final = 50
MAX_CHOICES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDraft:
    """slug: what finds it again in its type. choices: of a CHOICE; else none."""

    slug: str
    name: Texts
    kind: AttributeKind = AttributeKind.TEXT
    choices: Sequence[str] = ()
    is_filterable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductTypeChange:
    """Of texts, only the languages that are named. attributes: all of them, in their order."""

    slug: str | Keep = KEEP
    name: Texts | Keep = KEEP
    attributes: Sequence[AttributeDraft] | Keep = KEEP


_COLUMNS: Final = (
    "id",
    "product_type_id",
    "slug",
    "name",
    "kind",
    "choices",
    "is_filterable",
    "position",
)
_insert = insertion(Attribute, *_COLUMNS)
_PUT_ATTRIBUTES: Final = _insert.on_conflict_do_update(
    index_elements=["product_type_id", "slug"],
    set_={name: _insert.excluded[name] for name in _COLUMNS[3:]},
)


async def save_product_type(
    session: AsyncSession, *, product_type_id: UUID | None, change: ProductTypeChange
) -> UUID:
    """Make a product type (None) or change one.

    Raises: NotFound; Taken; AttributeInUse for what products have values of; Refusals.
    """
    key = product_type_id or new_id()
    old: dict[str, Any] = {"slug": None, "name": {}}
    if product_type_id:
        old = await locked(session, ProductType, key)
    name = merged(old["name"], kept(change.name, {}))
    slug = kept(change.slug, old["slug"])
    if slug is None:
        named = name.get(DEFAULT_LANGUAGE, "")
        slug = await free_slug(session, ProductType.slug, name=named, id=key)
    attributes = None if isinstance(change.attributes, Keep) else change.attributes
    if problems := list(_problems(slug, name, attributes or ())):
        raise Refusals(problems)
    values = {"slug": slug, "name": name}
    await write(session, ProductType, key, values, is_new=product_type_id is None)
    if attributes is not None:
        await _replace_attributes(session, key, attributes)
    told = audit.difference(old, values)
    changed = [*told["after"], *(["attributes"] if attributes is not None else [])]
    await events.record(session, events.event("ProductTypeChanged", key, changed=changed))
    await audit.record(session, audit.entry("PRODUCT_TYPE_CHANGED", "ProductType", key, **told))
    return key


def _problems(
    slug: str, name: Texts, attributes: Sequence[AttributeDraft]
) -> Iterator[DomainError]:
    yield from slug_problems(slug, "slug")
    yield from translation_problems(name, "name", longest=NAME, is_required=True)
    if len(attributes) > MAX_ATTRIBUTES:
        problem = f"Use at most {MAX_ATTRIBUTES} attributes."
        yield InvalidInput(problem=problem, path=("attributes",))
        return
    if len({attribute.slug for attribute in attributes}) < len(attributes):
        problem = "Each slug may be there once only."
        yield InvalidInput(problem=problem, path=("attributes",))
    for n, attribute in enumerate(attributes):
        yield from _attribute_problems(attribute, "attributes", str(n))


def _attribute_problems(attribute: AttributeDraft, *here: str) -> Iterator[DomainError]:
    yield from slug_problems(attribute.slug, *here, "slug")
    yield from translation_problems(attribute.name, *here, "name", longest=NAME, is_required=True)
    for n, choice in enumerate(attribute.choices):
        yield from line_problems(choice, *here, "choices", str(n), longest=NAME)
    is_choice = attribute.kind is AttributeKind.CHOICE
    if is_choice != bool(attribute.choices) or len(attribute.choices) > MAX_CHOICES:
        problem = f"A CHOICE has 1 to {MAX_CHOICES} choices, other kinds none."
        yield InvalidInput(problem=problem, path=(*here, "choices"))


async def _replace_attributes(
    session: AsyncSession, type_id: UUID, wanted: Sequence[AttributeDraft]
) -> None:
    """Raises: AttributeInUse."""
    of_type = select(*Attribute.__table__.c).where(Attribute.product_type_id == type_id)
    old = {row["slug"]: row for row in (await session.execute(of_type)).mappings()}
    new = {attribute.slug: attribute for attribute in wanted}
    gone = [row for slug, row in old.items() if slug not in new]
    rekind = [row for slug, row in old.items() if slug in new and new[slug].kind != row["kind"]]
    for row in (*gone, *rekind):
        if await _is_used(session, row["id"]):
            raise AttributeInUse(slug=row["slug"], path=("attributes",))
    for slug, row in old.items():
        lost = {*row["choices"]} - {*new[slug].choices} if slug in new else set()
        if lost and await _is_used(session, row["id"], sorted(lost)):
            raise AttributeInUse(slug=slug, path=("attributes",))
    await session.execute(delete(Attribute).where(Attribute.id.in_([row["id"] for row in gone])))
    rows = [
        {
            "id": old[attribute.slug]["id"] if attribute.slug in old else new_id(),
            "product_type_id": type_id,
            "slug": attribute.slug,
            "name": dict(attribute.name),
            "kind": attribute.kind,
            "choices": list(attribute.choices),
            "is_filterable": attribute.is_filterable,
            "position": position,
        }
        for position, attribute in enumerate(wanted)
    ]
    await session.execute(_PUT_ATTRIBUTES, {"rows": rows})


_VALUES_OF: Final = exists().where(
    ProductAttributeValue.attribute_id == bindparam("attribute_id", type_=Uuid())
)
_USED: Final = select(_VALUES_OF)
_USED_CHOICES: Final = select(
    _VALUES_OF.where(ProductAttributeValue.value == any_(bindparam("values", type_=ARRAY(Text()))))
)


async def _is_used(
    session: AsyncSession, attribute_id: UUID, values: Sequence[str] | None = None
) -> bool:
    """Whether products have values of the attribute (these values)."""
    statement = _USED if values is None else _USED_CHOICES
    parameters: dict[str, Any] = {"attribute_id": attribute_id}
    if values is not None:
        parameters["values"] = list(values)
    return bool(await session.scalar(statement, parameters))
