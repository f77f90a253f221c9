"""GraphQL over HTTP: what is executed, what is refused, and as what it is answered."""

import logging
from typing import Any

import httpx
import pytest

from tests.engine.tables import Fetch
from tests.http.conftest import PAGE, Callers

JSON = "application/json"
NEW = "application/graphql-response+json"
ADD = "mutation{cartLineAdd(input:{variant:5}){lines{quantity}}}"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def error_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert "data" not in body
    assert len(body["errors"]) == 1
    return body["errors"][0]


async def test_a_query_is_answered(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", json={"query": "{product(id:1){name}}"})

    assert response.status_code == 200
    assert response.json() == {"data": {"product": {"name": "Product 1"}}}
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["vary"] == "accept"


async def test_variables_and_operation_name_are_used(client: httpx.AsyncClient) -> None:
    query = "query A{product(id:1){id}} query B($n:Int!){product(id:$n){id}}"
    body = {"query": query, "variables": {"n": 2}, "operationName": "B", "extensions": {"x": 1}}
    parameters = {"query": query, "variables": '{"n":2}', "operationName": "B", "extensions": "{}"}

    posted = await client.post("/graphql", json=body)
    got = await client.get("/graphql", params=parameters)

    assert posted.json() == got.json() == {"data": {"product": {"id": "product_2"}}}


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", JSON),
        ("", JSON),
        (JSON, JSON),
        (NEW, NEW),
        (f"{NEW}, {JSON};q=0.9", NEW),
        (f"{JSON}, {NEW}", NEW),
        (f"{JSON}, {NEW};q=0.5", JSON),
        (f"{NEW};q=0, */*", JSON),
        (f"{JSON};q=0, */*", NEW),
        ("application/*", JSON),
        (f"text/event-stream, {JSON}", JSON),
        (f"text/event-stream;q=1, {NEW};q=0.1", NEW),
        (f"multipart/mixed, {JSON}", JSON),
        ("APPLICATION/JSON; charset=utf-8", JSON),
    ],
)
async def test_the_kind_of_json_is_what_the_client_prefers(
    client: httpx.AsyncClient, accept: str, answered: str
) -> None:
    body = {"query": "{__typename}"}

    response = await client.post("/graphql", json=body, headers={"accept": accept})

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream", "image/*", f"{JSON};q=0"])
async def test_what_is_not_json_is_not_to_be_had(
    client: httpx.AsyncClient, callers: Callers, accept: str
) -> None:
    body = {"query": "{__typename}"}

    response = await client.post("/graphql", json=body, headers={"accept": accept})

    assert response.status_code == 406
    assert callers.made == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", f"query={ADD}"),
        ("multipart/form-data; boundary=x", f'--x\r\nname="query"\r\n\r\n{ADD}\r\n--x--'),
        ("text/plain", f'{{"query":"{ADD}"}}'),
        ("text/plain; application/json", f'{{"query":"{ADD}"}}'),
        ("application/json; charset=utf-16", f'{{"query":"{ADD}"}}'),
        ("application/graphql", ADD),
        ("", f'{{"query":"{ADD}"}}'),
    ],
)
async def test_what_a_foreign_page_may_send_is_not_executed(
    client: httpx.AsyncClient, fetch: Fetch, callers: Callers, content_type: str, body: str
) -> None:
    headers = {"content-type": content_type} if content_type else {}

    response = await client.post("/graphql", content=body, headers=headers)

    assert response.status_code == 415
    assert error_of(response)["extensions"] == {"code": "BAD_USER_INPUT"}
    assert callers.made == []
    assert await fetch("select * from cart_line") == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "The body is not JSON"),
        (b'{"query": "{__typ', "The body is not JSON"),
        (b'{"query": "\xff"}', "The body is not JSON"),
        (b"[" * 100_000, "The body is not JSON"),
        (b'{"query": "{__typename}", "variables": {"a": NaN}}', "The body is not JSON"),
        (b'{"query": "{__typename} #\\u0000"}', "NUL character"),
        (b'[{"query": "{__typename}"}]', "batches are not executed"),
        (b'"{__typename}"', "must be a JSON object"),
        (b"{}", "`query` must be a text"),
        (b'{"query": ""}', "`query` must be a text"),
        (b'{"query": {"a": 1}}', "`query` must be a text"),
        (b'{"query": "{__typename}", "variables": []}', "`variables` must be an object"),
        (b'{"query": "{__typename}", "variables": "{}"}', "`variables` must be an object"),
        (b'{"query": "{__typename}", "extensions": 1}', "`extensions` must be an object"),
        (b'{"query": "{__typename}", "operationName": 7}', "`operationName` must be a text"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, NEW])
async def test_a_malformed_request_is_told_what_is_wrong(
    client: httpx.AsyncClient, callers: Callers, body: bytes, problem: str, accept: str
) -> None:
    headers = {"content-type": JSON, "accept": accept}

    response = await client.post("/graphql", content=body, headers=headers)

    assert response.status_code == 400
    assert problem in error_of(response)["message"]
    assert response.headers["content-type"].startswith(accept)
    assert callers.made == []


@pytest.mark.parametrize(
    ("query", "code", "status"),
    [
        ("{", "GRAPHQL_PARSE_FAILED", 400),
        ("query B{nothing}", "GRAPHQL_VALIDATION_FAILED", 400),
        ("query A{__typename}", "BAD_USER_INPUT", 400),
        ("query B($n:Int!){product(id:$n){id}}", "BAD_USER_INPUT", 400),
        ("query B{products(first:1){offers{id}}}", "UNAUTHENTICATED", 401),
        ("query B{a:products" + "{brand{id}}} #" + "a" * 500, None, 200),
    ],
)
async def test_what_was_not_executed_has_no_data_and_by_the_newer_type_its_status(
    client: httpx.AsyncClient, query: str, code: str | None, status: int
) -> None:
    body = {"query": query, "operationName": "B"}

    old = await client.post("/graphql", json=body, headers={"accept": JSON})
    new = await client.post("/graphql", json=body, headers={"accept": NEW})

    assert (old.status_code, new.status_code) == (200, status)
    assert old.json() == new.json()
    assert code is None or error_of(new)["extensions"]["code"] == code
    assert new.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


@pytest.mark.parametrize(
    ("token", "code", "status"),
    [
        ("revoked", "UNAUTHENTICATED", 401),
        ("broken", "INTERNAL", 500),
        ("down", "UNAVAILABLE", 503),
    ],
)
async def test_a_context_that_can_not_be_made_is_answered_too(
    client: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
    token: str,
    code: str,
    status: int,
) -> None:
    headers = {"accept": NEW, "authorization": f"Bearer {token}"}

    response = await client.post("/graphql", json={"query": "{__typename}"}, headers=headers)

    assert response.status_code == status
    assert error_of(response)["extensions"] == {"code": code}
    assert "secret detail" not in response.text
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == (0 if code == "UNAUTHENTICATED" else 1)


async def test_a_signed_in_caller_without_the_permission_is_forbidden(
    client: httpx.AsyncClient,
) -> None:
    headers = {"accept": NEW, "authorization": "Bearer staff"}
    body = {"query": "{products(first:1){offers{id}}}"}

    response = await client.post("/graphql", json=body, headers=headers)

    assert response.status_code == 403
    assert error_of(response)["extensions"]["code"] == "FORBIDDEN"


async def test_errors_of_fields_stand_beside_the_data_and_are_masked(
    client: httpx.AsyncClient,
) -> None:
    body = {"query": "{broken product(id:3){strictBrand{id}}}"}

    response = await client.post("/graphql", json=body, headers={"accept": NEW})

    assert response.status_code == 200
    assert response.json()["data"] == {"broken": None, "product": None}
    assert {error["extensions"]["code"] for error in response.json()["errors"]} == {"INTERNAL"}
    assert "told you" not in response.text


async def test_data_that_became_null_is_there(client: httpx.AsyncClient) -> None:
    body = {"query": "{products{strictBrand{id}}}"}

    response = await client.post("/graphql", json=body, headers={"accept": NEW})

    assert response.status_code == 200
    assert response.json()["data"] is None


async def test_a_mutation_needs_a_post(client: httpx.AsyncClient, fetch: Fetch) -> None:
    got = await client.get("/graphql", params={"query": ADD})
    posted = await client.post("/graphql", json={"query": ADD})

    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    assert error_of(got)["message"] == "Mutations need POST."
    assert posted.json() == {"data": {"cartLineAdd": {"lines": [{"quantity": 1}]}}}
    assert len(await fetch("select * from cart_line")) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql", params={"query": "{__typename}"})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({}, "`query` must be a text"),
        ({"query": ""}, "`query` must be a text"),
        ({"query": "{__typename}", "variables": "{"}, "`variables` is not JSON"),
        ({"query": "{__typename}", "variables": "[]"}, "`variables` must be an object"),
        ({"query": "{__typename}", "extensions": "x"}, "`extensions` is not JSON"),
    ],
)
async def test_a_malformed_get_is_told_what_is_wrong(
    client: httpx.AsyncClient, parameters: dict[str, str], problem: str
) -> None:
    response = await client.get("/graphql", params=parameters)

    assert response.status_code == 400
    assert problem in error_of(response)["message"]


async def test_a_browser_gets_graphiql_where_there_is_one(client: httpx.AsyncClient) -> None:
    browser, query = {"accept": BROWSER}, {"query": "{__typename}"}

    page = await client.get("/graphql", headers=browser)
    shared = await client.get("/graphql", params=query, headers=browser)
    without = await client.get("/closed", headers=browser)
    tool = await client.get("/graphql", params=query)

    assert page.text == shared.text == PAGE
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"] == "accept"
    assert (without.status_code, tool.status_code) == (400, 200)
    assert tool.json() == {"data": {"__typename": "Query"}}
