"""`python -m tools.verify_audit`: is the audit log as it was sealed? Names the first broken entry.

    python -m tools.verify_audit --show-keys > audit-keys.txt      # once; keep it elsewhere
    python -m tools.verify_audit --keys audit-keys.txt --head 4711:9f86d0…

The head it prints, or one from the workers' log ("audit head"), is worth keeping outside of the
database too: given back later, it shows whether the end of the log was cut off. Exit status: 0
when all is well, 1 when something is broken.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from core.db import Reader
from core.settings import Settings
from services import audit
from tools import given


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.verify_audit", description=__doc__)
    parser.add_argument("--show-keys", action="store_true", help="print the public keys and stop")
    parser.add_argument("--keys", type=Path, help="trust only the public keys in this file")
    parser.add_argument("--head", type=head, help="POSITION:HASH, written down earlier")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    told = parser.parse_args(arguments)
    return asyncio.run(run(given.settings("database_url"), told))


async def run(settings: Settings, told: argparse.Namespace) -> int:
    reader = Reader(settings.database_url, size=1)
    await reader.open()
    try:
        if told.show_keys:
            for key_id, public in (await audit.public_keys(reader)).items():
                print(key_id.hex, public.hex())
            return 0
        trusted = read_keys(told.keys) if told.keys else None
        report = await audit.verify(reader, trusted=trusted, expected=told.head)
    finally:
        reader.close()
    return said(report)


def said(report: audit.Report) -> int:
    print(f"Entries checked: {report.entries}; with erased details: {report.erased}.")
    print(f"Head: {report.head.position}:{report.head.hash.hex()}")
    if report.problem:
        print(f"BROKEN: {report.problem}")
        return 1
    print("The log is as it was sealed.")
    return 0


def head(text: str) -> audit.Head:
    position, _, digest = text.partition(":")
    return audit.Head(int(position), bytes.fromhex(digest))


def read_keys(path: Path) -> Mapping[UUID, bytes]:
    """Lines of an id and a raw Ed25519 public key, both in hexadecimal."""
    lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return {UUID(hex=key_id): bytes.fromhex(public) for key_id, public in lines}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
