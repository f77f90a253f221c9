"""The public audit of GraphQL over HTTP, by the npm package graphql-http, on a real server."""

import json
from pathlib import Path

from tests.node import installed, run


async def test_every_must_and_should_of_the_audit_passes(address: str, tmp_path: Path) -> None:
    folder = await installed(Path(__file__).parent, tmp_path)

    output = await run("node", "audit.mjs", f"http://{address}/graphql", folder=folder)

    audits = json.loads(output)
    failed = [f"{audit['name']}: {audit['reason']}" for audit in audits if audit["status"] != "ok"]
    assert len(audits) >= 60
    assert failed == []
