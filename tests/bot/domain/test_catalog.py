"""What is sent of what a member chose, and how the rest is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import catalog
from bot.domain.catalog.fields import number, whole
from bot.domain.entities import Kind, Setting, Variant
from bot.errors import UserError
from tests.bot.things import plan, recipe
from tests.shared import shared


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


def ref(version: str = "", name: str = catalog.TRAINER) -> str:
    return f"{name}:{version}" if version else name


def test_the_articles_trainer_has_its_own_rules() -> None:
    old = catalog.find_trainer(ref(catalog.ARTICLE_TRAINER))
    assert (old.check({"lora_rank": 64}), old.needs_zip_name) == ({"lora_rank": 64}, True)
    assert old.takes("resolution") is None
    with pytest.raises(UserError, match="one of 16, 32, 64, 128, not 17"):
        old.check({"lora_rank": 17})
    with pytest.raises(UserError, match="between 10 and 6000"):
        old.check({"steps": 3})
    with pytest.raises(UserError, match="takes no optimizer"):
        old.check({"optimizer": "prodigy"})
    for version in ("", catalog.PINNED_TRAINER, "f" * 64):
        new = catalog.find_trainer(ref(version))
        assert new.check({"lora_rank": 17, "steps": 3}) == {"lora_rank": 17, "steps": 3}
        assert not new.needs_zip_name


def test_the_fast_trainer_is_itself_in_every_version_and_less_well_known() -> None:
    rows = [catalog.find_trainer(ref(version, catalog.FAST_TRAINER)) for version in ("", "f" * 64)]
    assert rows[0] is rows[1]
    assert rows[0].evidence is catalog.Evidence.CODE
    assert rows[0].takes("lora_rank") is None
    with pytest.raises(UserError, match="between 500 and 4000"):
        rows[0].check({"steps": 499})


@pytest.mark.parametrize("row", catalog.TRAINERS, ids=lambda row: f"{row.remote}:{row.version[:8]}")
@pytest.mark.parametrize("kind", Kind)
def test_a_trainer_gets_only_what_it_lists(row: catalog.Trainer, kind: Kind) -> None:
    chosen: dict[str, Setting] = {"resolution": "512", "optimizer": "prodigy", "batch_size": 2, "of_another": 1}
    wish = plan(kind=kind, settings=chosen, trainer=f"{row.remote}:{row.version}", steps=700)
    sent = row.training_input(wish, "https://example.test/1.zip")
    assert set(sent) <= {field.name for field in row.fields}
    assert {sent["input_images"], sent["trigger_word"]} == {"https://example.test/1.zip", "ZIKI"}
    assert 700 in (sent.get("steps"), sent.get("training_steps"))
    assert sent.get("optimizer") in ("prodigy", None)
    if row.remote == catalog.FAST_TRAINER:
        assert sent["lora_type"] == ("style" if kind is Kind.STYLE else "subject")
        assert "steps" not in sent
    else:
        assert (
            {catalog.PRETRAINED, "autocaption_suffix"}
            < set(row.import_input(wish, "t1"))
            <= {field.name for field in row.fields}
        )


@pytest.mark.parametrize(
    ("typed", "sent"), [("512", "512"), (" 512, 1024 ", "512,1024"), ("1536,64", "1536,64"), ("512,768,1024,256", None)]
)
def test_a_resolution_is_a_list_of_sides(typed: str, sent: str | None) -> None:
    field = catalog.find_trainer(catalog.TRAINER).takes("resolution")
    assert field is not None
    assert field.check(typed) == (sent or typed)


@pytest.mark.parametrize("typed", ["", "500", "512,", "512,512", "1600", "0", "-512", "٥١٢", "64,128,192,256,320", "a"])
def test_another_resolution_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="each a multiple of 64 up to 1536"):
        catalog.find_trainer(catalog.TRAINER).check({"resolution": typed})


@pytest.mark.parametrize(
    "pattern",
    [
        *("(", "[a", "*", "(?P<x", "a" * 201, "(" * 3000),
        *("a{4294967296}", "(" * 99 + "a" + "{99999999999})" * 7),  # more than the library counts to
        *("(?i)" + r"[\0-\U0010ffff]" * 12, "(?i)" + "[\0-\U0010ffff]" * 40, r"\N{DIGIT ONE}"),  # a second each
    ],
)
def test_layers_are_named_by_a_regular_expression(pattern: str) -> None:
    rules = catalog.find_trainer(catalog.TRAINER)
    assert rules.check({"layers_to_optimize_regex": r"single.*\.(7|12)\.proj_out"})
    with pytest.raises(UserError, match=r"no regular expression|at most 200"):
        rules.check({"layers_to_optimize_regex": pattern})


@pytest.mark.parametrize(
    ("word", "typed", "value"),
    [
        ("steps", " 20 ", 20),
        ("learning_rate", "0.0004", 0.0004),
        ("learning_rate", "4e-4", 0.0004),
        ("learning_rate", ".001", 0.001),
    ],
)
def test_numbers_are_read_as_they_are_typed(word: str, typed: str, value: float) -> None:
    field = catalog.find_trainer(catalog.TRAINER).takes(word)
    assert field is not None
    assert field.check(typed) == value


@pytest.mark.parametrize("typed", ["many", "1.5", "nan", "inf", "1e9", "--5", "9" * 400, "."])
def test_what_is_no_such_number_is_refused_with_what_is_allowed(typed: str) -> None:
    field = catalog.find_trainer(catalog.TRAINER).takes("steps")
    assert field is not None
    with pytest.raises(UserError, match="steps must be between 3 and 6000, not"):
        field.check(typed)


def old_lora(variant: Variant = Variant.DEV) -> catalog.Model:
    """Give what a fine-tune takes whose version is of 2024-08."""
    told = json.loads(shared("contracts/replicate-model-schemas/source__flux-fine-tuner.json").read_text())
    limits = {"ge": "minimum", "le": "maximum", "choices": "enum"}
    inputs = {
        name: {limits[key]: value for key, value in one.items() if key in limits}
        for name, one in next(told[commit]["predict"] for commit in told if commit.startswith("4ffd3216")).items()
    }
    assert catalog.is_lora(inputs)
    return catalog.fine_tune(variant).narrowed(inputs)


def test_a_version_of_its_own_takes_what_its_schema_lists() -> None:
    row = old_lora()
    for word in ("go_fast", "megapixels", "image", "second_lora"):
        assert row.takes(word) is None
        with pytest.raises(UserError, match=f"takes no {word}"):
            row.choose({word: "yes"})
    with pytest.raises(UserError, match=r"lora_scale must be between -1 and 2, not 2\.5"):
        row.choose({"lora_scale": 2.5})
    assert row.choose({"lora_scale": 2})["lora_scale"] == 2.0
    assert (row.fixed, old_lora(Variant.SCHNELL).fixed) == ({"model": "dev"}, {"model": "schnell"})
    assert catalog.FINE_TUNE_DEV.narrowed({}) is catalog.FINE_TUNE_DEV


def test_a_default_that_a_version_does_not_take_is_left_to_it() -> None:
    row = catalog.FINE_TUNE_DEV.narrowed({"num_inference_steps": {"maximum": 8}, "output_format": {"enum": ["png"]}})
    assert row.choose({}) == {}
    assert row.choose({"steps": 8, "format": "png"}) == {"num_inference_steps": 8, "output_format": "png"}


@pytest.mark.parametrize(
    ("word", "given", "sent"),
    [
        *(("raw", "Yes", True), ("raw", "off", False), ("safety_tolerance", "4", 4)),
        *(("image_prompt_strength", "0.25", 0.25), ("format", "PNG", "png")),
    ],
)
def test_what_is_written_is_sent_as_what_it_means(word: str, given: str, sent: object) -> None:
    row = catalog.MODELS["1.1-pro-ultra"]
    field = row.takes(word)
    assert field is not None
    assert row.choose({word: given})[field.name] == sent


@pytest.mark.parametrize(("word", "given"), [("raw", "perhaps"), ("safety_tolerance", "much"), ("format", "gif")])
def test_what_is_written_wrong_is_told_what_is_allowed(word: str, given: str) -> None:
    with pytest.raises(UserError, match=f"{word} must be (yes or no|between 1 and 6|one of jpg, png), not {given}"):
        catalog.MODELS["1.1-pro-ultra"].choose({word: given})


def test_more_settings_are_read_as_pairs() -> None:
    assert catalog.read_more(" raw = yes,resolution=2 MP , ") == {"raw": "yes", "resolution": "2 MP"}
    for wrong in ("raw", "raw=", "=yes", "raw yes"):
        with pytest.raises(UserError, match="a name, `=`, a value"):
            catalog.read_more(wrong)


@pytest.mark.parametrize("row", catalog.MODELS.values(), ids=lambda row: row.key)
def test_whatever_is_suggested_is_taken(row: catalog.Model) -> None:
    for shown, written in catalog.complete_more("", row, ("lora", "width", "height", "aspect_ratio")):
        assert row.choose(catalog.read_more(written))
        assert shown.startswith(f"{written} · ")


def test_suggestions_go_on_where_the_writer_is() -> None:
    row = catalog.MODELS["1.1-pro-ultra"]
    written = [one for _, one in catalog.complete_more("raw=yes, safety_tol", row, ("format",))]
    assert written == [f"raw=yes, safety_tolerance={n}" for n in range(1, 7)]
    assert not [one for _, one in catalog.complete_more("raw=yes, ", row, ("format",)) if one.count("raw") > 1]
