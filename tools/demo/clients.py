"""An OAuth2 client of the demo shop: whoever builds a storefront signs shoppers in with it."""

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.oauth.registration import NewClient, register
from auth.oauth.scopes import OFFLINE, OPENID, SHOP

STOREFRONT: Final = UUID("01900000-0000-7000-8000-00000000de30")  # the same in every demo shop
# Where development servers of storefronts listen: Vite's port, and that of many others.
PORTS: Final = (5173, 3000)


async def make_clients(session: AsyncSession) -> None:
    """A public client: an app in a browser, with PKCE and without a secret."""
    origins = [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in PORTS]
    storefront = NewClient(
        id=STOREFRONT,
        name="Demo storefront",
        logo_text="DS",
        redirect_uris=[f"{origin}/callback" for origin in origins],
        post_logout_redirect_uris=[f"{origin}/" for origin in origins],
        scopes=[OPENID, "profile", "email", "phone", "address", OFFLINE, SHOP],
    )
    await register(session, storefront)
