"""The facts in this repository against the whole schemas that they were taken from, where those are at hand."""

import json

import pytest

from tests.contract.facts import facts, names, without_prose, written
from tests.shared import shared


def test_the_facts_are_those_of_the_whole_schemas() -> None:
    folder = shared("contracts/replicate-model-schemas")
    whole = {path.stem: json.loads(path.read_bytes()) for path in folder.glob("*.json")}
    assert {name: facts(name) for name in names()} == {name: without_prose(whole[name]) for name in whole}


@pytest.mark.parametrize("told", ["Supports: adam, lion.", "LoRA rank. Supports 16, 32, 64"])
def test_what_a_text_names_in_prose_is_kept(told: str) -> None:
    kept = without_prose({"type": "str", "description": told})
    assert kept["supports"] in (["adam", "lion"], ["16", "32", "64"])


def test_each_field_is_a_line() -> None:
    assert written({"seed": {"type": "int", "of": [1, 2]}}) == '{\n "seed": { "type": "int", "of": [ 1, 2 ] }\n}\n'
