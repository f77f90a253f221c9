"""Runs the node in the foreground until Ctrl-C: `python -m deploy.elasticsearch [--port 9200]`."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from pydantic import ValidationError

from core.settings import Settings
from deploy.children import ROOT
from deploy.elasticsearch.build import built
from deploy.embedded.elasticsearch import EmbeddedElasticsearch
from deploy.embedded.process import FolderInUse, ProgramFailed, tail

LOOK_SECONDS = 0.2


def run(data_dir: Path, arguments: argparse.Namespace) -> None:
    """Raises: ProgramFailed when it can't start, or when the node ended by itself."""
    home = data_dir.resolve() / "elasticsearch"
    server = EmbeddedElasticsearch(home, node=built(), port=arguments.port, heap=arguments.heap)
    try:
        _start(server)
        _say(f"\nElasticsearch is ready. Ctrl-C ends it.\n\n  Data   {home}")
        _say(f"  .env   ELASTICSEARCH_URL={server.url}\n")
        while server.running:
            time.sleep(LOOK_SECONDS)
        raise ProgramFailed(f"Elasticsearch ended ({server.log}):\n{tail(server.log)}")
    finally:
        server.stop()


def _start(server: EmbeddedElasticsearch) -> None:
    try:
        server.start()
    except FolderInUse:
        raise ProgramFailed(
            f"Elasticsearch already runs with the data in {server.home}: stop that run first, "
            "or set DATA_DIR (and another port) for a second one."
        ) from None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> str | None:
    """What to say when it fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9200)
    parser.add_argument("--heap", default="512m", help="as Java writes it")
    arguments = parser.parse_args()
    os.chdir(ROOT)  # `.env` and a relative DATA_DIR mean this checkout
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run(Settings().data_dir, arguments)
    except KeyboardInterrupt:
        _say("Stopped.")
    except (ProgramFailed, ValidationError) as failure:
        return str(failure)
    return None


if __name__ == "__main__":
    sys.exit(main())
