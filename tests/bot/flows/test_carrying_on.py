"""A job goes on from its row alone: never begun, cut short after any step, or not to be ended on a full disk."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import tenacity

from bot.domain.entities import JobState
from bot.flows import engine
from bot.store.generations import Generations
from bot.store.jobs import Jobs
from tests.bot.app import App, eventually
from tests.bot.conftest import Far, until
from tests.bot.flows import test_compare, test_enrich, test_generate, test_train
from tests.bot.things import ANNA

Begin = Callable[[App], Awaitable[object]]
KINDS: dict[str, tuple[str, Begin]] = {
    "generate": ("g1", test_generate.begun),
    "train": ("t1", test_train.begun),
    "compare": ("b1", test_compare.begun),
    "enrich": ("e1", test_enrich.begun),
}
STEPS = {
    "generate": (1, 2),
    "train": (1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 16, 17, 18),  # from 8 to 15 its samples are painted
    "compare": (1, 2, 3, 5, 6, 7, 8),
    "enrich": (1, 2),
}
RUNS = {"generate": 1, "train": 9, "compare": 3, "enrich": 1}
EVERY_STEP = [(kind, number) for kind, numbers in STEPS.items() for number in numbers]


def told(app: App) -> int:
    """Count the ends that were told."""
    noted = app.announcer
    return len(noted.painted) + len(noted.trained) + len(noted.compared) + len(noted.enriched)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_job_that_was_accepted_and_never_begun_begins_at_the_next_start(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    job_id, begin = KINDS[kind]
    monkeypatch.setattr(app.engine, "start", lambda *_: None)
    await begin(app)
    assert far.world.created == []
    await app.killed()
    await app.told(job_id)
    assert (len(far.world.created), told(app)) == (RUNS[kind], 1)


async def test_a_fine_tune_that_was_hidden_and_not_yet_forgotten_is_forgotten_at_the_next_start(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = await test_train.trained(app)
    monkeypatch.setattr(app.engine, "start", lambda *_: None)
    await app.studio.fine_tunes.delete(ANNA, "ziki")
    assert far.world.state.models != {}
    await app.killed()
    await app.forgets(outcome.fine_tune)
    assert far.world.state.models == {}


@pytest.mark.parametrize(("kind", "number"), EVERY_STEP)
async def test_a_kill_after_any_step_pays_once_and_tells_once(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch, kind: str, number: int
) -> None:
    job_id, begin = KINDS[kind]
    taken: list[object] = []
    reached = asyncio.Event()
    take = tenacity.AsyncRetrying.__call__

    async def and_stop(tries: Any, function: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        result = await take(tries, function, *arguments)
        taken.append(function)
        if len(taken) == number:
            reached.set()
            await asyncio.Event().wait()
        return result

    with monkeypatch.context() as patched:
        patched.setattr(tenacity.AsyncRetrying, "__call__", and_stop)
        await begin(app)
        await reached.wait()
        await app.engine.close()
    await app.open()
    await app.told(job_id)
    assert (len(far.world.created), told(app)) == (RUNS[kind], 1)


async def test_a_version_that_is_kept_needs_its_run_no_more(app: App, far: Far) -> None:
    samples = far.goes_wrong("POST /v1/predictions", hang=True, times=99)
    await test_train.begun(app)
    await until(lambda: samples.met > 0)
    await app.engine.close()
    far.world.faults.clear()
    far.goes_wrong("GET /v1/trainings/*", status=404, times=999)
    await app.open()
    await app.told("t1")
    [outcome] = app.announcer.trained
    assert outcome.training.state is JobState.SUCCEEDED
    assert outcome.version is not None


async def test_a_job_that_cannot_even_be_ended_goes_on_when_the_disk_has_room(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "LOOK", 0.01)
    await app.killed()  # the next process looks as often

    async def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        for of, end in ((Generations, "succeed"), (Jobs, "end")):
            patched.setattr(of, end, full)
        await test_generate.begun(app)
        await until_logged(caplog, "job g1 could not be ended")
        assert not (await app.store.generations.get("g1")).state.is_over
    await app.told("g1")
    assert (await app.store.generations.get("g1")).state is JobState.SUCCEEDED
    assert (far.paid(), told(app)) == (1, 1)


async def test_an_end_that_can_no_longer_be_told_is_noted_as_kept(app: App, far: Far) -> None:
    app.announcer.trouble = [ValueError("a bug"), ValueError("a bug")]
    await test_train.begun(app)
    await until(lambda: len(app.announcer.looks) == 2 and not app.engine._tasks)
    fine_tune = await app.studio.fine_tunes.delete(ANNA, "ziki")
    await app.forgets(fine_tune)
    await app.killed()
    await app.told("t1")
    assert (await app.store.trainings.get("t1")).delivered == "kept"
    assert app.announcer.trained == []


async def test_nothing_begins_in_a_house_that_closes(app: App, far: Far) -> None:
    await app.engine.close()
    await test_generate.begun(app)
    assert not app.engine._tasks
    await app.open()
    await app.told("g1")
    assert (far.paid(), told(app)) == (1, 1)


async def until_logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Wait until the log says so."""

    async def met() -> bool:
        return words in caplog.text

    await eventually(met)
