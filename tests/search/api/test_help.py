"""What somebody is offered who found nothing."""

from tests.asking import Ask
from tests.search.api.operations import HELP
from tests.search.api.scene import Scene


async def test_nothing_is_offered_to_somebody_who_found_something(
    ask: Ask, scene: Scene, round_trips: list[str]
) -> None:
    found = (await ask(HELP, words="lamp"))["searchProducts"]

    assert found == {"totalCount": {"count": 3}, "suggestions": None}
    assert round_trips == ["search"]


async def test_the_query_without_its_least_useful_word_is_offered(ask: Ask, scene: Scene) -> None:
    found = (await ask(HELP, words="lamp zeppelin"))["searchProducts"]

    assert found["totalCount"]["count"] == 0
    assert found["suggestions"]["withoutWord"] == {
        "query": "lamp",
        "dropped": "zeppelin",
        "count": 3,
    }
    assert found["suggestions"]["category"] == {"name": "Lamps"}


async def test_a_correction_is_offered_that_finds_something(ask: Ask, scene: Scene) -> None:
    found = (await ask(HELP, words="umina lamp"))["searchProducts"]
    apart = (await ask(HELP, words="umina kettle"))["searchProducts"]

    assert found["totalCount"]["count"] == 0
    assert found["suggestions"]["didYouMean"] == "lumina lamp"
    assert apart["suggestions"]["didYouMean"] is None  # no product has both


async def test_what_is_left_of_a_query_is_corrected_too(ask: Ask, scene: Scene) -> None:
    found = (await ask(HELP, words="lmap zeppelin"))["searchProducts"]

    assert found["suggestions"]["withoutWord"] == {
        "query": "lamp",
        "dropped": "zeppelin",
        "count": 3,
    }


async def test_what_would_be_found_without_the_conditions_is_told(ask: Ask, scene: Scene) -> None:
    where = {"brands": [scene.id("brand", "Hanami")]}

    found = (await ask(HELP, words="lamp", where=where))["searchProducts"]

    assert found["suggestions"]["withoutConditions"] == 3


async def test_help_takes_two_round_trips_more_at_most(
    ask: Ask, scene: Scene, round_trips: list[str]
) -> None:
    await ask(HELP, words="lamp kettle mug zeppelin shirt desk")

    assert round_trips in (["search", "corrected", "counts"], ["search", "counts"])


async def test_nobody_is_helped_who_typed_nothing(ask: Ask, scene: Scene) -> None:
    where = {"brands": ["nonsense"]}

    found = (await ask(HELP, words="", where=where))["searchProducts"]

    assert found == {"totalCount": {"count": 0}, "suggestions": None}
