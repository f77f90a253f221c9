"""What the platform may decide about a merchant, and what becomes of it. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from models.merchants import MerchantStatus as S
from services.merchants.errors import NotAllowedInState


class Decision(StrEnum):
    START_REVIEW = "START_REVIEW"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    SUSPEND = "SUSPEND"
    REINSTATE = "REINSTATE"
    CLOSE = "CLOSE"


class Move(NamedTuple):
    """From which states, to which one; `event`: what the rest of the world hears."""

    before: frozenset[S]
    after: S
    event: str
    needs_reason: bool = False
    payouts_held: bool | None = None  # None: as it was


MOVES: Final[Mapping[Decision, Move]] = {
    Decision.START_REVIEW: Move(frozenset({S.APPLIED}), S.IN_REVIEW, "MerchantReviewStarted"),
    Decision.APPROVE: Move(frozenset({S.IN_REVIEW}), S.ACTIVE, "MerchantApproved"),
    # Back to the applicant, who may correct the facts: only CLOSE is for good.
    Decision.REJECT: Move(
        frozenset({S.IN_REVIEW}), S.APPLIED, "MerchantRejected", needs_reason=True
    ),
    Decision.SUSPEND: Move(
        frozenset({S.ACTIVE}),
        S.SUSPENDED,
        "MerchantSuspended",
        needs_reason=True,
        payouts_held=True,
    ),
    Decision.REINSTATE: Move(
        frozenset({S.SUSPENDED}), S.ACTIVE, "MerchantReinstated", payouts_held=False
    ),
    Decision.CLOSE: Move(
        frozenset({*S} - {S.CLOSED}), S.CLOSED, "MerchantClosed", needs_reason=True
    ),
}
REPEATABLE: Final = frozenset({*Decision} - {Decision.REJECT})


def move_of(decision: Decision, status: str) -> Move | None:
    """The move from a status; None when it was made already, so that nothing is to be done.

    An application that was not looked at yet is APPLIED as a rejected one is: rejecting it is not
    the same again.

    Raises: NotAllowedInState.
    """
    move = MOVES[decision]
    if status in move.before:
        return move
    if status == move.after and decision in REPEATABLE:
        return None
    possible = [each.value for each in Decision if status in MOVES[each].before]
    raise NotAllowedInState(kind="Merchant", state=status, possible=possible, path=("decision",))
