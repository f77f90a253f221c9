"""The operations that are measured: their documents, and one-statement twins of some."""

from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
TYPENAME: Final = "{ __typename }"


def document(name: str) -> str:
    return (HERE / f"{name}.graphql").read_text()


def names() -> list[str]:
    return sorted(file.stem for file in HERE.glob("*.graphql"))
