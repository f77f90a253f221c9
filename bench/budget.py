"""Where the product list's CPU goes: the same list, asked for more and more."""

from typing import Final

from bench.measure import Figures, Name
from bench.requests import Workload, request

LIST: Final = "{ products(first: 24) { nodes { %s } pageInfo { hasNextPage } } }"

# What a step asks for in addition to those before it.
STEPS: Final = (
    ("the list itself, one statement", "id"),
    ("texts of 24 cards", "name slug summary"),
    ("category and brand, from snapshots", "category { id name } brand { id name }"),
    ("price ranges", "priceRange { start { amount currency } stop { amount currency } }"),
    ("48 pictures, a union, one statement", "media { __typename ... on Image { url alt } }"),
    ("72 variants, one statement", "variants { id sku name }"),
    (
        "their prices and stock, one statement",
        "variants { price { amount currency } quantityAvailable }",
    ),
)


def workloads() -> dict[Name, Workload]:
    asked, found = "", {}
    for label, fields in STEPS:
        asked += f" {fields}"
        found[Name("budget", label)] = Workload([request(LIST % asked)])
    return found


def rows(measured: dict[Name, Figures]) -> list[tuple[str, float, float]]:
    """(part, server milliseconds, PostgreSQL milliseconds): what each step adds."""
    floor = measured.get(Name("floor", "floor"))
    empty = measured.get(Name("typename", "shop"))
    if floor is None or empty is None:
        return []
    parts = [
        ("HTTP, middleware, 25 KB of bytes (the floor)", floor.server, floor.postgres),
        ("GraphQL: view, document, plan, context", empty.server - floor.server, empty.postgres),
    ]
    before = empty
    for label, _ in STEPS:
        now = measured[Name("budget", label)]
        parts.append((label, now.server - before.server, now.postgres - before.postgres))
        before = now
    return parts
