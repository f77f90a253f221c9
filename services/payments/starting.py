"""Starting an attempt: what is written before a provider is asked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import InvalidInput
from core.ids import new_id
from models.payments import (
    AttemptState,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentMethod,
    PaymentStatus,
)
from services import events, idempotency
from services.idempotency import Claim
from services.orders import Payable
from services.payments import attempts, states
from services.payments.attempts import Attempt
from services.payments.errors import PaymentInProgress, PaymentMethodUnavailable
from services.payments.ports import PaymentProvider

MUTATION: Final = "paymentInitialize"
MAX_TOKEN, MAX_URL = 255, 2_000
PROVIDERS: Final[Mapping[PaymentMethod, str]] = {PaymentMethod.CARD: "card"}


@dataclass(frozen=True, slots=True)
class NewPayment:
    """What a shopper wants to pay, and with what.

    payment_method: the provider's token of it; return_url: where the bank's page leads back to.
    """

    order_group_id: UUID
    method: PaymentMethod
    payment_method: str = field(repr=False)
    return_url: str | None = None


class AwaitsShopper(Exception):
    """An earlier attempt waits for its shopper's answer to the bank: it can be given up."""

    def __init__(self, attempt_id: UUID, payment_id: UUID) -> None:
        super().__init__(f"Attempt {attempt_id} waits for its shopper.")
        self.attempt_id, self.payment_id = attempt_id, payment_id


class Started(NamedTuple):
    """attempt: None when the request was replayed."""

    payment_id: UUID
    attempt: Attempt | None


def check(wanted: NewPayment) -> None:
    """Raises: InvalidInput for what can be no token (a card number) or no address of a page."""
    token, address = wanted.payment_method, wanted.return_url
    is_token = token.isascii() and token.replace("_", "").isalnum() and token[0].isalpha()
    if not token or len(token) > MAX_TOKEN or not is_token:
        problem = "This is not a token of the payment provider, such as `pm_card_visa`."
        raise InvalidInput(problem=problem, path=("paymentMethod",))
    if address is not None and not _is_address(address):
        problem = f"This must be an http or https address of at most {MAX_URL} characters."
        raise InvalidInput(problem=problem, path=("returnUrl",))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_short = len(text) <= MAX_URL and text.isascii() and text.isprintable()
    return is_short and parts.scheme in {"http", "https"} and bool(parts.hostname)


def provider_of(
    providers: Mapping[str, PaymentProvider], method: PaymentMethod
) -> tuple[str, PaymentProvider]:
    """The provider of a way to pay, and its name. Raises: PaymentMethodUnavailable."""
    name = PROVIDERS[method]
    if name not in providers:
        raise PaymentMethodUnavailable(method=method.value, path=("method",))
    return name, providers[name]


async def replayed(session: AsyncSession, wanted: NewPayment, claim: Claim) -> UUID | None:
    """The payment that an earlier request with this key led to. Claims the key when there is none.

    Raises: IdempotencyConflict, InvalidInput.
    """
    known = await idempotency.begin(session, claim, arguments=asdict(wanted))
    return None if known is None else UUID(known["payment_id"])


async def start(
    session: AsyncSession,
    payable: Payable,
    wanted: NewPayment,
    *,
    provider: str,
    key: str,
) -> Started:
    """Write one attempt to pay a group. Locks the key, then the payment.

    Raises: PaymentInProgress and AwaitsShopper while an earlier attempt is undecided;
    IdempotencyConflict, InvalidInput.
    """
    claim = Claim(payable.owner_id, MUTATION, key)
    known = await replayed(session, wanted, claim)
    if known is not None:
        return Started(known, None)
    payment_id = await _payment(session, payable, wanted, provider)
    attempt = await _write(session, payable, wanted, payment_id, provider)
    facts = {"order_group_id": payable.group_id.hex, "attempt_id": attempt.id.hex}
    await events.record(session, events.event("PaymentStarted", payment_id, **facts))
    result = {"payment_id": payment_id, "attempt_id": attempt.id}
    await idempotency.finish(session, claim, result=result)
    return Started(payment_id, attempt)


async def _payment(
    session: AsyncSession, payable: Payable, wanted: NewPayment, provider: str
) -> UUID:
    """The group's payment, locked: a new one, or the one of an earlier try."""
    row = {
        "id": new_id(),
        "order_group_id": payable.group_id,
        "owner_id": payable.owner_id,
        "method": wanted.method.value,
        "provider": provider,
        "currency": payable.currency,
        "amount_minor": payable.total_minor,
    }
    made = insert_unless_there(Payment).values(row).on_conflict_do_nothing()
    payment_id: UUID | None = await session.scalar(made.returning(Payment.id))
    if payment_id is None:
        return await _try_again(session, payable, wanted, provider)
    parts = [
        {"payment_id": payment_id, "order_id": order, "merchant_id": merchant, "amount_minor": part}
        for order, merchant, part in payable.parts
    ]
    await session.execute(insert(PaymentAllocation), parts)
    return payment_id


async def _try_again(
    session: AsyncSession, payable: Payable, wanted: NewPayment, provider: str
) -> UUID:
    """Lock the payment of an earlier try, when that one is decided.

    Raises: PaymentInProgress, AwaitsShopper.
    """
    locked = select(Payment.id, Payment.captured_minor, Payment.amount_minor)
    locked = locked.where(Payment.order_group_id == payable.group_id).with_for_update()
    payment = (await session.execute(locked)).one()
    assert payment.amount_minor == payable.total_minor, "what was ordered never changes"
    is_open = (PaymentAttempt.payment_id == payment.id) & PaymentAttempt.state.in_(states.OPEN)
    earlier = await attempts.read(session, is_open)
    if earlier is not None and earlier.state is AttemptState.ACTION_REQUIRED:
        raise AwaitsShopper(earlier.id, payment.id)
    if earlier is not None or payment.captured_minor:
        raise PaymentInProgress(payment_id=payment.id, path=("orderGroupId",))
    await session.execute(
        update(Payment)
        .where(Payment.id == payment.id)
        .values(
            status=PaymentStatus.PENDING.value,
            method=wanted.method.value,
            provider=provider,
            version=Payment.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    return UUID(int=payment.id.int)


async def _write(
    session: AsyncSession, payable: Payable, wanted: NewPayment, payment_id: UUID, provider: str
) -> Attempt:
    attempt_id, moment = new_id(), now()
    attempt = Attempt(
        id=attempt_id,
        payment_id=payment_id,
        provider=provider,
        provider_key=f"pay:{attempt_id.hex}",
        provider_reference=None,
        payment_method=wanted.payment_method,
        return_url=wanted.return_url,
        currency=payable.currency,
        amount_minor=payable.total_minor,
        state=AttemptState.CREATED,
        created_at=moment,
    )
    row = attempt._asdict() | {"check_at": moment + states.FIRST_CHECK}
    await session.execute(insert(PaymentAttempt).values(row))
    return attempt
