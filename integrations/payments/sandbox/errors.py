"""Refusals of the sandbox, with Stripe's statuses, types and codes."""

from typing import Any


class ApiError(Exception):
    """An answer that is no success.

    remembered: the endpoint had begun to work, so its effects stay and the same idempotency key
        gets the same answer again; False means that nothing happened.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        remembered: bool = False,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.remembered = remembered
        self.error = {"type": kind, "message": message, **(details or {})}
        if code:
            self.error["code"] = code
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param:
            self.error["param"] = param


def unknown_parameter(name: str) -> ApiError:
    return ApiError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> ApiError:
    return ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def no_such(what: str, identifier: str, *, param: str, status: int) -> ApiError:
    """status: 404 when the address named it, 400 when a parameter did."""
    return ApiError(
        f"No such {what}: '{identifier}'", status=status, code="resource_missing", param=param
    )


def unexpected_state(intent: dict[str, Any], wanted: str) -> ApiError:
    """A step that the intent's status does not allow; the answer carries the intent as it is."""
    return ApiError(
        f"The PaymentIntent cannot be {wanted}: its status is {intent['status']}.",
        code="payment_intent_unexpected_state",
        remembered=True,
        details={"payment_intent": intent},
    )


def server_error() -> ApiError:
    return ApiError(
        "Something went wrong at the sandbox, as it was told.",
        status=500,
        kind="api_error",
        remembered=True,
    )
