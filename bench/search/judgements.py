"""What shoppers mean by a query, judged by reading the demo's catalogue, before any result.

`judgements.json` has one query a line, of a kind (`typo`, `prefix`, …), in a language. Slugs are
`perfect` (what was meant, grade 3), `good` (would do, 2) or `fair` (worth a look, 1); all others
are worth nothing. A judgement is corrected where a shopper would disagree, never where an engine
does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parent / "judgements.json"
GRADES: Final = {"perfect": 3, "good": 2, "fair": 1}


@dataclass(frozen=True)
class Judgement:
    """grades: slug -> how well it fits."""

    kind: str
    language: str
    query: str
    grades: Mapping[str, int]


def judgements() -> list[Judgement]:
    return [_judgement(told) for told in json.loads(FILE.read_text(encoding="utf-8"))]


def _judgement(told: Mapping[str, Any]) -> Judgement:
    grades = {slug: grade for name, grade in GRADES.items() for slug in told.get(name, ())}
    return Judgement(told["kind"], told["language"], told["query"], grades)
