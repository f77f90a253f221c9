"""What must hold for the folders and files themselves."""

import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

ROOMS = [
    "alembic",
    "auth",
    "bench",
    "core",
    "deploy",
    "endpoints",
    "engine",
    "integrations",
    "models",
    "resolvers",
    "schema",
    "search",
    "services",
    "tools",
    "workers",
]
MAX_LINES, MAX_TEST_LINES = 300, 400


def tracked(root: Path, suffix: str) -> list[Path]:
    """Files that are or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", f"*{suffix}"],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [root / name for name in listed.stdout.splitlines() if (root / name).exists()]


def test_our_room_names_hide_no_installed_package() -> None:
    ours = {*ROOMS} - {"alembic"}

    assert ours & {*packages_distributions()} == set()


def test_alembic_is_a_folder_and_no_package(root: Path) -> None:
    assert not (root / "alembic" / "__init__.py").exists()


def test_files_are_short(root: Path) -> None:
    long = []
    for path in tracked(root, ".py"):
        if "versions" in path.parts:
            continue
        lines = len(path.read_text().splitlines())
        if lines > (MAX_TEST_LINES if "tests" in path.parts else MAX_LINES):
            long.append(f"{path.relative_to(root)}: {lines}")

    assert long == []


def test_only_the_database_module_begins_and_ends_transactions(root: Path) -> None:
    ending = re.compile(r"\bsession\.(commit|rollback|begin)\(|\.begin_nested\(")
    rooms = (
        "services",
        "resolvers",
        "schema",
        "workers",
        "auth",
        "integrations",
        "endpoints",
        "search",
    )
    found = [
        str(path.relative_to(root))
        for path in tracked(root, ".py")
        if path.relative_to(root).parts[0] in rooms and ending.search(path.read_text())
    ]

    assert found == []


def test_nobody_but_settings_reads_the_environment(root: Path) -> None:
    rooms = (
        "core",
        "services",
        "resolvers",
        "schema",
        "workers",
        "auth",
        "integrations",
        "search",
        "endpoints",
        "engine",
    )
    found = [
        str(path.relative_to(root))
        for path in tracked(root, ".py")
        if path.relative_to(root).parts[0] in rooms
        and re.search(r"os\.environ|getenv", path.read_text())
    ]

    assert found == []


def test_every_room_says_what_belongs_there(root: Path) -> None:
    silent = [
        room
        for room in ROOMS
        if room != "alembic"
        and not (root / room / "__init__.py").read_text().lstrip().startswith('"""')
    ]

    assert silent == []
