"""Before anything is measured: all answer the same, without errors; statements are counted."""

import urllib.request
from typing import Any, Final

import httpx
import orjson

from app import new_app  # noqa: TID251 - this runs the application
from bench.requests import Request, Workload
from bench.servers import Server
from core.db import counted
from core.settings import Settings

SAMPLES: Final = 5


def answer(server: Server, path: str, sent: Request) -> Any:
    """Raises: RuntimeError for an answer with errors."""
    posted = urllib.request.Request(server.url(path), sent.body, sent.headers)
    with urllib.request.urlopen(posted, timeout=30) as response:
        body = orjson.loads(response.read())
    if "errors" in body:
        raise RuntimeError(f"{path}: {body['errors'][0]}")
    for field in body["data"].values():
        if isinstance(field, dict) and field.get("userErrors"):
            raise RuntimeError(f"{path}: {field['userErrors'][0]}")
    return body


def compare(name: str, shop: Server, others: list[tuple[Server, str]], workload: Workload) -> None:
    """Raises: RuntimeError when another server answers something else than the shop."""
    for sent in workload.requests[:SAMPLES]:
        expected = answer(shop, "/graphql", sent)
        for other, path in others:
            if (found := answer(other, path, sent)) != expected:
                raise RuntimeError(f"{name}: {path} differs {first_difference(expected, found)}")


def first_difference(left: Any, right: Any, path: str = "") -> str:
    """Where two JSON values differ first; empty when they are equal."""
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        pairs = [(key, left[key], right[key]) for key in left]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = [(n, *pair) for n, pair in enumerate(zip(left, right, strict=True))]
    else:
        return "" if left == right else f"at {path}: {left!r:.200} is not {right!r:.200}"
    found = (first_difference(a, b, f"{path}.{key}") for key, a, b in pairs)
    return next(filter(None, found), "")


async def statements(settings: Settings, workloads: dict[str, Workload]) -> dict[str, int]:
    """SQL statements of each operation when everything is warm; of the caller's own, none."""
    application = new_app(settings)
    found = {}
    async with application.router.lifespan_context(application):
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            for name, workload in workloads.items():
                sent = workload.requests[0]
                for _ in range(2):
                    with counted() as seen:
                        await client.post("/graphql", content=sent.body, headers=sent.headers)
                    found[name] = len(seen)
    return found
