"""The follower: every run's end is told, within Replicate's limit, however Replicate behaves."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest

from bot.errors import RemoteError, RemoteRefused, RemoteThrottled, RemoteUnclear
from bot.flows import following as module
from bot.flows.following import Follower
from bot.replicate_api import Replicate, Run, RunKind, RunState
from tests.bot.conftest import Far, until

OVER = RunState.SUCCEEDED


@dataclass
class Scripted:
    """A Replicate whose answers are written down beforehand; when they are used up, runs go on for ever."""

    answers: list[RunState | RemoteError] = field(default_factory=list[RunState | RemoteError])
    ends_when_told: bool = True
    looks: list[float] = field(default_factory=list[float])
    cancelled: list[str] = field(default_factory=list[str])

    async def get(self, kind: RunKind, run_id: str) -> Run:
        self.looks.append(asyncio.get_running_loop().time())
        answer = self.answers.pop(0) if self.answers else RunState.PROCESSING
        if self.cancelled and self.ends_when_told:
            answer = RunState.CANCELED
        if isinstance(answer, RemoteError):
            raise answer
        return Run(id=run_id, state=answer, input={})

    async def cancel(self, kind: RunKind, run_id: str) -> None:
        self.cancelled.append(run_id)


def follower_of(remote: Scripted) -> Follower:
    return Follower(cast(Replicate, remote))


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_LOOKS", 0.001)
    monkeypatch.setattr(module, "SLOWEST", {"predictions": 0.002, "trainings": 0.002})
    monkeypatch.setattr(module, "REQUESTS_PER_SECOND", 5_000.0)


async def test_a_run_is_followed_to_its_end_and_every_change_is_told() -> None:
    states = [RunState.STARTING, RunState.PROCESSING, RunState.PROCESSING, OVER]
    seen: list[RunState] = []

    async def note(run: Run) -> None:
        seen.append(run.state)

    run = await follower_of(Scripted([*states])).follow("trainings", "r1", within=60, on_change=note)
    assert run.state is OVER
    assert seen == states[:-1]


@pytest.mark.parametrize(
    "trouble",
    [
        RemoteUnclear("no answer"),
        RemoteThrottled("later", 0.001),
        RemoteRefused(500, "?"),
        RemoteRefused(404, "eventually consistent"),
        RemoteRefused(401, "a key that was renewed meanwhile"),
    ],
    ids=repr,
)
async def test_trouble_on_the_way_is_only_delay(trouble: RemoteError) -> None:
    remote = Scripted([trouble, RunState.PROCESSING, trouble, trouble, OVER])
    assert (await follower_of(remote).follow("predictions", "r1", within=60)).state is OVER


async def test_a_run_that_nobody_knows_is_given_up() -> None:
    remote = Scripted([RemoteRefused(404, "not found")] * 99)
    run = await follower_of(remote).follow("predictions", "r1", within=60)
    assert (run.state, run.error) == (RunState.FAILED, "Given up: Replicate does not know it")
    assert len(remote.looks) == module.MISSING_LOOKS


async def test_a_run_that_takes_too_long_is_cancelled() -> None:
    remote = Scripted()
    run = await follower_of(remote).follow("predictions", "r1", within=0.01)
    assert run.state is RunState.CANCELED
    assert remote.cancelled[0] == "r1"


async def test_a_run_that_does_not_end_when_told_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANCEL_GRACE", 0.01)
    remote = Scripted(ends_when_told=False)
    run = await follower_of(remote).follow("predictions", "r1", within=0.01)
    assert run.state is RunState.FAILED
    assert run.error.startswith("Given up: it did not end")


async def test_a_run_that_its_owner_cancels_does_not_wait_for_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANCEL_GRACE", 0.01)
    run = await follower_of(Scripted(ends_when_told=False)).follow("trainings", "r1", within=14_400, cancel=True)
    assert (run.state, run.given_up) == (RunState.FAILED, True)


async def test_a_cancel_that_fails_is_asked_for_again() -> None:
    class Deaf(Scripted):
        async def cancel(self, kind: RunKind, run_id: str) -> None:
            if len(self.looks) < 3:
                raise RemoteUnclear("no answer")
            await super().cancel(kind, run_id)

    run = await follower_of(Deaf()).follow("predictions", "r1", within=60, cancel=True)
    assert run.state is RunState.CANCELED


async def test_who_cancels_is_heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOWEST", {"predictions": 3600.0})
    monkeypatch.setattr(module, "GROWTH", 1e6)
    remote = Scripted()
    follower = follower_of(remote)
    following = asyncio.create_task(follower.follow("predictions", "r1", within=9999))
    await _looked(remote, 2)
    follower.cancel("r1")
    assert (await following).state is RunState.CANCELED


async def test_who_wakes_it_has_it_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOWEST", {"predictions": 3600.0})
    monkeypatch.setattr(module, "GROWTH", 1e6)
    remote = Scripted()
    follower = follower_of(remote)
    following = asyncio.create_task(follower.follow("predictions", "r1", within=9999))
    await _looked(remote, 2)
    remote.answers.append(OVER)
    follower.wake("r1")
    assert (await following).state is OVER


async def _looked(remote: Scripted, times: int) -> None:
    await until(lambda: len(remote.looks) >= times)


def test_runs_of_others_are_none_of_its_business() -> None:
    follower = follower_of(Scripted())
    follower.wake("unknown")
    follower.cancel("unknown")


async def test_many_runs_together_keep_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REQUESTS_PER_SECOND", 500.0)
    remote = Scripted()
    follower = follower_of(remote)
    following = [asyncio.create_task(follower.follow("predictions", f"r{n}", within=60)) for n in range(50)]
    await _looked(remote, 100)
    for n in range(50):
        follower.cancel(f"r{n}")
    runs = await asyncio.gather(*following)
    assert {run.state for run in runs} == {RunState.CANCELED}
    first, last = remote.looks[0], remote.looks[-1]
    assert (len(remote.looks) - 1) / 500 <= last - first + 0.01


async def test_a_real_picture_is_followed_until_it_is_there(remote: Replicate, far: Far) -> None:
    wish = {"prompt": "a quiet sea", "seed": 7}
    begun = await remote.create_prediction("black-forest-labs/flux-schnell", wish, hold=1, cancel_after=900)
    run = await Follower(remote).follow("predictions", begun.id, within=60)
    assert run.outputs
    far.world.habits.stuck = "processing"
    begun = await remote.create_prediction("black-forest-labs/flux-schnell", wish, hold=1, cancel_after=900)
    assert (await Follower(remote).follow("predictions", begun.id, within=60, cancel=True)).state is RunState.CANCELED
