"""The sandbox's table of models against the published schemas, field by field."""

from collections.abc import Iterable
from typing import Any

import pytest

from sandbox.replicate.catalog import MODELS, VERSIONS
from sandbox.replicate.fields import Field
from sandbox.replicate.inputs import WIDE
from sandbox.replicate.model import Model, openapi_schema
from sandbox.replicate.sizes import PIXELS
from sandbox.replicate.trainers import ARTICLES_TRAINER, OSTRIS_TRAINERS, PREDICT_2024_08, TRAINED_LORA
from tests.contract.facts import facts, names

# The newest source stands over a page of January 2025 where there are both.
SOURCES = {
    "SchnellPredictor": "black-forest-labs/flux-schnell",
    "DevPredictor": "black-forest-labs/flux-dev",
    "SchnellLoraPredictor": "black-forest-labs/flux-schnell-lora",
    "DevLoraPredictor": "black-forest-labs/flux-dev-lora",
    "SchnellReduxPredictor": "black-forest-labs/flux-redux-schnell",
    "DevReduxPredictor": "black-forest-labs/flux-redux-dev",
    "FillDevPredictor": "black-forest-labs/flux-fill-dev",
    "CannyDevPredictor": "black-forest-labs/flux-canny-dev",
    "DepthDevPredictor": "black-forest-labs/flux-depth-dev",
    "FluxKreaDevPredictor": "black-forest-labs/flux-krea-dev",
}
# What a page's `same_as ... except` says in words.
EXCEPT = {("black-forest-labs/flux-2-max", side): {"multiple": 16} for side in ("width", "height")}
KINDS = {"int": "integer", "float": "number", "str": "string", "Secret": "string", "bool": "boolean", "Path": "string"}
PAGES = sorted(name for name in names() if name.startswith("page__"))
PUBLISHED = sorted(name for name in names() if name.startswith("npm-model__"))

Shape = dict[str, Any]


def shapes(fields: Iterable[Field]) -> dict[str, Shape]:
    """Describe our fields in the words the comparison uses."""
    return {
        field.name: {
            "kind": field.kind,
            "required": field.required,
            "default": field.default,
            "choices": sorted(field.choices),
            "range": (field.minimum, field.maximum),
            "uri": field.form == "uri",
            "secret": field.secret,
        }
        for field in fields
    }


def from_source(inputs: Shape) -> dict[str, Shape]:
    """Read inputs as cog's Python source has them."""
    found: dict[str, Shape] = {}
    for name, given in inputs.items():
        kind = given["type"].removeprefix("Optional[").removesuffix("]")
        found[name] = {
            "kind": KINDS[kind],
            "required": "default" not in given,
            "default": given.get("default"),
            "choices": sorted(given.get("choices", ())),
            "range": (given.get("ge"), given.get("le")),
            "uri": kind == "Path",
            "secret": kind == "Secret",
        }
    return found


def from_schema(title: str, schemas: Shape) -> dict[str, Shape]:
    """Read inputs as a published version's openapi_schema has them."""
    found: dict[str, Shape] = {}
    for name, given in schemas[title]["properties"].items():
        referred = schemas[given["allOf"][0]["$ref"].rpartition("/")[2]] if "allOf" in given else {}
        found[name] = {
            "kind": given.get("type") or referred["type"],
            "required": name in schemas[title].get("required", ()),
            "default": given.get("default"),
            "choices": sorted(referred.get("enum", given.get("enum", ()))),
            "range": (given.get("minimum"), given.get("maximum")),
            "uri": given.get("format") == "uri",
            "secret": given.get("x-cog-secret", False),
        }
    return found


@pytest.mark.parametrize("predictor", SOURCES)
def test_open_models_take_what_their_source_takes(predictor: str) -> None:
    source = facts("source__cog-flux")["predictors"][predictor]
    assert shapes(MODELS[SOURCES[predictor]].fields) == from_source(source)


def test_a_trained_lora_takes_what_the_hotswap_predictor_takes() -> None:
    first = next(told for commit, told in facts("source__flux-fine-tuner").items() if commit.startswith("4ffd3216"))
    assert shapes(PREDICT_2024_08) == from_source(first["predict"])
    assert shapes(TRAINED_LORA) == from_source(facts("source__cog-flux")["predictors"]["HotswapPredictor"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_versions_are_ours(name: str) -> None:
    page = facts(name)
    model = MODELS[f"{page['owner']}/{page['name']}"]
    version = page["latest_version"]
    assert VERSIONS[version["id"]] is model
    schemas = version["openapi_schema"]["components"]["schemas"]
    assert model.single == (schemas["Output"]["type"] == "string")
    assert (model.task == "write") == ("x-cog-array-display" in schemas["Output"])
    if model.ref not in SOURCES.values():
        assert shapes(model.fields) == from_schema("Input", schemas)
    if "TrainingInput" in schemas:
        assert shapes(model.trains[version["id"]]) == from_schema("TrainingInput", schemas)


@pytest.mark.parametrize(
    ("version", "when"),
    [
        (ARTICLES_TRAINER, "4ffd3216 (2024-08-19 commit 73950cd; seed version)"),
        ("e440909d3512c31646ee2e0c7d6f6f4923224863a6a10c494606e79fb5844497", "e440909d (2024-10-15)"),
        (list(OSTRIS_TRAINERS)[-1], "HEAD 3dd14e3 2025-06-04"),
    ],
)
def test_trainers_take_what_their_source_took(version: str, when: str) -> None:
    assert shapes(OSTRIS_TRAINERS[version]) == from_source(facts("source__flux-fine-tuner")[when]["train"])


@pytest.mark.parametrize("name", PAGES)
def test_pages_agree_in_what_they_say(name: str) -> None:
    page = facts(name)
    model = MODELS[page["model"]]
    inputs = facts(f"page__{page['same_as'].split()[0]}")["input"] if "same_as" in page else page.get("input")
    if inputs is None:
        partial = page["input_partial"]
        said = {part for words in partial for part in words.split()[0].split("/")}
        assert {field.name for field in model.fields} >= said
        return
    ours = {field.name: field for field in model.fields}
    assert set(ours) == set(inputs)
    for key, given in inputs.items():
        assert_says(ours[key], given | EXCEPT.get((model.ref, key), {}))
    if "output" in page:
        assert model.single == (page["output"]["type"] == "string")


def assert_says(field: Field, given: Shape) -> None:
    """Compare only what a page says: pages leave much out."""
    ours = {
        "type": field.kind,
        "required": field.required,
        "default": field.default,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "max": field.most,
        "multiple": field.multiple,
        "items": field.form,
        "range_reported": [field.minimum, field.maximum],
        "enum": list(field.choices),
    }
    assert {key: ours[key] for key in given.keys() & ours.keys()} == {
        key: given[key] for key in given.keys() & ours.keys()
    }


def test_the_fast_trainer_takes_what_its_users_send() -> None:
    page = facts("community__fast-flux-trainer")
    model = MODELS[page["model"]]
    assert [version.split()[0] in model.trains for version in page["versions_seen"]] == [True] * 3
    for fields in model.trains.values():
        assert {field.name for field in fields} == set(page["input"])
        for field in fields:
            assert_says(field, page["input"][field.name])


def test_every_schema_file_is_held_against_a_row() -> None:
    by_name = {"source__cog-flux", "source__flux-fine-tuner", "community__fast-flux-trainer"}
    assert names() == {*PUBLISHED, *PAGES, *by_name, "trained-flux-lora-model__current"}


def test_pictures_are_as_large_as_flux_makes_them() -> None:
    sizes = {shape: tuple(size) for shape, size in facts("source__cog-flux")["aspect_ratios_px"].items()}
    assert {shape: PIXELS[shape] for shape in WIDE} == sizes


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_we_publish_describes_what_we_check(model: Model) -> None:
    schemas = openapi_schema(model)["components"]["schemas"]
    assert shapes(model.fields) == from_schema("Input", schemas) | {
        field.name: shapes([field])[field.name] for field in model.fields if field.kind == "array"
    }
