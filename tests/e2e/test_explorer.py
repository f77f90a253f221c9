"""The explorer at `/graphql`, in a real browser against a real running server."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyotp
import pytest_asyncio
from playwright.async_api import Page, Response, expect

from tests.e2e.chromium import Visit, visit
from tests.e2e.client import Client
from tests.e2e.letters import token_to_register

EXAMPLES = Path(__file__).resolve().parents[2] / "web" / "explorer" / "examples"
PHONE = {"width": 390, "height": 844}

Answer = dict[str, Any]


@pytest_asyncio.fixture
async def explorer(running_shop: str) -> AsyncIterator[Visit]:
    """The explorer, opened; whatever a test does, nothing may leave for another host."""
    async with visit(f"{running_shop}/graphql") as opened:
        await ready(opened.page)

        yield opened

        assert opened.foreign_requests(running_shop) == []
        assert opened.complaints == []


async def ready(page: Page) -> None:
    """Until the examples can be run: the editor is the last thing to come."""
    await expect(page.get_by_role("button", name="Run “Browse a category”")).to_be_enabled()


async def answer_to(page: Page, button: str, operation: str) -> Answer:
    """Presses a button and gives the server's answer to the named operation."""

    def is_answer(response: Response) -> bool:
        return f'"operationName":"{operation}"' in (response.request.post_data or "")

    async with page.expect_response(is_answer) as waited:
        await page.get_by_role("button", name=button).click()
    response = await waited.value
    answer: Answer = json.loads(await response.text())
    return answer


async def act_as(page: Page, label: str, email: str) -> None:
    await page.get_by_label("Act as").select_option(label=label)
    await expect(page.get_by_role("status")).to_have_text(f"Signed in as {email}")


def examples() -> list[tuple[str, str]]:
    """Title and operation name of every example, in the order of the page."""
    found = []
    for path in sorted(EXAMPLES.glob("*.graphql")):
        text = path.read_text()
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        comment = [line[1:] for line in text.splitlines() if line.startswith("#")]
        operation = lines[0].split()[1].partition("(")[0]
        found.append((json.loads("\n".join(comment))["title"], operation))
    return found


def refusals(answer: Answer) -> list[Any]:
    refused = list(answer.get("errors", []))
    for payload in answer.get("data", {}).values():
        refused += payload.get("userErrors", [])
    return refused


async def test_an_example_runs_and_its_result_appears(explorer: Visit) -> None:
    page = explorer.page

    answer = await answer_to(page, "Run “Browse a category”", "BrowseCategory")

    assert await page.title() == "Marketfront"
    name = answer["data"]["category"]["name"]
    await expect(page.locator(".graphiql-response")).to_contain_text(f'"name": "{name}"')
    await expect(page.locator(".graphiql-query-editor")).to_contain_text("query BrowseCategory")


async def test_every_example_runs_as_it_stands(explorer: Visit) -> None:
    page = explorer.page

    for title, operation in examples():
        answer = await answer_to(page, f"Run “{title}”", operation)

        assert refusals(answer) == [], title
        assert all(answer["data"].values()), title


async def test_a_purchase_runs_at_once_with_the_token_of_the_guest(explorer: Visit) -> None:
    page = explorer.page
    await expect(page.get_by_role("status")).to_have_text("No token is sent")

    answer = await answer_to(page, "Run all steps of “Cart to order”", "OrderGroup")

    await expect(page.get_by_role("status")).to_have_text("A guest token is sent")
    group = answer["data"]["orderGroup"]
    assert group["status"] == "PAID"
    assert [order["status"] for order in group["orders"]] == ["PAID", "PAID"]
    assert len({order["merchant"]["name"] for order in group["orders"]}) == 2


async def test_acting_as_somebody_sends_that_persons_token(explorer: Visit) -> None:
    page = explorer.page
    await act_as(page, "Merchant: Tidewater Outfitters", "tidewater@demo.test")

    merchant = await answer_to(page, "Run “My shop”", "MyShop")
    shopper = await answer_to(page, "Run “My account and orders”", "MyAccount")

    assert merchant["data"]["me"]["email"] == "tidewater@demo.test"
    assert shopper["data"]["me"]["email"] == "mira@demo.test"
    await expect(page.get_by_role("status")).to_have_text("Signed in as mira@demo.test")


async def test_a_wrong_password_is_told_and_signs_nobody_in(explorer: Visit) -> None:
    page = explorer.page
    await page.get_by_label("Act as").select_option(label="Another account…")
    await page.get_by_label("E-mail").fill("mira@demo.test")
    await page.get_by_label("Password").fill("not the password")

    await page.keyboard.press("Enter")

    await expect(page.locator(".problem")).to_contain_text("Could not sign in.")
    await expect(page.get_by_role("status")).to_have_text("No token is sent")


async def test_an_account_with_one_time_codes_is_asked_for_one(
    explorer: Visit, running_shop: str
) -> None:
    codes = account_with_one_time_codes(running_shop)
    page = explorer.page
    await page.get_by_label("Act as").select_option(label="Another account…")
    await page.get_by_label("E-mail").fill("careful@demo.test")
    await page.get_by_label("Password").fill("a careful staple")
    await page.keyboard.press("Enter")

    code = page.get_by_label("One-time code of careful@demo.test")
    await code.fill("none of the codes")
    await page.keyboard.press("Enter")
    await expect(page.locator(".problem")).to_contain_text("Could not sign in.")
    await code.fill(codes[0])
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("status")).to_have_text("Signed in as careful@demo.test")


def account_with_one_time_codes(address: str) -> list[str]:
    """Its recovery codes."""
    person = Client(address)
    account = {"email": "careful@demo.test", "password": "a careful staple"}
    person.change(
        "mutation($i: AccountRegisterInput!) { accountRegister(input: $i) { userErrors { code } } }",
        i=account,
    )
    made = person.ask(
        "mutation($i: AccountConfirmInput!) { made: accountConfirm(input: $i) { accessToken } }",
        i={
            "token": token_to_register(address, account["email"]),
            "password": account["password"],
        },
    )["made"]
    person.token = made["accessToken"]
    setup = person.ask("mutation { made: totpSetup { secret } }")["made"]
    confirmed = person.ask(
        "mutation($i: TotpConfirmInput!) { made: totpConfirm(input: $i) { recoveryCodes } }",
        i={"code": pyotp.TOTP(setup["secret"]).now()},
    )["made"]
    return confirmed["recoveryCodes"]


async def test_the_documentation_describes_types_and_fields(explorer: Visit) -> None:
    page = explorer.page

    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.locator(".graphiql-doc-explorer-content").get_by_text("Query", exact=True).click()

    panel = page.locator(".graphiql-plugin")
    await expect(panel).to_contain_text("Everything that can be read.")
    await expect(panel).to_contain_text("orderGroup")


async def test_a_token_the_server_does_not_take_is_dropped(running_shop: str) -> None:
    async with visit(f"{running_shop}/graphql") as opened:
        page = opened.page
        await expect(page.get_by_label("Act as")).to_be_visible()
        stale = {"caller": {"kind": "guest", "token": "stale"}, "guestToken": "stale"}
        await page.evaluate(
            "value => sessionStorage.setItem('marketfront.session', value)", json.dumps(stale)
        )

        await page.reload()

        await ready(page)
        await expect(page.locator(".problem")).to_contain_text("does not accept the token")
        await expect(page.get_by_role("status")).to_have_text("No token is sent")
        answer = await answer_to(page, "Run “Browse a category”", "BrowseCategory")
        assert answer["data"]["category"]["name"]


async def test_on_a_phone_the_result_is_in_view_after_a_run(running_shop: str) -> None:
    async with visit(f"{running_shop}/graphql", **PHONE) as opened:
        page = opened.page
        await ready(page)

        await answer_to(page, "Run “Browse a category”", "BrowseCategory")

        await expect(page.get_by_role("region", name="Examples")).to_have_count(0)
        await expect(page.locator(".graphiql-response")).to_be_in_viewport(ratio=0.9)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"]
