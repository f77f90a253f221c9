"""Programs for Node.js that tests run: the system's Node.js, or the wheel's beside our Python.

`make test` has seen to one of them before it starts pytest (deploy/explorer.py).
"""

import asyncio
import os
import shutil
import sys
from pathlib import Path

PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)))


async def installed(source: Path, folder: Path) -> Path:
    """The program of `source` in `folder`, with the packages of its lock file."""
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*_modules"))
    await run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
    return folder


async def run(program: str, *arguments: str, folder: Path, given: str = "") -> str:
    """What `npm` or `node` says, told `given`; fails when it fails."""
    found = shutil.which(program, path=PATH)
    assert found, f"{program} is missing: run `make explorer`, which sees to it"
    process = await asyncio.create_subprocess_exec(
        found,
        *arguments,
        cwd=folder,
        env={**os.environ, "PATH": PATH},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(given.encode()), 120)
    assert process.returncode == 0, errors.decode()
    return output.decode()
