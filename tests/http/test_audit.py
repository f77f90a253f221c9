"""The public audit of GraphQL over HTTP, by the npm package graphql-http, on a real server."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# The system's Node.js, or a wheel's beside our Python.
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)))


async def run(*command: str | Path, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "PATH": PATH},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()


@pytest.mark.skipif(not shutil.which("npm", path=PATH), reason="Node.js is not installed")
async def test_every_must_and_should_of_the_audit_passes(address: str, tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json", "audit.mjs"):
        shutil.copy(HERE / name, tmp_path)
    npm, node = shutil.which("npm", path=PATH), shutil.which("node", path=PATH)
    assert npm
    assert node
    await run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=tmp_path)

    output = await run(node, "audit.mjs", f"http://{address}/graphql", folder=tmp_path)

    audits = json.loads(output)
    failed = [f"{audit['name']}: {audit['reason']}" for audit in audits if audit["status"] != "ok"]
    assert len(audits) >= 60
    assert failed == []
