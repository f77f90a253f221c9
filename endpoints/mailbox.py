"""`/mailbox`: the letters that this shop would have sent; in development only."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from endpoints.templates import page
from integrations.mail import Mailbox


async def listing(request: Request) -> Response:
    """The newest letters first."""
    return page("mailbox.html", letters=await _mailbox(request).letters())


async def letter(request: Request) -> Response:
    found = await _mailbox(request).letter(request.path_params["letter_id"])
    if found is None:
        return page("letter_gone.html", status=404)
    return page("letter.html", letter=found, lines=found.text.splitlines())


def _mailbox(request: Request) -> Mailbox:
    return Mailbox(request.app.state.settings.data_dir)


ROUTES: Final = (Route("/mailbox", listing), Route("/mailbox/{letter_id}", letter))
