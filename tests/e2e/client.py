"""An app of the shop: asks over HTTP, as whoever holds its token."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx


class Client:
    """One person's app. `token` is sent as Bearer from the moment it is set."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.token: str | None = None

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an operation; fails on errors."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": query, "variables": variables}
        answer = httpx.post(
            f"{self.base_url}/graphql", json=body, headers=headers, timeout=30
        ).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def change(self, query: str, **variables: Any) -> Any:
        """The payload of an operation's only mutation; fails when it was refused."""
        (payload,) = self.ask(query, **variables).values()
        assert payload["userErrors"] == [], payload["userErrors"]
        return payload

    def sign_in(self, email: str, password: str) -> "Client":
        payload = self.change(
            "mutation($input: TokenCreateInput!) { tokenCreate(input: $input) {"
            " accessToken userErrors { message } } }",
            input={"email": email, "password": password},
        )
        self.token = payload["accessToken"]
        return self


def new_key() -> str:
    return uuid4().hex


def eventually(question: Callable[[], bool], *, seconds: float = 15) -> bool:
    """Whether something becomes true in time: workers and callbacks take a moment."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.1)
    return False
