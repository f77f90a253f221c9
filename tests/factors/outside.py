"""A person with a browser at an outside provider, and the shop that sends them there."""

import re
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from tests.asking import Ask
from tests.factors.operations import ENTERED, FACTS, done, operation

CALLBACK = "http://127.0.0.1:9/callback"
START = operation("oauthLoginStart", f"address state verifier {FACTS}")
FINISH = operation("oauthLoginComplete", ENTERED)
LINK_START = operation("identityLinkStart", f"address state verifier {FACTS}")
LINK = operation("identityLink", f"identity {{ id provider }} {FACTS}")
UNLINK = operation("identityUnlink", f"unlinkedIdentityId {FACTS}")
IDENTITIES = "{ me { identities { id provider lastUsedAt } } }"


async def start(ask: Ask, provider: str, query: str = START) -> dict[str, Any]:
    payload = await done(ask, query, provider=provider, redirectUri=CALLBACK)
    assert payload["userErrors"] == [], payload
    return payload


async def callback(started: dict[str, Any], *, person: str) -> dict[str, str]:
    """What the provider sends back of a person who signs in there, and what the client kept."""
    async with httpx.AsyncClient(follow_redirects=False) as browser:
        address = started["address"]
        for _ in range(12):
            page = await browser.get(address)
            address = await _onwards(browser, page, address, person)
            if address.startswith(CALLBACK):
                break
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query.pop("state") == started["state"]
    return {**query, "state": started["state"], "verifier": started["verifier"]}


async def _onwards(
    browser: httpx.AsyncClient, page: httpx.Response, address: str, person: str
) -> str:
    """Where a page sends the browser, after its form was filled in."""
    if not page.is_redirect:
        form = re.search(r'action="([^"]+)"', page.text)
        assert form, page.text
        prompt = "login" if 'name="login"' in page.text else "consent"
        given = {"prompt": prompt, "login": person, "password": "any"}
        page = await browser.post(urljoin(address, form[1]), data=given)
        assert page.is_redirect, page.text
    return urljoin(address, page.headers["location"])
