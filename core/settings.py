"""Everything the process reads from its environment."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.login_providers import LoginProvider

SECRET_CHARACTERS: Final = 32
PasskeyOrigin = Annotated[
    str, Field(pattern=r"^(https://[a-z0-9.-]+(:\d+)?|android:apk-key-hash:[\w-]+)$")
]
LONGEST_ACCESS: Final = timedelta(minutes=10)


class Settings(BaseSettings):
    """The names are the fields in upper case; `.env` in the working directory is read too.

    environment: production demands secrets and closes GraphiQL and introspection unless told.
    public_url: how browsers reach this server; used in links and upload addresses.
    data_dir: embedded servers, media and uploads; nothing else is written to disk.
    database_url: empty means: run the embedded PostgreSQL. SQLAlchemy form, driver asyncpg.
    database_pool_size: connections per process, reads and writes together.
    elasticsearch_url: empty means: PostgreSQL searches. With a user and password, or an API key.
    elasticsearch_ca: the certificate of whoever signed the server's, when no public one did.
    elasticsearch_index: what the names of our indices begin with; several shops may share a server.
    search_deadline: how long a search waits for Elasticsearch before PostgreSQL answers instead.
    trusted_proxies: networks whose X-Forwarded-For we believe.
    token_secret: encrypts the keys that sign our tokens, signs upload addresses; at least 32
        characters.
    token_issuer: the `iss` of our tokens; empty means: public_url.
    smtp_url: who carries our letters; empty in development: the mailbox at /mailbox.
    mail_from: the sender of letters, `Shop <hello@shop.example>`; empty: made from public_url.
    erasure_delay: how long a person who deletes their account may change their mind.
    audit_details_lifetime: how long the audit log keeps addresses and other personal details.
    login_providers: outside providers that sign people in; see core.login_providers.
    passkey_origins: pages below public_url's host, and Android apps, that may ask for passkeys too.
    stripe_api_base: another host that speaks Stripe's protocol: the sandbox.
    checkout_hold: how long stock is kept for a checkout without a payment.
    payment_window: how long an unpaid order group keeps its stock.
    engine: `reference` runs every operation on graphql-core's own executor.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,  # a start that is refused must not print the secrets
    )

    environment: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    trusted_proxies: list[IPvAnyNetwork] = []
    web_workers: int = Field(default=1, ge=1, le=64)
    data_dir: Path = Path(".data")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    database_url: str = ""
    database_pool_size: int = Field(default=16, ge=4, le=200)
    redis_url: str = ""

    elasticsearch_url: str = ""
    elasticsearch_user: str = ""
    elasticsearch_password: SecretStr = SecretStr("")
    elasticsearch_api_key: SecretStr = SecretStr("")
    elasticsearch_ca: Path | None = None
    elasticsearch_index: str = Field(default="marketfront", pattern="^[a-z0-9][a-z0-9_-]{0,62}$")
    search_deadline: timedelta = Field(
        default=timedelta(milliseconds=800), gt=timedelta(0), le=timedelta(seconds=10)
    )

    token_secret: SecretStr = SecretStr("")
    token_issuer: str = ""
    access_token_lifetime: timedelta = Field(default=LONGEST_ACCESS, le=LONGEST_ACCESS)
    refresh_token_lifetime: timedelta = timedelta(days=30)
    guest_token_lifetime: timedelta = timedelta(days=30)

    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    erasure_delay: timedelta = timedelta(days=14)
    audit_details_lifetime: timedelta = timedelta(days=365)

    login_providers: list[LoginProvider] = []
    passkey_origins: list[PasskeyOrigin] = []

    stripe_api_key: SecretStr = SecretStr("")
    stripe_api_base: str = ""
    stripe_webhook_secret: SecretStr = SecretStr("")

    shop_name: str = "Marketfront"
    shop_currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    checkout_hold: timedelta = timedelta(minutes=15)
    payment_window: timedelta = timedelta(minutes=30)

    cors_origins: list[str] = []
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    engine: Literal["breadth_first", "reference"] = "breadth_first"
    graphiql: bool | None = None
    introspection: bool | None = None
    demo: bool = False

    @field_validator("login_providers")
    @classmethod
    def _have_names(cls, providers: list[LoginProvider]) -> list[LoginProvider]:
        if len({provider.name for provider in providers}) < len(providers):
            raise ValueError("two login providers have the same name")
        return providers

    @field_validator("database_url")
    @classmethod
    def _names_the_driver(cls, url: str) -> str:
        """The usual forms, `postgres://` and `postgresql://`, mean the same."""
        return re.sub(r"^postgres(ql)?://", "postgresql+asyncpg://", url)

    @field_validator("elasticsearch_url")
    @classmethod
    def _tells_no_password(cls, url: str) -> str:
        """It is shown in logs and reports; what opens the server has settings of its own."""
        parts = urlsplit(url)
        if url and not (parts.scheme in {"http", "https"} and parts.hostname):
            raise ValueError("write it as https://host:9200")
        if parts.username is not None:
            raise ValueError("use ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD for who we are")
        return url.rstrip("/")

    @field_validator("elasticsearch_ca", mode="before")
    @classmethod
    def _may_be_empty(cls, path: object) -> object:
        return path or None

    @model_validator(mode="after")
    def _has_one_way_into_elasticsearch(self) -> Self:
        key, password = self.elasticsearch_api_key, self.elasticsearch_password
        if key.get_secret_value() and (self.elasticsearch_user or password.get_secret_value()):
            raise ValueError(
                "set ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD, "
                "not both"
            )
        if bool(self.elasticsearch_user) != bool(password.get_secret_value()):
            raise ValueError("ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD belong together")
        return self

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        missing = []
        if len(self.token_secret.get_secret_value()) < SECRET_CHARACTERS:
            missing.append(f"a TOKEN_SECRET of {SECRET_CHARACTERS} characters")
        if not self.public_url:
            missing.append("a PUBLIC_URL")
        if not self.smtp_url.get_secret_value():
            missing.append("an SMTP_URL")
        if self.stripe_api_key.get_secret_value() and not self._has_webhook_secret:
            missing.append("the STRIPE_WEBHOOK_SECRET of its STRIPE_API_KEY")
        if self.environment == "production" and missing:
            raise ValueError(f"production needs {', '.join(missing)}")
        return self

    @property
    def _has_webhook_secret(self) -> bool:
        return bool(self.stripe_webhook_secret.get_secret_value())

    @property
    def base_url(self) -> str:
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def issuer(self) -> str:
        return self.token_issuer or self.base_url

    @property
    def sender(self) -> str:
        return self.mail_from or f"no-reply@{urlsplit(self.base_url).hostname}"

    @property
    def shows_graphiql(self) -> bool:
        return self.environment == "development" if self.graphiql is None else self.graphiql

    @property
    def shows_mailbox(self) -> bool:
        return self.environment == "development" and not self.smtp_url.get_secret_value()

    @property
    def allows_introspection(self) -> bool:
        if self.introspection is None:
            return self.environment == "development"
        return self.introspection
