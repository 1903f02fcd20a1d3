"""A generation from its acceptance to its pictures, on the real engine, whatever Replicate does."""

import asyncio
import logging
import sqlite3
from typing import Any

import pytest

from bot.domain import outcomes, sentences
from bot.domain.entities import Generation, JobState
from bot.studio.requests import ImagineRequest
from bot.views.outcomes import Painted
from tests.bot.app import App
from tests.bot.conftest import Far, until
from tests.bot.things import ANNA

CREATE = "POST /v1/models/*/predictions"
SEA = ImagineRequest(prompt="a quiet sea", count=2)


async def imagined(app: App, request: ImagineRequest = SEA, job_id: str = "g1") -> Painted:
    """Have something painted, wait until it is told, and return what was told."""
    await begun(app, request, job_id)
    await app.told(job_id)
    [told] = [painted for painted in app.announcer.painted if painted.generation.id == job_id]
    return told


async def begun(app: App, request: ImagineRequest = SEA, job_id: str = "g1") -> Generation:
    wish = await app.studio.generations.imagine(ANNA, job_id, request)
    await app.studio.generations.run(wish, 42)
    return wish


async def spent(app: App) -> int:
    return (await app.studio.spending.allowance(ANNA)).member_spent


async def test_pictures_come_and_are_paid_and_told_once(app: App, far: Far) -> None:
    told = await imagined(app)
    assert told.generation.state is JobState.SUCCEEDED
    assert [picture.number for picture, _ in told.pictures] == [1, 2]
    for picture, path in told.pictures:
        assert (path.stat().st_size, picture.media_type) == (picture.size, "image/webp")
    assert await spent(app) == told.generation.cost == 6_000 == far.world.billed
    assert (far.paid(), len(app.announcer.painted)) == (1, 1)
    kept = await app.store.generations.get("g1")
    assert (kept.delivered, kept.message_id) == ("message", 777)


BUSY: list[dict[str, Any]] = [{"early_answers": True}, {"queue": 60.0}, {"cold_start": 60.0}, {"moderation": 0.5}]


@pytest.mark.parametrize("habits", BUSY, ids=str)
async def test_on_a_busy_day_pictures_come_all_the_same(app: App, far: Far, habits: dict[str, Any]) -> None:
    vars(far.world.habits).update(habits)
    told = await imagined(app, ImagineRequest(prompt="a quiet sea", count=4))
    assert told.generation.state is JobState.SUCCEEDED
    shown = len(told.pictures)
    assert 0 < shown < 4 if "moderation" in habits else shown == 4
    assert await spent(app) == told.generation.cost == 3_000 * shown == far.world.billed
    assert (far.paid(), len(app.announcer.painted)) == (1, 1)


async def test_the_balance_may_end_between_two_wishes(app: App, far: Far) -> None:
    far.world.ledger.balance = 6_000
    assert (await imagined(app)).generation.state is JobState.SUCCEEDED
    told = await imagined(app, job_id="g2")
    assert (told.generation.state, told.generation.cost) == (JobState.FAILED, 0)
    assert told.generation.error == outcomes.refusal(402, "")
    assert await spent(app) == far.world.billed == 6_000


async def test_the_log_says_where_the_pictures_are(app: App, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await imagined(app)
    remote_id = (await app.store.generations.get("g1")).remote_id
    await until(lambda: "g1 is delivered" in caplog.text)
    lines = [record.getMessage() for record in caplog.records if " g1 " in record.getMessage()]
    for words in ("begins", f"prediction {remote_id}", "over: succeeded, cost 6000", "delivered: message"):
        assert [line for line in lines if words in line], (words, lines)


async def test_a_full_disk_that_is_freed_costs_a_try_and_no_money(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete, refusals = app.store.generations.succeed, [sqlite3.OperationalError("database or disk is full")] * 2

    async def complete_later(*arguments: Any) -> Generation:
        if refusals:
            raise refusals.pop()
        return await complete(*arguments)

    monkeypatch.setattr(app.store.generations, "succeed", complete_later)
    told = await imagined(app)
    assert (told.generation.state, len(told.pictures), refusals) == (JobState.SUCCEEDED, 2, [])
    assert (far.paid(), len(app.announcer.painted)) == (1, 1)
    assert await spent(app) == far.world.billed


async def test_starting_it_again_changes_nothing(app: App, far: Far) -> None:
    wish = await begun(app)
    await asyncio.gather(*(app.studio.generations.run(wish, 42) for _ in range(5)))
    await app.told("g1")
    await app.studio.generations.run(wish, 42)
    await app.killed()
    assert (far.paid(), len(app.announcer.painted)) == (1, 1)


@pytest.mark.parametrize(
    ("habits", "state", "words"),
    [
        ({"fail_with": "NSFW"}, JobState.FAILED, "safety check"),
        ({"fail_with": "E9828"}, JobState.FAILED, "interrupted"),
        ({"abort": True}, JobState.CANCELED, "Replicate ended this"),
        *(
            ({"outputs": how}, JobState.FAILED, "could not be fetched")
            for how in ("missing", "wrong type", "short", "redirect", "server error")
        ),
    ],
    ids=str,
)
async def test_what_goes_wrong_is_told_and_settled(
    app: App, far: Far, habits: dict[str, object], state: JobState, words: str
) -> None:
    for name, value in habits.items():
        setattr(far.world.habits, name, value)
    told = (await imagined(app)).generation
    assert told.state is state
    assert words in sentences.of(told.error)
    assert await spent(app) == told.cost == far.world.billed
    assert far.paid() == 1


@pytest.mark.parametrize("shape", ["null", "dict", "number", "string", "list"])
async def test_every_shape_of_output_ends_well_or_is_told(app: App, far: Far, shape: str) -> None:
    far.world.habits.output_shape = shape  # pyright: ignore[reportAttributeAccessIssue] - one of its words
    told = await imagined(app)
    expected = {"string": 1, "list": 2}.get(shape, 0)
    assert len(told.pictures) == expected
    assert told.generation.state is (JobState.SUCCEEDED if expected else JobState.FAILED)


async def test_pictures_that_come_within_the_answer_are_kept(app: App, far: Far) -> None:
    far.world.habits.inline_outputs = True
    assert len((await imagined(app)).pictures) == 2


@pytest.mark.parametrize("status", [401, 402, 404, 422])
async def test_a_refusal_is_told_and_costs_nothing(app: App, far: Far, status: int) -> None:
    fault = far.goes_wrong(CREATE, status=status, body={"detail": "Because of this."}, times=9)
    told = (await imagined(app)).generation
    assert told.state is JobState.FAILED
    assert told.error
    assert (await spent(app), fault.met, far.paid()) == (0, 1, 0)


async def test_when_nothing_is_clear_the_estimate_stays_spent(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, status=500, times=99)
    told = (await imagined(app)).generation
    assert "will not risk paying twice" in sentences.of(told.error)
    assert await spent(app) == told.estimate


async def test_a_look_up_that_never_succeeds_ends_with_an_error_id_and_keeps_the_estimate(
    app: App, far: Far, caplog: pytest.LogCaptureFixture
) -> None:
    far.goes_wrong(CREATE, lost=True, after_effect=True)
    far.goes_wrong("GET /v1/predictions", status=500, times=999)
    told = (await imagined(app)).generation
    [record] = [record for record in caplog.records if "flow generate of job g1 broke" in record.getMessage()]
    error_id = record.getMessage().partition("(error ")[2].rstrip(")")
    assert f"error `{error_id}`" in sentences.of(told.error)
    assert await spent(app) == told.estimate
    assert far.paid() == 1


async def test_who_cancels_is_told_so(app: App, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await begun(app)
    await until(lambda: far.paid() == 1)
    await app.runs("g1")
    await app.studio.jobs.cancel(ANNA, "g1")
    await app.told("g1")
    [told] = app.announcer.painted
    assert (told.generation.state, told.generation.error) == (JobState.CANCELED, outcomes.CANCELED)


@pytest.mark.parametrize("stuck", ["starting", "processing"])
async def test_a_killed_process_leaves_its_jobs_to_the_next(app: App, far: Far, stuck: str) -> None:
    far.world.habits.stuck = stuck  # pyright: ignore[reportAttributeAccessIssue] - one of its words
    await begun(app)
    await app.runs("g1")
    await app.killed()
    assert (await app.store.generations.get("g1")).state is JobState.RUNNING
    assert app.announcer.painted == []
    await app.studio.jobs.cancel(ANNA, "g1")
    await app.told("g1")
    assert (far.paid(), len(app.announcer.painted)) == (1, 1)


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_process_killed_while_it_asks_pays_once(app: App, far: Far, took_effect: bool) -> None:
    hang = far.goes_wrong(CREATE, hang=True, after_effect=took_effect)
    await begun(app)
    await until(lambda: hang.met == 1)
    if took_effect:
        await until(lambda: far.paid() == 1)
    await app.killed()
    await app.told("g1")
    [told] = app.announcer.painted
    assert told.generation.state is JobState.SUCCEEDED
    assert (far.paid(), await spent(app)) == (1, 6_000)
    assert app.announcer.looks == [False]  # it ended in this process, so no other can have told


async def test_an_announcement_that_fails_is_made_again_and_looks_first(app: App) -> None:
    app.announcer.trouble = [OSError("no route"), OSError("no route")]
    await imagined(app)
    assert app.announcer.looks == [False, True, True]


async def test_an_announcement_that_breaks_is_made_again_after_a_restart(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    app.announcer.trouble = [ValueError("a bug"), ValueError("a bug")]
    await begun(app)
    await until(lambda: len(app.announcer.looks) == 2 and not app.engine._tasks)
    await app.killed()
    await app.told("g1")
    [told] = app.announcer.painted
    assert told.generation.state is JobState.SUCCEEDED
    assert "a bug" in caplog.text


async def test_a_picture_that_is_gone_before_it_is_told_keeps_nobody_from_being_told(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = app.store.generations.succeed

    async def and_one_goes(generation_id: str, *arguments: Any) -> Generation:
        (app.data / arguments[0][0].path).unlink()
        return await complete(generation_id, *arguments)

    monkeypatch.setattr(app.store.generations, "succeed", and_one_goes)
    told = await imagined(app)
    assert [picture.number for picture, _ in told.pictures] == [2]


async def test_after_an_hour_away_the_pictures_are_lost_but_paid(app: App, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await begun(app)
    await app.runs("g1")
    await app.engine.close()
    [job] = far.world.state.jobs.values()
    job.metrics = {"predict_time": 1.0}
    far.world.lifecycle.finish(job, "succeeded")
    far.world.lifecycle.forget(job)
    await app.open()
    await app.told("g1")
    [told] = app.announcer.painted
    assert "before Replicate removed them" in sentences.of(told.generation.error)
    assert await spent(app) == 6_000


async def test_plain_dev_takes_its_guidance_along(app: App, far: Far) -> None:
    await imagined(
        app, ImagineRequest(prompt="a quiet sea", model="dev", seed=9, settings={"guidance": 4.5, "steps": 3})
    )
    [created] = far.world.created
    assert (created.model, created.input["guidance"], created.input["seed"]) == (
        "black-forest-labs/flux-dev",
        4.5,
        9,
    )
    assert far.world.unlisted_fields == []
