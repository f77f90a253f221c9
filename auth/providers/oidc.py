"""OpenID Connect: discovery, code with PKCE, id_token by the provider's keys.

Source: OpenID Connect Core 1.0 section 3.1.3.7, RFC 9700 section 2.1, RFC 9207.
"""

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from auth.providers.flow import Begun
from auth.providers.outgoing import Outgoing, ProviderFault
from core.login_providers import LoginProvider
from services.factors import Outside

DISCOVERY_SECONDS: Final = 3600.0
KEYS_SECONDS: Final = 3600.0
KEYS_AGAIN_SECONDS: Final = 60.0  # after a key that we did not know
LEEWAY_SECONDS: Final = 60
MAX_TOKEN_CHARACTERS: Final = 16_384
# Signatures only: with a shared secret, whoever may check a token could make one.
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "ES384", "PS384")
NEEDED: Final = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(slots=True)
class _Keys:
    """asked_at: for a kid that was not there; made_at: of what is remembered."""

    keys: KeySet
    made_at: float


class Oidc:
    """One provider; what it publishes is remembered."""

    def __init__(self, settings: LoginProvider, outgoing: Outgoing) -> None:
        self.settings, self._outgoing = settings, outgoing
        self._metadata: dict[str, Any] = {}
        self._until = 0.0
        self._keys: _Keys | None = None

    async def address(self, begun: Begun, *, state: str) -> str:
        metadata = await self._discovered()
        challenge = hashlib.sha256(begun.code_verifier.encode()).digest()
        query = {
            "client_id": self.settings.client_id,
            "response_type": "code",
            "redirect_uri": begun.redirect_uri,
            "scope": " ".join(self.settings.wanted_scopes),
            "state": state,
            "nonce": begun.nonce,
            "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        endpoint: str = metadata["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def person(self, begun: Begun, *, code: str, issuer: str | None) -> Outside:
        metadata = await self._discovered()
        _check_issuer(metadata, issuer)
        tokens = await self._exchanged(metadata, begun, code)
        claims = await self._claims(metadata, _text(tokens, "id_token"), nonce=begun.nonce)
        if "email" not in claims and "userinfo_endpoint" in metadata:
            more = await self._outgoing.get(
                metadata["userinfo_endpoint"], token=_text(tokens, "access_token")
            )
            if more.get("sub") != claims["sub"]:
                raise ProviderFault("its userinfo is of somebody else")
            claims = {**more, **claims}
        return _outside(self.settings, metadata["issuer"], claims)

    async def _discovered(self) -> dict[str, Any]:
        if time.monotonic() < self._until:
            return self._metadata
        url = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await self._outgoing.get(url)
        if any(not isinstance(metadata.get(name), str) for name in NEEDED):
            raise ProviderFault("its metadata is not complete")
        if metadata["issuer"] != self.settings.issuer:
            raise ProviderFault("its metadata is of another issuer")
        self._metadata, self._until = metadata, time.monotonic() + DISCOVERY_SECONDS
        return metadata

    async def _exchanged(
        self, metadata: Mapping[str, Any], begun: Begun, code: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect_uri,
            "code_verifier": begun.code_verifier,
        }
        client_id = self.settings.client_id
        secret = self.settings.client_secret.get_secret_value()
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        endpoint: str = metadata["token_endpoint"]
        if secret and "client_secret_basic" in methods:
            login = quote(client_id, safe=""), quote(secret, safe="")  # RFC 6749, section 2.3.1
            return await self._outgoing.post(endpoint, form=form, login=login)
        form["client_id"] = client_id
        if secret:
            form["client_secret"] = secret
        return await self._outgoing.post(endpoint, form=form)

    async def _claims(
        self, metadata: Mapping[str, Any], id_token: str, *, nonce: str
    ) -> dict[str, Any]:
        """Of an id_token that is signed by the provider, for us, and for this sign-in."""
        if len(id_token) > MAX_TOKEN_CHARACTERS:
            raise ProviderFault("its id_token is too long")
        offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        algorithms = [name for name in ALGORITHMS if name in offered]
        try:
            token = await self._decoded(metadata, id_token, algorithms)
            claims = token.claims
            _registry(metadata["issuer"], self.settings.client_id, nonce).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProviderFault(f"its id_token is not good ({type(error).__name__})") from None
        audience = claims["aud"]
        is_shared = isinstance(audience, list) and len(audience) > 1
        if (is_shared or "azp" in claims) and claims.get("azp") != self.settings.client_id:
            raise ProviderFault("its id_token is for another client")
        return dict(claims)

    async def _decoded(
        self, metadata: Mapping[str, Any], id_token: str, algorithms: list[str]
    ) -> jwt.Token:
        keys = await self._known_keys(metadata, younger_than=KEYS_SECONDS)
        try:
            return jwt.decode(id_token, keys, algorithms=algorithms)
        except (JoseError, ValueError):
            again = await self._known_keys(metadata, younger_than=KEYS_AGAIN_SECONDS)
            if again is keys:
                raise
            return jwt.decode(id_token, again, algorithms=algorithms)

    async def _known_keys(self, metadata: Mapping[str, Any], *, younger_than: float) -> KeySet:
        if self._keys and time.monotonic() - self._keys.made_at < younger_than:
            return self._keys.keys
        published = await self._outgoing.get(metadata["jwks_uri"])
        self._keys = _Keys(_usable(published), time.monotonic())
        return self._keys.keys


def _usable(published: Mapping[str, Any]) -> KeySet:
    """Keys for signatures; kinds that we do not know are left out. Raises: ProviderFault."""
    given = published.get("keys")
    public = [
        key
        for key in (given if isinstance(given, list) else [])
        if isinstance(key, dict) and key.get("use", "sig") == "sig"
    ]
    usable = []
    for key in public:
        try:
            usable += KeySet.import_key_set({"keys": [key]}).keys
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    if not usable:
        raise ProviderFault("it publishes no keys")
    return KeySet(usable)


def _registry(issuer: str, client_id: str, nonce: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


def _check_issuer(metadata: Mapping[str, Any], issuer: str | None) -> None:
    """A code of one provider must not be sent to another (RFC 9207)."""
    if issuer is None and metadata.get("authorization_response_iss_parameter_supported") is True:
        raise ProviderFault("the callback does not say whose it is")
    if issuer is not None and issuer != metadata["issuer"]:
        raise ProviderFault("the callback is of another provider")


def _outside(settings: LoginProvider, issuer: str, claims: Mapping[str, Any]) -> Outside:
    subject = _text(claims, "sub")
    # Some write booleans as text; nothing else counts as checked.
    told = claims.get("email_verified")
    is_checked = (told is True or told == "true") and settings.trusts_email
    return Outside.checked(
        provider=settings.name,
        issuer=issuer,
        subject=subject,
        email=claims.get("email") if is_checked else "",
        first_name=claims.get("given_name"),
        last_name=claims.get("family_name"),
    )


def _text(answer: Mapping[str, Any], name: str) -> str:
    """Raises: ProviderFault."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderFault(f"its answer has no {name}")
    return value
