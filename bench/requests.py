"""What clients send: operations with the ids of the seeded shop, as callers of it."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from auth.keys import Keys
from auth.recognition import open_keys
from auth.tokens import Tokens
from bench.operations import TYPENAME, document
from core.db import Database, Reader, plain_url
from core.ids import encode
from core.settings import Settings
from services.cart import MAX_UNITS_PER_LINE

PAGES: Final = 200  # product pages that are asked for in turn
GUESTS: Final = 64  # with a cart each; more would measure how tokens are looked up
SHOPPERS: Final = 100
LINES_PER_CART: Final = 4

# What the seeded products are called: two words find one in 35; plural and begun ones, too.
QUALITIES: Final = ("sturdy", "light", "quiet", "bright", "small", "plain", "soft")
THINGS: Final = ("lamp", "chairs", "kettle", "jack", "basket")
SEARCHED: Final = [" ".join(words) for words in itertools.product(QUALITIES, THINGS)]


@dataclass(frozen=True)
class Request:
    """One POST. `token`: of the caller; empty for nobody."""

    body: bytes
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        headers = {"content-type": "application/json"}
        return headers | {"authorization": f"Bearer {self.token}"} if self.token else headers


@dataclass(frozen=True)
class Workload:
    """Requests sent in turn.

    reset: SQL before each round, for what the requests change.
    capacity: so many requests the data takes before some would be refused.
    """

    requests: list[Request]
    reset: str = ""
    capacity: float = inf


@dataclass
class Shopping:
    """The workloads of one seeded database."""

    url: str
    settings: Settings
    tokens: Tokens = field(init=False)

    async def workloads(self) -> dict[str, Workload]:
        self.tokens = Tokens(self.settings, await signing_keys(self.settings))
        connection = await asyncpg.connect(plain_url(self.url))
        try:
            return {
                "typename": Workload([request(TYPENAME)]),
                "w1": Workload([request(document("w1"))]),
                "w2": Workload([each async for each in self._pages(connection)]),
                "w3": Workload([request(document("w3"), query=text) for text in SEARCHED]),
                "w4": await self._carts(connection),
                "w5": Workload(await self._orders(connection)),
                "w6": Workload([await self._home(connection)]),
            }
        finally:
            await connection.close()

    async def _pages(self, connection: Any) -> Any:
        found = await connection.fetch(
            "SELECT slug FROM products WHERE is_listed ORDER BY md5(slug) LIMIT $1", PAGES
        )
        for row in found:
            yield request(document("w2"), slug=row["slug"])

    async def _carts(self, connection: Any) -> Workload:
        """Guests put the same few variants into their carts, again and again."""
        carts = await connection.fetch(
            "SELECT carts.id, owner_id FROM carts JOIN guests ON guests.id = owner_id"
            " WHERE status = 'OPEN' ORDER BY carts.id LIMIT $1",
            GUESTS,
        )
        variants = await connection.fetch("SELECT id FROM variants ORDER BY md5(sku) LIMIT 200")
        shelf: Iterator[Any] = itertools.cycle(variants)
        tokens = {cart["id"]: self.tokens.guest(cart["owner_id"])[0] for cart in carts}
        wanted = [(cart, next(shelf)) for _ in range(LINES_PER_CART) for cart in carts]
        requests = [
            request(
                document("w4"),
                token=tokens[cart["id"]],
                cartId=encode("cart", cart["id"]),
                variantId=encode("variant", variant["id"]),
            )
            for cart, variant in wanted
        ]
        listed = ", ".join(f"'{cart['id']}'" for cart in carts)
        return Workload(
            requests,
            f"DELETE FROM cart_lines WHERE cart_id IN ({listed})",
            capacity=len(requests) * MAX_UNITS_PER_LINE,
        )

    async def _orders(self, connection: Any) -> list[Request]:
        shoppers = await connection.fetch(
            "SELECT users.id, sessions.id AS session_id FROM users"
            " JOIN sessions ON sessions.user_id = users.id ORDER BY users.id LIMIT $1",
            SHOPPERS,
        )
        return [
            request(document("w5"), token=self.tokens.access(row["id"], row["session_id"])[0])
            for row in shoppers
        ]

    async def _home(self, connection: Any) -> Request:
        def first(rows: Any) -> UUID:
            found: UUID = rows[0]["id"]
            return found

        roots = await connection.fetch(
            "SELECT id FROM categories WHERE parent_id IS NULL ORDER BY id LIMIT 2"
        )
        collections = await connection.fetch("SELECT id FROM collections ORDER BY id LIMIT 1")
        return request(
            document("w6"),
            category=encode("category", first(roots)),
            other=encode("category", first(roots[1:])),
            collection=encode("collection", first(collections)),
        )


async def signing_keys(settings: Settings) -> Keys:
    """Those the servers are going to have."""
    db, reader = Database(settings.database_url, size=2), Reader(settings.database_url, size=2)
    await reader.open()
    try:
        keys = Keys(settings, reader)
        await open_keys(keys, db, settings)
        return keys
    finally:
        reader.close()
        await db.close()


def request(query: str, /, *, token: str = "", **variables: Any) -> Request:
    return Request(orjson.dumps({"query": query, "variables": variables}), token)
