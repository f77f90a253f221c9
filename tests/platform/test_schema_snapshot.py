"""The snapshot of the contract: what is reviewed is what is served, and it only grows."""

from pathlib import Path

from graphql import build_schema
from graphql.utilities import find_breaking_changes

from tools import export_schema


def test_the_snapshot_is_what_the_code_declares() -> None:
    assert export_schema.main(["--check"]) == 0, "run `make schema`, then read its diff"


def test_a_stale_snapshot_is_noticed(tmp_path: Path, monkeypatch, capsys) -> None:
    stale = tmp_path / "schema.graphql"
    stale.write_text(export_schema.printed().replace("slug: String!", "slug: String", 1))
    monkeypatch.setattr(export_schema, "SNAPSHOT", stale)

    status = export_schema.main(["--check"])

    assert status == 1
    assert "make schema" in capsys.readouterr().err


def test_nothing_that_clients_may_rely_on_was_taken_away(root: Path) -> None:
    """Against the released contract, once there is one: releases keep theirs beside the snapshot."""
    released = root / "schema" / "released.graphql"
    now = build_schema(export_schema.printed())
    before = build_schema(released.read_text()) if released.exists() else now

    changes = find_breaking_changes(before, now)

    assert changes == []


def test_a_field_that_was_taken_away_is_a_breaking_change() -> None:
    before = build_schema(export_schema.printed())
    after = build_schema(
        export_schema.printed().replace("  slug: String!\n", "  handle: String!\n", 1)
    )

    changes = find_breaking_changes(before, after)

    assert "Field Attribute.slug was removed." in [change.description for change in changes]
