"""The rules of the trainers' versions, good and bad habits alike."""

import base64
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.replicate.trainers import ARTICLES_TRAINER
from tests.sandbox.replicate_scene import NEWEST, TRAINER, Scene, photo, photos, scene

SPEED = 60.0


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
    for values, status in (({}, "failed"), ({"skip_training_and_use_pretrained_hf_lora_url": "a/b"}, "succeeded")):
        created = await at.http.post(
            f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings", json={"destination": ref, "input": values}
        )
        assert (await at.followed(f"/v1/trainings/{created.json()['id']}"))["status"] == status
    version = at.world.state.models[ref].versions[-1].id
    assert (await at.predict(version))["status"] == "succeeded"


async def test_what_a_training_costs_is_what_an_h100_would_have_measured(at: Scene) -> None:
    training = await train_by_url(at, NEWEST, data_uri(photos(10)), steps=1000)
    seconds = training["metrics"]["predict_time"]
    assert 1_100 < seconds < 1_400  # about twenty minutes
    assert at.world.billed == round(seconds * 1_525)


def zip_of(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()
