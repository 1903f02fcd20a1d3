"""The calls of the article that Atelier began with, in Replicate's own client and with the article's values."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from replicate.client import Client
from replicate.training import Training

from sandbox.replicate.trainers import ARTICLES_TRAINER
from tests.sandbox.replicate_scene import NEWEST, TOKEN, TRAINER, Scene, photos, scene

OWNER = "yourusername"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        it.world.account["username"] = OWNER
        yield it


@pytest.fixture
def client(at: Scene) -> Iterator[Client]:
    opened = Client(api_token=TOKEN, base_url=str(at.http.base_url))
    yield opened
    opened._client.close()


def train(client: Client, version: str, photos: Path) -> Training:
    """Make the model and train it, as the article does; blocks."""
    model = client.models.create(
        owner=OWNER,
        name="flux-your-model-name",
        visibility="public",
        hardware="gpu-t4",
        description="A fine-tuned FLUX.1 model",
    )
    with photos.open("rb") as file:
        return client.trainings.create(
            version=f"{TRAINER}:{version}",
            input={
                "input_images": file,
                "steps": 1000,
                "hf_token": "YOUR_HUGGING_FACE_TOKEN",
                "hf_repo_id": "YOUR_HUGGING_FACE_REPO_ID",
            },
            destination=f"{model.owner}/{model.name}",
        )


def paint(client: Client, version: str) -> list[str]:
    """Paint with what was trained, as the article does; blocks."""
    values = {
        "prompt": "A portrait photo of a space station, bad 70s food",
        "num_inference_steps": 28,
        "guidance_scale": 7.5,
        "model": "dev",
    }
    return [str(output) for output in client.run(version, input=values)]


async def trained(at: Scene, client: Client, version: str, directory: Path) -> Training:
    """Train, follow to the end and read once more."""
    zipped = directory / "training-images.zip"
    zipped.write_bytes(photos())
    training = await asyncio.to_thread(train, client, version, zipped)
    await at.followed(f"/v1/trainings/{training.id}")
    await asyncio.to_thread(training.reload)
    return training


async def test_with_the_newest_trainer_the_article_works(at: Scene, client: Client, tmp_path: Path) -> None:
    training = await trained(at, client, NEWEST, tmp_path)
    assert (training.status, training.error) == ("succeeded", None)
    assert training.output is not None
    outputs = await asyncio.to_thread(paint, client, training.output["version"])
    assert [output.startswith("https://replicate.delivery/") for output in outputs] == [True]


async def test_with_the_articles_own_trainer_it_is_refused_for_a_name_without_zip(
    at: Scene, client: Client, tmp_path: Path
) -> None:
    training = await trained(at, client, ARTICLES_TRAINER, tmp_path)
    assert (training.status, training.error) == ("failed", "input_images must be a zip file")
    assert training.input is not None
    assert not training.input["input_images"].endswith(".zip")
