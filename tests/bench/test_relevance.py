"""The figure for relevance, and the list that it is computed from."""

from collections import Counter
from math import log2

import pytest

from bench.search.judgements import judgements
from bench.search.ndcg import ndcg
from tools.demo import stories

GRADES = {"chair": 3, "stool": 2, "sofa": 1}


def test_the_best_order_is_worth_one() -> None:
    assert ndcg(["chair", "stool", "sofa", "lamp"], GRADES) == 1


def test_nothing_useful_is_worth_nothing() -> None:
    assert ndcg([], GRADES) == 0
    assert ndcg(["lamp", "rug"], GRADES) == 0


def test_the_figure_is_the_textbook_one() -> None:
    gained = 1 / log2(2) + 0 / log2(3) + 7 / log2(4)
    best = 7 / log2(2) + 3 / log2(3) + 1 / log2(4)

    assert ndcg(["sofa", "lamp", "chair"], GRADES) == pytest.approx(gained / best)


def test_what_comes_after_the_tenth_place_counts_for_nothing() -> None:
    assert ndcg([*"abcdefghij", "chair"], GRADES) == 0


def test_more_to_find_than_places_can_still_be_worth_one() -> None:
    grades = dict.fromkeys("abcdefghijklmn", 3)

    assert ndcg([*"efghijklmn"], grades) == 1


def test_every_judged_product_is_in_the_demo_and_graded_once() -> None:
    slugs = {told["slug"] for one in stories.merchants().values() for told in one["products"]}

    for judged in judgements():
        assert judged.grades, judged
        assert {*judged.grades} <= slugs, judged


def test_there_are_queries_enough_of_every_kind_in_both_languages() -> None:
    all_of_them = judgements()
    languages = Counter(judged.language for judged in all_of_them)
    kinds = Counter(judged.kind for judged in all_of_them)

    assert len({(judged.language, judged.query) for judged in all_of_them}) == len(all_of_them)
    assert languages["en"] >= 80
    assert languages["zh-Hans"] >= 40
    assert min(kinds.values()) >= 6
    assert {"typo", "prefix", "code", "synonym", "plural", "chinese", "mixed"} <= {*kinds}
