"""A comparison from Paint all to its sheet, on the real engine."""

import pytest

from bot.domain import sentences
from bot.domain.entities import JobState
from bot.flows.announcing import Compared
from bot.pictures import examine
from bot.studio.requests import CompareRequest
from tests.bot.conftest import Far, until
from tests.bot.flows.test_train import spent, trained
from tests.bot.house import House
from tests.bot.things import ANNA

PLAIN = CompareRequest(prompt="a quiet sea", models=("schnell", "dev", "pro"), seed=7)
CREATE = "POST /v1/models/*/predictions"


async def begun(house: House, request: CompareRequest = PLAIN) -> None:
    await house.studio.comparisons.prepare(ANNA, "b1", request)
    await house.studio.batches.paint(ANNA, "b1")


async def ended(house: House) -> Compared:
    await house.told("b1")
    [told] = house.announcer.compared
    return told


async def compared(house: House, request: CompareRequest = PLAIN) -> Compared:
    await begun(house, request)
    return await ended(house)


async def test_models_come_on_one_sheet_and_cost_what_each_of_them_costs(house: House, far: Far) -> None:
    told = await compared(house)
    assert told.comparison.state is JobState.SUCCEEDED
    assert [len(cell.pictures) for cell in told.cells] == [1, 1, 1]
    assert told.sheet is not None
    assert examine(told.sheet)[2] > 3 * 512
    assert far.paid() == 3
    assert await spent(house) == told.comparison.cost == 3_000 + 25_000 + 55_000
    assert house.announcer.painted == []


async def test_scales_of_a_fine_tune_are_runs_of_their_own(house: House, far: Far) -> None:
    await trained(house)
    told = await compared(house, CompareRequest(prompt="ziki at sea", seed=7))
    sent = [far.world.state.jobs[cell.generation.remote_id or ""].input["lora_scale"] for cell in told.cells]
    assert sent == [0.6, 0.8, 1.0, 1.2]


async def test_what_fails_is_missing_and_costs_nothing(house: House, far: Far) -> None:
    far.goes_wrong("POST */flux-dev/predictions", status=422, times=9)
    told = await compared(house)
    assert told.comparison.state is JobState.SUCCEEDED
    assert [len(cell.pictures) for cell in told.cells] == [1, 0, 1]
    assert "one of the settings" in sentences.of(told.cells[1].generation.error)
    assert told.sheet is not None
    assert await spent(house) == told.comparison.cost == 3_000 + 55_000


async def test_where_nothing_came_out_there_is_no_sheet(house: House, far: Far) -> None:
    far.goes_wrong(CREATE, status=402, times=99)
    told = await compared(house)
    assert (told.comparison.state, told.sheet, await spent(house)) == (JobState.FAILED, None, 0)
    assert "no credit" in sentences.of(told.comparison.error)


@pytest.mark.parametrize("hanging", [1, 3])
async def test_a_process_killed_amid_the_pictures_pays_each_once(house: House, far: Far, hanging: int) -> None:
    far.goes_wrong(CREATE, hang=True, after_effect=True, times=hanging)
    await begun(house)
    await until(lambda: far.paid() == 3)
    await house.killed()
    told = await ended(house)
    assert [len(cell.pictures) for cell in told.cells] == [1, 1, 1]
    assert far.paid() == 3
    assert house.announcer.looks == [False]  # it ended in this process, so no other can have told


async def test_a_process_killed_while_it_tells_tells_once_more_and_looks_first(house: House) -> None:
    house.announcer.trouble.append(OSError("the message may be there"))
    told = await compared(house)
    assert told.comparison.state is JobState.SUCCEEDED
    assert house.announcer.looks == [False, True]


async def test_who_cancels_is_told_and_pays_for_what_ran(house: House, far: Far) -> None:
    far.world.habits.stuck = "starting"
    await begun(house)
    await until(lambda: far.paid() == 3)
    await house.studio.jobs.cancel(ANNA, "b1")
    told = await ended(house)
    assert told.comparison.state is JobState.CANCELED
    assert (told.sheet, await spent(house)) == (None, 0)


async def test_a_flow_that_breaks_says_so_and_settles(house: House, far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(house.services.keeper, "draw", broken)
    told = await compared(house)
    assert told.comparison.state is JobState.FAILED
    assert "Something went wrong on our side" in sentences.of(told.comparison.error)
    assert await spent(house) == told.comparison.cost == 83_000
    assert far.paid() == 3
