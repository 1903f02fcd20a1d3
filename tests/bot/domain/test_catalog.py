"""What each model takes, held against the schemas that Replicate publishes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import catalog
from bot.domain.entities import Variant
from bot.errors import UserError
from tests.bot.things import recipe
from tests.shared import shared

BOUNDS = (("minimum", "ge"), ("maximum", "le"))


@pytest.mark.parametrize("row", catalog.MODELS, ids=lambda row: row.title)
def test_what_is_sent_is_what_the_models_schema_lists(row: catalog.Model) -> None:
    schemas = shared("contracts/replicate-model-schemas")
    fields = _fields(schemas, row)
    sent = catalog.model_input(recipe(model=row.key, variant=row.variant))
    assert set(sent) <= set(fields)
    for name, allowed in (("num_inference_steps", row.steps), (row.guidance_field, row.guidance)):
        if allowed is not None:
            low, high = (fields[name].get(published, fields[name].get(source)) for published, source in BOUNDS)
            assert low <= allowed.low < allowed.high <= high


def _fields(schemas: Path, row: catalog.Model) -> dict[str, Any]:
    if not row.remote:  # what a trained model takes is what its source lists
        source = json.loads((schemas / "source__cog-flux.json").read_text())
        return source["predictors"]["HotswapPredictor"]
    published = json.loads((schemas / f"npm-model__{row.remote.replace('/', '__')}.json").read_text())
    return published["latest_version"]["openapi_schema"]["components"]["schemas"]["Input"]["properties"]


def test_the_plain_models_take_no_lora_scale_and_schnell_no_guidance() -> None:
    plain = catalog.model_input(recipe())
    assert not {"guidance", "guidance_scale", "lora_scale", "model"} & set(plain)
    tuned = catalog.model_input(recipe(model=catalog.FINE_TUNE, variant=Variant.DEV))
    assert tuned["model"] == "dev"
    assert {"guidance_scale", "lora_scale"} <= set(tuned)
    assert "guidance" not in tuned


@given(st.floats(), st.floats(-100, 100), st.floats(-100, 100))
def test_a_range_gives_back_what_is_within_and_refuses_the_rest(value: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    allowed = catalog.Range(low=low, high=high, default=low)
    if low <= value <= high:
        assert allowed.check("steps", value) == value
    else:
        with pytest.raises(UserError, match="steps must be between"):
            allowed.check("steps", value)


def test_nothing_given_is_the_default() -> None:
    assert catalog.DEV.steps.check("steps", None) == 28


def test_the_articles_trainer_has_its_own_rules() -> None:
    old = catalog.trainer(catalog.ARTICLE_TRAINER)
    assert (old.ranks, old.steps.low, old.needs_zip_name) == ((16, 32, 64, 128), 10, True)
    for version in (catalog.PINNED_TRAINER, "f" * 64):
        new = catalog.trainer(version)
        assert (len(new.ranks), new.steps.low, new.needs_zip_name) == (128, 3, False)
