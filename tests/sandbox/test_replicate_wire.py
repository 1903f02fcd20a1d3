"""The sandbox's Replicate on the wire: addresses, times, logs, content types, and the body that is too long."""

import base64
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from sandbox.replicate.clock import stamp
from tests.sandbox.replicate_scene import NEWEST, TRAINER, Scene, scene, serve
from tests.shared import FOREVER

BODY = {"version": "black-forest-labs/flux-schnell", "input": {"prompt": "sea"}}
TRAININGS = f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings"
INLINE = 10_000_000  # bytes that Replicate's npm client puts into data: URIs at most


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        it.world.habits.stuck = "starting"
        yield it


@pytest.mark.parametrize("ends", ["succeeded", "failed"])
async def test_a_text_can_be_read_while_it_is_written(at: Scene, ends: str) -> None:
    at.world.habits.stuck, at.world.habits.fail_with = None, "E1001" if ends == "failed" else None
    body = {"version": "meta/meta-llama-3-8b-instruct", "input": {"prompt": "Two\nlines about a boat"}}
    created = (await at.http.post("/v1/predictions", json=body)).json()
    runner, host = await serve(at.world.apps()["stream.replicate.com"])
    try:
        async with httpx.AsyncClient(base_url=host, timeout=FOREVER) as client:
            answer = await client.get(httpx.URL(created["urls"]["stream"]).path)
            assert (await client.get("/v1/files/none")).status_code == 404
    finally:
        await runner.cleanup()
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    job = at.world.state.jobs[created["id"]]
    events = [told.split("\n") for told in answer.text.removesuffix("\n\n").split("\n\n")]
    pieces = ["\n".join(line.removeprefix("data: ") for line in event[2:]) for event in events]
    assert pieces[: -1 if ends == "succeeded" else -2] == (job.output or [])
    assert [event[0] for event in events][-2:] == [
        "event: output" if ends == "succeeded" else "event: error",
        "event: done",
    ]


async def test_a_picture_has_no_stream(at: Scene) -> None:
    created = (await at.http.post("/v1/predictions", json=BODY)).json()
    read = (await at.http.get(f"/v1/predictions/{created['id']}")).json()
    assert created["urls"].keys() == read["urls"].keys() == {"get", "cancel", "web"}


def test_times_have_two_to_nine_digits_after_the_second() -> None:
    moments = [datetime(2026, 11, 27, 8, 30, 1, micro, UTC) for micro in range(5, 1_000_000, 12_345)]
    for most in (3, 9):
        texts = [stamp(moment, most=most) or "" for moment in moments]
        assert {len(text.partition(".")[2]) - 1 for text in texts} == set(range(2, most + 1))
        assert all(re.fullmatch(r"2026-11-27T08:30:01\.\d+Z", text) for text in texts)
        for moment, text in zip(moments, texts, strict=True):
            assert timedelta() <= moment - datetime.fromisoformat(text) < timedelta(milliseconds=10)


async def test_the_log_of_a_young_training_is_null(at: Scene) -> None:
    body = {"destination": await at.model(), "input": {"input_images": "https://x.example/a.zip"}}
    created = (await at.http.post(TRAININGS, json=body)).json()
    assert created["logs"] == ""
    assert (await at.http.get(f"/v1/trainings/{created['id']}")).json()["logs"] is None


async def test_content_types_have_a_charset(at: Scene) -> None:
    answers = [await at.http.get("/v1/account"), await at.http.post("/v1/predictions", json=BODY)]
    assert {answer.headers["content-type"] for answer in answers} == {"application/json; charset=utf-8"}
    refused = await at.http.get("/v1/predictions/none")
    assert refused.headers["content-type"] == "application/problem+json; charset=utf-8"


@pytest.mark.parametrize(("size", "status"), [(INLINE, 201), (2 * INLINE, 413)])
async def test_a_body_that_holds_too_much_is_refused(at: Scene, size: int, status: int) -> None:
    photos = f"data:application/zip;base64,{base64.b64encode(bytes(size)).decode()}"
    body = {"destination": await at.model(), "input": {"input_images": photos}}
    answer = await at.http.post(TRAININGS, json=body)
    assert answer.status_code == status
    assert len(at.world.created) == (status == 201)
