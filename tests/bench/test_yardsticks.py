"""The hand-written statements answer what the shop answers: else ratios would say nothing."""

import httpx
import orjson
import pytest

from bench.checks import first_difference
from bench.yardsticks import FLOOR, new_yardsticks
from tests.bench.conftest import Seeded


@pytest.mark.parametrize("name", ["w1", "w2", "w5"])
async def test_a_yardstick_gives_the_same_answer(seeded: Seeded, name: str) -> None:
    yardsticks = new_yardsticks(seeded.settings)
    transport = httpx.ASGITransport(app=yardsticks)

    async with (
        yardsticks.router.lifespan_context(yardsticks),
        httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
    ):
        for request in seeded.workloads[name].requests[:5]:
            expected = await seeded.send(request)
            answer = await client.post(f"/{name}", content=request.body, headers=request.headers)
            assert first_difference(expected, answer.json()) == ""


async def test_the_floor_is_as_long_as_a_product_list(seeded: Seeded) -> None:
    answer = await seeded.send(seeded.workloads["w1"].requests[0])

    assert 0.9 < len(FLOOR) / len(orjson.dumps(answer)) < 1.1


def test_the_first_difference_is_told_with_its_place() -> None:
    left = {"data": {"nodes": [{"id": 1}, {"id": 2}]}}
    right = {"data": {"nodes": [{"id": 1}, {"id": 3}]}}

    assert first_difference(left, right) == "at .data.nodes.1.id: 2 is not 3"
    assert first_difference(left, left) == ""
