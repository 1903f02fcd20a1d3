"""What stands beside FLUX on the sandbox's Replicate: upscalers and language models."""

import base64
import io
from collections.abc import AsyncIterator
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sandbox.replicate.writer import subject, tokens
from tests.sandbox.replicate_scene import Scene, photo, scene

ESRGAN = "b3ef194191d13140337468c916c2c5b96dd0cb06dffc032a022a31807f6a5ea8"
CLARITY = "dfad41707589d68ecdccd1dfa600d55a208f9310748e44bfe35b4a6291453d5e"
LLAMA, GPT, GEMINI = "meta/meta-llama-3-8b-instruct", "openai/gpt-4.1-mini", "google/gemini-2.5-flash"
ASKED = 'a portrait of ZIKI on a beach, a sign says "OPEN LATE"'


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        yield it


def uri(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def canvas(width: int, height: int) -> str:
    buffer = io.BytesIO()
    Image.new("RGBA", (width, height), "teal").save(buffer, "PNG")
    return uri(buffer.getvalue())


async def run(at: Scene, version: str, **values: Any) -> dict[str, Any]:
    created = await at.http.post("/v1/predictions", json={"version": version, "input": values})
    assert created.status_code == 201, created.text
    return await at.followed(f"/v1/predictions/{created.json()['id']}")


async def ask(at: Scene, model: str, **values: Any) -> dict[str, Any]:
    created = await at.http.post(f"/v1/models/{model}/predictions", json={"input": values})
    assert created.status_code == 201, created.text
    return await at.followed(f"/v1/predictions/{created.json()['id']}")


async def test_real_esrgan_enlarges_the_picture_it_is_given(at: Scene) -> None:
    upload = await at.client.files.async_create(io.BytesIO(photo(1)), filename="a.jpg")
    prediction = await run(at, ESRGAN, image=upload.urls["get"], scale=2)
    larger = await at.picture(prediction["output"])
    assert (larger.format, larger.size) == ("PNG", (640, 640))
    given = Image.open(io.BytesIO(photo(1))).resize((640, 640))
    for place in ((20, 20), (160, 300), (600, 600)):
        assert larger.getpixel(place) == pytest.approx(given.getpixel(place), abs=12)
    assert at.world.billed == ceil(prediction["metrics"]["predict_time"] * 225)


async def test_what_does_not_fit_the_memory_of_real_esrgan_fails_in_its_words(at: Scene) -> None:
    failed = await run(at, ESRGAN, image=canvas(1600, 1500))
    assert failed["error"] == (
        "Input image of dimensions (1500, 1600, 4) has a total number of pixels 2400000 greater than the max size that "
        "fits in GPU memory on this hardware, 2096704. Resize input image and try again."
    )
    assert (await run(at, ESRGAN, image=canvas(1448, 1448), scale=1))["status"] == "succeeded"
    assert "CUDA out of memory" in (await run(at, ESRGAN, image=canvas(1400, 1400), scale=10))["error"]


async def test_the_other_upscalers_enlarge_too(at: Scene) -> None:
    crisp = await ask(at, "recraft-ai/recraft-crisp-upscale", image=canvas(100, 60))
    assert (await at.picture(crisp["output"])).size == (400, 240)
    assert at.world.billed == 6_000
    clarity = await run(at, CLARITY, image=canvas(100, 60), scale_factor=3, output_format="jpg")
    assert (await at.picture(clarity["output"][0])).size == (300, 180)
    assert at.world.billed > 6_000


async def test_community_models_need_their_version_and_valid_values(at: Scene) -> None:
    refused = await at.http.post("/v1/models/nightmareai/real-esrgan/predictions", json={"input": {}})
    assert refused.status_code == 404
    refused = await at.http.post("/v1/predictions", json={"version": ESRGAN, "input": {"scale": 11}})
    assert [one["description"] for one in refused.json()["invalid_fields"]] == [
        "image is required",
        "Must be less than or equal to 10",
    ]
    refused = await at.http.post(
        "/v1/predictions", json={"version": CLARITY, "input": {"image": canvas(9, 9), "tiling_width": 100}}
    )
    assert "must be one of the following: 16, 32, 48" in refused.json()["detail"]


async def test_a_picture_that_is_none_or_far_away_fails_the_run(at: Scene) -> None:
    assert "cannot identify image file" in (await run(at, ESRGAN, image=uri(b"nonsense")))["error"]
    assert "Failed to resolve 'example.com'" in (await run(at, ESRGAN, image="https://example.com/a.png"))["error"]
    gone = await run(at, ESRGAN, image="https://api.replicate.com/v1/files/none")
    assert gone["error"].startswith("404 Client Error")


@pytest.mark.parametrize(
    ("model", "limit", "asked"),
    [
        (LLAMA, "max_tokens", {"prompt": f"Rewrite it as prose.\n\nThe prompt: {ASKED}"}),  # it has no other place
        (GPT, "max_completion_tokens", {"prompt": ASKED, "system_prompt": "Rewrite it as prose."}),
        (GEMINI, "max_output_tokens", {"prompt": ASKED, "system_instruction": "Rewrite it as prose."}),
    ],
)
async def test_language_models_write_prose_around_a_prompt(
    at: Scene, model: str, limit: str, asked: dict[str, str]
) -> None:
    written = await ask(at, model, **asked)
    text = "".join(written["output"])
    assert text.startswith('A portrait of ZIKI on a beach, a sign says "OPEN LATE"')
    assert len(text) > 2 * len(ASKED)
    assert written["metrics"]["output_token_count"] == len(written["output"])
    cut = await ask(at, model, **asked, **{limit: 7})
    assert "".join(cut["output"]) == "".join(written["output"][:7])
    assert at.world.unlisted_fields == []


async def test_tokens_are_paid_for_in_and_out(at: Scene) -> None:
    metrics = (await ask(at, GPT, prompt=ASKED * 20))["metrics"]
    owed = metrics["input_token_count"] * 400_000 + metrics["output_token_count"] * 1_600_000
    assert at.world.billed == round(owed / 1_000_000) > 0


async def test_an_answer_comes_in_parts_but_is_waited_for_whole(at: Scene) -> None:
    created = await at.http.post(
        f"/v1/models/{LLAMA}/predictions", json={"input": {"prompt": ASKED}}, headers={"Prefer": "wait"}
    )
    assert created.json()["status"] == "processing"
    sizes: list[int] = []
    created = await at.http.post(f"/v1/models/{LLAMA}/predictions", json={"input": {"prompt": ASKED}})
    job = at.world.state.jobs[created.json()["id"]]
    while not job.done:
        await job.changed.wait()
        sizes.append(len(job.output or []))
    assert 0 < sizes[1] < sizes[-1]


@pytest.mark.parametrize("habit", ["drops trigger", "new lettering", "preamble", "empty", "endless"])
async def test_bad_habits_of_a_language_model_show(at: Scene, habit: Any) -> None:
    at.world.habits.writing = habit
    text = "".join((await ask(at, LLAMA, prompt=ASKED))["output"])
    assert {
        "drops trigger": "ZIKI" not in text and '"OPEN LATE"' in text,
        "new lettering": '"OPEN LATE"' not in text and "ZIKI" in text,
        "preamble": text.startswith("Sure! Here is"),
        "empty": text == "",
        "endless": len(tokens(text)) == 512,
    }[habit]


async def test_a_trigger_word_in_small_letters_is_known_from_its_training(at: Scene) -> None:
    await at.http.post(
        "/v1/models/ostris/flux-dev-lora-trainer/versions/"
        "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2/trainings",
        json={"destination": await at.model(), "input": {"trigger_word": "zk1x"}},
    )
    at.world.habits.writing = "drops trigger"
    assert "zk1x" not in "".join((await ask(at, LLAMA, prompt="zk1x in a forest"))["output"])


@pytest.mark.parametrize(
    "request_",
    [
        "a red car",
        "Rewrite this as prose.\n\na red car",
        "Rewrite this.\n\nPrompt: a red car",
        "Rewrite what is between the tags.\n<prompt>a red car</prompt>\nAnswer with the prompt only.",
    ],
)
def test_the_prompt_is_found_in_a_request(request_: str) -> None:
    assert subject(request_) == "a red car"


def test_tokens_joined_are_the_text() -> None:
    text = 'Sure!  Here\n\nis "ÉTÉ 2026", élégant…'
    assert "".join(tokens(text)) == text
