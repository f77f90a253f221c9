"""Ratios and verdicts of the tables."""

from bench.measure import Figures, Name
from bench.report import main_table, table, target_table


def figures(server: float, postgres: float = 0.5) -> Figures:
    return Figures(per_second=100, p50=1, p99=2, server=server, postgres=postgres)


def verdict(written: str, target: str) -> list[str]:
    """The last two words of a target's line: what was measured, and whether that will do."""
    [line] = [line for line in written.splitlines() if line.startswith(target)]
    return line.split()[-2:]


def test_a_target_is_reached_up_to_its_limit_and_missed_above() -> None:
    measured = {Name("w1", "shop"): figures(7.0), Name("w1", "yardstick"): figures(1.0)}

    reached = target_table(measured, {"w1": 5})
    measured[Name("w1", "shop")] = figures(7.1)
    missed = target_table(measured, {"w1": 6})

    assert verdict(reached, "W1: server CPU ÷ its yardstick") == ["7.00", "reached"]
    assert verdict(missed, "W1: server CPU ÷ its yardstick") == ["7.10", "MISSED"]
    assert verdict(missed, "W1: SQL statements") == ["6.00", "MISSED"]


def test_what_was_not_measured_has_no_verdict() -> None:
    written = target_table({Name("w1", "shop"): figures(7.0)}, {})

    assert "reached" not in written
    assert "MISSED" not in written


def test_the_main_table_compares_each_operation_with_its_own_yardstick() -> None:
    measured = {
        Name("floor", "floor"): figures(0.1),
        Name("w2", "shop"): figures(1.0),
        Name("w2", "yardstick"): figures(0.25),
        Name("w2", "reference"): figures(5.0),
        Name("w1", "yardstick"): figures(0.5),
    }

    [shop] = [line for line in main_table(measured, {"w2": 4}).splitlines() if "shop" in line]

    assert shop.split() == [
        "W2",
        "shop",
        "100",
        "1.0",
        "2.0",
        "1.000",
        "0.500",
        "4",
        "4.00",
        "10.00",
        "0.20",
    ]


def test_numbers_stand_to_the_right_and_names_to_the_left() -> None:
    assert table(["name", "n"], [["a", "10"], ["long name", "9"]]).splitlines() == [
        "name        n",
        "-------------",
        "a          10",
        "long name   9",
    ]
