"""Other servers over the same database: written by hand for one operation, to be compared with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.servers import Machine, Server

HERE: Final = Path(__file__).parent
PATH: Final = os.pathsep.join(
    (os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent))
)


def mercurius(machine: Machine, database: str) -> Server:
    """Mercurius with graphql-jit and loaders; needs Node.js 20 and its packages from npm.

    Raises: RuntimeError without them.
    """
    folder = machine.folder / "mercurius"
    shutil.copytree(HERE / "mercurius", folder, dirs_exist_ok=True)
    if not (folder / "node_modules").exists():
        done = subprocess.run(
            [_program("npm"), "ci", "--ignore-scripts"],
            cwd=folder,
            env={**os.environ, "PATH": PATH},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"npm ci failed:\n{done.stderr[-2000:]}")
    url = machine.postgres.url(database).replace("+asyncpg", "")
    return machine.spawn([_program("node"), str(folder / "server.mjs")], {"DATABASE_URL": url})


def _program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    if found is None:
        raise RuntimeError(f"{name} is missing: run `make explorer`, which sees to it")
    return found
