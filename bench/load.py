"""Load on one address: wrk where it is installed, else a generator of our own."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bench.requests import Request

CONNECTIONS: Final = 8
PATIENCE_SECONDS: Final = 30

LUA: Final = """
local made, turn = {}, 0
local sent = dofile(%s)
init = function()
  for place, each in ipairs(sent) do
    made[place] = wrk.format("POST", nil, each.headers, each.body)
  end
end
request = function()
  turn = turn %% #made + 1
  return made[turn]
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
"""


@dataclass(frozen=True)
class Round:
    """What a client saw. Times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


class Load:
    """Writes what to send into `folder` once, and sends it as often as asked.

    generator: `wrk` or `bench.generator`; the former where it is installed, if not said.
    """

    def __init__(
        self, folder: Path, requests: Sequence[Request], *, generator: str | None = None
    ) -> None:
        self.name = generator or ("wrk" if shutil.which("wrk") else "bench.generator")
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / ("requests.lua" if self.name == "wrk" else "requests.json")
        self._script = folder / "wrk.lua"
        if self.name == "wrk":
            self._file.write_text(f"return {{{', '.join(map(_lua, requests))}}}\n")
            self._script.write_text(LUA % _quoted(str(self._file)))
        else:
            sent = [{"headers": each.headers, "body": each.body.decode()} for each in requests]
            self._file.write_text(json.dumps(sent))

    def send(self, url: str, *, seconds: float, connections: int = CONNECTIONS) -> Round:
        """For about so long. Raises: RuntimeError when the generator fails."""
        parts = urlsplit(url)
        assert parts.hostname == "127.0.0.1", "a benchmark of our own machine"
        finished = subprocess.run(
            self._command(url, seconds, connections),
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + PATIENCE_SECONDS,
        )
        for line in finished.stdout.splitlines():
            if line.startswith("RESULT "):
                return _read(line)
        raise RuntimeError(f"{self.name} failed: {finished.stderr or finished.stdout}")

    def _command(self, url: str, seconds: float, connections: int) -> list[str]:
        if self.name == "wrk":
            duration = f"-d{max(round(seconds), 1)}s"
            script = ("-s", str(self._script))
            return ["wrk", "-t1", f"-c{connections}", duration, "--timeout", "10s", *script, url]
        told = (str(self._file), url, str(seconds), str(connections))
        return [sys.executable, "-m", "bench.generator", *told]


def _read(line: str) -> Round:
    count, microseconds, p50, p99, errors = (int(word) for word in line.split()[1:])
    return Round(count, microseconds / 1e6, p50 / 1000, p99 / 1000, errors)


def _lua(request: Request) -> str:
    headers = ", ".join(
        f"[{_quoted(name)}]={_quoted(value)}" for name, value in request.headers.items()
    )
    return f"{{headers={{{headers}}}, body={_quoted(request.body.decode())}}}"


def _quoted(text: str) -> str:
    """A Lua string: decimal escapes for whatever is not plain."""
    plain = (
        character if character.isalnum() and character.isascii() else f"\\{byte:03d}"
        for character, byte in _bytes(text)
    )
    return f'"{"".join(plain)}"'


def _bytes(text: str) -> list[tuple[str, int]]:
    return [(chr(byte), byte) for byte in text.encode()]
