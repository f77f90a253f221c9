"""A real headless Chromium: the distribution's own, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Request, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 20_000


@dataclass
class Visit:
    """A page and what it did that a visitor does not see."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def foreign_requests(self, base_url: str) -> list[str]:
        """Requests that would have left for another host; `data:` and `blob:` stay inside."""
        own = urlsplit(base_url).netloc
        outside = [urlsplit(url) for url in self.requests]
        return [
            url.geturl()
            for url in outside
            if url.scheme not in ("data", "blob") and url.netloc != own
        ]


def executable() -> str:
    """Where the browser is; without one the test is skipped, but in CI it fails."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    message = "No Chromium on this machine; install the package `chromium`."
    if "CI" in os.environ:
        pytest.fail(message)
    pytest.skip(message)


@asynccontextmanager
async def visit(url: str, *, width: int = 1440, height: int = 860) -> AsyncIterator[Visit]:
    """Opens a page in a browser of its own, with nothing remembered from before."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = await browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        visited = Visit(page)

        def note_request(request: Request) -> None:
            visited.requests.append(request.url)

        page.on("request", note_request)
        page.on("pageerror", lambda error: visited.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                visited.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        await page.goto(url)
        yield visited
        await browser.close()
