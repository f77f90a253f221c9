"""Whatever is asked, the answer is an answer or a refusal: never a fault of ours."""

import random

import pytest
from starlette.applications import Starlette

from auth.tokens import Tokens
from core.db import Database
from core.identity import ANONYMOUS, Caller, CallerKind
from core.settings import Settings
from tests.asking import Ask
from tests.engine.parity import random_operations
from tests.engine.test_shop_parity import (
    EXAMPLES,
    SCALARS,
    Shop,
    everything,
    furnish,
    part_of,
    with_known_ids,
)


@pytest.mark.parametrize("is_mutation", [False, True], ids=["queries", "mutations"])
async def test_random_operations_meet_no_fault(
    app: Starlette,
    settings: Settings,
    db: Database,
    ask: Ask,
    tokens: Tokens,
    is_mutation: bool,
) -> None:
    """As everybody at once, so that whatever one of them made is there for the others."""
    ids, guest = await furnish(app, db, ask)
    assert guest.token is not None
    subject = tokens.read(guest.token).subject
    callers = [ANONYMOUS, Caller(CallerKind.GUEST, subject), everything(subject)]
    shops = [Shop(app, settings, caller) for caller in callers]
    sdl = part_of(shops[0].ours._schema, is_mutation=is_mutation)
    chance, faults = random.Random(1), []

    for number, operation in enumerate(random_operations(sdl, EXAMPLES // 3, SCALARS)):
        query = with_known_ids(operation, ids, chance)
        result = await shops[number % len(shops)].with_ours(query)
        faults += [
            (error.path, error.message, query)
            for error in result.errors or ()
            if (error.extensions or {}).get("code") == "INTERNAL"
        ]

    assert faults == []
