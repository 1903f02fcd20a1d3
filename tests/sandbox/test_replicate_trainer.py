"""The rules of the trainers' versions, good and bad habits alike."""

import base64
import io
import zipfile
from collections.abc import AsyncIterator
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from sandbox.replicate.trainers import ARTICLES_TRAINER
from tests.sandbox.replicate_scene import NEWEST, TRAINER, Scene, photo, photos, scene

SPEED = 60.0
READY = "https://huggingface.co/fofr/flux-80s-cyberpunk/resolve/main/lora.safetensors"
FAST_TRAINER = "replicate/fast-flux-trainer"
FAST_VERSION = "8b10794665aed907bb98a1a5324cd1d3a8bea0e9b31e65210967fb9c9e2e08ed"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, speed=SPEED) as it:
        yield it


async def train_by_url(at: Scene, version: str, url: str, **values: Any) -> dict[str, Any]:
    ref = "atelier-demo/ziki" if "atelier-demo/ziki" in at.world.state.models else await at.model()
    body = {"destination": ref, "input": {"input_images": url, "steps": 10} | values}
    created = await at.http.post(f"/v1/models/{TRAINER}/versions/{version}/trainings", json=body)
    assert created.status_code == 201, created.text
    return await at.followed(f"/v1/trainings/{created.json()['id']}")


def data_uri(archive: bytes) -> str:
    return f"data:application/zip;base64,{base64.b64encode(archive).decode()}"


async def test_the_articles_trainer_cannot_take_a_file_whose_name_is_an_id(at: Scene) -> None:
    upload = await at.client.files.async_create(io.BytesIO(photos(2)), filename="data.zip")
    training = await train_by_url(at, ARTICLES_TRAINER, upload.urls["get"])
    assert (training["status"], training["error"]) == ("failed", "input_images must be a zip file")
    assert training["logs"].endswith("ValueError: input_images must be a zip file\n")
    assert at.world.state.models["atelier-demo/ziki"].versions == []


async def test_the_articles_trainer_takes_a_data_uri_whose_media_type_names_it(at: Scene) -> None:
    training = await train_by_url(at, ARTICLES_TRAINER, data_uri(photos(2)))
    assert training["status"] == "succeeded"


async def test_the_articles_trainer_knows_four_ranks_and_no_resolution(at: Scene) -> None:
    training = await train_by_url(at, ARTICLES_TRAINER, data_uri(photos(2)), lora_rank=20)
    assert training["error"] == "lora_rank must be one of 16, 32, 64, 128"
    refused = await at.http.post(
        f"/v1/models/{TRAINER}/versions/{ARTICLES_TRAINER}/trainings",
        json={"destination": "atelier-demo/ziki", "input": {"steps": 9}},
    )
    assert refused.json()["invalid_fields"][0] == {
        "type": "number_gte",
        "field": "input.steps",
        "description": "Must be greater than or equal to 10",
    }


async def test_only_what_is_not_a_zip_is_refused_by_the_newest(at: Scene) -> None:
    training = await train_by_url(at, NEWEST, data_uri(b"PNG or so"))
    assert training["error"] == "input_images must be a zip file"


async def test_junk_of_macs_is_skipped_at_the_top_and_deadly_below(at: Scene) -> None:
    top = zip_of({"__MACOSX/0.jpg": b"junk", "._0.jpg": b"junk", "a.jpg": photo(1), "b.jpg": photo(2)})
    assert (await train_by_url(at, NEWEST, data_uri(top)))["status"] == "succeeded"
    nested = zip_of({"data/a.jpg": photo(1), "data/._a.jpg": b"junk"})
    training = await train_by_url(at, NEWEST, data_uri(nested))
    assert training["status"] == "failed"
    assert training["error"] == "cannot identify image file '/src/input_images/data/._a.jpg'"


async def test_without_the_captioner_a_broken_picture_is_only_logged(at: Scene) -> None:
    archive = zip_of({"a.jpg": photo(1), "broken.jpg": b"junk"})
    training = await train_by_url(at, NEWEST, data_uri(archive), autocaption=False)
    assert training["status"] == "succeeded"
    assert "Error loading image: input_images/broken.jpg" in training["logs"]


async def test_captions_that_came_along_are_kept(at: Scene) -> None:
    archive = zip_of({"a.jpg": photo(1), "a.txt": b"a photo of ZIKI", "b.jpg": photo(2)})
    values = {"trigger_word": "ZIKI", "autocaption_prefix": "a drawing,", "autocaption_suffix": "in oil"}
    logs = (await train_by_url(at, NEWEST, data_uri(archive), **values))["logs"]
    assert "input_images/a.txt is already captioned" in logs
    assert "Caption for input_images/b.jpg: a drawing, a photo of ZIKI in oil" in logs


async def test_no_pictures_at_all_crash_deep_inside(at: Scene) -> None:
    archive = zip_of({"readme.md": b"hello", "clip.gif": b""})
    training = await train_by_url(at, NEWEST, data_uri(archive), autocaption=False)
    assert training["error"] == "num_samples should be a positive integer value, but got num_samples=0"


async def test_input_images_may_be_left_out_only_with_a_ready_lora(at: Scene) -> None:
    ref = await at.model()
    ready = {"skip_training_and_use_pretrained_hf_lora_url": READY}
    for values, status in (({}, "failed"), (ready, "succeeded")):
        created = await at.http.post(
            f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings", json={"destination": ref, "input": values}
        )
        assert (await at.followed(f"/v1/trainings/{created.json()['id']}"))["status"] == status
    version = at.world.state.models[ref].versions[-1].id
    assert (await at.predict(version))["status"] == "succeeded"


async def test_what_a_training_costs_is_what_an_h100_would_have_measured(at: Scene) -> None:
    training = await train_by_url(at, NEWEST, data_uri(photos(10)), steps=1000)
    seconds = training["metrics"]["predict_time"]
    assert 600 < seconds < 1_900  # ten to thirty minutes
    assert at.world.billed == ceil(seconds * 1_525)


async def test_a_ready_lora_is_taken_over_in_seconds_and_paints(at: Scene) -> None:
    ref = await at.model()
    training = await train_by_url(at, NEWEST, READY, skip_training_and_use_pretrained_hf_lora_url=READY)
    assert training["metrics"]["predict_time"] < 30
    taken = await at.picture((await at.predict(training["output"]["version"], output_format="png"))["output"][0])
    plain = await at.picture((await at.predict("black-forest-labs/flux-dev", output_format="png"))["output"][0])
    assert taken.resize((8, 8)).tobytes() != plain.resize((8, 8)).tobytes()
    assert len(at.world.state.models[ref].versions) == 1


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("fofr/flux-80s-cyberpunk", "Invalid URL. Use a HuggingFace download URL like https://huggingface.co/"),
        ("https://huggingface.co/no/thing/resolve/main/lora.safetensors", "Command '['pget', '-f', 'https://hugging"),
    ],
)
async def test_what_cannot_be_taken_over_fails_the_training(at: Scene, url: str, error: str) -> None:
    failed = await train_by_url(at, NEWEST, READY, skip_training_and_use_pretrained_hf_lora_url=url)
    assert (failed["status"], failed["error"][: len(error)]) == ("failed", error)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"resolution": "512,big"}, "invalid literal for int() with base 10: 'big'"),
        ({"layers_to_optimize_regex": "("}, "Failed to compile regex '(': missing ), unterminated subpattern"),
        ({"layers_to_optimize_regex": "unet"}, "The regex 'unet' didn't match any layers. These layers can be"),
        ({"optimizer": "sgd"}, "Unknown optimizer type sgd"),
        ({"learning_rate": -1}, "Invalid learning rate: -1"),
        ({"batch_size": 0}, "batch_size should be a positive integer value, but got batch_size=0"),
        ({"wandb_api_key": "short"}, "API key must be 40 characters long, yours was 5"),
    ],
)
async def test_train_refuses_what_its_schema_lets_through(at: Scene, values: dict[str, Any], error: str) -> None:
    failed = await train_by_url(at, NEWEST, data_uri(photos(2)), **values)
    assert (failed["status"], failed["error"][: len(error)]) == ("failed", error)
    assert at.world.billed > 0  # what ran is paid


async def test_layers_named_as_the_schema_names_them_are_taken(at: Scene) -> None:
    pattern = "transformer.single_transformer_blocks.(7|12|16|20).proj_out"
    values = {"layers_to_optimize_regex": pattern, "optimizer": "prodigy", "resolution": "768", "batch_size": 2}
    assert (await train_by_url(at, NEWEST, data_uri(photos(2)), **values))["status"] == "succeeded"


async def test_hugging_face_gets_the_lora_publicly_or_the_log_says_why_not(at: Scene) -> None:
    pushed = await train_by_url(at, NEWEST, data_uri(photos(2)), hf_repo_id="me/ziki", hf_token="hf_marked")
    assert "HF Repo URL: https://huggingface.co/me/ziki" in pushed["logs"]
    assert pushed["input"]["hf_token"] == "[REDACTED]"
    used = await at.predict("black-forest-labs/flux-dev-lora", lora_weights="huggingface.co/me/ziki")
    assert used["status"] == "succeeded"
    for repository, token in (("me/ziki", "sk-marked"), ("me/zi ki", "hf_marked")):
        failed = await train_by_url(at, NEWEST, data_uri(photos(2)), hf_repo_id=repository, hf_token=token)
        assert failed["status"] == "succeeded"
        assert "Error uploading to Hugging Face: " in failed["logs"]


async def test_the_fast_trainer_takes_two_minutes_of_eight_h100(at: Scene) -> None:
    ref = await at.model()
    values = {"input_images": data_uri(photos(6)), "trigger_word": "ZIKI", "lora_type": "style"}
    path = f"/v1/models/{FAST_TRAINER}/versions/{FAST_VERSION}/trainings"
    created = await at.http.post(path, json={"destination": ref, "input": values})
    training = await at.followed(f"/v1/trainings/{created.json()['id']}")
    assert training["status"] == "succeeded"
    assert 60 < training["metrics"]["predict_time"] < 190
    assert at.world.billed == ceil(training["metrics"]["predict_time"] * 8 * 1_525)
    assert training["output"]["weights"].endswith("/flux-lora.tar")
    assert (await at.predict(training["output"]["version"], prompt="a lake like ZIKI"))["status"] == "succeeded"
    refused = await at.http.post(path, json={"destination": ref, "input": values | {"training_steps": 100}})
    assert refused.status_code == 422


def zip_of(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()
