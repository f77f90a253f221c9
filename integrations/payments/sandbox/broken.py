"""Answers that break: the connection stays silent, or ends in the middle."""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class NeverAnswers(Response):
    """Silence until the client gives up."""

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        message = await receive()
        while message["type"] != "http.disconnect":
            message = await receive()


class HalfBody(Response):
    """The headers promise the whole answer; half of it comes, then the connection closes."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = whole.raw_headers

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
