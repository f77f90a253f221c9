"""The tables that a run prints."""

from collections.abc import Iterable, Mapping, Sequence

from bench import budget
from bench.measure import Figures, Name
from bench.targets import TARGETS

FEATURES = (
    "On: access rules, row scope, translated texts, list prices per currency, stock, keyset pages,"
    " tokens, request ids, logs, security headers, CORS, body limit. Not there yet: customer"
    " groups' price lists, promotions, tax."
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; the first to the left, the others to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    written = [
        "  ".join(
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([written[0], "-" * max(map(len, written)), *written[1:]])


def main_table(measured: Mapping[Name, Figures], counts: Mapping[str, int]) -> str:
    head = ["operation", "subject", "requests/s", "p50 ms", "p99 ms", "server ms", "PostgreSQL ms"]
    head += ["SQL", "÷ yardstick", "÷ floor", "÷ reference"]
    shown = [name for name in measured if name.operation != "budget"]
    return table(head, [_row(name, measured, counts) for name in shown])


def _row(name: Name, measured: Mapping[Name, Figures], counts: Mapping[str, int]) -> list[str]:
    own = measured[name]
    is_ours = name.subject.startswith("shop")
    count = counts.get(name.operation) if is_ours else {"yardstick": 1}.get(name.subject)
    others = [
        measured.get(Name(name.operation, "yardstick")),
        measured.get(Name("floor", "floor")),
        measured.get(Name(name.operation, "reference")),
    ]
    ratios = [f"{own.server / other.server:.2f}" if other else "" for other in others]
    return [
        name.operation.upper() if name.operation.startswith("w") else name.operation,
        name.subject,
        f"{own.per_second:.0f}",
        f"{own.p50:.1f}",
        f"{own.p99:.1f}",
        f"{own.server:.3f}",
        f"{own.postgres:.3f}",
        "" if count is None else str(count),
        *ratios,
    ]


def target_table(measured: Mapping[Name, Figures], counts: Mapping[str, int]) -> str:
    rows = []
    for target in TARGETS:
        value = target.value(measured, counts)
        if value is not None:
            limit = f"{'≥' if target.is_floor else '≤'} {target.limit:g}"
            verdict = "reached" if target.is_reached(value) else "MISSED"
            rows.append([target.text, limit, f"{value:.2f}", verdict])
    return table(["target", "limit", "measured", ""], rows)


def budget_table(measured: dict[Name, Figures]) -> str:
    parts = budget.rows(measured)
    total = [("together", sum(part[1] for part in parts), sum(part[2] for part in parts))]
    rows = [
        [label, f"{server:.3f}", f"{database:.3f}"] for label, server, database in parts + total
    ]
    return table(["part of W1", "server ms", "PostgreSQL ms"], rows)
