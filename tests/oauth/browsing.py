"""A browser without scripts: opens our pages, fills in their forms, stops at other sites."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

PASSWORD = "correct horse battery staple"


class _Form(HTMLParser):
    """The first form with the step that is looked for: its address and what it holds already."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self._step, self._action = step, ""
        self._values: dict[str, str] = {}
        self.found: tuple[str, dict[str, str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action, self._values = named["action"], {}
        elif tag == "input":
            self._values[named["name"]] = named.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._values.get("step") == self._step and self.found is None:
            self.found = self._action, self._values


@dataclass
class Browser:
    """`page`: the last answer; `left_for`: the address of another site that it was sent to."""

    http: httpx.AsyncClient
    base: str
    headers: dict[str, str] = field(default_factory=dict)
    page: httpx.Response = field(init=False)
    left_for: str | None = None

    async def open(self, url: str) -> httpx.Response:
        return await self._follow(await self.http.get(url, headers=self.headers))

    async def submit(self, step: str, **values: str) -> httpx.Response:
        form = self.form(step)
        return await self.post(*form, **values)

    async def post(self, action: str, held: dict[str, str], **values: str) -> httpx.Response:
        url = urljoin(str(self.page.url), action)
        answer = await self.http.post(url, data={**held, **values}, headers=self.headers)
        return await self._follow(answer)

    def form(self, step: str) -> tuple[str, dict[str, str]]:
        parser = _Form(step)
        parser.feed(self.page.text)
        assert parser.found, f"no form `{step}` on:\n{self.page.text}"
        return parser.found

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.submit("sign-in", email=email, password=password)

    async def decide(self, decision: str) -> httpx.Response:
        return await self.submit("decide", decision=decision)

    def answer(self) -> dict[str, str]:
        """The parameters that the client was sent."""
        assert self.left_for, self.page.text
        return {name: each for name, [each] in parse_qs(urlsplit(self.left_for).query).items()}

    async def _follow(self, answer: httpx.Response) -> httpx.Response:
        self.left_for = None
        while answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(target).netloc != urlsplit(self.base).netloc:
                self.left_for = target
                break
            answer = await self.http.get(target, headers=self.headers)
        self.page = answer
        return answer


def hidden(response: httpx.Response, name: str) -> Any:
    """The value of a hidden field."""
    before, _, rest = response.text.partition(f'name="{name}" value="')
    assert rest, before
    return rest.partition('"')[0]
