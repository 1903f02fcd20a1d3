"""Limits are in the sandbox's time: a run may take whatever a busy machine needs to paint."""

import asyncio
import threading
from pathlib import Path

import pytest

from sandbox.painter import Painting, paint
from sandbox.replicate.clock import Limits
from tests.sandbox.replicate_scene import scene

BODY = {"version": "black-forest-labs/flux-schnell", "input": {"prompt": "sea"}}
LIMITS = {"Cancel-After": "15m", "Prefer": "wait=60"}


async def test_time_stands_still_while_there_is_work():
    limits = Limits()
    async with limits.limit(0.02):
        with limits.working():
            await asyncio.sleep(0.2)


async def test_time_goes_on_after_the_work():
    async def work_and_hang() -> None:
        limits = Limits()
        async with limits.limit(0.02):
            with limits.working():
                await asyncio.sleep(0)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await work_and_hang()


async def test_a_limit_that_begins_in_the_middle_of_work_waits_for_its_end():
    limits = Limits()
    with limits.working():
        async with limits.limit(0.02):
            await asyncio.sleep(0.2)
    async with limits.limit(None):
        await asyncio.sleep(0)


async def test_painting_counts_neither_for_the_deadline_nor_for_a_held_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ready = threading.Event()

    def at_last(painting: Painting) -> bytes:
        ready.wait()
        return paint(painting)

    monkeypatch.setattr("sandbox.replicate.predictor.paint", at_last)
    async with scene(tmp_path, speed=60.0) as at:
        held = asyncio.ensure_future(at.http.post("/v1/predictions", json=BODY, headers=LIMITS))
        while not at.world.state.jobs:  # noqa: ASYNC110 - nobody tells of a job that was accepted
            await asyncio.sleep(0)
        [job] = at.world.state.jobs.values()
        while not job.time.stands_still:
            await job.changed.wait()
        ready.set()
        answer = await held
        assert (answer.status_code, len(answer.json()["output"])) == (201, 1)
        assert (await at.followed(f"/v1/predictions/{job.id}"))["status"] == "succeeded"
