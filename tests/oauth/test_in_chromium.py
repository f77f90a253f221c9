"""Our pages in a real browser, with its scripts turned off."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, async_playwright

from auth.oauth.clients import CODE, DEVICE
from core.db import Database
from tests.e2e.chromium import FLAGS, PATIENCE_MS, executable
from tests.oauth.browsing import PASSWORD
from tests.oauth.flows import address, client_and_shopper
from tests.oauth.server_process import Server

# Every field has a label that one can see, or is hidden.
UNLABELLED = """() => [...document.querySelectorAll("input")].filter(
  (input) => input.type !== "hidden" && !input.labels.length).length"""
# The luminance contrast of text and its ground, of what is written on the page. Source: WCAG 2.2.
CONTRASTS = """() => {
  const light = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) =>
    0.2126 * light(r / 255) + 0.7152 * light(g / 255) + 0.0722 * light(b / 255);
  const colour = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const found = colour(getComputedStyle(each).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("h1, p, label, button, strong, li, .badge, .soft")].map(
    (element) => {
      const [one, two] = [colour(getComputedStyle(element).color), ground(element)].map(luminance);
      return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    });
}"""


@pytest.fixture(params=["light", "dark"])
async def page(request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """Small, like a phone's."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        context = await chromium.new_context(
            java_script_enabled=False,
            color_scheme=request.param,
            viewport={"width": 360, "height": 740},
        )
        opened = await context.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        yield opened
        await chromium.close()


@pytest.fixture
async def app_address() -> AsyncIterator[str]:
    """Of a site of its own that welcomes whoever comes back."""

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nWelcome")
        await writer.drain()
        writer.close()

    site = await asyncio.start_server(welcome, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{site.sockets[0].getsockname()[1]}/callback"
    site.close()


async def check(page: Page) -> None:
    """What holds for each page."""
    checked = await page.evaluate(UNLABELLED), await page.evaluate(CONTRASTS)
    assert checked[0] == 0
    assert min(checked[1]) >= 4.5
    assert await page.locator("html").get_attribute("lang") == "en"
    assert await page.locator("h1").count() == 1
    width: Any = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360


async def test_somebody_signs_in_and_decides_by_the_keyboard(
    page: Page, server: Server, server_db: Database, app_address: str
) -> None:
    client, user = await client_and_shopper(
        server_db, grant_types=[CODE], redirect_uris=[app_address]
    )

    await page.goto(f"{server.url}{address(client, redirect_uri=app_address)}")
    await check(page)
    assert not await page.get_by_text("Use a passkey").is_visible()
    await page.keyboard.type(user.email)  # the first field has the focus
    await page.keyboard.press("Tab")
    await page.keyboard.type("a wrong password")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").wait_for()
    await check(page)
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Allow", exact=True).wait_for()
    await check(page)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{app_address}?code=*")

    assert await page.locator("body").inner_text() == "Welcome"


async def test_somebody_connects_a_device(page: Page, server: Server, server_db: Database) -> None:
    client, user = await client_and_shopper(server_db, grant_types=[DEVICE])
    async with httpx.AsyncClient(base_url=server.url) as http:
        wanted = {"client_id": client.id.hex, "scope": "openid shop"}
        device = (await http.post("/oauth/device_authorization", data=wanted)).json()

    await page.goto(device["verification_uri"])
    await page.get_by_label("E-mail address").fill(user.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_label("Code on the device").fill(device["user_code"])
    await check(page)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_text(device["user_code"]).wait_for()
    await check(page)
    await page.get_by_role("button", name="Allow", exact=True).click()
    await page.get_by_role("heading", name="The device is connected").wait_for()
    await check(page)

    await page.goto(f"{server.url}/oauth/logout")
    await check(page)
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("heading", name="You are signed out").wait_for()
