"""What a start in production demands, and what it never prints."""

import pytest
from pydantic import ValidationError

from core.settings import Settings

SECRET = "0123456789abcdef0123456789abcdef"
COMPLETE = {
    "environment": "production",
    "token_secret": SECRET,
    "public_url": "https://shop.example",
    "smtp_url": "smtps://shop:a-password@mail.example",
    "stripe_api_key": "sk_live_abcdefgh",
    "stripe_webhook_secret": "whsec_abcdefgh",
}


def test_production_starts_with_all_its_secrets() -> None:
    settings = Settings(_env_file=None, **COMPLETE)

    assert not settings.shows_graphiql
    assert not settings.allows_introspection


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("token_secret", "TOKEN_SECRET"),
        ("public_url", "PUBLIC_URL"),
        ("smtp_url", "SMTP_URL"),
        ("stripe_webhook_secret", "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_what_production_lacks_is_named_and_no_secret_is_printed(missing: str, named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **{**COMPLETE, missing: ""})

    assert named in str(refused.value)
    assert "sk_live" not in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_the_usual_addresses_of_a_database_are_taken(scheme: str) -> None:
    settings = Settings(_env_file=None, database_url=f"{scheme}://me@host:5432/shop")

    assert settings.database_url == "postgresql+asyncpg://me@host:5432/shop"
