"""What clients find out by themselves: addresses, what is supported, the keys."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from auth.keys import ALGORITHM
from auth.oauth.assertions import ALGORITHMS
from auth.oauth.clients import AUTHENTICATION_METHODS, GRANT_TYPES
from auth.oauth.provider import Provider
from auth.oauth.scopes import SCOPES

_KEPT = {"Cache-Control": "public, max-age=300"}  # a new key is shown longer before it signs


async def metadata(request: Request) -> Response:
    """OpenID Connect Discovery 1.0 and RFC 8414: the same for both."""
    return JSONResponse(_metadata(Provider.of(request).keys.issuer), headers=_KEPT)


async def jwks(request: Request) -> Response:
    """The public keys of all tokens that are good now, and of those to come."""
    return JSONResponse(Provider.of(request).keys.jwks(), headers=_KEPT)


def _metadata(issuer: str) -> dict[str, Any]:
    confidential = [method for method in AUTHENTICATION_METHODS if method != "none"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "device_authorization_endpoint": f"{issuer}/oauth/device_authorization",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": AUTHENTICATION_METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": AUTHENTICATION_METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": [
            "sub",
            "name",
            "given_name",
            "family_name",
            "locale",
            "updated_at",
            "email",
            "email_verified",
            "phone_number",
            "address",
            "auth_time",
            "amr",
            "nonce",
            "sid",
        ],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["en", "zh-Hans"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
