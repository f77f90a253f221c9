"""What every request gets and what none may do: ids, headers, limits, origins, health."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from app import new_app
from core.settings import Settings

QUESTION = {"query": "{ __typename }"}


async def test_the_request_id_is_ours_or_the_proxys_if_it_is_harmless(
    client: httpx.AsyncClient,
) -> None:
    kept = await client.get("/healthz", headers={"x-request-id": "proxy-1234"})
    made = [
        await client.get("/healthz", headers={"x-request-id": bad})
        for bad in ("short", "x" * 65, 'a" injected="b')
    ]

    assert kept.headers["x-request-id"] == "proxy-1234"
    assert len({answer.headers["x-request-id"] for answer in made}) == 3
    assert all(len(answer.headers["x-request-id"]) == 32 for answer in made)


async def test_answers_carry_the_security_headers(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json=QUESTION)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_body_above_one_mebibyte_is_refused_announced_or_not(
    client: httpx.AsyncClient,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 32_768

    json = {"content-type": "application/json"}
    announced = await client.post("/graphql", content=b" " * 1_048_577, headers=json)
    streamed = await client.post("/graphql", content=pieces(), headers=json)

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert announced.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_process_and_its_parts_report_their_health(client: httpx.AsyncClient) -> None:
    alive, ready = await client.get("/healthz"), await client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "parts": {"database": True, "redis": True}},
    )


async def test_without_redis_the_shop_is_ready_and_without_a_database_it_is_not(
    settings: Settings,
) -> None:
    nowhere = "127.0.0.1:9"
    no_redis = settings.model_copy(update={"redis_url": f"redis://{nowhere}/0"})
    no_database = settings.model_copy(
        update={"database_url": f"postgresql+asyncpg://postgres@{nowhere}/nothing"}
    )

    answers = [await ask_of(new_app(each), "/readyz") for each in (no_redis, no_database)]

    assert [answer.status_code for answer in answers] == [200, 503]
    assert answers[0].json()["parts"] == {"database": True, "redis": False}
    assert answers[1].json()["parts"]["database"] is False


async def ask_of(app: Starlette, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
    ):
        return await client.get(path)


async def test_a_database_that_is_away_is_unavailable_and_not_an_internal_error(
    settings: Settings,
) -> None:
    away = {"database_url": "postgresql+asyncpg://postgres@127.0.0.1:9/nothing"}
    app = new_app(settings.model_copy(update=away))
    transport = httpx.ASGITransport(app=app)

    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
    ):
        read = await client.post("/graphql", json={"query": "{ products { nodes { id } } }"})
        write = await client.post(
            "/graphql", json={"query": "mutation { cartCreate(input: {}) { guestToken } }"}
        )

    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in (read, write)]
    assert codes == ["UNAVAILABLE"] * 2


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://app.example", True), ("https://evil.example", False)]
)
async def test_only_pages_of_allowed_origins_may_ask_from_a_browser(
    settings: Settings, origin: str, allowed: bool
) -> None:
    app = new_app(settings.model_copy(update={"cors_origins": ["https://app.example"]}))
    transport = httpx.ASGITransport(app=app)
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }

    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
    ):
        answer = await client.options("/graphql", headers=asked)

    assert (answer.headers.get("access-control-allow-origin") == origin) is allowed


async def test_the_bare_address_leads_a_browser_to_graphiql(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"accept": "text/html"})

    assert (answer.status_code, answer.headers["location"]) == (307, "/graphql")


async def test_of_several_operations_one_has_to_be_named(client: httpx.AsyncClient) -> None:
    document = "query A { shop { name } } mutation B { cartCreate(input: {}) { guestToken } }"

    unnamed = await client.post("/graphql", json={"query": document})
    named = await client.post("/graphql", json={"query": document, "operationName": "A"})

    assert unnamed.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in unnamed.json()
    assert named.json()["data"]["shop"]["name"] == "Marketfront"
