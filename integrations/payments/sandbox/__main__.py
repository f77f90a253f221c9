"""Start the sandbox by `python -m integrations.payments.sandbox --port … --state …`."""

import argparse
from pathlib import Path

import uvicorn

from integrations.payments.sandbox.server import HOST, Options, application

SHUTDOWN_SECONDS = 1


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m integrations.payments.sandbox",
        description="A card processor for development and tests, speaking Stripe's protocol.",
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True, help="folder of its database")
    parser.add_argument("--webhook-url", default="", help="where events go; empty: nowhere")
    parser.add_argument("--webhook-secret", default="", help="whsec_…, signs the events")
    parser.add_argument("--api-key", default="", help="sk_test_…; empty: any such key")
    given = parser.parse_args()
    if given.webhook_url and not given.webhook_secret:
        parser.error("--webhook-url needs --webhook-secret")
    options = Options(**vars(given))
    uvicorn.run(
        application(options),
        host=HOST,
        port=options.port,
        http="httptools",
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
