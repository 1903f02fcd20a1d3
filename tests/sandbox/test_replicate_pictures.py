"""Pictures given to models over the API: each model uses them as its kind does, in the size its schema promises."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sandbox.scenery import Picture
from tests.sandbox.replicate_scene import Scene, photo, scene

BFL = "black-forest-labs"


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, speed=60.0) as it:
        yield it


@pytest.fixture
async def url(at: Scene) -> str:
    """An orange face on grey, 640 x 320, in the Files API."""
    return await uploaded(at, Image.open(io.BytesIO(photo(2))).resize((640, 320)))


async def uploaded(at: Scene, image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    upload = await at.client.files.async_create(io.BytesIO(buffer.getvalue()), filename="a.png")
    return upload.urls["get"]


async def result(at: Scene, model: str, **values: Any) -> Image.Image:
    prediction = await at.predict(f"{BFL}/{model}", output_format="png", **values)
    assert prediction["status"] == "succeeded", prediction["error"]
    assert "[!] img2img mode" in prediction["logs"]
    output = prediction["output"]
    return (await at.picture(output if isinstance(output, str) else output[0])).convert("RGB")


def warmth(image: Image.Image, box: tuple[float, float, float, float] = (0.38, 0.3, 0.52, 0.6)) -> float:
    """Say how much redder than blue a part of a picture is; by default where the orange face was."""
    width, height = image.size
    part: Picture = np.asarray(
        image.crop((round(box[0] * width), round(box[1] * height), round(box[2] * width), round(box[3] * height))),
        dtype=np.float32,
    )
    return float(part[..., 0].mean() - part[..., 2].mean())


async def test_kontext_edits_the_picture_in_its_own_shape(at: Scene, url: str) -> None:
    snowy = await result(at, "flux-kontext-pro", prompt="let it snow", input_image=url)
    assert snowy.size == (1456, 720)
    assert warmth(snowy) > 120
    night = await result(at, "flux-kontext-max", prompt="make it night", input_image=url, aspect_ratio="1:1")
    assert night.size == (1024, 1024)
    assert np.asarray(night).mean() < np.asarray(snowy).mean() - 40


async def test_flux_2_takes_several_pictures(at: Scene, url: str) -> None:
    other = await uploaded(at, Image.new("RGB", (300, 300), "#00c020"))
    values = {"prompt": "put them together", "input_images": [url, other], "aspect_ratio": "match_input_image"}
    both = await result(at, "flux-2-pro", resolution="match_input_image", **values)
    assert both.size == (640, 320)
    pixel = both.getpixel((320, 280))
    assert isinstance(pixel, tuple)
    assert pixel[1] > pixel[0] + 100  # the green one stands below
    klein = await at.predict(f"{BFL}/flux-2-klein-4b", prompt="make it red", images=[url], output_megapixels="0.5")
    assert (await at.picture(klein["output"][0])).size == (720, 720)


async def test_redux_varies_the_picture_and_each_seed_differently(at: Scene, url: str) -> None:
    one, other = [
        await result(at, "flux-redux-dev", redux_image=url, seed=seed, prompt="", megapixels="0.25") for seed in (1, 2)
    ]
    assert one.size == (512, 512)
    assert np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean() > 3
    assert warmth(one, (0.2, 0.2, 0.8, 0.8)) > warmth(one, (0, 0, 1, 0.1)) + 10


async def test_fill_outpaints_and_inpaints(at: Scene, url: str) -> None:
    wide = await result(at, "flux-fill-pro", prompt="a forest", image=url, outpaint="Right outpaint")
    assert wide.width / wide.height == pytest.approx(3, rel=0.05)
    assert warmth(wide, (0.26, 0.3, 0.34, 0.6)) > 150
    mask = Image.new("L", (640, 320))
    mask.paste(255, (230, 0, 420, 320))
    values = {"image": url, "mask": await uploaded(at, mask), "megapixels": "match_input"}
    gone = await result(at, "flux-fill-dev", prompt="a blue lake", **values)
    assert gone.size == (640, 320)
    assert warmth(gone) < 60
    assert np.abs(np.asarray(gone)[:190, :160].astype(int) - (200, 212, 224)).max() < 4  # as it was


@pytest.mark.parametrize("model", ["flux-canny-dev", "flux-depth-dev", "flux-canny-pro", "flux-depth-pro"])
async def test_control_models_take_the_shape_of_their_picture(at: Scene, url: str, model: str) -> None:
    assert (await result(at, model, prompt="a desert", control_image=url)).size == (1456, 720)


async def test_dev_begins_from_the_picture(at: Scene, url: str) -> None:
    near, far = [
        await result(at, "flux-dev", prompt="a blue sea", image=url, prompt_strength=strength) for strength in (0.1, 1)
    ]
    assert near.size == (1456, 720)
    assert warmth(near) > 100 > warmth(far)
