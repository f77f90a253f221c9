"""The example's tables and rows, and how its operations read them."""

from collections.abc import Awaitable, Callable, Sequence
from operator import itemgetter
from typing import Any

import asyncpg
import orjson

from core.batch import Batch, Loader

Fetch = Callable[..., Awaitable[Sequence[Any]]]

SETUP = """
create table brand (id int primary key, name text not null, motto text);
create table product (id int primary key, name text not null, slug text not null,
    brand_id int not null, status text not null, made_at timestamptz not null);
create table variant (id int primary key, product_id int not null, sku text not null,
    price int not null);
create table media (id int primary key, product_id int not null, url text not null);
create table invoice (id int primary key, product_id int not null, total int not null);
create table offer (id int primary key, product_id int not null, merchant_id int not null,
    title jsonb not null, note jsonb, tags text[] not null, status text not null, cost int);
create table cart_line (id int generated always as identity primary key, cart_id int not null,
    variant_id int not null, quantity int not null check (quantity > 0));
insert into brand select i, 'Brand ' || i, case when i % 2 = 1 then 'Motto ' || i end
    from generate_series(1, 5) i;
insert into product select i, 'Product ' || i, 'p' || i, 1 + i % 5,
    case when i % 3 = 0 then 'DRAFT' else 'ACTIVE' end, '2026-11-24T09:30:00Z'
    from generate_series(1, 40) i;
insert into variant select i, (i - 1) / 3 + 1, 'SKU-' || i, 100 + i * 7919 % 99900
    from generate_series(1, 120) i;
insert into media select i, (i + 1) / 2, 'https://cdn/' || i from generate_series(1, 80) i;
insert into invoice select i, i, i * 10 from generate_series(1, 20) i;
insert into offer select i, (i - 1) / 2 + 1, i % 5,
    case when i % 2 = 0 then jsonb_build_object('en', 'Offer ' || i, 'zh-Hans', '报价 ' || i)
        else jsonb_build_object('en', 'Offer ' || i) end,
    case when i % 4 = 0 then jsonb_build_object('en', 'Note ' || i) end,
    case when i % 4 = 0 then '{}' else array['tag' || i % 7, 'new'] end,
    case when i % 3 = 0 then 'DRAFT' else 'ACTIVE' end,
    case when i % 6 = 0 then null else i * 10 end from generate_series(1, 80) i;
"""

# Table, the column asked by, and whether a key has many rows.
RELATIONS = {
    "brand": ("brand", "id", False),
    "product": ("product", "id", False),
    "variant": ("variant", "id", False),
    "variants": ("variant", "product_id", True),
    "media": ("media", "product_id", True),
    "invoice": ("invoice", "id", False),
    "invoices": ("invoice", "product_id", True),
    "offer": ("offer", "id", False),
    "offers": ("offer", "product_id", True),
    "cart_lines": ("cart_line", "cart_id", True),
}


async def prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=orjson.dumps, decoder=orjson.loads, schema="pg_catalog"
    )


class Context(dict[str, Loader]):
    """One operation: who asks, in which language, and its loaders by name."""

    fallback = "en"

    def __init__(self, fetch: Fetch, grants: Any, language: str, *, is_signed_in: bool) -> None:
        self.fetch, self.grants, self.language = fetch, grants, language
        self.is_signed_in = is_signed_in
        self.is_known = is_signed_in
        self.batch = Batch()
        self.batches: dict[Any, Any] = {}
        self.answers: dict[str, Any] = {}
        self.told: dict[str, Any] = {}

    def __missing__(self, name: str) -> Loader:
        table, column, many = RELATIONS[name]
        sql = f"select * from {table} where {column} = any($1) order by id"

        async def read(keys: list[Any]) -> Any:
            return await self.fetch(sql, keys)

        self[name] = loader = Loader(self.batch, read, itemgetter(column), many=many)
        return loader

    def forget(self) -> None:
        self.clear()
        self.batches.clear()
