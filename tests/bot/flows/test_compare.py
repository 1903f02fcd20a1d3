"""A comparison from Paint all to its sheet, on the real engine."""

import pytest

from bot.domain import sentences
from bot.domain.entities import JobState
from bot.files.pictures import examine
from bot.studio.requests import CompareRequest
from bot.views.outcomes import Compared
from tests.bot.app import App
from tests.bot.conftest import Far, until
from tests.bot.flows.test_train import spent, trained
from tests.bot.things import ANNA

PLAIN = CompareRequest(prompt="a quiet sea", models=("schnell", "dev", "pro"), seed=7)
CREATE = "POST /v1/models/*/predictions"


async def begun(app: App, request: CompareRequest = PLAIN) -> None:
    await app.studio.comparisons.prepare(ANNA, "b1", request)
    await app.studio.batches.paint(ANNA, "b1")


async def ended(app: App) -> Compared:
    await app.told("b1")
    [told] = app.announcer.compared
    return told


async def compared(app: App, request: CompareRequest = PLAIN) -> Compared:
    await begun(app, request)
    return await ended(app)


async def test_models_come_on_one_sheet_and_cost_what_each_of_them_costs(app: App, far: Far) -> None:
    told = await compared(app)
    assert told.comparison.state is JobState.SUCCEEDED
    assert [len(cell.pictures) for cell in told.cells] == [1, 1, 1]
    assert told.sheet is not None
    assert examine(told.sheet)[2] > 3 * 512
    assert far.paid() == 3
    assert await spent(app) == told.comparison.cost == 3_000 + 25_000 + 55_000
    assert app.announcer.painted == []


async def test_scales_of_a_fine_tune_are_runs_of_their_own(app: App, far: Far) -> None:
    await trained(app)
    told = await compared(app, CompareRequest(prompt="ziki at sea", seed=7))
    sent = [far.world.state.jobs[cell.generation.remote_id or ""].input["lora_scale"] for cell in told.cells]
    assert sent == [0.6, 0.8, 1.0, 1.2]


async def test_what_fails_is_missing_and_costs_nothing(app: App, far: Far) -> None:
    far.goes_wrong("POST */flux-dev/predictions", status=422, times=9)
    told = await compared(app)
    assert told.comparison.state is JobState.SUCCEEDED
    assert [len(cell.pictures) for cell in told.cells] == [1, 0, 1]
    assert "one of the settings" in sentences.of(told.cells[1].generation.error)
    assert told.sheet is not None
    assert await spent(app) == told.comparison.cost == 3_000 + 55_000


async def test_where_nothing_came_out_there_is_no_sheet(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, status=402, times=99)
    told = await compared(app)
    assert (told.comparison.state, told.sheet, await spent(app)) == (JobState.FAILED, None, 0)
    assert "no credit" in sentences.of(told.comparison.error)


@pytest.mark.parametrize("hanging", [1, 3])
async def test_a_process_killed_amid_the_pictures_pays_each_once(app: App, far: Far, hanging: int) -> None:
    far.goes_wrong(CREATE, hang=True, after_effect=True, times=hanging)
    await begun(app)
    await until(lambda: far.paid() == 3)
    await app.killed()
    told = await ended(app)
    assert [len(cell.pictures) for cell in told.cells] == [1, 1, 1]
    assert far.paid() == 3
    assert app.announcer.looks == [False]  # it ended in this process, so no other can have told


async def test_a_process_killed_while_it_tells_tells_once_more_and_looks_first(app: App) -> None:
    app.announcer.trouble.append(OSError("the message may be there"))
    told = await compared(app)
    assert told.comparison.state is JobState.SUCCEEDED
    assert app.announcer.looks == [False, True]


async def test_who_cancels_is_told_and_pays_for_what_ran(app: App, far: Far) -> None:
    far.world.habits.stuck = "starting"
    await begun(app)
    await until(lambda: far.paid() == 3)
    await app.studio.jobs.cancel(ANNA, "b1")
    told = await ended(app)
    assert told.comparison.state is JobState.CANCELED
    assert (told.sheet, await spent(app)) == (None, 0)


async def test_a_flow_that_breaks_says_so_and_settles(app: App, far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(app.services.keeper, "draw", broken)
    told = await compared(app)
    assert told.comparison.state is JobState.FAILED
    assert "Something went wrong on our side" in sentences.of(told.comparison.error)
    assert await spent(app) == told.comparison.cost == 83_000
    assert far.paid() == 3
