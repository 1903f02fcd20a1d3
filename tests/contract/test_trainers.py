"""Every trainer of the catalog against the source of its commits, or what public programs say of it."""

from typing import Any

import pytest

from bot.domain import catalog
from bot.domain.catalog.fields import Field, Kind
from tests.contract.facts import facts

OCTOBER = "e440909d3512c31646ee2e0c7d6f6f4923224863a6a10c494606e79fb5844497"
COMMITS = {
    catalog.ARTICLE_TRAINER: "4ffd3216 (2024-08-19 commit 73950cd; seed version)",
    OCTOBER: "e440909d (2024-10-15)",
    catalog.PINNED_TRAINER: "HEAD 3dd14e3 2025-06-04",
}
NOT_OFFERED = {
    "cache_latents_to_disk",  # for sets larger than any that is taken here
    "gradient_checkpointing",  # the trainer chooses it by its machine
    "wandb_entity",  # the key says whose project it is
    "wandb_sample_interval",
    "wandb_sample_prompts",  # pictures of people stay here
    "wandb_save_interval",
    "seed",  # of which no source is sure
}
OURS = {"learning_rate", "batch_size"}  # the schemas leave them without limits
KINDS = {"int": "whole", "integer": "whole", "float": "number", "bool": "flag"}


@pytest.mark.parametrize("version", COMMITS)
def test_a_version_lists_what_its_source_listed(version: str) -> None:
    published = facts("source__flux-fine-tuner")[COMMITS[version]]["train"]
    row = catalog.find_trainer(f"{catalog.TRAINER}:{version}")
    assert {field.name for field in row.fields} == set(published) - NOT_OFFERED
    for field in row.fields:
        _check(field, published[field.name])


def test_the_fast_trainer_lists_what_its_users_send() -> None:
    page = facts("community__fast-flux-trainer")
    row = catalog.find_trainer(page["model"])
    assert row.version in [seen.split()[0] for seen in page["versions_seen"]]
    assert {field.name for field in row.fields} == set(page["input"]) - NOT_OFFERED
    for field in row.fields:
        _check(field, page["input"][field.name])
    assert row.kinds is not None
    assert set(row.kinds.values()) == set(page["input"]["lora_type"]["enum"])


def test_the_optimizers_are_those_that_the_trainer_names() -> None:
    told = facts("source__flux-fine-tuner")[COMMITS[catalog.PINNED_TRAINER]]["train"]["optimizer"]["supports"]
    field = catalog.find_trainer(catalog.TRAINER).takes("optimizer")
    assert field is not None
    assert sorted(field.choices) == sorted(told)


def _check(field: Field, said: dict[str, Any]) -> None:
    low, high = said.get("range_reported", (said.get("ge"), said.get("le")))
    if field.name == "lora_rank" and "supports" in said:
        assert field.among == tuple(map(int, said["supports"]))
    elif field.name not in OURS:
        assert (field.low, field.high) == (low, high), field.name
    if field.kind in (Kind.WHOLE, Kind.NUMBER, Kind.CHOICE) and "default" in said:
        assert field.default == said["default"], field.name
    if "type" in said and field.kind is not Kind.CHOICE:
        assert field.kind == KINDS.get(said["type"], "text"), field.name
    if "enum" in said:
        assert list(field.choices) == said["enum"], field.name
