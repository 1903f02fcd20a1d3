from dataclasses import replace
from typing import Any

import pytest

from bot.domain import samples
from bot.domain.entities import Version
from bot.domain.money import PriceList
from bot.domain.trigger_words import has_trigger
from tests.bot.things import NOW, plan, training

KINDS = ["subject", "style", "product"]
VERSION = Version(fine_tune_id=1, number=1, remote="atelier-demo/ziki:1", training_id="t1", created_at=NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_the_samples_name_the_trigger_word(kind: str) -> None:
    told = samples.sample_prompts(kind, "ZIKI")
    assert len(set(told)) == 2
    assert all(has_trigger(prompt, "ZIKI") for prompt in told)


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_the_short_example_names_the_trigger_word(kind: str) -> None:
    assert has_trigger(samples.example_prompt(kind, "ZIKI"), "ZIKI")


@pytest.mark.parametrize("prices", [PriceList(), PriceList(switched={"dev": False})], ids=["all", "without dev"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_costs_what_the_training_s_estimate_counts(kind: Any, prices: PriceList) -> None:
    sheet = samples.sample_sheet(replace(training(), plan=plan(kind=kind)), VERSION, prices, NOW)
    estimate = prices.training_estimate(plan()) - prices.training_cost(None, plan())
    assert sum(sample.estimate for sample in sheet) == estimate
    assert [sample.id for sample in sheet] == sorted(sample.id for sample in sheet)
    assert {sample.parent_id for sample in sheet} == {"t1"}


@pytest.mark.parametrize(
    ("votes", "won"),
    [
        ({}, None),
        ({0.8: 0, 1.0: 0}, None),
        ({0.8: 2, 1.0: 1, 1.2: 0}, 0.8),
        ({0.8: 1, 1.0: 1, 1.2: 1}, 1.0),
        ({0.8: 1, 1.2: 1}, 0.8),
        ({0.6: 2, 1.2: 2, 1.0: 1}, 1.2),
    ],
)
def test_most_votes_win_and_of_equals_the_one_nearest_to_the_usual(votes: dict[float, int], won: float | None) -> None:
    assert samples.winner(votes) == won
