"""What each way to end costs: what Replicate measured, the estimate where it may have run unseen, or nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.domain import sentences
from bot.domain.entities import Job, JobState
from bot.domain.money import PriceList
from bot.flows import following
from bot.flows.costs import charge, of_generation
from bot.replicate_api import Run, RunState
from sandbox.replicate_world import Fault
from tests.bot.app import App
from tests.bot.conftest import Far, until
from tests.bot.flows import test_compare, test_enrich, test_generate, test_train
from tests.bot.flows.test_reconciling import Watch
from tests.bot.things import ANNA, NOW, generation, training

CREATE = "POST /v1/models/*/predictions"
SAMPLE = "POST /v1/predictions"
MEASURED, ESTIMATE = 9_000_000, 1_800_000
BEGIN: dict[str, Callable[[App], Awaitable[Any]]] = {
    "t1": test_train.begun,
    "g1": test_generate.begun,
    "e1": test_enrich.begun,
    "b1": test_compare.begun,
}
"""How a job of each kind begins, by its id."""


async def spent(app: App) -> int:
    return (await app.studio.spending.allowance(ANNA)).member_spent


async def ended(app: App, job_id: str) -> Job:
    await app.told(job_id)
    store = app.store
    tables = (store.trainings, store.generations, store.enrichments, store.comparisons)
    [job] = [job for job in [await table.find(job_id) for table in tables] if job]
    return job


def breaks(monkeypatch: pytest.MonkeyPatch, part: object, name: str, far: Far, times: int = 99) -> None:
    """Let a part of the bot fail as nobody thought of, the next times that it is used, once every run has begun."""
    whole = getattr(part, name)
    left = iter(range(times))

    async def broken(*arguments: Any, **options: Any) -> Any:
        if next(left, None) is None:
            return await whole(*arguments, **options)
        await until(lambda: all(job.started_at for job in far.world.state.jobs.values()))
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(part, name, broken)


@pytest.mark.parametrize(
    ("job", "run", "charged"),
    [
        ({"intent_at": NOW}, {}, MEASURED),
        ({"intent_at": NOW}, {"given_up": True}, ESTIMATE),
        ({"intent_at": NOW}, None, ESTIMATE),
        ({}, None, 0),
    ],
    ids=str,
)
def test_the_rule(job: dict[str, Any], run: dict[str, Any] | None, charged: int) -> None:
    told = None if run is None else Run(id="r1", state=RunState.FAILED, input={}, **run)
    assert charge(training(estimate=ESTIMATE, **job), told, lambda _: MEASURED) == charged


def test_ten_thousand_outputs_are_not_more_pictures_than_were_asked_for() -> None:
    run = Run(id="r1", state=RunState.SUCCEEDED, input={}, outputs=("https://replicate.delivery/x",) * 10_000)
    assert of_generation(PriceList(), generation(), run) == 3_000


async def test_a_training_that_breaks_after_its_cost_was_measured_costs_what_was_measured(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, app.services.keeper, "draw", far)
    await test_train.begun(app)
    told = await ended(app, "t1")
    assert (told.state, far.paid()) == (JobState.FAILED, 8)
    assert await spent(app) == told.cost == far.world.billed != told.estimate


@pytest.mark.parametrize("job_id", BEGIN)
async def test_a_flow_that_breaks_while_it_follows_ends_its_run_and_costs_what_that_measured(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch, job_id: str
) -> None:
    far.world.habits.stuck = "processing"
    breaks(monkeypatch, app.services.follower, "follow", far, 3 if job_id == "b1" else 1)
    await BEGIN[job_id](app)
    told = await ended(app, job_id)
    assert "Something went wrong on our side" in sentences.of(told.error)
    assert {job.status for job in far.world.state.jobs.values()} == {"canceled"}
    assert await spent(app) == told.cost == far.world.billed < told.estimate


async def test_pictures_that_cannot_be_kept_cost_what_was_painted(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, app.services.keeper, "keep", far)
    await test_generate.begun(app)
    await app.store.generations.update("g1", estimate=ESTIMATE)
    await ended(app, "g1")
    assert await spent(app) == far.world.billed == 6_000


@pytest.mark.parametrize("job_id", BEGIN)
async def test_a_run_that_can_no_longer_be_looked_up_costs_its_estimate(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch, job_id: str
) -> None:
    monkeypatch.setattr(following, "CANCEL_GRACE", 0.05)
    far.world.habits.stuck = "processing"
    breaks(monkeypatch, app.services.follower, "follow", far, 3 if job_id == "b1" else 1)
    far.goes_wrong("GET /v1/trainings/*", status=500, times=10**6)
    far.goes_wrong("GET /v1/predictions/*", status=500, times=10**6)
    await BEGIN[job_id](app)
    told = await ended(app, job_id)
    assert await spent(app) == told.cost == told.estimate


async def test_samples_that_may_have_run_cost_their_estimate_and_the_others_what_was_measured(
    app: App, far: Far
) -> None:
    far.goes_wrong(SAMPLE, lost=True, after_effect=True, times=2)
    far.goes_wrong("GET /v1/predictions", status=500, times=999)
    await test_train.begun(app)
    told = await ended(app, "t1")
    samples = await app.store.generations.parts_of("t1")
    lost = [sample for sample in samples if sample.remote_id is None]
    assert [sample.cost for sample in lost] == [sample.estimate for sample in lost]
    bills = far.world.ledger.bills
    runs = [(await app.store.trainings.get("t1")).remote_id, *(sample.remote_id for sample in samples)]
    measured = sum(bills[run] for run in runs if run)
    assert (len(lost), far.paid()) == (2, 8)
    assert await spent(app) == told.cost == measured + sum(sample.estimate for sample in lost)


async def test_a_training_that_is_cancelled_while_nobody_works_on_it_is_ended_at_replicate(app: App, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await test_train.begun(app)
    await app.runs("t1")
    await app.engine.close()
    await app.store.trainings.request_cancel("t1")
    await app.open()
    assert (await ended(app, "t1")).state is JobState.CANCELED
    assert [job.status for job in far.world.state.jobs.values()] == ["canceled"]


async def in_doubt(app: App, far: Far, *then: Fault) -> Job:
    """Have a picture asked for without any answer, let follow what follows, and if it is nothing, have it cancelled."""
    lost = far.goes_wrong(CREATE, lost=True)
    far.world.faults.extend(then)
    await test_generate.begun(app)
    await until(lambda: bool(lost.met))
    if not then:
        await app.store.generations.request_cancel("g1")
    return await ended(app, "g1")


async def test_who_cancels_what_may_have_run_pays_its_estimate(app: App, far: Far) -> None:
    told = await in_doubt(app, far)
    assert (told.state, await spent(app), far.paid()) == (JobState.CANCELED, told.estimate, 0)
    assert "did not say whether it had begun" in sentences.of(told.error)


async def test_what_is_refused_after_it_may_have_run_costs_its_estimate(app: App, far: Far) -> None:
    told = await in_doubt(app, far, Fault(match=CREATE, status=402, times=9))
    assert (told.state, await spent(app), far.paid()) == (JobState.FAILED, told.estimate, 0)
    assert "will not risk paying twice" in sentences.of(told.error)


async def test_a_run_that_comes_when_its_job_is_over_is_ended_and_paid_for(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, hears = app.remote.create_prediction, asyncio.Event()

    async def slow(*arguments: Any, **options: Any) -> Run:
        run = await create(*arguments, **options)
        await hears.wait()
        return run

    monkeypatch.setattr(app.remote, "create_prediction", slow)
    far.world.habits.stuck = "processing"
    await test_generate.begun(app)
    await until(lambda: far.paid() == 1)
    await app.store.generations.end("g1", JobState.FAILED, 6_000, NOW)
    hears.set()
    assert (await ended(app, "g1")).state is JobState.FAILED
    await Watch(app).look()
    assert [job.status for job in far.world.state.jobs.values()] == ["canceled"]
    assert await spent(app) == far.world.billed == 0


async def test_a_run_that_nobody_heard_of_when_its_flow_broke_is_ended_and_booked_in_place_of_the_estimate(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = app.remote.create_prediction

    async def breaks_after_it(*arguments: Any, **options: Any) -> Run:
        await create(*arguments, **options)
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(app.remote, "create_prediction", breaks_after_it)
    far.world.habits.stuck = "processing"
    await test_generate.begun(app)
    assert (await ended(app, "g1")).cost == await spent(app) == 6_000
    await Watch(app).look()
    assert [job.status for job in far.world.state.jobs.values()] == ["canceled"]
    assert await spent(app) == far.world.billed == 0
