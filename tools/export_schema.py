"""Writes schema/schema.graphql, the snapshot of the contract; `--check` fails when it is stale."""

import argparse
import sys
from pathlib import Path
from typing import Final

from core.settings import Settings
from schema import new_schema

SNAPSHOT: Final = Path(__file__).resolve().parent.parent / "schema" / "schema.graphql"


def printed() -> str:
    """The SDL as it is now; the settings of the machine have no say in it."""
    return new_schema(Settings.model_construct()).as_str().rstrip() + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when it is stale")
    check = parser.parse_args(arguments).check
    if not check:
        SNAPSHOT.write_text(printed())
        return 0
    if SNAPSHOT.exists() and SNAPSHOT.read_text() == printed():
        return 0
    sys.stderr.write("schema/schema.graphql is stale: run `make schema` and read its diff.\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
