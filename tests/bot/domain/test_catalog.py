"""What is sent of what a member chose, and how the rest is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import catalog
from bot.domain.catalog.fields import number, whole
from bot.errors import UserError
from tests.bot.things import recipe


@pytest.mark.parametrize("row", catalog.MODELS.values(), ids=lambda row: row.key)
def test_nothing_is_sent_that_the_model_does_not_take(row: catalog.Model) -> None:
    uploads = {field.name: ("https://example.test/1", "https://example.test/2") for field in row.pictures}
    sent = catalog.model_input(recipe(model=row.key), uploads | {"of_another_model": ("https://example.test/3",)})
    assert set(sent) <= {field.name for field in row.fields} | set(row.fixed)
    assert {field.name for field in row.fields if field.required} <= set(sent)
    assert {field.name for field in row.pictures} <= set(sent)
    for field in row.pictures:
        assert isinstance(sent[field.name], list) == (field.most > 1)


def test_the_plain_models_take_no_lora_scale_and_schnell_no_guidance() -> None:
    plain = catalog.model_input(recipe())
    assert not {"guidance", "guidance_scale", "lora_scale", "model"} & set(plain)
    tuned = catalog.model_input(recipe(model=catalog.FINE_TUNE_DEV.key))
    assert tuned["model"] == "dev"
    assert {"guidance_scale", "lora_scale"} <= set(tuned)
    assert "guidance" not in tuned


@given(st.floats(), st.floats(-100, 100), st.floats(-100, 100))
def test_a_number_is_given_back_within_its_range_and_refused_outside(value: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    field = number("guidance", low, high)
    if low <= value <= high:
        assert field.check(value) == value
    else:
        with pytest.raises(UserError, match="guidance must be between"):
            field.check(value)


@pytest.mark.parametrize("value", [1.5, "3", 255, 257, 4096, float("inf")])
def test_a_side_is_whole_and_in_steps(value: float | str) -> None:
    with pytest.raises(UserError, match="width must be between 256 and 2048, in steps of 32"):
        whole("width", 256, 2048, multiple=32).check(value)


def test_nothing_given_is_the_default() -> None:
    assert catalog.DEV.choose({})["num_inference_steps"] == 28


def test_the_articles_trainer_has_its_own_rules() -> None:
    old = catalog.trainer(catalog.ARTICLE_TRAINER)
    assert (old.ranks, old.steps.low, old.needs_zip_name) == ((16, 32, 64, 128), 10, True)
    for version in (catalog.PINNED_TRAINER, "f" * 64):
        new = catalog.trainer(version)
        assert (len(new.ranks), new.steps.low, new.needs_zip_name) == (128, 3, False)
