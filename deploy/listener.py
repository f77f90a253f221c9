"""The address the product is served on: one socket, bound before anything else is started."""

import http.client
import os
import socket

from core.settings import Settings
from deploy.embedded.process import ProgramFailed

BACKLOG = 2048


def address(settings: Settings) -> str:
    """Where this machine reaches us: a server for all addresses is also at home."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def listen(settings: Settings) -> socket.socket:
    host, port = settings.host, settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ProgramFailed(
            f"Port {port} of {host} can't be used ({os.strerror(error.errno or 0)}): "
            "stop the program that has it, or set PORT."
        ) from None


def answers(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(address(settings).removeprefix("http://"), timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
