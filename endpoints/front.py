"""The address without a path: whoever opens it in a browser wants to look around."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response


async def to_graphiql(_: Request) -> Response:
    return RedirectResponse("/graphql")
