"""The guides are played as they stand: operations, variables and answers that readers copy.

A `graphql` block is an operation; `json variables` and `json answer` belong to the one above, and
variables without an operation of their own send it again. In an answer `"$name"` is kept under that
name, or must be what was kept; `"…"` is anything, and at the end of a list any more. Variables,
tokens and commands use the names. A `text letter` block is a line of a letter in the mailbox. What an answer does not show is not looked at.
"""

import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from core import clock
from tests.e2e.letters import letter_with

ADDRESS = "http://127.0.0.1:8000"  # as the guides say it
ANYTHING = "…"
PATIENCE_SECONDS = 15.0
NAME = re.compile(r"\$(\w+)")
BEARER = re.compile(r"`Authorization: Bearer \$(\w+)`")
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass
class Step:
    """An operation to send, a command to run, or a line of a letter to look for.

    token: whose operation it is, by the name under which it was kept.
    """

    line: int
    token: str | None
    query: str = ""
    variables: str = ""
    answer: str = ""
    command: str = ""
    letter: str = ""

    @property
    def may_be_asked_again(self) -> bool:
        return self.query.lstrip().startswith("query")


def steps(page: Path) -> list[Step]:
    """What a page tells its readers to do, in order."""
    text, end, token = page.read_text(), 0, None
    found: list[Step] = []
    for block in BLOCK.finditer(text):
        for told in BEARER.findall(text, end, block.start()):
            token = told
        line, end = text[: block.start()].count("\n") + 1, block.end()
        language, role, body = block.groups()
        if begun := begins(language, role, body):
            found.append(Step(line, token, **begun))
        elif role == "variables":
            if found[-1].variables or found[-1].answer:
                found.append(Step(line, token, query=found[-1].query))
            found[-1].variables = body
        elif role == "answer":
            found[-1].answer = body
    return found


def begins(language: str, role: str | None, body: str) -> dict[str, str]:
    """The part of a step that a block begins; empty when it begins none."""
    if language == "graphql":
        return {"query": body}
    if role == "letter":
        return {"letter": body.strip()}
    return {"command": body} if language == "sh" and body.startswith("curl") else {}


class Reader:
    """Somebody who follows a page, and remembers what the answers gave."""

    def __init__(self, base_url: str, folder: Path) -> None:
        self.base_url, self.folder = base_url, folder
        self.kept: dict[str, str] = {"now": clock.now().isoformat()}

    def follow(self, step: Step) -> None:
        if step.command:
            self.run(step)
            return
        if step.letter:
            self.read(step)
            return
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.send(step)
            except AssertionError:
                if not step.may_be_asked_again or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def send(self, step: Step) -> None:
        headers = {"authorization": f"Bearer {self.kept[step.token]}"} if step.token else {}
        variables = json.loads(self.filled(step.variables or "{}"))
        body = {"query": step.query, "variables": variables}
        answer = httpx.post(f"{self.base_url}/graphql", json=body, headers=headers, timeout=30)
        result = answer.json()
        assert "errors" not in result, f"line {step.line}: {result['errors']}"
        self.compare(json.loads(step.answer), result["data"], f"line {step.line}")

    def run(self, step: Step) -> None:
        command = self.filled(step.command).replace(ADDRESS, self.base_url)
        subprocess.run(["bash", "-euc", command], check=True, cwd=self.folder, timeout=30)

    def read(self, step: Step) -> None:
        told = step.letter.replace(ADDRESS, self.base_url)
        parts = [re.escape(part) for part in NAME.split(told)]
        parts[1::2] = [rf"(?P<{name}>[\w-]+)" for name in parts[1::2]]
        self.kept |= letter_with(self.base_url, "".join(parts)).groupdict()

    def filled(self, text: str) -> str:
        return NAME.sub(lambda found: self.kept[found[1]], text)

    def compare(self, told: Any, given: Any, where: str) -> None:
        """What a page shows against what the shop answers. Keeps what the page names."""
        if isinstance(told, dict):
            assert isinstance(given, dict), f"{where}: {given}"
            for key, value in told.items():
                self.compare(value, given[key], f"{where}.{key}")
        elif isinstance(told, list):
            assert isinstance(given, list), f"{where}: {given}"
            shown = told[:-1] if told[-1:] == [ANYTHING] else told
            assert len(given) == len(shown) or len(given) > len(shown) < len(told), where
            for position, value in enumerate(shown):
                self.compare(value, given[position], f"{where}.{position}")
        elif isinstance(told, str) and NAME.fullmatch(told):
            assert self.kept.setdefault(told[1:], given) == given, f"{where}: {given}"
        elif told != ANYTHING:
            assert told == given, f"{where}: {given}"


def play(page: Path, base_url: str, folder: Path) -> None:
    reader = Reader(base_url, folder)
    told = steps(page)
    assert all(step.answer for step in told if step.query), "each operation shows its answer"
    for step in told:
        reader.follow(step)


def test_the_tour_of_the_readme_runs_as_it_stands(
    fresh_shop: str, root: Path, tmp_path: Path
) -> None:
    play(root / "README.md", fresh_shop, tmp_path)


def test_the_merchants_day_runs_as_it_stands(fresh_shop: str, root: Path, tmp_path: Path) -> None:
    Image.new("RGB", (900, 600), "#c96f4a").save(tmp_path / "towel.jpg")

    play(root / "docs" / "TOUR.md", fresh_shop, tmp_path)
