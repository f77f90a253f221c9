"""The relying party's process, as a test tells it what to do."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from tests.node import PATH


class Refused(Exception):
    """The client got an error instead of what it asked for, or did not believe what it got."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(f"{error}: {message}")
        self.error = error


class RelyingParty:
    """Each call is one function of openid-client."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, folder: Path) -> "RelyingParty":
        node = shutil.which("node", path=PATH)
        assert node, "Node.js is missing: run `make explorer`, which sees to it"
        program = str(folder / "relying_party.mjs")
        process = await asyncio.create_subprocess_exec(
            node, program, cwd=folder, stdin=PIPE, stdout=PIPE
        )
        return cls(process)

    async def stop(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def __call__(self, command: str, **parameters: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps({"command": command, **parameters})
        self._process.stdin.write(f"{line}\n".encode())
        answer = json.loads(await asyncio.wait_for(self._process.stdout.readline(), 30))
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return answer["value"]
