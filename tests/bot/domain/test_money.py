"""Estimates and costs are whole micro-dollars, and never less than what a run costs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import catalog, money, sentences
from tests.bot.things import plan, recipe

TUNED = recipe(model=catalog.FINE_TUNE_DEV.key, remote="a/b:c", count=2)
PRICES = money.PriceList()


@pytest.mark.parametrize(
    ("micro", "written"),
    [(None, "unknown"), (0, "$0.000"), (3_000, "$0.003"), (99_999, "$0.100"), (100_000, "$0.10"), (1_835_000, "$1.83")],
)
def test_amounts_as_people_read_them(micro: int | None, written: str) -> None:
    assert money.dollars(micro) == written


def test_a_plain_model_is_paid_by_the_picture() -> None:
    assert PRICES.estimate(recipe(count=3)) == 9_000
    assert PRICES.generation_cost(recipe(count=3), 2, 99.0) == 6_000


def test_a_fine_tune_is_paid_by_the_second_and_the_estimate_stands_in_where_nothing_was_measured() -> None:
    assert PRICES.generation_cost(TUNED, 2, 4.0) == 4 * 1525
    assert PRICES.generation_cost(TUNED, 2, None) == PRICES.estimate(TUNED) == 16 * 1525


@pytest.mark.parametrize(
    ("changes", "costs", "basis"),
    [
        ({"model": "2-pro"}, 30_000, "$0.015 a megapixel, up to 1 of them"),
        ({"model": "2-pro", "settings": {"resolution": "4 MP"}}, 75_000, "$0.015 a megapixel, up to 4 of them"),
        ({"model": "2-pro", "settings": {"resolution": "0.5 MP"}}, 30_000, "$0.015 a megapixel, up to 1 of them"),
        ({"model": "2-pro", "settings": {"width": 2048, "height": 1056}}, 60_000, "up to 3 of them"),
        ({"model": "2-pro", "sources": {"input_images": ["a", "b"]}}, 150_000, "up to 9 of them"),
        ({"model": "2-max"}, 70_000, "a guess, as Replicate's price is unknown"),
        ({"model": "dev", "count": 4}, 100_000, "4 × $0.025"),
        ({"model": "real-esrgan"}, 2_700, "12 s at $0.000225 a second"),
    ],
    ids=str,
)
def test_an_estimate_tells_what_it_is_made_of(changes: dict[str, Any], costs: int, basis: str) -> None:
    wanted = recipe(**changes)
    assert PRICES.estimate(wanted) == costs
    assert basis in sentences.basis(PRICES.basis(wanted))


def test_a_picture_by_the_megapixel_that_did_not_come_out_costs_nothing() -> None:
    assert PRICES.generation_cost(recipe(model="2-pro"), 0, None) == 0
    assert PRICES.generation_cost(recipe(model="2-pro"), 1, None) == 30_000


def test_the_operators_word_is_the_last_one() -> None:
    own = money.PriceList({"dev": catalog.Price(per_picture=1_000, source="ours")}, {"2-flex": True, "dev": False})
    assert own.estimate(recipe(model="dev", count=2)) == 2_000
    assert own.estimate(recipe(count=2)) == 6_000
    assert own.offers(catalog.find_model("2-flex"))
    assert not own.offers(catalog.DEV)
    assert not PRICES.offers(catalog.find_model("2-flex"))  # nobody has seen its schema


@given(st.integers(0, 10_000), st.floats(0, 1e6))
def test_a_run_is_rounded_up_by_less_than_a_micro_dollar(rate: int, seconds: float) -> None:
    cost = money.run_cost(rate, seconds)
    assert isinstance(cost, int)
    assert 0 <= cost - rate * seconds <= 1


def training(**changes: Any) -> int:
    return PRICES.training_estimate(plan(**{"steps": 1000} | changes))


def test_a_training_of_a_thousand_steps_is_about_two_dollars() -> None:
    assert 1_500_000 < training() < 2_500_000
    assert PRICES.training_cost(None, plan(steps=1000)) < training()
    assert PRICES.training_cost(10.0, plan()) == 15_250


def test_an_estimate_grows_with_steps_pictures_and_pixels() -> None:
    assert training(steps=500) < training() < training(settings={"batch_size": 2})
    assert training(settings={"resolution": "512"}) < training() < training(settings={"resolution": "1024"})
    assert training(settings={"resolution": "512,768,1024"}) == training()


def test_the_fast_trainer_has_a_price_of_its_own() -> None:
    wish = plan(steps=1000, trainer=catalog.FAST_TRAINER)
    assert PRICES.training_cost(120.0, wish) == 1_464_000
    assert 1_500_000 < PRICES.training_estimate(wish) < 1_700_000
    assert "eight H100s" in PRICES.training_basis(wish)


def test_an_import_costs_little_and_says_that_it_is_a_guess() -> None:
    wish = plan(steps=1000, pretrained="https://huggingface.co/a/b/resolve/main/lora.safetensors")
    assert PRICES.training_estimate(wish) < 300_000
    assert "60 s, a guess, at $0.001525 a second" in PRICES.training_basis(wish)


def test_the_basis_says_how_long_a_step_takes() -> None:
    assert "150 s and 1.1 s a step" in PRICES.training_basis(plan())
    assert "2.1 s a step" in PRICES.training_basis(plan(settings={"batch_size": 2}))
