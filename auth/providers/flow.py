"""What every kind of provider does: send somebody there, and tell who came back."""

from dataclasses import dataclass, field
from typing import Protocol

from core.login_providers import LoginProvider
from services.factors import Outside


@dataclass(frozen=True, slots=True)
class Begun:
    """What a sign-in at a provider began with; kept here until somebody comes back.

    nonce, code_verifier: bind the answer and the code to this sign-in. Neither leaves us before the
    code is exchanged.
    """

    provider: str
    redirect_uri: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)


class Provider(Protocol):
    """A provider that is configured."""

    settings: LoginProvider

    async def address(self, begun: Begun, *, state: str) -> str:
        """Where to send the person. Raises: ProviderFault."""

    async def person(self, begun: Begun, *, code: str, issuer: str | None) -> Outside:
        """Who came back. issuer: the `iss` of the callback. Raises: ProviderFault."""
