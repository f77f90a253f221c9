"""The demo shop: complete, loaded once, and everybody in it can sign in."""

import json
from pathlib import Path

import httpx
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.routing import Route

from auth.passwords import verify
from core.db import Database
from core.settings import Settings
from endpoints.demo import ACCOUNTS, accounts
from models.accounts import Address, User
from models.catalog import Product, ProductMedia, Review
from models.inventory import StockLevel, StockMovement
from models.merchants import Merchant
from models.outbox import OutboxEvent
from tests.asking import Ask
from tools.demo import stories
from tools.demo.__main__ import load

LIST = """query($after: String) {products(first: 100, after: $after) {pageInfo {endCursor} nodes {
    slug name summary priceRange {start {amount currency}} merchant {name} brand {slug}
    category {slug ancestors {slug}} media {__typename ... on Image {url thumbnail}}
    variants {sku name price {amount} quantityAvailable options {option value}}
    options {slug name values {slug name}} attributes {slug value} rating {average count}
}}}"""


async def test_every_product_is_listed_with_all_that_a_page_shows(
    db: Database, ask: Ask, tmp_path: Path
) -> None:
    await load(db, tmp_path)

    first = (await ask(LIST))["products"]
    rest = (await ask(LIST, after=first["pageInfo"]["endCursor"]))["products"]
    products = [*first["nodes"], *rest["nodes"]]

    assert len(products) == 116
    assert len({product["slug"] for product in products}) == 116
    for product in products:
        assert all(product[name] for name in ("merchant", "brand", "attributes")), product
        assert len(product["category"]["ancestors"]) == 2
        assert product["priceRange"]["start"]["currency"] == "USD"
        assert [media["__typename"] for media in product["media"]] == ["Image"]
        assert (tmp_path / product["media"][0]["url"].lstrip("/")).is_file()
        assert (tmp_path / product["media"][0]["thumbnail"].lstrip("/")).is_file()
        assert all(variant["price"] and variant["name"] for variant in product["variants"])


async def test_loading_it_again_changes_nothing(db: Database, tmp_path: Path) -> None:
    async def counts() -> list[int | None]:
        async with db.transaction() as session:
            return [
                await session.scalar(select(func.count()).select_from(model))
                for model in (Merchant, User, Address, Product, ProductMedia, Review, OutboxEvent)
            ]

    first = await load(db, tmp_path), await counts()
    second = await load(db, tmp_path), await counts()

    assert (first[0], second[0]) == (True, False)
    assert first[1] == second[1]
    assert all(first[1])


async def test_everybody_can_sign_in(db: Database, tmp_path: Path) -> None:
    await load(db, tmp_path)

    async with db.transaction() as session:
        found = await session.execute(select(User.email, User.password_hash))
        hashes = dict(found.all())
    verdicts = [
        (await verify(account["password"], hashes[account["email"]])).is_right
        for account in stories.accounts()
    ]

    assert verdicts == [True] * 11
    assert {account["kind"] for account in stories.accounts()} == {
        "shopper",
        "merchant",
        "platform",
    }


async def test_stock_is_the_sum_of_its_movements(db: Database, tmp_path: Path) -> None:
    await load(db, tmp_path)

    async with db.transaction() as session:
        on_hand = await session.scalar(select(func.sum(StockLevel.on_hand)))
        moved = await session.scalar(select(func.sum(StockMovement.on_hand_delta)))

    assert on_hand == moved
    assert on_hand is not None
    assert on_hand > 1000


async def test_the_accounts_are_served_in_a_demo_only(settings: Settings) -> None:
    (settings.data_dir / ACCOUNTS).write_text(json.dumps(stories.accounts()))
    app = Starlette(routes=[Route("/demo/accounts.json", accounts)])

    answers = []
    for is_demo in (False, True):
        app.state.settings = settings.model_copy(update={"demo": is_demo})
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            answers.append(await client.get("/demo/accounts.json"))

    assert [answer.status_code for answer in answers] == [404, 200]
    assert answers[1].json()[0] == {
        "label": "Shopper",
        "email": "mira@demo.test",
        "password": "demo-mira-2026",
        "kind": "shopper",
    }
