"""`make bench-search`: how well both engines find what shoppers mean in the demo shop.

Asks every query of `judgements.json`, prints the mean nDCG@10 of each kind of query and of all,
beside the targets, and the queries that fare worst.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

from bench.report import table
from bench.search.demo import Demo, opened, servers
from bench.search.judgements import Judgement, judgements
from bench.search.ndcg import AT, ndcg
from search.engine import Engine
from search.question import Part, Question
from search.words import parse

TARGETS: Final = {"elasticsearch": 0.85, "postgresql": 0.70}
WORST: Final = 12
FINE: Final = 0.999
ALL: Final = "all of them"


class Scored(NamedTuple):
    judged: Judgement
    found: list[str]
    score: float


async def ask(demo: Demo, engine: Engine, judged: Judgement) -> Scored:
    words = parse(judged.query, demo.vocabulary)
    answer = await engine.search(Question(words, part=Part(AT), language=judged.language))
    found = [demo.slugs[hit.id] for hit in answer.hits]
    return Scored(judged, found, ndcg(found, judged.grades))


def figures(scored: Sequence[Scored]) -> dict[str, float]:
    """Kind of query -> mean; the last is that of all queries."""
    kinds = dict.fromkeys(each.judged.kind for each in scored)
    means = {
        kind: fmean(each.score for each in scored if each.judged.kind == kind) for kind in kinds
    }
    return {**means, ALL: fmean(each.score for each in scored)}


def summary(results: dict[str, list[Scored]]) -> str:
    means = {name: figures(scored) for name, scored in results.items()}
    [first, *_] = results.values()
    count = {kind: sum(each.judged.kind == kind for each in first) for kind in figures(first)}
    count[ALL] = len(first)
    rows = [
        [kind, str(count[kind]), *(f"{of_engine[kind]:.3f}" for of_engine in means.values())]
        for kind in count
    ]
    verdicts = ["target", "", *(f"≥ {TARGETS[name]:.2f}" for name in results)]
    reached = [figures_of[ALL] >= TARGETS[name] for name, figures_of in means.items()]
    words = ["", "", *("reached" if each else "MISSED" for each in reached)]
    return table([f"nDCG@{AT}", "queries", *results], [*rows, verdicts, words])


def worst(name: str, scored: Sequence[Scored], *, number: int) -> str:
    """What is found, with what it is worth in brackets, and what is missing."""
    lines = [f"Worst of {name}:"]
    for each in sorted(scored, key=lambda one: one.score)[:number]:
        if each.score >= FINE:
            break
        grades = each.judged.grades
        shown = ", ".join(f"{slug} [{grades.get(slug, 0)}]" for slug in each.found) or "nothing"
        best = sorted(grades, key=lambda slug: -grades[slug])[:AT]
        missing = ", ".join(f"{slug} [{grades[slug]}]" for slug in best if slug not in each.found)
        lines.append(f"  {each.score:.2f}  {each.judged.kind}: {each.judged.query!r}")
        lines.append(f"        finds {shown}")
        lines += [f"        lacks {missing}"] if missing else []
    return "\n".join(lines)


async def run(folder: Path, *, number: int) -> bool:
    """Whether the targets are reached."""
    with servers(folder) as settings:
        async with opened(settings) as demo:
            results = {
                engine.name: [await ask(demo, engine, judged) for judged in judgements()]
                for engine in demo.engines
            }
    said = [worst(name, scored, number=number) for name, scored in results.items()]
    sys.stdout.write("\n\n".join([*said, summary(results)]) + "\n")
    return all(figures(scored)[ALL] >= TARGETS[name] for name, scored in results.items())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--folder", default=".data/bench-search", type=Path, help="of the servers")
    parser.add_argument("--worst", type=int, default=WORST, help="queries shown of each engine")
    told = parser.parse_args()
    return 0 if asyncio.run(run(told.folder.resolve(), number=told.worst)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
