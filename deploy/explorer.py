"""Builds the web explorer when missing or older than its sources: `python -m deploy.explorer`.

Node and the packages are only needed for that; the server also runs without the page.
"""

import hashlib
import os
import re
import shutil
import signal
import sys
from pathlib import Path

from deploy.children import ROOT
from deploy.embedded.process import ProgramFailed, run, spawn

EXPLORER = ROOT / "web" / "explorer"
BUILT = EXPLORER / "dist"
FRESH = EXPLORER / "dist.new"
PACKAGES = EXPLORER / "node_modules"
OLDEST_NODE = (20, 19)
NODE_WHEEL = ROOT / "deploy" / "requirements-node.txt"


def is_stale() -> bool:
    return EXPLORER.exists() and _stamp(BUILT) != _digest_of_sources()


def build() -> None:
    """Install the locked packages if they changed, and bundle. Raises: ProgramFailed."""
    path = _path_to_node()
    lock = _digest(EXPLORER / "package-lock.json")
    if _stamp(PACKAGES) != lock:
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", path=path)
        _write_stamp(PACKAGES, lock)
    sources = _digest_of_sources()
    _npm("run", "build", "--", "--outDir", FRESH.name, "--emptyOutDir", path=path)
    _write_stamp(FRESH, sources)
    shutil.rmtree(BUILT, ignore_errors=True)  # a shop that runs misses it for a moment only
    FRESH.rename(BUILT)


def _path_to_node() -> str:
    """The search path to `node` and `npm`: the system's, or a wheel's beside our Python."""
    system = os.environ.get("PATH", os.defpath)
    ours = os.pathsep.join((str(Path(sys.executable).parent), system))
    if _has_node(system):
        return system
    if not _has_node(ours):
        _install_node()
    return ours


def _has_node(path: str) -> bool:
    node = shutil.which("node", path=path)
    return bool(node and shutil.which("npm", path=path) and _is_new_enough(node))


def _install_node() -> None:
    sys.stdout.write("Installing Node.js into the Python environment, for building the page …\n")
    sys.stdout.flush()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        run([*pip, "--require-hashes", "-r", NODE_WHEEL])
    except ProgramFailed as failure:
        raise ProgramFailed(
            "The page is built with Node.js 20.19 or newer and npm, which this machine lacks and "
            f"which could not be fetched: install them and start again. ({failure})"
        ) from None


def _is_new_enough(node: str) -> bool:
    found = re.match(r"v(\d+)\.(\d+)", run([node, "--version"]))
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE


def _npm(*arguments: str, path: str) -> None:
    npm = shutil.which("npm", path=path) or "npm"
    env = {**os.environ, "PATH": path}
    child = spawn([npm, *arguments], ends_by=signal.SIGTERM, cwd=EXPLORER, env=env)
    if child.wait():
        raise ProgramFailed(f"`npm {arguments[0]}` failed in {EXPLORER}.")


def _digest_of_sources() -> str:
    parts = (part for part in EXPLORER.iterdir() if part not in {BUILT, FRESH, PACKAGES})
    files = (file for part in parts for file in (part, *part.rglob("*")) if file.is_file())
    return _digest(*sorted(files))


def _digest(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(EXPLORER)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _stamp(folder: Path) -> str:
    try:
        return (folder / ".made-from").read_text()
    except FileNotFoundError:
        return ""


def _write_stamp(folder: Path, digest: str) -> None:
    (folder / ".made-from").write_text(digest)


if __name__ == "__main__":
    try:
        if is_stale():
            build()
    except ProgramFailed as failure:
        sys.exit(str(failure))
