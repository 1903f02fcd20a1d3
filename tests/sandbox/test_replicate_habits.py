"""The sandbox's Replicate on days that are neither good nor broken: busy, cold, short of credit, strict."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.replicate.ledger import LOW
from tests.sandbox.replicate_scene import NEWEST, TRAINER, Scene, photos, scene

SCHNELL, DEV, PRO = (f"black-forest-labs/{name}" for name in ("flux-schnell", "flux-dev", "flux-1.1-pro"))


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as it:
        yield it


@pytest.fixture
def waits(at: Scene, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list of what was waited for, in seconds of the sandbox's time; in truth nothing is."""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(at.world.clock, "sleep", sleep)
    return asked


async def test_in_a_queue_every_run_waits_its_own_time(at: Scene, waits: list[float]) -> None:
    at.world.habits.queue = 1_000
    for _ in range(3):
        assert (await at.predict(SCHNELL))["status"] == "succeeded"
    queued = [seconds for seconds in waits if seconds > 100]
    assert len(set(queued)) == 3
    assert all(500 <= seconds <= 1_501 for seconds in queued)


async def test_a_cold_start_takes_long_and_succeeds_and_the_next_run_finds_the_machine_warm(
    at: Scene, waits: list[float]
) -> None:
    at.world.habits.cold_start = 1_000
    for model, cold in ((SCHNELL, 1), (SCHNELL, 0), (DEV, 1)):
        waits.clear()
        assert (await at.predict(model))["status"] == "succeeded"
        assert sum(seconds > 100 for seconds in waits) == cold


@pytest.mark.usefixtures("waits")
async def test_nobody_knows_beforehand_how_long_a_run_takes(at: Scene) -> None:
    version = (await at.http.get("/v1/models/prunaai/flux-schneller")).json()["latest_version"]["id"]
    taken = [(await at.predict(version))["metrics"]["predict_time"] for _ in range(8)]
    assert len(set(taken)) == 8
    assert max(taken) > 1.3 * min(taken)
    assert at.world.billed == pytest.approx(sum(taken) * 1_525, abs=8)


async def test_the_balance_falls_slows_the_account_down_and_ends_in_402(at: Scene) -> None:
    ledger = at.world.ledger
    ledger.balance = LOW + 50_000
    await at.predict(PRO)
    assert ledger.balance == LOW + 10_000
    await at.predict(PRO)
    slowed = [await at.http.post("/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "sea"}})]
    slowed.append(await at.http.post("/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "sea"}}))
    assert [answer.status_code for answer in slowed] == [201, 429]
    assert "while you have less than $5.0 in credit" in slowed[1].json()["detail"]
    ledger.balance = 0
    at.world.limits.low_credit = at.world.limits.predictions
    refused = await at.http.post("/v1/predictions", json={"version": SCHNELL, "input": {"prompt": "sea"}})
    assert (refused.status_code, refused.json()["title"]) == (402, "Insufficient credit")


async def test_one_model_may_be_closed_to_the_account(at: Scene) -> None:
    at.world.habits.forbidden = (PRO, TRAINER)
    refused = await at.http.post(f"/v1/models/{PRO}/predictions", json={"input": {"prompt": "sea"}})
    assert refused.status_code == 403
    body = {"destination": await at.model(), "input": {"input_images": "https://x.example/a.zip"}}
    refused = await at.http.post(f"/v1/models/{TRAINER}/versions/{NEWEST}/trainings", json=body)
    assert refused.status_code == 403
    assert (await at.predict(SCHNELL))["status"] == "succeeded"
    assert len(at.world.created) == 1


async def test_a_held_answer_may_come_before_there_is_anything(at: Scene) -> None:
    at.world.habits.early_answers = True
    path, body = f"/v1/models/{SCHNELL}/predictions", {"input": {"prompt": "sea"}}
    answer = await at.http.post(path, json=body, headers={"Prefer": "wait=60"})
    held = answer.json()
    assert (held["status"], held["output"]) == ("processing", None)
    assert (await at.followed(f"/v1/predictions/{held['id']}"))["status"] == "succeeded"


async def test_the_safety_check_may_hold_back_any_picture(at: Scene) -> None:
    at.world.habits.moderation = 0.5
    some = await at.predict(SCHNELL, num_outputs=4)
    assert 0 < len(some["output"]) < 4
    assert f"Total safe images: {len(some['output'])} out of 4" in some["logs"]
    at.world.habits.moderation = 1.0
    assert (await at.predict(SCHNELL))["error"].startswith("All generated images contained NSFW content.")
    assert (await at.predict(PRO))["error"].endswith("(E005)")
    assert (await at.predict(SCHNELL, disable_safety_checker=True))["status"] == "succeeded"


@pytest.mark.usefixtures("waits")
async def test_trainings_take_their_own_time_too(at: Scene) -> None:
    ref = await at.model()
    trained = [await at.train(ref, photos(2), steps=10) for _ in range(2)]
    assert len({training["metrics"]["predict_time"] for training in trained}) == 2
