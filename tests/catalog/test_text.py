"""Text that a database can't hold."""

import pytest

from tests.asking import Ask


@pytest.mark.parametrize(
    "operation",
    [
        '{ product(by: {slug: "a\\u{0}b"}) { id } }',
        'mutation { orderAccessGrant(input: {number: "a\\u{0}b", proof: "x"}) { guestToken } }',
    ],
)
async def test_a_nul_character_is_the_callers_mistake(ask: Ask, operation: str) -> None:
    answer = await ask.answer(operation)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "U+0000" in answer["errors"][0]["message"]
