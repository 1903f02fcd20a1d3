"""The sandbox's replies against recordings of the real Replicate: same status, same type, at least the same keys."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.sandbox.replicate_scene import NEWEST, TRAINER, Scene, scene
from tests.shared import FOREVER, shared

SCHNELL = "black-forest-labs/flux-schnell"
WRITER = "meta/meta-llama-3-8b-instruct"
# Dropped by Replicate since; newer recordings do not have them.
GONE = {"webhook_completed"}


class Recorded:
    """One recorded answer."""

    def __init__(self, interaction: dict[str, Any]) -> None:
        answer = interaction["response"]
        body = answer.get("content") or answer["body"]["string"]
        if isinstance(body, bytes) and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.method: str = interaction["request"]["method"]
        self.status: int = answer.get("status_code") or answer["status"]["code"]
        self.headers = {key.lower(): values[0] for key, values in answer["headers"].items()}
        self.body: Any = json.loads(body) if body else None


def recorded(name: str, index: int = 0) -> Recorded:
    tape = yaml.safe_load(shared(f"contracts/replicate-recordings/{name}.yaml").read_text())
    return Recorded(tape["interactions"][index])


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        yield it


def assert_alike(ours: httpx.Response, theirs: Recorded) -> None:
    assert ours.status_code == theirs.status
    assert ours.headers["content-type"].split(";")[0] == theirs.headers["content-type"].split(";")[0]
    for header in ("ratelimit-remaining", "preference-applied"):
        if header in theirs.headers:
            assert header in ours.headers
    if theirs.status >= 400:
        assert ours.json() == theirs.body
        assert ours.text.endswith("\n")
    else:
        assert_keys(ours.json(), theirs.body)


def assert_keys(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, list):
        assert isinstance(ours, list)
        if theirs and ours:
            assert_keys(ours[0], theirs[0])
    elif isinstance(theirs, dict):
        assert set(ours) >= set(theirs) - GONE
        for key in ("urls", "metrics", "checksums", "results"):
            if theirs.get(key):
                assert_keys(ours[key], theirs[key])


async def training(at: Scene) -> httpx.Response:
    ref = await at.model()
    body = {"destination": ref, "input": {"input_images": "https://x.example/a.zip"}}
    at.world.habits.stuck = "processing"
    return await at.http.post(f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings", json=body)


async def test_creating_a_training(at: Scene) -> None:
    theirs = recorded("trainings-create")
    rest = at.world.limits.rest
    now = rest.clock()
    rest.clock = lambda: now  # else there may be another one to take by then
    ours = await training(at)
    assert_alike(ours, theirs)
    assert set(ours.json()) == set(theirs.body)
    assert set(ours.json()["urls"]) == set(theirs.body["urls"])
    assert ours.headers["ratelimit-remaining"] == "2998"  # it counts as one of the rest, after the model


async def test_reading_a_running_training(at: Scene) -> None:
    job = (await training(at)).json()["id"]
    running = at.world.state.jobs[job]
    async with asyncio.timeout(FOREVER):
        while running.status == "starting":
            await running.changed.wait()
    ours = await at.http.get(f"/v1/trainings/{job}")
    theirs = recorded("trainings-get")
    assert_alike(ours, theirs)
    for key in ("status", "metrics", "output", "error", "completed_at"):
        assert ours.json()[key] == theirs.body[key]


async def test_cancelling_a_training(at: Scene) -> None:
    job = (await training(at)).json()["id"]
    ours = await at.http.post(f"/v1/trainings/{job}/cancel")
    theirs = recorded("trainings-cancel", 1)
    assert_alike(ours, theirs)
    for key in ("status", "metrics", "output", "logs", "error"):
        if key != "metrics":
            assert ours.json()[key] == theirs.body[key]
    assert ours.json()["metrics"]["predict_time"] == theirs.body["metrics"]["predict_time"]


async def test_a_destination_that_is_not_there(at: Scene) -> None:
    body = {"destination": "<invalid>", "input": {"input_images": "https://x.example/a.zip"}}
    ours = await at.http.post(f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings", json=body)
    assert_alike(ours, recorded("trainings-create__invalid-destination"))


async def test_a_token_that_is_not_valid(at: Scene) -> None:
    body = {"input": {}, "version": NEWEST}
    ours = await at.http.post("/v1/predictions", json=body, headers={"Authorization": "Bearer invalid"})
    assert_alike(ours, recorded("run__invalid-token"))


async def test_creating_a_prediction(at: Scene) -> None:
    body = {"version": SCHNELL, "input": {"prompt": "x", "aspect_ratio": "1:1"}}
    ours = await at.http.post("/v1/predictions", json=body)
    theirs = recorded("predictions-create", 1)
    assert_alike(ours, theirs)
    assert ours.headers["ratelimit-remaining"] == theirs.headers["ratelimit-remaining"] == "599"
    assert list(ours.json()["input"]) == sorted(theirs.body["input"].keys() & {"prompt"} | {"aspect_ratio"})


async def test_creating_by_model(at: Scene) -> None:
    ours = await at.http.post(f"/v1/models/{SCHNELL}/predictions", json={"input": {"prompt": "x"}})
    assert_alike(ours, recorded("test_predictions_create_by_model[True]"))


@pytest.mark.parametrize(("tape", "prefer"), [("True-10", "wait=10"), ("True-True", "wait")])
async def test_a_held_creation(at: Scene, tape: str, prefer: str) -> None:
    ours = await at.http.post(
        f"/v1/models/{WRITER}/predictions", json={"input": {"prompt": "x"}}, headers={"Prefer": prefer}
    )
    theirs = recorded(f"test_models_predictions_create_blocking[{tape}]")
    assert_alike(ours, theirs)
    assert ours.json()["status"] == theirs.body["status"] == "processing"
    assert ours.headers["preference-applied"] == theirs.headers["preference-applied"]
    assert "completed_at" not in theirs.body
    assert "completed_at" not in ours.json()


async def test_reading_a_finished_prediction(at: Scene) -> None:
    prediction = await at.predict(SCHNELL)
    ours = await at.http.get(f"/v1/predictions/{prediction['id']}")
    theirs = recorded("predictions-get")
    assert_alike(ours, theirs)
    assert (ours.json()["status"], ours.json()["error"]) == (theirs.body["status"], theirs.body["error"])
    assert ours.headers["ratelimit-remaining"] == theirs.headers["ratelimit-remaining"] == "59999"
    assert theirs.body["logs"].startswith("Using seed: ")
    assert ours.json()["logs"].startswith("Using seed: ")


async def test_cancelling_a_prediction(at: Scene) -> None:
    at.world.habits.stuck = "starting"
    created = await at.http.post("/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "x"}})
    ours = await at.http.post(f"/v1/predictions/{created.json()['id']}/cancel")
    theirs = recorded("test_predictions_cancel[True]", 4)
    assert_alike(ours, theirs)
    assert ours.json()["metrics"]["predict_time"] == theirs.body["metrics"]["predict_time"]


async def test_models_and_hardware(at: Scene) -> None:
    body = {"owner": "atelier-demo", "name": "x", "visibility": "private", "hardware": "cpu"}
    ours = await at.http.post("/v1/models", json=body | {"description": "An example model"})
    theirs = recorded("models-create")
    assert_alike(ours, theirs)
    assert {**theirs.body, **ours.json()} == ours.json()  # nothing of theirs is missing
    assert_alike(await at.http.get("/v1/models/atelier-demo/x"), recorded("models-get", 1))
    published = await at.http.get(f"/v1/models/{SCHNELL}")
    assert_alike(published, recorded("models-get"))
    assert_keys(published.json()["latest_version"], recorded("models-get").body["latest_version"])
    hardware = recorded("hardware-list")
    ours = await at.http.get("/v1/hardware")
    assert_alike(ours, hardware)
    assert {one["sku"] for one in ours.json()} >= {one["sku"] for one in hardware.body}


async def test_files(at: Scene) -> None:
    created = await at.http.post("/v1/files", files={"content": ("test.txt", b"", "text/plain")})
    theirs = recorded("file-operations")
    assert_alike(created, theirs)
    for key in ("content_type", "size", "etag", "checksums", "metadata"):
        assert created.json()[key] == theirs.body[key]
    path = f"/v1/files/{created.json()['id']}"
    assert_alike(await at.http.get(path), recorded("file-operations", 1))
    assert_alike(await at.http.get("/v1/files"), recorded("file-operations", 2))
    assert (await at.http.delete(path)).status_code == recorded("file-operations", 3).status
