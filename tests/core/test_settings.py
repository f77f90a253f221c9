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
USER = {"elasticsearch_user": "me", "elasticsearch_password": "word"}


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


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"elasticsearch_url": "search.example:9200"}, "https://host:9200"),
        ({"elasticsearch_url": "https://me:word@host:9200"}, "ELASTICSEARCH_PASSWORD"),
        ({"elasticsearch_user": "me"}, "belong together"),
        ({"elasticsearch_password": "word"}, "belong together"),
        ({**USER, "elasticsearch_api_key": "key"}, "not both"),
        ({"elasticsearch_index": "Shop*"}, "elasticsearch_index"),
        ({"search_deadline": "PT0S"}, "search_deadline"),
    ],
)
def test_a_way_to_elasticsearch_that_can_not_be_meant_is_refused(
    given: dict[str, str], named: str
) -> None:
    with pytest.raises(ValidationError, match=named) as refused:
        Settings(_env_file=None, **given)

    assert "word" not in str(refused.value).replace("PASSWORD", "")


def test_empty_settings_of_elasticsearch_mean_that_there_is_none() -> None:
    empty = Settings(_env_file=None, elasticsearch_url="", elasticsearch_ca="", **COMPLETE)
    secured = Settings(_env_file=None, elasticsearch_url="https://search.example:9200/", **USER)

    assert not empty.elasticsearch_url
    assert empty.elasticsearch_ca is None
    assert secured.elasticsearch_url == "https://search.example:9200"
