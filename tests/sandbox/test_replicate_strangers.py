"""What other accounts and other sites have, as this account meets it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from replicate.exceptions import ReplicateError

from sandbox.replicate.strangers import CARS, EIGHTIES, EIGHTIES_FIRST, HIDDEN
from tests.sandbox.replicate_scene import Scene, photos, scene

PUBLIC, PRIVATE = "fofr/flux-80s-cyberpunk", "someone-else/flux-hidden"
DEV_LORA = "black-forest-labs/flux-dev-lora"
CIVITAI = "https://civitai.com/models/746602/ink-wash-flux"
FILE = "https://huggingface.co/fofr/flux-80s-cyberpunk/resolve/main/lora.safetensors"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, speed=60.0) as it:
        yield it


async def painted(at: Scene, version: str, **values: Any) -> np.ndarray:
    prediction = await at.predict(version, output_format="png", megapixels="0.25", **values)
    assert prediction["status"] == "succeeded", prediction["error"]
    return np.asarray(await at.picture(prediction["output"][0]), dtype=np.float32)


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).mean() > 5)


async def test_a_public_model_is_seen_with_its_versions_and_cover(at: Scene) -> None:
    model = await at.client.models.async_get(PUBLIC)
    assert (model.visibility, model.run_count) == ("public", 3_983)
    assert model.latest_version is not None
    assert model.latest_version.id == EIGHTIES
    assert "lora_scale" in model.latest_version.openapi_schema["components"]["schemas"]["Input"]["properties"]
    assert model.cover_image_url is not None
    assert (await at.picture(model.cover_image_url)).size == (512, 512)
    versions = (await at.http.get(f"/v1/models/{PUBLIC}/versions")).json()["results"]
    assert [one["id"] for one in versions] == [EIGHTIES, EIGHTIES_FIRST]
    one = await at.http.get(f"/v1/models/{PUBLIC}/versions/{EIGHTIES_FIRST}")
    assert one.json()["openapi_schema"]["components"]["schemas"]["Input"]["required"] == ["prompt"]
    listed = (await at.http.get("/v1/models")).json()["results"]
    assert PUBLIC in {f"{row['owner']}/{row['name']}" for row in listed}


async def test_each_of_its_versions_paints_for_everyone(at: Scene) -> None:
    prompt = "style of 80s cyberpunk, a town"
    plain = await painted(at, "black-forest-labs/flux-dev", prompt=prompt)
    first, later = [await painted(at, f"{PUBLIC}:{one}", prompt=prompt) for one in (EIGHTIES_FIRST, EIGHTIES)]
    assert differs(plain, first)
    assert np.abs(first - later).mean() > 0.5
    car = await painted(at, CARS, prompt="a pixar car in the desert")
    red, green, _ = car[280:330, 200:300].mean(axis=(0, 1))
    assert red > green + 40


async def test_what_is_private_elsewhere_is_not_there(at: Scene) -> None:
    with pytest.raises(ReplicateError, match="could not be found"):
        await at.client.models.async_get(PRIVATE)
    refused = await at.http.post("/v1/predictions", json={"version": HIDDEN, "input": {"prompt": "x"}})
    assert (refused.status_code, refused.json()["title"]) == (422, "Invalid version or not permitted")


async def test_nothing_of_others_can_be_changed_or_trained_into(at: Scene) -> None:
    assert (await at.http.patch(f"/v1/models/{PUBLIC}", json={"description": "mine"})).status_code == 403
    assert (await at.http.delete(f"/v1/models/{PUBLIC}")).status_code == 403
    with pytest.raises(ReplicateError, match="destination does not exist"):
        await at.client.trainings.async_create(
            "ostris/flux-dev-lora-trainer",
            "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2",
            {"input_images": "data:,"},
            destination=PUBLIC,
        )


async def test_visibility_is_not_changed_by_a_patch(at: Scene) -> None:
    ref = await at.model()
    answer = await at.http.patch(f"/v1/models/{ref}", json={"visibility": "public", "description": "new"})
    assert (answer.json()["visibility"], answer.json()["description"]) == ("private", "new")


@pytest.mark.parametrize(
    "name",
    [
        *(PUBLIC, f"{PUBLIC}/{EIGHTIES_FIRST}", f"https://replicate.com/{PUBLIC}", CIVITAI, FILE),
        *("huggingface.co/fofr/flux-80s-cyberpunk", "https://huggingface.co/alvdansen/frosting_lane_flux"),
        *("huggingface.co/fofr/flux-80s-cyberpunk/lora.safetensors", f"{FILE}?download=true"),
    ],
)
async def test_a_lora_by_name_or_address_changes_the_picture(at: Scene, name: str) -> None:
    prompt = "a town, style of 80s cyberpunk, frstingln illustration, ink wash"
    plain = await painted(at, DEV_LORA, prompt=prompt)
    assert differs(plain, await painted(at, DEV_LORA, prompt=prompt, lora_weights=name))
    assert differs(plain, await painted(at, DEV_LORA, prompt=prompt, extra_lora=name))
    faint = await painted(at, DEV_LORA, prompt=prompt, lora_weights=name, lora_scale=0, go_fast=False)
    assert not differs(plain, faint)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nobody/nothing", "Failed to download tarball: Command '['pget', '--log-level=WARNING', '-x', 'https://repl"),
        (f"{PUBLIC}/{'0' * 64}", "Failed to download tarball: "),
        (f"{PUBLIC}:{EIGHTIES}", "Failed to download tarball: "),  # a colon is not taken here
        (PRIVATE, "Failed to download tarball: "),
        ("huggingface.co/no/thing", "401 Client Error: Unauthorized for url: https://huggingface.co/api/models/no/th"),
        ("huggingface.co/only-one", "Failed to download tarball: "),
        ("huggingface.co/a/b/c/d", "Failed to parse HuggingFace URL. Expected huggingface.co/<owner>/<model-name>"),
        ("https://civitai.com/models/1", "Model not found on CivitAI at that URL. Double check the CivitAI model ID"),
        ("https://civitai.com/user/someone/x/y", "Failed to parse CivitAI URL. Expected civitai.com/models/<id>"),
        ("https://example.com/x.safetensors", "Weights not found at the supplied URL. Please check the URL."),
        ("just words", "Failed to parse URL. Expected either:\n* Replicate model in the format <owner>/<username>"),
    ],
)
async def test_a_lora_that_cannot_be_had_fails_in_the_words_of_its_source(at: Scene, name: str, error: str) -> None:
    failed = await at.predict(DEV_LORA, lora_weights=name)
    assert (failed["status"], failed["error"][: len(error)]) == ("failed", error)


async def test_what_hugging_face_guards_needs_its_token(at: Scene) -> None:
    name = "huggingface.co/black-forest-labs/FLUX.1-Redux-dev"
    assert "Authorization to download weights failed" in (await at.predict(DEV_LORA, lora_weights=name))["error"]
    opened = await at.predict(DEV_LORA, lora_weights=name, hf_api_token="hf_marked")
    assert (opened["status"], opened["input"]["hf_api_token"]) == ("succeeded", "[REDACTED]")


async def test_our_own_loras_are_found_by_name_version_and_tarball(at: Scene) -> None:
    ref = await at.model()
    training = await at.train(ref, photos(3), steps=40)
    version = training["output"]["version"].rpartition(":")[2]
    plain = await painted(at, DEV_LORA, prompt="ZIKI")
    for name in (ref, f"{ref}/{version}", training["output"]["weights"]):
        assert differs(plain, await painted(at, DEV_LORA, prompt="ZIKI", lora_weights=name))
