"""Facets: the engine's counts with names, in an order that is the same each time."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from core.db import Row
from core.ids import encoder
from models.catalog import AttributeKind
from resolvers.catalog import walked
from resolvers.context import RequestContext
from resolvers.loaders.base import Derived
from resolvers.loaders.catalog import BRANDS
from resolvers.loaders.merchants import MERCHANTS
from resolvers.loaders.search import FILTERABLE
from resolvers.search.asking import Found
from resolvers.search.prices import NO_PRICE, Counted, fitting, rising, same, whole, within
from resolvers.search.texts import name_in, texts_in
from search.answer import COUNT_LIMIT, FacetCounts
from search.question import Choices, Need, PriceRange

MAX_VALUES: Final = 50
HIGHEST_STARS: Final = 5
NO_VALUE: Final = ""  # of an attribute: chosen, it matches nothing


class FacetKind(StrEnum):
    """In the order in which facets come."""

    CATEGORY = "CATEGORY"
    PRICE = "PRICE"
    BRAND = "BRAND"
    AVAILABILITY = "AVAILABILITY"
    RATING = "RATING"
    MERCHANT = "MERCHANT"
    ATTRIBUTE = "ATTRIBUTE"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the facets of one answer are made of. total: of the whole result, if it was counted."""

    language: str
    currency: str
    choices: Choices
    counts: FacetCounts
    total: int | None

    def text(self, key: str) -> str:
        return texts_in(self.language)[key]


def bucket(value: str, label: str, count: int, *, selected: bool, **more: Any) -> dict[str, Any]:
    empty = {"parent": None, "minimum": None, "maximum": None}
    return {"value": value, "label": label, "count": count, "selected": selected, **empty, **more}


async def facets(ctx: RequestContext, found: Found) -> list[Row]:
    """What the result may be narrowed by, with how much each value would leave."""
    choices = found.question.choices
    if needs_total(choices):
        answer, sized = await found.answers(Need.FACETS, Need.COUNT)
    else:
        answer = sized = await found.answer(Need.FACETS)
    counts = answer.facets or FacetCounts()
    currency = ctx.shop.settings.shop_currency
    shown = Shown(
        ctx.language, currency, choices, counts, sized.total and min(sized.total, COUNT_LIMIT)
    )
    buckets = {
        FacetKind.CATEGORY: _categories(shown, await walked(ctx)),
        FacetKind.PRICE: _prices(shown),
        FacetKind.BRAND: _named(
            counts.brands, choices.brands, await BRANDS.by_id(ctx.fetch), "brand"
        ),
        FacetKind.AVAILABILITY: _availability(shown),
        FacetKind.RATING: _ratings(shown),
        FacetKind.MERCHANT: _named(
            counts.merchants,
            choices.merchants,
            await MERCHANTS.by_id(ctx.fetch),
            "merchant",
        ),
    }
    usual = [
        {"key": kind.lower(), "label": shown.text(kind), "kind": kind, "buckets": values}
        for kind, values in buckets.items()
        if values
    ]
    return [*usual, *_attributes(shown, await ATTRIBUTES.value(ctx.fetch))]


def needs_total(choices: Choices) -> bool:
    """Whether a chosen value may be none that is counted by itself: all that is left has it."""
    return bool(choices.prices) or choices.minimum_rating == HIGHEST_STARS * 100


def _most(counts: Mapping[Any, int], chosen: Collection[Any], known: Iterable[Any]) -> list[Any]:
    """The values to show: those chosen, and those with the most products."""
    there = [each for each in known if each in counts or each in chosen]
    there.sort(key=lambda each: (each not in chosen, -counts.get(each, 0)))
    return there[:MAX_VALUES]


def _categories(shown: Shown, tree: Mapping[UUID, Row]) -> list[Row]:
    """In the order of the tree. What is above has as many as what is below, so it is there too."""
    counts, chosen = shown.counts.categories, shown.choices.categories
    outside = encoder("category")
    kept = {*_most(counts, chosen, tree)}
    return [
        bucket(
            outside(key),
            name_in(row["name"], shown.language, row["slug"]),
            counts.get(key, 0),
            selected=key in chosen,
            parent=outside(row["parent_id"]) if row["parent_id"] in kept else None,
        )
        for key, row in tree.items()
        if key in kept
    ]


def _named(
    counts: Mapping[UUID, int],
    chosen: Collection[UUID],
    rows: Mapping[Any, Row],
    prefix: str,
) -> list[Row]:
    """By count, then by name."""
    outside = encoder(prefix)
    known = [key for key in {*counts, *chosen} if key in rows]
    made = [
        bucket(outside(key), rows[key]["name"], counts.get(key, 0), selected=key in chosen)
        for key in _most(counts, chosen, known)
    ]
    return sorted(made, key=_by_count)


def _by_count(made: Row) -> tuple[int, str, str]:
    return -made["count"], made["label"].casefold(), made["value"]


def _prices(shown: Shown) -> list[Row]:
    """Ranges that fit the result, and those chosen that are none of them."""
    ranges, chosen = fitting(shown.counts.prices), shown.choices.prices
    for price in dict.fromkeys(chosen):
        if price != NO_PRICE and not any(same(price, each.range) for each in ranges):
            count = within(shown.counts.prices, price)
            if count is None and len(chosen) == 1:
                count = shown.total
            ranges.append(Counted(price, count or 0))
    return [_price(shown, each.range, each.size) for each in rising(ranges)]


def _price(shown: Shown, price: PriceRange, count: int) -> Row:
    minimum, currency = price.minimum or None, shown.currency
    maximum = None if price.below is None else price.below - 1
    kind = {(False, False): "any", (False, True): "under", (True, False): "from"}.get(
        (minimum is not None, maximum is not None), "between"
    )
    label = shown.text(kind).format(
        minimum=whole(minimum or 0, currency),
        below=whole(price.below or 0, currency),
        currency=currency,
    )
    return bucket(
        f"{minimum or 0}-{'' if maximum is None else maximum}",
        label,
        count,
        selected=any(same(price, each) for each in shown.choices.prices),
        minimum=None if minimum is None else (minimum, currency),
        maximum=None if maximum is None else (maximum, currency),
    )


def _availability(shown: Shown) -> list[Row]:
    counts, chosen = shown.counts.availability, shown.choices.in_stock
    return [
        bucket(value, shown.text(value), counts.get(is_there, 0), selected=chosen is is_there)
        for value, is_there in (("IN_STOCK", True), ("OUT_OF_STOCK", False))
        if counts.get(is_there) or chosen is is_there
    ]


def _ratings(shown: Shown) -> list[Row]:
    """Highest first."""
    counts, chosen = shown.counts.ratings, shown.choices.minimum_rating
    return [
        bucket(
            str(stars),
            _stars(shown, stars),
            counts.get(stars * 100, (shown.total or 0) if stars == HIGHEST_STARS else 0),
            selected=chosen == stars * 100,
        )
        for stars in range(HIGHEST_STARS, 0, -1)
        if counts.get(stars * 100) or chosen == stars * 100
    ]


def _stars(shown: Shown, stars: int) -> str:
    if stars == HIGHEST_STARS:
        return shown.text("most_stars")
    return shown.text("star" if stars == 1 else "stars").format(stars)


def _by_slug(rows: Mapping[Any, Row]) -> dict[str, Row]:
    """Attributes in the order of facets; several types may have one of the same name."""
    in_order = sorted(rows.values(), key=lambda row: (row["position"], row["slug"], row["id"]))
    return {row["slug"]: row for row in reversed(in_order)}


ATTRIBUTES: Final = Derived(FILTERABLE, _by_slug)


def _attributes(shown: Shown, known: Mapping[str, Row]) -> list[Row]:
    """By the place that they have in their types, then by name."""
    wanted = {*shown.counts.attributes, *shown.choices.attributes}
    rows = sorted(
        (known[slug] for slug in wanted if slug in known),
        key=lambda row: (row["position"], row["slug"]),
    )
    made = (
        {
            "key": row["slug"],
            "label": name_in(row["name"], shown.language, row["slug"]),
            "kind": FacetKind.ATTRIBUTE,
            "buckets": _values(shown, row),
        }
        for row in rows
    )
    return [facet for facet in made if facet["buckets"]]


def _values(shown: Shown, attribute: Row) -> list[Row]:
    """Choices in their order, numbers rising, yes before no, texts by count and then by name."""
    counts = shown.counts.attributes.get(attribute["slug"], {})
    chosen = shown.choices.attributes.get(attribute["slug"], frozenset()) - {NO_VALUE}
    is_boolean = attribute["kind"] == AttributeKind.BOOLEAN
    made = [
        bucket(
            value,
            shown.text(value) if is_boolean and value in {"true", "false"} else value,
            counts.get(value, 0),
            selected=value in chosen,
        )
        for value in _most(counts, chosen, sorted({*counts, *chosen}))
    ]
    return sorted(made, key=_order_of(attribute))


def _order_of(attribute: Row) -> Callable[[Row], Any]:
    if attribute["kind"] == AttributeKind.CHOICE:
        places = {value: n for n, value in enumerate(attribute["choices"])}
        return lambda made: (places.get(made["value"], len(places)), made["label"])
    if attribute["kind"] == AttributeKind.NUMBER:
        return lambda made: (_number(made["value"]), made["value"])
    if attribute["kind"] == AttributeKind.BOOLEAN:
        return lambda made: made["value"] != "true"
    return _by_count


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("inf")
