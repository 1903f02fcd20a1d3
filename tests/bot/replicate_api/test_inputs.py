"""What is read of a version's schema, as published and as odd as it may come."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.replicate_api.inputs import MOST_CHOICES, MOST_FIELDS, read_inputs
from tests.shared import shared

KEYS = st.sampled_from(
    ["openapi_schema", "components", "schemas", "Input", "properties", "allOf", "$ref", "enum", "minimum", "a"]
)
ODD = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner))


def test_a_published_schema_is_read_with_its_limits_and_choices() -> None:
    published = shared("contracts/replicate-model-schemas/npm-model__black-forest-labs__flux-dev-lora.json")
    inputs = read_inputs(json.loads(published.read_text())["latest_version"])
    assert inputs["lora_scale"] == {"minimum": -1, "maximum": 3, "default": 1}
    assert inputs["aspect_ratio"]["enum"][:2] == ["1:1", "16:9"]
    assert inputs["prompt"] == {}


@pytest.mark.parametrize("version", [None, [], {}, {"openapi_schema": {"components": []}}])
def test_where_there_is_no_schema_nothing_is_taken(version: object) -> None:
    assert read_inputs(version) == {}


@given(ODD)
def test_an_odd_schema_is_read_as_far_as_it_goes(odd: Any) -> None:
    schemas = {"Input": {"properties": {"x": odd, "y": {"allOf": odd}}}}
    version = {"openapi_schema": {"components": {"schemas": schemas}}}
    for limits in (*read_inputs(version).values(), *read_inputs(odd).values()):
        assert set(limits) <= {"minimum", "maximum", "enum", "default"}


def test_a_schema_without_end_is_read_as_far_as_any_model_goes() -> None:
    part = {"$ref": "#/x"}
    field = {"allOf": [part] * 100_000, "enum": ["a"] * 100_000}
    schemas = {
        "Input": {"properties": {f"f{n}": field for n in range(50_000)}},
        "x": dict.fromkeys(map(str, range(50_000))),
    }
    inputs = read_inputs({"openapi_schema": {"components": {"schemas": schemas}}})
    assert len(inputs) == MOST_FIELDS
    assert len(inputs["f0"]["enum"]) == MOST_CHOICES


def test_a_reference_nested_beyond_measure_names_nothing() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    schemas = {"Input": {"properties": {"x": {"allOf": [{"$ref": deep}], "minimum": 1}}}}
    assert read_inputs({"openapi_schema": {"components": {"schemas": schemas}}}) == {"x": {"minimum": 1}}
