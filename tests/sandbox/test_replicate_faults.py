"""How the sandbox's Replicate is nasty when told to, and by itself."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from replicate.exceptions import ReplicateError

from sandbox.replicate.limits import Bucket
from sandbox.replicate_world import Fault
from tests.sandbox.replicate_scene import Scene, photos, scene
from tests.shared import FOREVER

SCHNELL = "black-forest-labs/flux-schnell"
BODY = {"version": SCHNELL, "input": {"prompt": "sea", "seed": 7}}


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        yield it


async def test_a_refusal_without_effect(at: Scene) -> None:
    at.world.faults.append(Fault(match="POST /v1/predictions", status=503, body="<html>no healthy upstream</html>"))
    answer = await at.http.post("/v1/predictions", json=BODY)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert at.world.created == []
    assert (await at.http.post("/v1/predictions", json=BODY)).status_code == 201


async def test_a_500_after_the_effect_was_paid(at: Scene) -> None:
    at.world.faults.append(Fault(match="POST /v1/predictions", status=500, after_effect=True))
    assert (await at.http.post("/v1/predictions", json=BODY)).status_code == 500
    assert [one.input["seed"] for one in at.world.created] == [7]


@pytest.mark.parametrize("after", [False, True])
async def test_a_lost_answer(at: Scene, after: bool) -> None:
    at.world.faults.append(Fault(match="POST */trainings", lost=True, after_effect=after))
    ref = await at.model()
    body = {"destination": ref, "input": {"input_images": "https://x.example/a.zip"}}
    with pytest.raises(httpx.TransportError):
        await at.http.post(
            "/v1/models/ostris/flux-dev-lora-trainer/versions/"
            "26dce37af90b9d997eeb970d92e47de3064d46c300504ae376c75bef6a9022d2/trainings",
            json=body,
        )
    assert len(at.world.created) == int(after)


async def test_an_answer_that_never_comes_is_over_when_its_client_leaves(at: Scene) -> None:
    at.world.faults.append(Fault(match="POST /v1/predictions", hang=True, after_effect=True))
    asking = asyncio.ensure_future(at.http.post("/v1/predictions", json=BODY))
    while not at.world.created:  # noqa: ASYNC110 - nobody tells of what was created
        await asyncio.sleep(0)
    asking.cancel()
    kept_waiting = [task for task in asyncio.all_tasks() if "_handle_request" in repr(task)]
    async with asyncio.timeout(FOREVER):
        await asyncio.gather(*kept_waiting)


async def test_faults_can_be_late_and_skip_some(at: Scene) -> None:
    fault = Fault(match="GET /v1/*", status=429, skip=1, times=2, retry_after="86400", delay=0.01)
    at.world.faults.append(fault)
    answers = [await at.http.get("/v1/account") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert (answers[1].headers["retry-after"], fault.met) == ("86400", 2)


async def test_the_real_client_reports_what_it_is_told(at: Scene) -> None:
    at.world.faults.append(Fault(match="POST /v1/predictions", status=500, times=9))
    with pytest.raises(ReplicateError) as failed:
        await at.client.predictions.async_create(version=SCHNELL, input={"prompt": "sea"})
    assert (failed.value.status, at.world.faults[0].met) == (500, 1)  # a POST is never repeated


async def test_without_credit_nothing_is_accepted(at: Scene) -> None:
    at.world.habits.credit = "none"
    answer = await at.http.post("/v1/predictions", json=BODY)
    assert (answer.status_code, answer.json()["title"]) == (402, "Insufficient credit")
    assert at.world.created == []


async def test_low_credit_allows_one_prediction_in_ten_seconds(at: Scene) -> None:
    at.world.habits.credit = "low"
    assert (await at.http.post("/v1/predictions", json=BODY)).status_code == 201
    throttled = await at.http.post("/v1/predictions", json=BODY)
    assert throttled.status_code == 429
    seconds = throttled.json()["retry_after"]
    assert throttled.headers["retry-after"] == str(seconds)
    assert throttled.json()["detail"] == (
        "Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per minute with a "
        f"burst of 1 requests while you have less than $5.0 in credit. Your rate limit resets in ~{seconds}s."
    )
    assert (await at.http.get("/v1/account")).status_code == 200  # only creating predictions is slowed down


async def test_the_headers_say_what_is_left(at: Scene) -> None:
    created = await at.http.post("/v1/predictions", json=BODY)
    read = await at.http.get(f"/v1/predictions/{created.json()['id']}")
    rest = await at.http.get("/v1/hardware")
    left = [answer.headers["ratelimit-remaining"] for answer in (created, read, rest)]
    assert left == ["599", "59999", "2999"]
    assert created.headers["ratelimit-reset"] == "1"


def test_a_bucket_fills_up_again() -> None:
    moment = [0.0]
    bucket = Bucket(600, 600, lambda: moment[0])
    assert [bucket.take() for _ in range(600)] == [0] * 600
    assert bucket.take() == 1
    moment[0] += 1
    assert ([bucket.take() for _ in range(10)], bucket.take()) == ([0] * 10, 1)


@pytest.mark.parametrize(
    ("word", "text"),
    [("E005", "(E005)"), ("PA", "Prediction interrupted; please retry (code: PA)"), ("my own words", "my own words")],
)
async def test_runs_fail_with_the_error_asked_for(at: Scene, word: str, text: str) -> None:
    at.world.habits.fail_with = word
    prediction = await at.predict(SCHNELL)
    assert prediction["status"] == "failed"
    assert text in prediction["error"]


async def test_aborted_runs_cost_nothing(at: Scene) -> None:
    at.world.habits.abort = True
    prediction = await at.predict(SCHNELL)
    assert (prediction["status"], prediction["started_at"], at.world.billed) == ("aborted", None, 0)


async def test_statuses_and_shapes_nobody_has_seen(at: Scene) -> None:
    habits = at.world.habits
    for shape, kind in {"null": type(None), "dict": dict, "string": str, "list": list, "number": int}.items():
        habits.output_shape = shape  # type: ignore[assignment]  # the keys are the literals
        assert type((await at.predict(SCHNELL))["output"]) is kind
    habits.output_shape, habits.status_word, habits.missing_keys = None, "queued", ("urls", "metrics")
    shown = await at.predict(SCHNELL)
    assert (shown["status"], "urls" in shown, "metrics" in shown) == ("queued", False, False)
    at.world.exchanges.clear()  # they broke the contract, as they should


@pytest.mark.parametrize(("lacks", "keys"), [("version", {"weights"}), ("weights", {"version"})])
async def test_a_training_may_succeed_with_half_an_output(at: Scene, lacks: str, keys: set[str]) -> None:
    at.world.habits.no_version = lacks  # type: ignore[assignment]  # the literals above
    ref = await at.model()
    training = await at.train(ref, photos(2), steps=10)
    assert (training["status"], set(training["output"])) == ("succeeded", keys)
    assert bool(at.world.state.models[ref].versions) == (lacks == "weights")


async def test_outputs_go_bad_at_the_delivery_host(at: Scene) -> None:
    url = httpx.URL((await at.predict(SCHNELL))["output"][0]).path
    good = (await at.delivery.get(url)).content
    habits = at.world.habits
    habits.outputs = "missing"
    assert (await at.delivery.get(url)).status_code == 404
    habits.outputs = "short"
    with pytest.raises(httpx.RemoteProtocolError):
        await at.delivery.get(url)
    habits.outputs = "wrong type"
    assert (await at.delivery.get(url)).headers["content-type"].startswith("text/html")
    habits.outputs = "bomb"
    bomb = await at.delivery.get(url)
    assert len(bomb.content) < 200_000
    with pytest.raises(Image.DecompressionBombError):
        Image.open(io.BytesIO(bomb.content))
    habits.outputs = "redirect"
    assert (await at.delivery.get(url)).status_code == 302
    habits.outputs = "server error"
    assert (await at.delivery.get(url)).status_code == 503
    habits.outputs = None
    assert (await at.delivery.get(url)).content == good


async def test_replies_may_carry_the_picture_itself(at: Scene) -> None:
    at.world.habits.inline_outputs = True
    answer = await at.http.post("/v1/predictions", json=BODY, headers={"Prefer": "wait"})
    assert answer.json()["output"][0].startswith("data:image/webp;base64,")


async def test_a_revoked_token_is_a_401(at: Scene) -> None:
    at.world.revoked.add(at.http.headers["authorization"].removeprefix("Bearer "))
    assert (await at.http.get("/v1/account")).status_code == 401


async def test_a_dead_painter_costs_one_prediction(tmp_path: Path) -> None:
    async with scene(tmp_path, workers=1) as at:
        await at.predict(SCHNELL)
        workers = at.world._workshop._pool
        assert workers is not None
        for process in list(workers._processes.values()):
            process.kill()
            await asyncio.to_thread(process.join)
        assert (await at.predict(SCHNELL))["error"] == "Director: unexpected error handling prediction (E9828)"
        assert (await at.predict(SCHNELL))["status"] == "succeeded"


async def test_a_new_run_is_in_its_list_a_little_later(at: Scene) -> None:
    at.world.habits.list_delay = 2 * FOREVER
    created = (await at.http.post("/v1/predictions", json=BODY)).json()["id"]
    assert (await at.http.get("/v1/predictions")).json()["results"] == []
    assert (await at.http.get(f"/v1/predictions/{created}")).status_code == 200  # by its id it is found at once
    job = at.world.state.jobs[created]
    assert job.listed_at is not None
    assert 0 < (job.listed_at - job.created_at).total_seconds() < 2 * FOREVER
    job.listed_at = job.created_at
    assert [run["id"] for run in (await at.http.get("/v1/predictions")).json()["results"]] == [created]
