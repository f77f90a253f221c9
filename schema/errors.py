"""Refusals on the wire: the typed members of `userErrors`, and the mutations that give them."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import wraps
from typing import Any
from uuid import UUID

import strawberry

from core import errors
from core.errors import DomainError, Refusals
from core.ids import encode
from engine import declare
from engine.access import Auth, Typed
from engine.declare import batched, column
from resolvers.context import RequestContext
from schema.ids import PREFIXES


@strawberry.enum(description="What kind of refusal this is; each has a type with its facts.")
class ErrorCode(StrEnum):
    ATTRIBUTE_IN_USE = "ATTRIBUTE_IN_USE"
    CART_CHANGED = "CART_CHANGED"
    CATEGORY_CYCLE = "CATEGORY_CYCLE"
    CHECKOUT_CLOSED = "CHECKOUT_CLOSED"
    CHECKOUT_INCOMPLETE = "CHECKOUT_INCOMPLETE"
    CODE_WRONG = "CODE_WRONG"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    EMAIL_UNVERIFIED = "EMAIL_UNVERIFIED"
    GUEST_TOKEN_INVALID = "GUEST_TOKEN_INVALID"  # noqa: S105 - a code, no secret
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDENTITY_TAKEN = "IDENTITY_TAKEN"
    INVALID_INPUT = "INVALID_INPUT"
    INVITATION_INVALID = "INVITATION_INVALID"
    LAST_OWNER = "LAST_OWNER"
    LAST_STAFF_MANAGER = "LAST_STAFF_MANAGER"
    LAST_WAY_TO_SIGN_IN = "LAST_WAY_TO_SIGN_IN"
    LINK_REQUIRED = "LINK_REQUIRED"
    LINK_TICKET_INVALID = "LINK_TICKET_INVALID"
    LINK_INVALID = "LINK_INVALID"
    NOT_ALLOWED_IN_STATE = "NOT_ALLOWED_IN_STATE"
    NOT_FOR_SALE = "NOT_FOR_SALE"
    NOT_FOUND = "NOT_FOUND"
    NOT_PUBLISHABLE = "NOT_PUBLISHABLE"
    OPTIONS_MISMATCH = "OPTIONS_MISMATCH"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    OVER_SHIPMENT = "OVER_SHIPMENT"
    OWNER_REQUIRED = "OWNER_REQUIRED"
    PASSKEY_REFUSED = "PASSKEY_REFUSED"
    PASSWORD_TOO_WEAK = "PASSWORD_TOO_WEAK"  # noqa: S105 - a code, no secret
    PAYMENT_IN_PROGRESS = "PAYMENT_IN_PROGRESS"
    PAYMENT_METHOD_UNAVAILABLE = "PAYMENT_METHOD_UNAVAILABLE"
    PERMISSION_MISSING = "PERMISSION_MISSING"
    PRICE_CHANGED = "PRICE_CHANGED"
    PROVIDER_LINKED = "PROVIDER_LINKED"
    PROVIDER_REFUSED = "PROVIDER_REFUSED"
    QUANTITY_OUT_OF_RANGE = "QUANTITY_OUT_OF_RANGE"
    RECENT_SIGN_IN_REQUIRED = "RECENT_SIGN_IN_REQUIRED"
    SECOND_FACTOR_FAILED = "SECOND_FACTOR_FAILED"
    SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    SOLE_OWNER = "SOLE_OWNER"
    STOCK_CHANGED = "STOCK_CHANGED"
    STOCK_PROMISED = "STOCK_PROMISED"
    TAKEN = "TAKEN"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105 - a code, no secret
    TOO_MANY_ADDRESSES = "TOO_MANY_ADDRESSES"
    TOO_MANY_APPLICATIONS = "TOO_MANY_APPLICATIONS"
    TOO_MANY_APP_TOKENS = "TOO_MANY_APP_TOKENS"
    TOO_MANY_GROUPS = "TOO_MANY_GROUPS"
    TOO_MANY_HOLDS = "TOO_MANY_HOLDS"
    TOO_MANY_INVITATIONS = "TOO_MANY_INVITATIONS"
    TOO_MANY_JOBS = "TOO_MANY_JOBS"
    TOO_MANY_PASSKEYS = "TOO_MANY_PASSKEYS"
    TOO_MANY_SEARCH_RULES = "TOO_MANY_SEARCH_RULES"
    TOO_MANY_UPLOADS = "TOO_MANY_UPLOADS"
    TOTP_OFF = "TOTP_OFF"
    TOTP_ON = "TOTP_ON"
    TRACKING_NUMBER_TAKEN = "TRACKING_NUMBER_TAKEN"
    UNKNOWN_SERVICE = "UNKNOWN_SERVICE"
    UNREADABLE_UPLOAD = "UNREADABLE_UPLOAD"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    WAREHOUSE_CLOSED = "WAREHOUSE_CLOSED"
    WAREHOUSE_IN_USE = "WAREHOUSE_IN_USE"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a code, no secret


@strawberry.interface(
    description="Why a mutation changed nothing. Old clients read `code` and `message`."
)
class UserError:
    code: ErrorCode = column(ErrorCode, description="The kind of refusal.")
    message: str = column(str, description="A sentence for a person, in English.")
    field: list[str] | None = column(
        list[str] | None,
        description='The input field that is to blame, as a path: `["lines", "0", "quantity"]`.',
    )


SHOWN: dict[type[DomainError], type] = {}


def shown(*refusals: type[DomainError]) -> Callable[[type], type]:
    """Show these refusals as the decorated type; its columns are their attributes."""

    def register(type_: type) -> type:
        SHOWN.update(dict.fromkeys(refusals, type_))
        return type_

    return register


@shown(errors.NotFound)
@strawberry.type(description="An id is unknown, malformed, or of something that is not yours.")
class NotFound(UserError):
    kind: str = column(str, description="The type that was looked for.")


@shown(errors.InvalidInput)
@strawberry.type(description="A value that would be refused in any state of the shop.")
class InvalidInput(UserError):
    pass


@shown(errors.VersionConflict)
@strawberry.type(description="The object was changed since the version that the client expected.")
class VersionConflict(UserError):
    current_version: int = column(int, description="The version it has now.")


@shown(errors.IdempotencyConflict)
@strawberry.type(description="The idempotency key was used before, with another input.")
class IdempotencyConflict(UserError):
    pass


def shown_types() -> list[type]:
    """All types of refusals, for the schema: no field names them, they stand behind UserError."""
    return sorted({*SHOWN.values()}, key=lambda type_: type_.__name__)


class Outcome(dict[str, Any]):
    """The row of a payload: ids and facts; what is missing is null."""

    def __missing__(self, key: str) -> None:
        return None


@strawberry.type
class Payload:
    @batched(
        list[UserError],
        description="Why nothing changed; empty when the mutation did what was asked.",
    )
    def user_errors(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        return [payload["user_errors"] or [] for payload in payloads]


def mutation(
    payload: Any, *, auth: Auth, description: str, refusals: Sequence[type[DomainError]] = ()
) -> Callable[[Callable[..., Any]], Any]:
    """A field of Mutation whose function gives the payload's ids, or raises a declared refusal.

    A refusal that is not declared is a fault: masked, logged, and found by a test.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        @wraps(function)
        async def guarded(ctx: RequestContext, **arguments: Any) -> Outcome:
            try:
                return Outcome(await function(ctx, **arguments))
            except (DomainError, Refusals) as error:
                raised = error.refusals if isinstance(error, Refusals) else [error]
                if not all(isinstance(each, tuple(refusals)) for each in raised):
                    raise
                return Outcome(user_errors=[user_error(each) for each in raised])

        declared = declare.mutation(payload, auth=auth, description=description)
        return declared(guarded)

    return decorate


def user_error(refusal: DomainError) -> Typed:
    """A refusal as a member of `userErrors`."""
    type_name = SHOWN[type(refusal)].__name__
    facts = {name: _outside(name, value) for name, value in vars(refusal).items()}
    facts |= {
        "code": code_of(type_name),
        "message": refusal.message,
        "field": list(refusal.path) if refusal.path else None,
    }
    return Typed(type_name, facts)


def code_of(type_name: str) -> str:
    """`OutOfStock -> OUT_OF_STOCK`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).upper()


def _outside(name: str, value: Any) -> Any:
    """Facts named `<type>_id` hold ids, which clients know in their outside form."""
    if not isinstance(value, UUID) or not name.endswith("_id"):
        return value
    kind = "".join(part.title() for part in name.removesuffix("_id").split("_"))
    kind = {"Variant": "ProductVariant", "Line": "CartLine"}.get(kind, kind)
    return encode(PREFIXES[kind], value)
