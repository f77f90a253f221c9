"""The letters of a running shop, as its mailbox shows them."""

import html
import re
import time

import httpx

PATIENCE_SECONDS = 15.0  # for the worker that carries them
LISTED = re.compile(r'<td>([^<]*)</td><td><a href="(/mailbox/[0-9a-f]+)">')


def letter_with(base_url: str, line: str, *, to: str = "") -> re.Match[str]:
    """The newest letter with a line that matches; waits for it. to: whose; "": anybody's."""
    pattern, deadline = re.compile(line), time.monotonic() + PATIENCE_SECONDS
    seen: set[str] = set()
    while time.monotonic() < deadline:
        listing = httpx.get(f"{base_url}/mailbox", timeout=30).text
        for recipient, path in LISTED.findall(listing):
            if path in seen or (to and html.unescape(recipient) != to):
                continue
            seen.add(path)
            page = httpx.get(f"{base_url}{path}", timeout=30).text
            if found := pattern.search(html.unescape(page)):
                return found
        time.sleep(0.1)
    raise AssertionError(f"no letter to {to or 'anybody'} says {line}")


def token_to_register(base_url: str, email: str) -> str:
    """What the link proves in the letter to a new customer."""
    link = re.escape(f"{base_url}/account/register?token=") + r"([\w-]+)"
    return letter_with(base_url, link, to=email)[1]
