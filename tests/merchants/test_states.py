"""Which decisions a state allows: all of them, one by one."""

from typing import Final

import pytest

from models.merchants import MerchantStatus as S
from services.merchants.errors import NotAllowedInState
from services.merchants.states import Decision, move_of

AGAIN: Final = "nothing to do"
AFTER: Final = {
    S.APPLIED: {Decision.START_REVIEW: S.IN_REVIEW, Decision.CLOSE: S.CLOSED},
    S.IN_REVIEW: {
        Decision.START_REVIEW: AGAIN,
        Decision.APPROVE: S.ACTIVE,
        Decision.REJECT: S.APPLIED,
        Decision.CLOSE: S.CLOSED,
    },
    S.ACTIVE: {
        Decision.APPROVE: AGAIN,
        Decision.SUSPEND: S.SUSPENDED,
        Decision.REINSTATE: AGAIN,
        Decision.CLOSE: S.CLOSED,
    },
    S.SUSPENDED: {Decision.SUSPEND: AGAIN, Decision.REINSTATE: S.ACTIVE, Decision.CLOSE: S.CLOSED},
    S.CLOSED: {Decision.CLOSE: AGAIN},
}


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("decision", Decision)
def test_a_state_allows_exactly_what_is_written_here(status: S, decision: Decision) -> None:
    expected = AFTER[status].get(decision)

    if expected is None:
        with pytest.raises(NotAllowedInState) as refusal:
            move_of(decision, status)
        assert {*refusal.value.possible} == {
            each for each, after in AFTER[status].items() if after != AGAIN
        }
        return
    move = move_of(decision, status)

    assert (move.after if move else AGAIN) == expected
