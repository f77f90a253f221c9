"""Which payment providers the settings name."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from core.settings import Settings
from integrations.payments.card import CardProvider
from services.payments import PaymentProvider


@asynccontextmanager
async def providers(settings: Settings) -> AsyncIterator[Mapping[str, PaymentProvider]]:
    """The providers by name, for as long as a process runs; none without a key."""
    if not settings.stripe_api_key.get_secret_value():
        yield {}
        return
    card = CardProvider.from_settings(settings)
    try:
        yield {"card": card}
    finally:
        await card.aclose()
