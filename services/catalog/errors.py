"""Why the catalogue refuses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class Taken(DomainError):
    """Another object has this slug, SKU or combination of options already."""

    value: str

    @property
    def message(self) -> str:
        return f"{self.value!r} is taken."


@dataclass(eq=False, kw_only=True)
class OptionsMismatch(DomainError):
    """A variant does not name exactly one value of each option of its product."""

    sku: str
    option: str

    @property
    def message(self) -> str:
        return f"Variant {self.sku} must name one known value of {self.option}, and nothing else."


class Missing(StrEnum):
    """What keeps a product from being published."""

    NAME = "NAME"
    VARIANT = "VARIANT"
    PRICE = "PRICE"
    ACTIVE_MERCHANT = "ACTIVE_MERCHANT"


@dataclass(eq=False, kw_only=True)
class NotPublishable(DomainError):
    missing: Sequence[Missing]

    @property
    def message(self) -> str:
        return f"The product can't be published yet: {', '.join(self.missing)}."


@dataclass(eq=False, kw_only=True)
class PermissionMissing(DomainError):
    """A part of the input needs a permission that the caller does not hold for this merchant."""

    permission: str

    @property
    def message(self) -> str:
        return f"This needs the permission {self.permission}."


@dataclass(eq=False, kw_only=True)
class AttributeInUse(DomainError):
    """Products have values of an attribute, or of a choice, that shall go."""

    slug: str

    @property
    def message(self) -> str:
        return f"Products still use {self.slug!r}."


@dataclass(eq=False, kw_only=True)
class CategoryCycle(DomainError):
    """A category would be below itself."""

    @property
    def message(self) -> str:
        return "A category can't be below itself."


def placed(refusal: DomainError, *path: str) -> DomainError:
    """The same refusal, its path beginning with `path`."""
    return replace(refusal, path=(*path, *(refusal.path or ())))
