"""How tests ask: over the whole ASGI application, as a caller."""

from typing import Any

import httpx

from auth import rights
from core.db import Query, counted

_WHO_ASKS = {each.sql for each in vars(rights).values() if isinstance(each, Query)}


class Ask:
    """Posts operations; `as_(token)` is the same as another caller."""

    def __init__(self, client: httpx.AsyncClient, token: str | None = None) -> None:
        self.client, self.token = client, token

    def as_(self, token: str | None) -> "Ask":
        return Ask(self.client, token)

    async def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data; fails when there are errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, errors included."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        response = await self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )
        result: dict[str, Any] = response.json()
        return result

    async def statements(self, query: str, **variables: Any) -> list[str]:
        """The SQL that the operation sends when everything is warm."""
        await self(query, **variables)
        with counted() as seen:
            await self(query, **variables)
        return of_operation(seen)


def of_operation(statements: list[str]) -> list[str]:
    """Without the question who asks, which a loaded machine asks again when news were late."""
    return [each for each in statements if each not in _WHO_ASKS]
