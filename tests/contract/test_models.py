"""Every row of the catalog against what Replicate publishes of that model."""

from typing import Any

import pytest

from bot.domain import catalog
from bot.domain.catalog.fields import Field, Kind
from tests.contract.facts import facts, names

NOT_OFFERED = {
    "disable_safety_checker",  # nobody switches the safety check off
    "replicate_weights",  # a fine-tune's own weights are what the model is
    "hf_api_token",
    "civitai_api_token",
}
NARROWER = {
    ("fine-tune-schnell", "guidance_scale"),  # schnell ignores it
    ("kontext-pro", "safety_tolerance"),  # the schema's 6 holds for words alone
    ("kontext-max", "safety_tolerance"),
}
RATIO_OF_DEV = {"2-pro": "page__flux-2-dev", "2-max": "page__flux-2-dev"}
ROWS = [row for row in catalog.MODELS.values() if row.remote.startswith("black-forest-labs/") or not row.remote]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_row_says_what_the_schema_says(row: catalog.Model) -> None:
    published = _published(row)
    own = {field.name: field for field in row.fields}
    known = {*own, *row.fixed} | {name for key, name in NARROWER if key == row.key}
    assert known - set(published) == set()
    assert set(published) - known - NOT_OFFERED == set()
    for name, field in own.items():
        if (row.key, name) not in NARROWER:
            _check(row, field, published[name])


def _check(row: catalog.Model, field: Field, schema: dict[str, Any]) -> None:
    where = f"{row.key}.{field.name}"
    low, high = (schema.get("minimum", schema.get("ge")), schema.get("maximum", schema.get("le")))
    if field.name != "seed" and low is not None:
        assert (field.low, field.high) == (low, high), where
    choices = schema.get("enum") or schema.get("choices")
    if choices:
        assert set(field.choices) == set(choices), where
    if "multiple" in schema:
        assert field.multiple == schema["multiple"], where
    if "max" in schema:
        assert (field.kind, field.most) == (Kind.PICTURES, schema["max"]), where
    if "type" in schema:
        kinds = {"integer": "whole", "int": "whole", "number": "number", "float": "number"}
        kinds |= {"boolean": "flag", "bool": "flag", "Path": "picture", "array": "pictures"}
        told = kinds.get(schema["type"], "choice" if choices else "text")
        assert field.kind == ("picture" if schema.get("format") == "uri" else told), where


def _published(row: catalog.Model) -> dict[str, Any]:
    name = row.remote.partition("/")[2]
    document = f"npm-model__black-forest-labs__{name}"
    if not row.remote:  # what a trained model takes is what its source lists
        return facts("source__cog-flux")["predictors"]["HotswapPredictor"]
    if row.key in {"dev-lora"}:  # its source knows a second LoRA since 2025
        return facts("source__cog-flux")["predictors"]["DevLoraPredictor"]
    if document not in names():
        return _page(name)
    components = facts(document)["latest_version"]["openapi_schema"]["components"]["schemas"]
    fields = dict(components["Input"]["properties"])
    for field, schema in fields.items():
        for part in schema.get("allOf", ()):
            fields[field] = schema | components[part["$ref"].rpartition("/")[2]]
    return fields


def _page(name: str) -> dict[str, Any]:
    page = facts(f"page__{name}")
    if "same_as" in page:
        twin, _, but = page["same_as"].partition(" except ")
        fields = _page(twin)
        sides = {side: fields[side] | {"multiple": 16} for side in ("width", "height")} if but else {}
        return fields | sides
    partial = page.get("input_partial", {})
    words = (part for told in partial for part in told.split(" (")[0].split("/")) if isinstance(partial, list) else ()
    return page.get("input") or {word: {} for word in words} or {name: {} for name in partial}


def test_every_row_has_a_price_with_its_source() -> None:
    trainers = {row.remote for row in catalog.TRAINERS}
    assert set(catalog.PRICES) == set(catalog.MODELS) | trainers | {catalog.ENRICH}
    for price in catalog.PRICES.values():
        assert price.source
        assert price.per_picture or price.per_second or price.per_megapixel or price.per_run


def test_single_models_take_no_count() -> None:
    assert not [row.key for row in catalog.MODELS.values() if row.single and row.takes("count")]
