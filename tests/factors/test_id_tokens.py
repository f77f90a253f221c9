"""What a provider says is believed only when it is in order."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.responses import JSONResponse, Response

from auth.providers.flow import Begun
from auth.providers.oidc import MAX_TOKEN_CHARACTERS, Oidc
from auth.providers.outgoing import Outgoing, ProviderFault
from core.login_providers import LoginProvider
from tests.factors.liar import CLIENT, NONCE, Liar, elsewhere, endless, lying, other_keys
from tests.factors.outside import CALLBACK

BEGUN = Begun("liar", CALLBACK, NONCE, "a code verifier")


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    async with lying() as provider:
        yield provider


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    made = Outgoing(may_stay_here=True)
    yield made
    await made.close()


@pytest.fixture
def oidc(liar: Liar, outgoing: Outgoing) -> Oidc:
    provider = LoginProvider(
        name="liar",
        label="Liar",
        issuer=liar.issuer,
        client_id=CLIENT,
        client_secret="x",
        redirect_uris=[CALLBACK],
    )
    return Oidc(provider, outgoing)


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


async def refusal(oidc: Oidc) -> str:
    """Why somebody who came back is refused."""
    with pytest.raises(ProviderFault) as refused:
        await oidc.person(BEGUN, code="a code", issuer=None)
    return str(refused.value)


async def test_who_is_vouched_for_is_known(liar: Liar, oidc: Oidc) -> None:
    person = await oidc.person(BEGUN, code="a code", issuer=None)

    assert (person.issuer, person.subject, person.email) == (
        liar.issuer,
        "alice",
        "alice@example.org",
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": None},
        {"aud": [CLIENT, "another client"]},
        {"aud": [CLIENT, "another client"], "azp": "another client"},
        {"azp": "another client"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": None},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
    ],
)
async def test_a_token_with_other_claims_is_refused(
    liar: Liar, oidc: Oidc, claims: dict[str, Any]
) -> None:
    liar.claims = claims

    assert await refusal(oidc)


async def test_a_token_without_a_signature_is_refused(liar: Liar, oidc: Oidc) -> None:
    honest = liar.id_token().split(".")
    header = "eyJhbGciOiJub25lIn0"
    tokens = {"access_token": "x", "id_token": f"{header}.{honest[1]}."}
    liar.answers["/token"] = lambda: JSONResponse(tokens)

    assert "id_token is not good" in await refusal(oidc)


@pytest.mark.parametrize(
    ("name", "alg"), [("secret", "HS256"), ("stranger", "RS256"), ("curve", "ES256")]
)
async def test_a_token_signed_by_another_key_is_refused(
    liar: Liar, oidc: Oidc, name: str, alg: str
) -> None:
    liar.published = [liar.key]
    liar.sign_with(other_keys()[name], alg)

    assert "id_token is not good" in await refusal(oidc)


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    liar: Liar, oidc: Oidc
) -> None:
    header, payload = ({"alg": "HS256", "kid": "one"}, liar.id_token().split(".")[1])
    signed = f"{_text(json.dumps(header).encode())}.{payload}"
    signature = hmac.digest(liar.key.as_pem(private=False), signed.encode(), "sha256")
    tokens = {"access_token": "x", "id_token": f"{signed}.{_text(signature)}"}
    liar.answers["/token"] = lambda: JSONResponse(tokens)

    assert "id_token is not good" in await refusal(oidc)


async def test_a_shared_secret_among_the_published_keys_signs_nothing(
    liar: Liar, oidc: Oidc
) -> None:
    secret = OctKey.import_key("a secret that is shared, long enough for HS256", {"kid": "two"})
    keys = [liar.key.as_dict(private=False), secret.as_dict(private=True)]
    liar.answers["/jwks"] = lambda: JSONResponse({"keys": keys})
    liar.sign_with(secret, "HS256", "two")

    assert "id_token is not good" in await refusal(oidc)


async def test_new_keys_are_fetched_when_they_are_needed_and_not_again_and_again(
    liar: Liar, oidc: Oidc
) -> None:
    await oidc.person(BEGUN, code="a code", issuer=None)
    await oidc.person(BEGUN, code="a code", issuer=None)
    assert liar.asked.count("/jwks") == liar.asked.count("/.well-known/openid-configuration") == 1
    assert oidc._keys is not None
    oidc._keys.made_at -= 61
    liar.key = RSAKey.generate_key(2048, {"kid": "two"})
    liar.header = {"alg": "RS256", "kid": "two"}

    assert (await oidc.person(BEGUN, code="a code", issuer=None)).subject == "alice"
    assert liar.asked.count("/jwks") == 2
    liar.published, liar.header = [liar.key], {"alg": "RS256", "kid": "three"}
    for _ in range(3):
        assert await refusal(oidc)
    assert liar.asked.count("/jwks") == 2


async def test_the_userinfo_of_somebody_else_is_refused(liar: Liar, oidc: Oidc) -> None:
    liar.claims = {"sub": "bob"}

    assert await refusal(oidc) == "its userinfo is of somebody else"


@pytest.mark.parametrize("checked", [None, False, 1, "yes", "false", [True]])
async def test_an_address_counts_only_when_it_is_checked(
    liar: Liar, oidc: Oidc, checked: Any
) -> None:
    liar.claims = {"email": "alice@example.org", "email_verified": checked}

    assert (await oidc.person(BEGUN, code="a code", issuer=None)).email == ""


async def test_a_provider_whose_word_is_not_trusted_names_no_address(
    liar: Liar, oidc: Oidc
) -> None:
    oidc.settings = oidc.settings.model_copy(update={"trusts_email": False})

    assert (await oidc.person(BEGUN, code="a code", issuer=None)).email == ""


@pytest.mark.parametrize(
    ("metadata", "issuer", "problem"),
    [
        ({"issuer": "https://evil.example"}, None, "its metadata is of another issuer"),
        ({"jwks_uri": None}, None, "its metadata is not complete"),
        ({"token_endpoint": "http://shop.example/token"}, None, "an address of it is not https"),
        ({"token_endpoint": "file:///etc/passwd"}, None, "an address of it is not https"),
        ({}, "https://evil.example", "the callback is of another provider"),
        (
            {"authorization_response_iss_parameter_supported": True},
            None,
            "the callback does not say whose it is",
        ),
    ],
)
async def test_metadata_that_is_not_in_order_is_refused(
    liar: Liar, oidc: Oidc, metadata: dict[str, Any], issuer: str | None, problem: str
) -> None:
    liar.metadata = metadata

    with pytest.raises(ProviderFault) as refused:
        await oidc.person(BEGUN, code="a code", issuer=issuer)

    assert str(refused.value) == problem


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (elsewhere, "it answers with status 307"),
        (endless, "its answer is too long"),
        (lambda: Response(b"{", 200), "its answer is no JSON"),
        (lambda: Response(b"[" * 100_000, 200), "its answer is no JSON"),
        (lambda: JSONResponse(["a"]), "its answer is no JSON object"),
        (lambda: JSONResponse({"error": "invalid_grant"}, 400), "it answers with status 400"),
        (lambda: JSONResponse({"access_token": "x"}), "its answer has no id_token"),
        (
            lambda: JSONResponse({"id_token": "x" * (MAX_TOKEN_CHARACTERS + 1)}),
            "its id_token is too long",
        ),
    ],
)
async def test_an_answer_that_is_not_in_order_is_refused(
    liar: Liar, oidc: Oidc, answer: Any, problem: str
) -> None:
    liar.answers["/token"] = answer

    assert await refusal(oidc) == problem


async def test_a_provider_that_is_not_there_is_refused(outgoing: Outgoing) -> None:
    with pytest.raises(ProviderFault, match=r"it does not answer \(ConnectError\)"):
        await outgoing.get("http://127.0.0.1:1/")


async def test_in_production_no_provider_runs_on_this_machine(liar: Liar) -> None:
    outgoing = Outgoing(may_stay_here=False)

    with pytest.raises(ProviderFault, match="an address of it is not https"):
        await outgoing.get(liar.issuer)

    await outgoing.close()
    assert liar.asked == []
