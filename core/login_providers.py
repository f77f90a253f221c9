"""Outside providers that sign people in, as LOGIN_PROVIDERS describes them."""

import re
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_safe(url: str) -> bool:
    """https, or http to this machine; settings refuse that in production."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def _safe(url: str) -> str:
    if not is_safe(url):
        raise ValueError("an address begins with https://")
    return url


def _redirect(url: str) -> str:
    """A page of ours, or an app's own scheme (RFC 8252): `com.example.app:/callback`."""
    if not is_safe(url) and not re.match(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/", url):
        raise ValueError("a redirect URI is an https address, or has a scheme like com.example.app")
    return url


Url = Annotated[str, AfterValidator(_safe)]
RedirectUri = Annotated[str, AfterValidator(_redirect)]


class WeChatNames(BaseModel):
    """What WeChat's flavour calls things. error: says, in answers with status 200, what failed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = "appid"
    client_secret: str = "secret"  # noqa: S105 - a name, no secret
    person: str = "unionid"
    person_of_app: str = "openid"
    nickname: str = "nickname"
    error: str = "errcode"


class LoginProvider(BaseModel):
    """One provider.

    kind: `oidc` finds everything at the issuer (OpenID Connect Discovery); `wechat` is OAuth2 with
    names and errors of its own, no id_token and no e-mail address.
    redirect_uris: where it may send people back to; the same are registered with the provider.
    trusts_email: whether its word that an address is checked is good enough to open an account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern="^[a-z][a-z0-9-]{0,30}$")
    label: str = Field(min_length=1, max_length=60)
    kind: Literal["oidc", "wechat"] = "oidc"
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = SecretStr("")
    redirect_uris: list[RedirectUri] = Field(min_length=1)
    scopes: list[str] = []
    trusts_email: bool = True

    issuer: Url | Literal[""] = ""

    authorization_endpoint: Url = "https://open.weixin.qq.com/connect/qrconnect"
    authorization_fragment: str = "wechat_redirect"
    token_endpoint: Url = "https://api.weixin.qq.com/sns/oauth2/access_token"  # noqa: S105
    userinfo_endpoint: Url = "https://api.weixin.qq.com/sns/userinfo"
    userinfo_parameters: dict[str, str] = {"lang": "zh_CN"}
    names: WeChatNames = WeChatNames()

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.kind == "oidc" and not self.issuer:
            raise ValueError("an oidc provider needs an issuer")
        return self

    @property
    def wanted_scopes(self) -> list[str]:
        usual = {"oidc": ["openid", "email", "profile"], "wechat": ["snsapi_login"]}
        return self.scopes or usual[self.kind]

    @property
    def addresses(self) -> list[str]:
        """What we ask ourselves, as far as it is known before we ask."""
        if self.kind == "oidc":
            return [self.issuer]
        return [self.authorization_endpoint, self.token_endpoint, self.userinfo_endpoint]
