"""The documentation names what is there: files, commands, settings."""

import re
from pathlib import Path

import pytest

from core.settings import Settings

SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z-]+)")
TARGET = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)
SETTING = re.compile(r"^#([A-Z_]+)=(.*)$", re.MULTILINE)


def pages(root: Path) -> list[Path]:
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def commands(text: str) -> set[str]:
    """What stands in code, where `make` is a command and no verb."""
    code = [*FENCE.findall(text), *SPAN.findall(FENCE.sub("", text))]
    return {target for each in code for target in MAKE.findall(each)}


def named_files(page: Path, root: Path) -> list[str]:
    """What a page says is in the repository: links, and code that begins with a room's name.

    `.data` is made by running the shop, and is no room.
    """
    text = FENCE.sub("", page.read_text())
    linked = [str((page.parent / link).resolve().relative_to(root)) for link in LINK.findall(text)]
    rooms = {each.name for each in root.iterdir() if each.is_dir()} - {".data"}
    told = [
        span
        for span in SPAN.findall(text)
        if span.partition("/")[0] in rooms and "/" in span and "<" not in span and " " not in span
    ]
    return [*linked, *told]


def test_every_file_that_the_documentation_names_is_there(root: Path) -> None:
    missing = [
        f"{page.relative_to(root)}: {name}"
        for page in pages(root)
        for name in named_files(page, root)
        if not any(root.glob(name))
    ]

    assert missing == []


def test_every_make_target_that_the_documentation_names_is_there(root: Path) -> None:
    known = {*TARGET.findall((root / "Makefile").read_text())}
    told = {page.name: commands(page.read_text()) - known for page in pages(root)}

    assert {name: unknown for name, unknown in told.items() if unknown} == {}


def test_every_make_target_is_told_to_readers(root: Path) -> None:
    known = {*TARGET.findall((root / "Makefile").read_text())}
    told = {target for page in pages(root) for target in commands(page.read_text())}

    assert known - told == set()


def test_the_readers_of_the_index_find_every_decision(root: Path) -> None:
    folder = root / "docs" / "adr"
    index = (folder / "README.md").read_text()

    assert [each.name for each in sorted(folder.glob("0*.md")) if each.name not in index] == []


def test_the_example_of_the_environment_shows_every_setting_once(root: Path) -> None:
    shown = [name for name, _ in SETTING.findall((root / ".env.example").read_text())]

    assert sorted(shown) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_of_the_environment_shows_defaults_and_is_valid(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    example = (root / ".env.example").read_text()
    uncommented = tmp_path / "env"
    uncommented.write_text(SETTING.sub(r"\1=\2", example))
    shown, defaults = Settings(_env_file=uncommented), Settings(_env_file=None)

    wrong = [
        name
        for name in Settings.model_fields
        if has_default(getattr(defaults, name)) and getattr(shown, name) != getattr(defaults, name)
    ]

    assert wrong == []


def has_default(value: object) -> bool:
    """Without one an example is shown; hidden settings are texts that are empty."""
    return value not in (None, "", []) and bool(str(value))
