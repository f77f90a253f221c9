"""Outside providers are configured completely and safely, or the shop does not start."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from core.settings import Settings

GOOD = {
    "name": "example",
    "label": "Example",
    "issuer": "https://id.example",
    "client_id": "shop",
    "client_secret": "a-secret-of-the-shop",
    "redirect_uris": ["https://shop.example/callback", "com.example.shop:/callback"],
}
WECHAT = {
    "name": "wechat",
    "label": "微信",
    "kind": "wechat",
    "client_id": "wx0",
    "redirect_uris": ["https://shop.example/callback"],
}


def configured(*providers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LOGIN_PROVIDERS", json.dumps(providers))
    return Settings(_env_file=None)


def test_providers_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = configured(GOOD, WECHAT, monkeypatch=monkeypatch).login_providers

    assert first.wanted_scopes == ["openid", "email", "profile"]
    assert second.wanted_scopes == ["snsapi_login"]
    assert second.token_endpoint.startswith("https://api.weixin.qq.com/")
    assert "a-secret" not in repr(first)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": ""},
        {"issuer": "http://id.example"},
        {"issuer": "https://user:password@id.example"},
        {"issuer": "ftp://127.0.0.1"},
        {"name": "Example"},
        {"name": ""},
        {"label": ""},
        {"client_id": ""},
        {"redirect_uris": []},
        {"redirect_uris": ["http://shop.example/callback"]},
        {"redirect_uris": ["https://shop.example/callback#fragment"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["data:text/html,x"]},
        {"kind": "saml"},
        {"scope": ["openid"]},
    ],
)
def test_a_provider_that_is_not_in_order_is_refused_and_no_secret_is_printed(
    change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValidationError) as refused:
        configured(GOOD | change, monkeypatch=monkeypatch)

    assert "a-secret" not in str(refused.value)
    assert "password" not in str(refused.value)


def test_two_providers_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="same name"):
        configured(GOOD, GOOD | {"label": "Other"}, monkeypatch=monkeypatch)


@pytest.mark.parametrize("origin", ["http://app.example", "https://app.example/", "*", "android:x"])
def test_who_asks_for_passkeys_is_named_exactly(origin: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, passkey_origins=[origin])
