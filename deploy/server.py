"""One web process on a socket that the supervisor holds: `python -m deploy.server --fd N`.

The socket outlives the process, so requests wait instead of being refused while it starts again.
"""

import argparse
import logging
import socket

import uvicorn

GRACE_SECONDS = 20
MAX_MESSAGE_BYTES = 1024 * 1024  # of a WebSocket: as much as a request may bring


def serve(listener: socket.socket) -> None:
    logging.getLogger("uvicorn.error").setLevel("WARNING")
    config = uvicorn.Config(
        "app:app",
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,  # the app configures the logs of the whole process
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe is our own setting: trusted_proxies
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="the inherited listening socket")
    serve(socket.socket(fileno=parser.parse_args().fd))
