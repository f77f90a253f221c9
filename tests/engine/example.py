"""A small shop that has everything an engine must get right, and fields that fail on purpose.

A product whose id can be divided by three, or a variant's by four or five, is a broken one.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from core.errors import BadUserInput
from core.identity import Everyone
from engine.access import PUBLIC, SIGNED_IN, Auth, Typed
from engine.declare import batched, column, mutation, root, translated
from engine.document import Limits
from engine.executor import Engine, Schema, build_schema
from tests.engine.tables import Context

Row = Any
ANYONE = Auth(requires=PUBLIC)
GUEST = {"stock:read": Everyone()}
STAFF = GUEST | {"offers:read": {1, 2}, "cost:read": {1}}


class Fault(Exception):
    """Stands for a database that is down."""


def prefixed(prefix: str) -> Callable[[int], str]:
    return lambda id_: f"{prefix}_{id_:x}"


def link_in(ctx: Context) -> Callable[[str], str]:
    return f"/{ctx.language}/{{}}".format


def relation(type_: Any, loader: str, key: str = "id", **parts: Any) -> Any:
    """A field that is nothing but a relation."""

    @batched(type_, description=f"Its {loader}.", **parts)
    async def rows(ctx: Context, parents: Sequence[Row]) -> list[Any]:
        return await ctx[loader].rows([parent[key] for parent in parents])

    return rows


@strawberry.enum
class Status(Enum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"


@strawberry.enum
class Language(Enum):
    EN = "en"
    ZH_HANS = "zh-Hans"


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Money:  # rows: (minor units, currency)
    amount: int = column(int, 0, description="In minor units.")
    currency: str = column(str, 1, description="Its code.")


@strawberry.type
class Span:  # rows: (lowest, highest)
    @batched(Money, description="The lowest.")
    def start(ctx: Context, spans: Sequence[Row]) -> list[Any]:
        return [low for low, _ in spans]

    @batched(Money, description="The highest.")
    def stop(ctx: Context, spans: Sequence[Row]) -> list[Any]:
        return [high for _, high in spans]


@strawberry.type(directives=[ANYONE])
class Brand(Node):
    id: strawberry.ID = column(strawberry.ID, convert=prefixed("brand"), description="Its id.")
    name: str = column(str, description="Its name.")

    @batched(str, description="Its motto; brands of even number have none.")
    async def motto(ctx: Context, brands: Sequence[Row]) -> list[Any]:
        return [brand["motto"] for brand in brands]


@strawberry.type
class Image:
    url: str = column(str, description="Where it is.")


@strawberry.type
class Video:
    url: str = column(str, description="Where it is.")
    seconds: int = column(int, "id", description="How long it takes.")


Asset = Annotated[Image | Video, strawberry.union("Asset", description="What shows a product.")]


@strawberry.type(directives=[Auth(requires=SIGNED_IN)])
class Invoice(Node):
    id: strawberry.ID = column(strawberry.ID, convert=prefixed("invoice"), description="Its id.")
    total: int = column(int, description="In minor units.")


@strawberry.type(directives=[ANYONE])
class Variant(Node):
    id: strawberry.ID = column(strawberry.ID, convert=prefixed("variant"), description="Its id.")
    sku: str = column(str, description="Its number.")

    @batched(Money, description="Its price.")
    def price(ctx: Context, variants: Sequence[Row]) -> list[Any]:
        return [(variant["price"], "USD") for variant in variants]

    @batched(int, auth=Auth(requires="stock:read"), description="Units in stock.")
    async def stock(ctx: Context, variants: Sequence[Row], reserve: int = 0) -> list[Any]:
        return [variant["id"] % 7 - reserve for variant in variants]

    @batched(int | None, description="Its rating, or that there is none.")
    async def rating(ctx: Context, variants: Sequence[Row]) -> list[Any]:
        return [ValueError(f"no rating of {v['sku']}") if v["id"] % 4 == 0 else 5 for v in variants]

    @batched(int, description="A rating that must not fail.")
    async def strict_rating(ctx: Context, variants: Sequence[Row]) -> list[Any]:
        return [ValueError(f"no rating of {v['sku']}") if v["id"] % 5 == 0 else 5 for v in variants]


@strawberry.type(directives=[Auth(requires="offers:read", of="merchant_id")])
class Offer(Node):
    id: strawberry.ID = column(strawberry.ID, convert=prefixed("offer"), description="Its id.")
    title: str = translated(str, description="Its title.")
    note: str | None = translated(str | None, description="A remark.")
    tags: list[str] = column(list[str], description="Its tags.")
    status: Status = column(Status, convert=Status, description="Whether it is shown.")
    cost: int | None = column(
        int | None, auth=Auth(requires="cost:read", of="merchant_id"), description="What it costs."
    )

    @batched(
        int | None, auth=Auth(requires="cost:read", of="merchant_id"), description="What it earns."
    )
    async def margin(ctx: Context, offers: Sequence[Row]) -> list[Any]:
        assert all(1 in ctx.grants["cost:read"] and offer["merchant_id"] == 1 for offer in offers)
        return [7 for _ in offers]


@strawberry.type(directives=[ANYONE])
class Product(Node):
    id: strawberry.ID = column(strawberry.ID, convert=prefixed("product"), description="Its id.")
    name: str = column(str, description="Its name.")
    made_at: datetime = column(datetime, description="When it was made.")
    slug: str = column(str, description="Its name in links.", deprecation_reason="Use link.")
    link: str = column(str, "slug", bind=link_in, description="Its address.")
    status: Status | None = column(Status | None, convert=Status, description="Its state.")
    brand: Brand | None = relation(Brand | None, "brand", "brand_id")
    variants: list[Variant] = relation(list[Variant], "variants")
    offers: list[Offer] = relation(list[Offer], "offers")
    invoices: list[Invoice] = relation(list[Invoice], "invoices")

    @batched(Span | None, description="From the lowest to the highest price.")
    async def span(ctx: Context, products: Sequence[Row]) -> list[Any]:
        groups = await ctx["variants"].rows([product["id"] for product in products])
        prices = [[variant["price"] for variant in group] for group in groups]
        return [((min(some), "USD"), (max(some), "USD")) if some else None for some in prices]

    @batched(list[Asset], description="What shows it.")
    async def assets(ctx: Context, products: Sequence[Row]) -> list[Any]:
        groups = await ctx["media"].rows([product["id"] for product in products])
        return [[Typed("Image" if m["id"] % 2 else "Video", m) for m in group] for group in groups]

    @batched(str | None, description="Fails for all.")
    async def shaky(ctx: Context, products: Sequence[Row]) -> list[Any]:
        raise ValueError("shelf broken")

    @batched(Brand, description="Its brand; broken products have none.")
    async def strict_brand(ctx: Context, products: Sequence[Row]) -> list[Any]:
        brands = await ctx["brand"].rows([product["brand_id"] for product in products])
        pairs = zip(products, brands, strict=True)
        return [brand if product["id"] % 3 else None for product, brand in pairs]

    @batched(list[Variant | None] | None, description="Some of them null or failing.")
    async def picks(ctx: Context, products: Sequence[Row]) -> list[Any]:
        groups = await ctx["variants"].rows([product["id"] for product in products])
        return [[pick(variant) for variant in group] for group in groups]

    @batched(list[Variant] | None, description="As picks, but none of them may be null.")
    async def strict_picks(ctx: Context, products: Sequence[Row]) -> list[Any]:
        groups = await ctx["variants"].rows([product["id"] for product in products])
        return [[pick(variant) for variant in group] for group in groups]

    @batched(list[str | None] | None, description="Some of them null or failing.")
    async def notes(ctx: Context, products: Sequence[Row]) -> list[Any]:
        broken = [ValueError("torn page"), "b"]
        return [broken if product["id"] % 3 == 0 else ["a", None] for product in products]

    @batched(list[list[int]], description="A list of lists, which has no plan.")
    async def grid(ctx: Context, products: Sequence[Row]) -> list[Any]:
        return [[[1, 2], [3]] for _ in products]

    @strawberry.field(description="A plain resolver, which has no plan.")
    def plain(self) -> str:
        return "graphql-core"


def pick(variant: Row) -> Any:
    if variant["id"] % 5 == 0:
        return ValueError(f"{variant['sku']} is gone")
    return None if variant["id"] % 4 == 0 else variant


@strawberry.type(description="Where everything begins.")
class Query:
    @root(list[Product], auth=ANYONE, description="Products by number.")
    async def products(
        ctx: Context, first: int = 3, after: int = 0, statuses: list[Status] | None = None
    ) -> Any:
        if first < 0:
            raise BadUserInput("first must not be negative.")
        sql = "select * from product where id > $1 and status = any($3) order by id limit $2"
        names = [status.value for status in statuses or Status]
        return await ctx.fetch(sql, max(0, min(after, 1000)), min(first, 20), names)

    @root(Product | None, auth=ANYONE, description="One product.")
    async def product(ctx: Context, id: int) -> Any:
        return (await ctx["product"].rows([max(0, id)]))[0]

    @root(list[Node | None], auth=ANYONE, description="Rows by id.")
    async def nodes(ctx: Context, ids: list[strawberry.ID]) -> Any:
        return [await typed_row(ctx, id_) for id_ in ids]

    @root(Node | None, auth=ANYONE, description="One row by id.")
    async def node(ctx: Context, id: strawberry.ID) -> Any:
        return await typed_row(ctx, id)

    @root(list[Invoice] | None, auth=Auth(requires=SIGNED_IN), description="All of them.")
    async def invoices(ctx: Context) -> Any:
        return await ctx.fetch("select * from invoice order by id limit 2")

    @root(str | None, auth=ANYONE, description="Fails.")
    async def broken(ctx: Context) -> Any:
        raise ValueError("told you")

    @root(str, auth=ANYONE, description="What @inContext said.")
    async def told(ctx: Context) -> Any:
        return str(sorted(ctx.told.items()))


NODES = {"product": "Product", "variant": "Variant", "offer": "Offer", "invoice": "Invoice"}
HEX = re.compile("[0-9a-f]{1,7}")


async def typed_row(ctx: Context, id_: str) -> Typed | None:
    kind, _, number = id_.partition("_")
    if kind not in NODES or not HEX.fullmatch(number):
        return None
    row = (await ctx[kind].rows([int(number, 16)]))[0]
    return row and Typed(NODES[kind], row)


@strawberry.type(directives=[ANYONE])
class CartLine:
    id: strawberry.ID = column(strawberry.ID, convert=prefixed("cartline"), description="Its id.")
    quantity: int = column(int, description="Units.")
    variant: Variant | None = relation(Variant | None, "variant", "variant_id")


@strawberry.type
class CartPayload:  # rows: {"cart_id": …}
    lines: list[CartLine] = relation(list[CartLine], "cart_lines", "cart_id")

    @batched(int, description="Must not be null, and is.")
    async def fragile(ctx: Context, payloads: Sequence[Row]) -> list[Any]:
        return [None for _ in payloads]


@strawberry.input
class CartLineInput:
    cart: int = 1
    variant: int
    quantity: int = 1


@strawberry.type
class Mutation:
    @mutation(CartPayload, auth=ANYONE, description="Adds units of a variant.")
    async def cart_line_add(ctx: Context, input: CartLineInput) -> Any:
        if input.quantity > 99:
            raise ValueError("more than 99")
        if input.variant == 7:
            raise Fault("gone")
        insert = "insert into cart_line (cart_id, variant_id, quantity) values ($1, $2, $3)"
        await ctx.fetch(insert, input.cart, input.variant, input.quantity)
        return {"cart_id": input.cart}


@strawberry.type
class Tick:
    number: int = column(int, description="Which one.")
    brand: Brand | None = relation(Brand | None, "brand", "brand_id")


@strawberry.type
class Subscription:
    @strawberry.subscription(
        graphql_type=Tick, description="Ticks.", directives=[Auth(requires=SIGNED_IN)]
    )
    async def ticks(
        self, info: strawberry.Info, count: int = 2, pause: float = 0
    ) -> AsyncIterator[Any]:
        info.context.told["asked"] = True
        try:
            for number in range(1, count + 1):
                yield {"number": number, "brand_id": 1}
                await asyncio.sleep(pause)
        finally:
            info.context.told["ended"] = True


def in_context(ctx: Context, values: dict[str, Any]) -> None:
    ctx.told.update(values)
    if language := values.get("language"):
        ctx.language = language.value


PARTS: dict[str, Any] = {
    "query": Query,
    "mutation": Mutation,
    "subscription": Subscription,
    "types": [Product, Variant, Offer, Invoice],
}


def new_schema(*, is_reference: bool = False, limits: Limits | None = None) -> Schema:
    engine = Engine(
        faults=(Fault,),
        limits=limits or Limits(introspection=True),
        in_context=in_context,
        in_context_arguments={"language": Language, "country": str, "currency": str},
    )
    return build_schema(engine, is_reference=is_reference, **PARTS)
