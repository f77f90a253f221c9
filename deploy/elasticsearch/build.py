"""Builds the node when it is missing or stale: `python -m deploy.elasticsearch.build`.

Needs Maven and a JDK; `tools/install_system.sh` sees to both.
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from deploy.children import ROOT
from deploy.embedded.elasticsearch import EmbeddedElasticsearch, Node
from deploy.embedded.process import ProgramFailed, run, spawn, tail

SOURCES = ROOT / "deploy" / "elasticsearch"
CACHE = ROOT / ".data" / "elasticsearch-node"
OLDEST_JDK = 21
UNFINISHED = "new-"
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
NETTY = {"name": "transport-netty4", "class": "org.elasticsearch.transport.netty4.Netty4Plugin"}
OURS = {"name": "search-support", "class": "marketfront.search.SearchSupportPlugin"}
DESCRIPTOR = """\
name={name}
description={name}
version={version}
elasticsearch.version={version}
java.version={java}
classname={class}
extended.plugins=
has.native.controller=false
"""
PLACES_OF_JDKS = (
    "/usr/lib/jvm/*",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
)


def built(cache: Path = CACHE) -> Node:
    """The node, built first when it is not there; who asks meanwhile waits for that one.

    Raises: ProgramFailed, which names what is missing.
    """
    jdk = _find_jdk()
    place = cache / f"{_version()}-{_digest(jdk)}"
    if not place.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                for killed in cache.glob(f"{UNFINISHED}*"):
                    shutil.rmtree(killed)
                _build(jdk, place)
    return Node(folder=place, java=jdk / "bin" / "java")


def _build(jdk: Path, place: Path) -> None:
    """Make the folder under another name, so that it is there whole or not at all."""
    sys.stderr.write("Building Elasticsearch for development and tests …\n")
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=place.parent))
    try:
        _fetch_jars(jdk, unfinished / "lib", log=unfinished / "maven.log")
        _compile(jdk, "node", unfinished / "lib")
        _make_modules(jdk, unfinished)
        (unfinished / "config").mkdir()
        (unfinished / "plugins").mkdir()
        _archive_classes(jdk, unfinished)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _fetch_jars(jdk: Path, folder: Path, *, log: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise _missing("Maven (`mvn`)")
    child = spawn(
        [
            *(maven, "-q", "-B", "-f", SOURCES / "pom.xml", COPY_JARS),
            *("-DincludeScope=runtime", f"-DoutputDirectory={folder}"),
        ],
        ends_by=signal.SIGTERM,
        cwd=log.parent,
        log=log,
        env={**os.environ, "JAVA_HOME": str(jdk)},
    )
    if child.wait():
        raise ProgramFailed(f"Maven could not fetch the jars of Elasticsearch:\n{tail(log)}")


def _make_modules(jdk: Path, node: Path) -> None:
    """A folder with a descriptor each: Elasticsearch loads them apart from its libraries."""
    for module in (NETTY, OURS):
        folder = node / "modules" / module["name"]
        folder.mkdir(parents=True)
        descriptor = DESCRIPTOR.format_map({**module, "version": _version(), "java": OLDEST_JDK})
        (folder / "plugin-descriptor.properties").write_text(descriptor)
    for pattern in ("netty-*.jar", "transport-netty4-*.jar"):
        for jar in (node / "lib").glob(pattern):
            jar.rename(node / "modules" / NETTY["name"] / jar.name)
    _compile(jdk, "plugin", node / "modules" / OURS["name"], against=node / "lib")


def _compile(jdk: Path, sources: str, folder: Path, *, against: Path | None = None) -> None:
    """Compile a folder of our sources into one jar.

    against: where the jars are that they use, if not in the folder the jar goes to.
    """
    classes = folder / "classes"
    files = sorted((SOURCES / sources).glob("*.java"))
    libraries = f"{against or folder}/*"
    javac = (jdk / "bin" / "javac", "--release", str(OLDEST_JDK), "-nowarn")
    run([*javac, "-cp", libraries, "-d", classes, *files])
    run([jdk / "bin" / "jar", "cf", folder / f"marketfront-{sources}.jar", "-C", classes, "."])
    shutil.rmtree(classes)


def _archive_classes(jdk: Path, folder: Path) -> None:
    """Run the node once, which proves the build, and keep what its JVM made of the classes."""
    node = Node(folder=folder, java=jdk / "bin" / "java")
    trial = EmbeddedElasticsearch(
        folder / "trial", node=node, jvm=[f"-XX:ArchiveClassesAtExit={node.archive}"]
    )
    trial.start()
    trial.stop()
    shutil.rmtree(trial.home)


def _find_jdk() -> Path:
    for home in _possible_jdks():
        if (home / "bin" / "javac").exists() and _java_version(home) >= OLDEST_JDK:
            return home
    raise _missing(f"a JDK {OLDEST_JDK} or newer with `javac` (JAVA_HOME may name it)")


def _possible_jdks() -> Iterator[Path]:
    if chosen := os.environ.get("JAVA_HOME"):
        yield Path(chosen)
    if javac := shutil.which("javac"):
        yield Path(javac).resolve().parent.parent
    for place in PLACES_OF_JDKS:
        yield from sorted(Path("/").glob(place.removeprefix("/")), reverse=True)


def _java_version(home: Path) -> int:
    """Of a JDK's own description, 0 without one: asking its programs takes longer than a start."""
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _missing(what: str) -> ProgramFailed:
    return ProgramFailed(
        f"Elasticsearch for development and tests is built with {what}, which this machine "
        "lacks: run `tools/install_system.sh`."
    )


def _version() -> str:
    found = re.search(r"<elasticsearch.version>(.+)<", (SOURCES / "pom.xml").read_text())
    assert found
    return found[1]


def _digest(jdk: Path) -> str:
    """Of what a build is made from; an archive of classes serves the very JDK that made it only."""
    digest = hashlib.sha256((jdk / "release").read_bytes())
    for file in sorted(SOURCES.rglob("*")):
        if file.suffix in {".java", ".xml"} or file.name == Path(__file__).name:
            digest.update(f"{file.relative_to(SOURCES)}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    try:
        built()
    except ProgramFailed as failure:
        sys.exit(str(failure))
