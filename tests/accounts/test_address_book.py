"""The address book."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette

from core.db import Database, counted
from core.ids import encode, new_id
from models.accounts import User
from services.accounts import MAX_ADDRESSES
from services.accounts.countries import COUNTRIES
from tests.accounts.operations import ME, REFUSALS, everything, refused
from tests.asking import Ask
from tests.factories.accounts import make_address, make_user, sign_in

BOOK = "{ me { addresses { id name isDefaultShipping isDefaultBilling } } }"
UPSERT = f"""mutation($input: AddressUpsertInput!) {{ addressUpsert(input: $input) {{
  address {{ id name company line1 line2 city region postalCode country phone
    isDefaultShipping isDefaultBilling }} {REFUSALS} }} }}"""
DELETE = f"""mutation($input: AddressDeleteInput!) {{ addressDelete(input: $input) {{
  deletedAddressId user {{ addresses {{ id }} }} {REFUSALS} }} }}"""
HOME = {
    "name": "Ann",
    "line1": "1 High Street",
    "city": "Leeds",
    "postalCode": "LS1 1AB",
    "country": "GB",
}
WORK = HOME | {"company": "Mill & Co", "line1": "2 Canal Road", "postalCode": "LS1 1AA"}


@pytest.fixture
async def ann(db: Database) -> User:
    async with db.transaction() as session:
        return await make_user(session)


@pytest.fixture
async def own(app: Starlette, db: Database, ask: Ask, ann: User) -> Ask:
    async with db.transaction() as session:
        asks = ask.as_(await sign_in(session, app.state.shop.tokens, ann))
    await asks(ME)  # who asks is known from now on
    return asks


async def upsert(ask: Ask, address: dict[str, Any], **values: Any) -> dict[str, Any]:
    answer = await ask(UPSERT, input={"address": address, **values})
    payload: dict[str, Any] = answer["addressUpsert"]
    return payload


async def defaults(ask: Ask) -> dict[str, tuple[bool, bool]]:
    book = (await ask(BOOK))["me"]["addresses"]
    return {each["id"]: (each["isDefaultShipping"], each["isDefaultBilling"]) for each in book}


async def test_the_first_address_is_the_default_and_the_next_one_is_not(own: Ask) -> None:
    first = await upsert(own, HOME | {"name": "  Ann ", "region": None, "phone": "(0113) 496 0000"})
    second = await upsert(own, WORK)

    assert first["userErrors"] == []
    assert first["address"] == {
        "id": first["address"]["id"],
        "name": "Ann",
        "company": "",
        "line1": "1 High Street",
        "line2": "",
        "city": "Leeds",
        "region": "",
        "postalCode": "LS1 1AB",
        "country": "GB",
        "phone": "+441134960000",
        "isDefaultShipping": True,
        "isDefaultBilling": True,
    }
    assert await defaults(own) == {
        first["address"]["id"]: (True, True),
        second["address"]["id"]: (False, False),
    }


async def test_a_default_moves_from_one_entry_to_another(own: Ask) -> None:
    first = (await upsert(own, HOME))["address"]["id"]
    second = (await upsert(own, WORK, isDefaultShipping=True))["address"]["id"]

    assert await defaults(own) == {second: (True, False), first: (False, True)}

    await upsert(own, HOME, id=first, isDefaultShipping=True, isDefaultBilling=False)
    assert await defaults(own) == {first: (True, False), second: (False, False)}


async def test_an_entry_is_replaced_as_a_whole_and_keeps_its_defaults(own: Ask) -> None:
    entry = (await upsert(own, WORK))["address"]

    payload = await upsert(own, HOME | {"name": "Ann B."}, id=entry["id"])

    assert payload["address"]["id"] == entry["id"]
    assert payload["address"]["company"] == ""
    assert payload["address"]["postalCode"] == "LS1 1AB"
    assert payload["address"]["name"] == "Ann B."
    assert await defaults(own) == {entry["id"]: (True, True)}


async def test_the_same_address_again_is_no_second_entry_and_changes_nothing(
    db: Database, own: Ask
) -> None:
    first = await upsert(own, HOME)
    before = await everything(db)

    again = await upsert(own, HOME | {"city": " Leeds "})

    assert again == first
    assert await everything(db) == before


async def test_entries_of_others_are_not_found_and_stay(db: Database, own: Ask) -> None:
    async with db.transaction() as session:
        foreign = await make_address(session, await make_user(session))
    before = await everything(db)

    for entry in (encode("address", foreign.id), encode("address", new_id()), "address_1", "x"):
        replaced = await upsert(own, HOME, id=entry)
        deleted = (await own(DELETE, input={"id": entry}))["addressDelete"]

        assert refused(replaced) == refused(deleted) == [("NotFound", ["id"])]
    assert await everything(db) == before


async def test_an_entry_can_be_deleted_once(own: Ask) -> None:
    entry = (await upsert(own, HOME))["address"]["id"]

    deleted = (await own(DELETE, input={"id": entry}))["addressDelete"]
    again = (await own(DELETE, input={"id": entry}))["addressDelete"]

    assert deleted == {"deletedAddressId": entry, "user": {"addresses": []}, "userErrors": []}
    assert refused(again) == [("NotFound", ["id"])]


async def test_a_full_book_takes_no_more_but_lets_its_entries_be_replaced(
    db: Database, ann: User, own: Ask
) -> None:
    async with db.transaction() as session:
        entries = [await make_address(session, ann) for _ in range(MAX_ADDRESSES)]
    before = await everything(db)

    payload = await upsert(own, HOME)

    assert refused(payload) == [("TooManyAddresses", None)]
    assert await everything(db) == before
    replaced = await upsert(own, HOME, id=encode("address", entries[0].id))
    assert replaced["userErrors"] == []


async def test_two_tabs_at_once_leave_one_default(own: Ask) -> None:
    streets = [HOME | {"line1": f"{n} High Street"} for n in range(8)]

    payloads = await asyncio.gather(
        *(upsert(own, street, isDefaultShipping=True) for street in streets)
    )

    assert [payload["userErrors"] for payload in payloads] == [[]] * 8
    flags = (await defaults(own)).values()
    assert sorted(shipping for shipping, _ in flags) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("name", " "),
        ("name", "A" * 101),
        ("line1", ""),
        ("line1", "1 High Street\nLeeds"),
        ("line2", "x" * 201),
        ("city", ""),
        ("city", "Leeds\u0000"),
        ("postalCode", "1" * 21),
        ("postalCode", ""),
        ("postalCode", "62701"),
        ("country", "XX"),
        ("country", "UK"),
        ("phone", "none"),
    ],
)
async def test_what_is_no_address_is_refused_at_its_part_and_changes_nothing(
    db: Database, own: Ask, part: str, value: str
) -> None:
    before = await everything(db)
    literal = value.replace("\u0000", "\\u{0}").replace("\n", "\\n")
    parts = ", ".join(f'{name}: "{text}"' for name, text in (HOME | {part: literal}).items())
    query = f"mutation {{ addressUpsert(input: {{address: {{{parts}}}}}) {{ address {{ id }} {REFUSALS} }} }}"

    payload = (await own(query))["addressUpsert"]

    assert refused(payload) == [("InvalidInput", ["address", part])]
    assert await everything(db) == before


async def test_every_part_that_is_wrong_is_told_at_once(own: Ask) -> None:
    payload = await upsert(own, {"name": "", "line1": "", "city": "Leeds", "country": "ZZ"})

    fields = [field for _, field in refused(payload)]
    assert fields == [["address", "name"], ["address", "line1"], ["address", "country"]]


@pytest.mark.parametrize("operation", [UPSERT, DELETE])
async def test_the_book_is_for_those_who_are_signed_in(
    db: Database, ask: Ask, operation: str
) -> None:
    values = {"address": HOME} if operation is UPSERT else {"id": encode("address", new_id())}

    answer = await ask.answer(operation, input=values)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await everything(db) == {}


async def test_a_new_default_takes_six_statements_however_long_the_book_is(
    db: Database, ann: User, own: Ask
) -> None:
    async with db.transaction() as session:
        await make_address(session, ann, is_default_shipping=True)
        for _ in range(20):
            await make_address(session, ann)

    with counted() as seen:
        await upsert(own, HOME, isDefaultShipping=True)

    # the user under a lock, the book, the old default, the entry, the event; the payload's entry
    assert len(seen) == 6, seen


def test_the_countries_are_those_of_the_standard() -> None:
    assert len(COUNTRIES) == 249
    assert {"DE", "CN", "GB", "TW", "SS"} <= COUNTRIES
    assert not COUNTRIES & {"UK", "EU", "XK", "AN", "SU", "YU", "ZZ"}
