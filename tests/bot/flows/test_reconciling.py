"""A request that takes effect after the grace: its run is found, cancelled, booked and told to the operator, once."""

import asyncio
import base64
import hashlib
import logging
from collections import Counter

import pytest

from bot import metrics
from bot.domain.entities import JobState, LateRun
from bot.flows import following
from bot.flows.reconciling import Reconciler
from bot.flows.training import DATA, TrainingKind
from bot.replicate_api import Run, RunState
from sandbox.replicate_world import Fault
from tests.bot.app import App
from tests.bot.conftest import Far, until
from tests.bot.flows.test_enrich import begun as enrichment_begun
from tests.bot.flows.test_generate import imagined, spent
from tests.bot.flows.test_train import begun as training_begun
from tests.bot.things import ANNA, NOW, RICH, accept_comparison, accept_one, comparison, generation, training

CREATE = "POST *tions"
LIST = "/v1/predictions"


class Watch:
    """One process's reconciler, and what it counted."""

    def __init__(self, app: App) -> None:
        self._reconciler = Reconciler(app.services)
        self._before = counted()

    @property
    def noted(self) -> list[str]:
        """Name the tables of whose jobs late runs were counted."""
        return list((counted() - self._before).elements())

    async def look(self) -> None:
        self._reconciler._due = 0.0
        await self._reconciler.look()


def counted() -> Counter[str]:
    tables = ("generations", "enrichments", "trainings")
    return Counter({table: int(metrics.LATE_RUNS.labels(table)._value.get()) for table in tables})


@pytest.fixture
def late(far: Far) -> Fault:
    """Have the first paid request take effect only when the test says so."""
    return far.goes_wrong("POST */predictions", late=asyncio.Event())


async def let_it_come(far: Far, fault: Fault, kind: str = "predictions") -> str:
    """Let a request take effect now; returns the id of its run, which goes on until it is cancelled."""
    assert fault.met == 1
    assert fault.late is not None
    before = far.paid(kind)
    far.world.habits.stuck = "processing"
    fault.late.set()
    await until(lambda: far.paid(kind) > before)
    return far.world.created[-1].id


async def test_a_second_run_is_cancelled_booked_and_told_once(
    app: App, far: Far, late: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    told = await imagined(app)
    watch = Watch(app)
    await watch.look()
    assert watch.noted == []
    run_id = await let_it_come(far, late)
    await watch.look()
    await watch.look()
    assert watch.noted == ["generations"]
    assert far.world.state.jobs[run_id].status == "canceled"
    [line] = [
        record.getMessage()
        for record in caplog.records
        if record.levelno == logging.WARNING and run_id in record.getMessage()
    ]
    assert "job g1" in line
    assert "ATELIER_SUBMIT_GRACE" in line
    assert told.generation.state is JobState.SUCCEEDED
    assert await spent(app) == far.world.billed == 6_000
    assert await app.store.late_runs.unsettled() == []


async def test_a_second_run_that_was_quicker_than_the_bot_is_paid_for(app: App, far: Far, late: Fault) -> None:
    await imagined(app)
    assert late.late is not None
    late.late.set()
    await until(lambda: far.paid() == 2)
    run_id = far.world.created[-1].id
    await until(lambda: far.world.state.jobs[run_id].done)
    await Watch(app).look()
    assert await spent(app) == far.world.billed == 12_000


async def test_a_job_that_was_answered_clearly_makes_no_request_of_it(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, status=429, retry_after="0")
    await imagined(app)
    far.goes_wrong(CREATE, lost=True, after_effect=True)
    await imagined(app, job_id="g2")
    asked = far.asked("GET", LIST)
    await Watch(app).look()
    assert far.asked("GET", LIST) == asked


async def test_a_second_training_is_ended_while_the_first_goes_on(app: App, far: Far) -> None:
    late = far.goes_wrong("POST */trainings", late=asyncio.Event())
    far.world.habits.stuck = "processing"
    await training_begun(app)
    await app.runs("t1")
    run_id = await let_it_come(far, late, "trainings")
    watch = Watch(app)
    await watch.look()
    assert watch.noted == ["trainings"]
    first = (await app.store.trainings.get("t1")).remote_id
    assert far.world.state.jobs[run_id].status == "canceled"
    assert not far.world.state.jobs[first or ""].done
    assert (await app.store.trainings.get("t1")).state is JobState.RUNNING


async def test_what_was_charged_on_suspicion_gives_way_to_what_was_measured(app: App, far: Far) -> None:
    faults = [far.goes_wrong("POST */predictions", late=asyncio.Event()) for _ in range(3)]
    given_up = await imagined(app)
    assert (given_up.generation.state, given_up.generation.cost) == (JobState.FAILED, 6_000)
    await let_it_come(far, faults[1])
    await Watch(app).look()
    assert (await app.store.generations.get("g1")).cost == 0
    assert await spent(app) == far.world.billed == 0


async def test_a_run_that_comes_between_two_processes_is_found_by_the_next(app: App, far: Far, late: Fault) -> None:
    await imagined(app)
    run_id = await let_it_come(far, late)
    claimed = LateRun(run_id=run_id, jobs="generations", job_id="g1", found_at=NOW)
    await app.store.late_runs.claim(claimed, await app.store.generations.get("g1"))
    assert await spent(app) == 2 * 6_000  # until it is known better
    await app.killed()
    watch = Watch(app)
    await watch.look()
    assert (far.world.state.jobs[run_id].status, watch.noted) == ("canceled", ["generations"])
    assert await spent(app) == far.world.billed == 6_000


async def test_a_run_that_does_not_end_is_booked_at_the_estimate_and_told(
    app: App, far: Far, late: Fault, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imagined(app)
    run_id = await let_it_come(far, late)
    monkeypatch.setattr(following, "CANCEL_GRACE", -1.0)
    await Watch(app).look()
    assert await spent(app) == 2 * 6_000
    assert [line for line in caplog.messages if f"cancel it if it runs: https://replicate.com/p/{run_id}" in line]


async def test_a_run_that_another_job_waits_for_is_left_to_it(app: App, far: Far, late: Fault) -> None:
    first = await imagined(app)
    twin = generation(
        "g2", estimate=6_000, recipe=first.generation.recipe, intent_at=app.services.now(), intent_boot="x"
    )
    await accept_one(app.store, twin, RICH)
    run_id = await let_it_come(far, late)
    watch = Watch(app)
    await watch.look()
    assert watch.noted == []
    await app.store.generations.adopt("g2", run_id, None, app.services.now())
    await watch.look()
    assert watch.noted == []
    assert not far.world.state.jobs[run_id].done


async def test_a_late_run_is_not_taken_for_a_twins_own(app: App, far: Far, late: Fault) -> None:
    first = await imagined(app)
    run_id = await let_it_come(far, late)
    await Watch(app).look()
    far.world.habits.stuck = None
    twin = generation("g2", recipe=first.generation.recipe, created_at=app.services.now())
    await accept_one(app.store, twin, RICH)
    far.goes_wrong(CREATE, lost=True)
    await app.studio.generations.run(twin, 42)
    await app.told("g2")
    told = await app.store.generations.get("g2")
    assert (told.state, told.remote_id != run_id) == (JobState.SUCCEEDED, True)


async def test_an_answer_of_a_language_model_that_comes_late(app: App, far: Far, late: Fault) -> None:
    await enrichment_begun(app)
    await app.told("e1")
    run_id = await let_it_come(far, late)
    watch = Watch(app)
    await watch.look()
    assert (watch.noted, far.world.state.jobs[run_id].status) == (["enrichments"], "canceled")


async def test_a_picture_of_a_sheet_is_paid_back_to_whoever_paid(app: App) -> None:
    store = app.store
    await accept_comparison(store, comparison("c1"), [generation("c1a", parent_id="c1")])
    await accept_one(store, generation("g1"), RICH)
    await store.generations.end("c1a", JobState.FAILED, 3_000, NOW)
    await store.generations.end("g1", JobState.FAILED, 3_000, NOW)
    await store.comparisons.end("c1", JobState.FAILED, 3_000, NOW)
    assert await spent_in(app) == 6_000
    for run_id, job_id in (("r1", "c1a"), ("r2", "g1"), ("r3", "c1a")):
        claimed = LateRun(run_id=run_id, jobs="generations", job_id=job_id, found_at=NOW)
        job = await store.generations.get(job_id)
        assert await store.late_runs.claim(claimed, job)
        assert not await store.late_runs.claim(claimed, job)
        await store.late_runs.settle(run_id, 5)
    assert await spent_in(app) == 15
    assert ((await store.comparisons.get("c1")).cost, (await store.generations.get("g1")).cost) == (0, 0)


async def spent_in(app: App) -> int:
    return (await app.store.spent(ANNA, NOW))[0]


def test_a_training_is_recognised_without_its_photos() -> None:
    photos = b"a zip"
    job = training(sha256=hashlib.sha256(photos).hexdigest())
    data = DATA + base64.b64encode(photos).decode()
    assert TrainingKind.is_of(job, made_of(input_images=data))
    assert not TrainingKind.is_of(job, made_of(input_images=DATA + base64.b64encode(b"another zip").decode()))
    assert not TrainingKind.is_of(job, made_of(input_images=DATA + "no base64"))
    assert not TrainingKind.is_of(job, made_of(input_images="https://api.replicate.com/v1/files/1"))
    assert not TrainingKind.is_of(job, made_of())


def made_of(**given: object) -> Run:
    return Run(id="r1", state=RunState.PROCESSING, input=given)
