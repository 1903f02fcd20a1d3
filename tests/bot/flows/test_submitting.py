"""The submit protocol: whatever happens on the way, a job is paid once, or not at all and said so."""

import asyncio
import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest

from bot import replicate_api
from bot.domain import catalog
from bot.domain.entities import Generation, Job, JobState
from bot.errors import RemoteRefused, RemoteUnclear
from bot.flows import submitting
from bot.flows.generation import GenerationKind
from bot.flows.submitting import GaveUp, Submission, Submitter
from bot.replicate_api import Replicate, Run
from bot.store import Store
from tests.bot.conftest import Far, until
from tests.bot.things import RICH, accept_one, generation, recipe
from tests.shared import FOREVER

CREATE = "POST /v1/models/*/predictions"
LIST = "GET /v1/predictions"
GRACE = 0.15
DAY, HOUR = 86_400.0, 3_600.0


class Blind(Submitter):
    """The negative control: it does not look before it sends again."""

    async def _look_up(self, submission: Submission, job: Job) -> Run | None:
        return None


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch, far: Far) -> None:
    monkeypatch.setattr(submitting, "AWAY", 0.01)
    far.world.habits.stuck = "starting"  # nobody waits for a picture here


class Desk:
    """One process's submitter, with the order of a generation."""

    def __init__(
        self,
        store: Store,
        remote: Replicate,
        *,
        boot: str = "first",
        kind: type[Submitter] = Submitter,
        grace: float = GRACE,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._remote = store, remote
        self.submitter = kind(remote, boot=boot, grace=grace, now=now)
        self.intents: list[float | None] = []
        """The intent in the job's row at the moment of every request."""
        self.hears = asyncio.Event()
        """Whether answers reach it; without that they wait on the way."""
        self.hears.set()

    async def submit(self, job_id: str = "g1") -> Run | None:
        job = await self._store.generations.get(job_id)

        async def send() -> Run:
            self.intents.append((await self._store.generations.get(job_id)).intent_at)
            wanted = catalog.model_input(job.recipe)
            run = await self._remote.create_prediction(job.recipe.remote, wanted, hold=1, cancel_after=900)
            await self.hears.wait()
            return run

        submission = Submission(
            "predictions", self._store.generations, job_id, send, lambda run: GenerationKind.is_of(job, run)
        )
        return await self.submitter.submit(submission)


@pytest.fixture
async def job(store: Store) -> Generation:
    return await accept_one(store, generation(created_at=time.time()), RICH)


@pytest.fixture
def desk(store: Store, remote: Replicate, job: Generation) -> Desk:
    return Desk(store, remote)


async def settled(store: Store, far: Far, job_id: str = "g1") -> None:
    """See that the job has the one run that was paid."""
    kept = await store.generations.get(job_id)
    assert [created.id for created in far.world.created] == [kept.remote_id]
    assert kept.state is JobState.RUNNING


async def test_on_a_good_day_the_intent_is_written_before_the_one_request(desk: Desk, store: Store, far: Far) -> None:
    run = await desk.submit()
    assert run is not None
    assert len(desk.intents) == 1
    assert desk.intents[0] is not None
    await settled(store, far)


async def test_asking_again_sends_nothing(desk: Desk, store: Store, remote: Replicate, far: Far) -> None:
    for other in (desk, desk, Desk(store, remote, boot="second")):
        await other.submit()
    await settled(store, far)


@pytest.mark.parametrize(
    "how",
    [
        {"lost": True, "after_effect": True},
        {"status": 500, "after_effect": True},
        {"status": 503, "after_effect": True},
        {"status": 408, "after_effect": True},
        {"status": 200, "after_effect": True, "body": "<html>proxy</html>"},
        {"lost": True},
        {"status": 500},
        {"status": 502},
    ],
    ids=str,
)
async def test_an_unclear_answer_is_paid_once(desk: Desk, store: Store, far: Far, how: dict[str, Any]) -> None:
    fault = far.goes_wrong(CREATE, **how)
    await desk.submit()
    await settled(store, far)
    assert fault.met == 1
    assert len(desk.intents) == (1 if "after_effect" in how else 2)
    assert len(set(desk.intents)) == 1


@dataclass
class Clock:
    """A clock that a test moves; a busy machine does not."""

    now: float = 0.0
    time: Callable[[], float] = time.time

    def monotonic(self) -> float:
        return self.now


class Ticking(Submitter):
    """By its clock, each look takes as long as the grace."""

    async def _find(self, submission: Submission, job: Job) -> Run | None:
        found = await super()._find(submission, job)
        cast(Clock, submitting.time).now += GRACE
        return found


class Slow(Submitter):
    """What it sees in the list is told to it when the grace is over."""

    async def _find(self, submission: Submission, job: Job) -> Run | None:
        found = await super()._find(submission, job)
        await asyncio.sleep(3 * GRACE)  # in which the run comes into the list
        cast(Clock, submitting.time).now += 10 * GRACE
        return found


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize(("kind", "listed", "late"), [(Ticking, 10 * GRACE, 8 * GRACE), (Slow, 0.0, 3 * GRACE)])
async def test_a_run_that_is_late_in_the_list_is_paid_once(
    store: Store,
    remote: Replicate,
    far: Far,
    monkeypatch: pytest.MonkeyPatch,
    *,
    kind: type[Submitter],
    listed: float,
    late: float,
) -> None:
    monkeypatch.setattr(submitting, "LISTED", listed)
    monkeypatch.setattr(submitting, "time", Clock())
    far.world.habits.list_delay = late
    far.goes_wrong(CREATE, status=500, after_effect=True)
    desk = Desk(store, remote, kind=kind)
    await desk.submit()
    await settled(store, far)
    assert len(desk.intents) == 1


async def test_negative_control_without_looking_it_is_paid_twice(
    store: Store, remote: Replicate, job: Generation, far: Far
) -> None:
    far.goes_wrong(CREATE, lost=True, after_effect=True)
    await Desk(store, remote, kind=Blind).submit()
    with pytest.raises(AssertionError):
        await settled(store, far)
    assert far.paid() == 2


async def test_a_request_that_times_out_is_found(
    desk: Desk, store: Store, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.replicate_api.ANSWER", -0.5)  # with the second that the answer is held: half a second
    far.goes_wrong(CREATE, hang=True, after_effect=True)
    await desk.submit()
    await settled(store, far)


@pytest.mark.usefixtures("job")
async def test_a_request_that_takes_effect_late_is_waited_for(store: Store, remote: Replicate, far: Far) -> None:
    late = far.goes_wrong(CREATE, hang=True)
    submit = asyncio.create_task(Desk(store, remote, grace=FOREVER).submit())
    await until(lambda: bool(late.met))
    far.internet.hang_up("api.replicate.com")
    await until(lambda: bool(far.asked("GET", "/v1/predictions")))
    row = recipe()
    other = Replicate("r8_of_the_same_account", proxy=far.proxy)
    await other.create_prediction(row.remote, catalog.model_input(row), hold=1, cancel_after=900)
    await other.close()
    await submit
    await settled(store, far)


async def test_a_host_that_is_away_is_tried_again_without_a_look(desk: Desk, store: Store, far: Far) -> None:
    far.internet.broken["api.replicate.com"] = "refuse"
    submit = asyncio.create_task(desk.submit())
    await until(lambda: len(desk.intents) >= 3)
    far.internet.broken.clear()
    await submit
    await settled(store, far)
    assert far.asked("GET", "/v1/predictions") == 0


@pytest.mark.parametrize("status", [401, 402, 403, 404, 422])
async def test_a_refusal_is_final_and_no_intent_is_left(desk: Desk, store: Store, far: Far, status: int) -> None:
    fault = far.goes_wrong(CREATE, status=status, body={"detail": "No."}, times=5)
    with pytest.raises(RemoteRefused, match="No"):
        await desk.submit()
    assert (fault.met, far.paid()) == (1, 0)
    assert (await store.generations.get("g1")).intent_at is None


async def test_a_throttled_request_is_sent_again_when_it_may(desk: Desk, store: Store, far: Far) -> None:
    fault = far.goes_wrong(CREATE, status=429, body={"detail": "Later."}, retry_after="0", times=2)
    await desk.submit()
    assert (fault.met, len(desk.intents)) == (2, 3)
    assert far.asked("GET", "/v1/predictions") == 0
    await settled(store, far)


async def test_who_cancels_while_it_is_throttled_pays_nothing(desk: Desk, store: Store, far: Far) -> None:
    far.goes_wrong(CREATE, status=429, retry_after="0", times=99)
    submit = asyncio.create_task(desk.submit())
    await until(lambda: bool(desk.intents))
    await store.generations.request_cancel("g1")
    assert await submit is None
    assert far.paid() == 0
    assert (await store.generations.get("g1")).intent_at is None


async def test_who_cancels_before_pays_nothing(desk: Desk, store: Store, far: Far) -> None:
    await store.generations.request_cancel("g1")
    assert await desk.submit() is None
    assert (far.paid(), desk.intents) == (0, [])


async def test_who_cancels_after_a_lost_answer_still_has_the_run(desk: Desk, store: Store, far: Far) -> None:
    lost = far.goes_wrong(CREATE, lost=True, after_effect=True)
    submit = asyncio.create_task(desk.submit())
    await until(lambda: bool(lost.met))
    await store.generations.request_cancel("g1")
    assert await submit is not None
    await settled(store, far)


async def test_replicate_away_for_too_long_is_said_and_costs_nothing(
    desk: Desk, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "PATIENCE", 0.0)
    far.goes_wrong(CREATE, status=429, retry_after="0", times=99)
    with pytest.raises(GaveUp) as gave_up:
        await desk.submit()
    assert not gave_up.value.may_have_run


async def test_after_three_unclear_answers_nothing_is_risked(desk: Desk, far: Far) -> None:
    fault = far.goes_wrong(CREATE, status=500, times=99)
    with pytest.raises(GaveUp) as gave_up:
        await desk.submit()
    assert gave_up.value.may_have_run
    assert fault.met == submitting.SENDS


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_process_killed_between_intent_and_answer(
    store: Store, remote: Replicate, desk: Desk, far: Far, took_effect: bool
) -> None:
    hang = far.goes_wrong(CREATE, hang=True, after_effect=took_effect)
    killed = asyncio.create_task(desk.submit())
    await until(lambda: bool(hang.met))
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert (await store.generations.get("g1")).remote_id is None

    after = Desk(store, remote, boot="second")
    await after.submit()
    await settled(store, far)
    assert len(after.intents) == (0 if took_effect else 1)


async def test_negative_control_a_blind_process_after_a_kill_pays_twice(
    store: Store, remote: Replicate, desk: Desk, far: Far
) -> None:
    hang = far.goes_wrong(CREATE, hang=True, after_effect=True)
    killed = asyncio.create_task(desk.submit())
    await until(lambda: bool(far.paid()))
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    await Desk(store, remote, boot="second", kind=Blind).submit()
    with pytest.raises(AssertionError):
        await settled(store, far)
    assert (hang.met, far.paid()) == (1, 2)


async def test_a_look_up_that_fails_sends_nothing_until_one_succeeds(desk: Desk, store: Store, far: Far) -> None:
    far.goes_wrong(CREATE, lost=True, after_effect=True)
    far.goes_wrong(LIST, status=500)
    far.goes_wrong(LIST, status=429, retry_after="0")
    for _ in range(2):
        with pytest.raises(RemoteUnclear):
            await desk.submit()
    await desk.submit()
    await settled(store, far)
    assert len(desk.intents) == 1


async def test_two_jobs_that_ask_for_the_very_same_get_a_run_each(desk: Desk, store: Store, far: Far) -> None:
    await accept_one(store, generation("g2", created_at=time.time()), RICH)
    far.goes_wrong(CREATE, lost=True, after_effect=True, times=2)
    await asyncio.gather(desk.submit("g1"), desk.submit("g2"))
    jobs = [await store.generations.get(job_id) for job_id in ("g1", "g2")]
    assert {job.remote_id for job in jobs} == {created.id for created in far.world.created}
    assert far.paid() == 2


async def test_of_two_that_ask_for_the_very_same_the_first_to_find_a_run_has_it(
    desk: Desk, store: Store, remote: Replicate, far: Far
) -> None:
    await accept_one(store, generation("g2", created_at=time.time()), RICH)
    desk.hears.clear()
    slow = asyncio.create_task(desk.submit("g1"))
    await until(lambda: far.paid() == 1)
    far.goes_wrong(CREATE, lost=True)
    await Desk(store, remote).submit("g2")
    desk.hears.set()
    await slow
    first, second = far.world.created
    assert (await store.generations.get("g2")).remote_id == first.id
    assert (await store.generations.get("g1")).remote_id == second.id
    assert far.paid() == 2


async def test_a_job_that_ends_while_it_is_asked_for_stays_ended(desk: Desk, store: Store, far: Far) -> None:
    desk.hears.clear()
    submit = asyncio.create_task(desk.submit())
    await until(lambda: far.paid() == 1)
    ended = await store.generations.end("g1", JobState.FAILED, 0, time.time())
    desk.hears.set()
    assert await submit is None
    kept = await store.generations.get("g1")
    assert (kept.state, kept.remote_id, kept.ended_at) == (JobState.FAILED, None, ended.ended_at)
    assert [late.run_id for late in await store.late_runs.unsettled()] == [far.world.created[0].id]


async def test_the_run_of_another_job_is_not_taken_for_ones_own(desk: Desk, store: Store, far: Far) -> None:
    await desk.submit()
    await accept_one(store, generation("g2", created_at=time.time()), RICH)
    far.goes_wrong(CREATE, lost=True)
    await desk.submit("g2")
    assert far.paid() == 2
    first, second = [await store.generations.get(job_id) for job_id in ("g1", "g2")]
    assert first.remote_id != second.remote_id


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 8},
        {"prompt": "a loud sea"},
        {"model": "dev"},
    ],
    ids=str,
)
async def test_a_run_of_other_making_is_not_recognised(
    desk: Desk, store: Store, remote: Replicate, far: Far, changes: dict[str, Any]
) -> None:
    row = recipe(**changes)
    await remote.create_prediction(row.remote, catalog.model_input(row), hold=1, cancel_after=900)
    far.goes_wrong(CREATE, lost=True)
    await desk.submit()
    assert far.paid() == 2
    assert (await store.generations.get("g1")).remote_id == far.world.created[-1].id


async def test_an_intent_older_than_an_hour_is_never_sent_again(store: Store, remote: Replicate, far: Far) -> None:
    old = generation(created_at=time.time() - 2 * HOUR, intent_at=time.time() - 2 * HOUR, intent_boot="long ago")
    await accept_one(store, old, RICH)
    with pytest.raises(GaveUp) as gave_up:
        await Desk(store, remote).submit()
    assert gave_up.value.may_have_run
    assert far.paid() == 0


@pytest.mark.parametrize("jump", [-DAY, DAY])
async def test_a_clock_that_jumps_while_it_waits_changes_nothing(
    store: Store, remote: Replicate, job: Generation, far: Far, jump: float
) -> None:
    jumps = iter([time.time()])
    desk = Desk(store, remote, now=lambda: next(jumps, time.time() + jump))
    far.goes_wrong(CREATE, status=500)
    await desk.submit()
    await settled(store, far)


@pytest.mark.parametrize("jump", [-DAY, DAY])
async def test_a_clock_that_jumped_before_a_restart_never_pays_twice(
    store: Store, remote: Replicate, desk: Desk, far: Far, jump: float
) -> None:
    far.goes_wrong(CREATE, hang=True, after_effect=True)
    killed = asyncio.create_task(desk.submit())
    await until(lambda: bool(far.paid()))
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    await Desk(store, remote, boot="second", now=lambda: time.time() + jump).submit()
    await settled(store, far)


async def test_a_run_far_down_the_list_is_found(desk: Desk, store: Store, remote: Replicate, far: Far) -> None:
    far.goes_wrong(CREATE, lost=True, after_effect=True)
    far.goes_wrong(LIST, status=500)
    with pytest.raises(RemoteUnclear):
        await desk.submit()
    rows = [recipe(seed=seed) for seed in range(100, 230)]
    await asyncio.gather(
        *(remote.create_prediction(r.remote, catalog.model_input(r), hold=1, cancel_after=900) for r in rows)
    )
    await desk.submit()
    assert (await store.generations.get("g1")).remote_id == far.world.created[0].id
    assert len(desk.intents) == 1


HOSTILE: dict[str, dict[str, Any]] = {
    "bomb": {"body": gzip.compress(bytes(40 << 20), 1), "encoding": "gzip"},
    "deep": {"body": b"[" * 200_000},
    "id": {"body": {"id": "../../v1/account?x=", "status": "succeeded"}},
    "large": {"body": b'{"id": "r", "output": "data:image/png;base64,' + b"A" * (50 << 20) + b'"}'},
    "drip": {"body": b" " * 10**6, "drip": 0.01},
}


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize("how", HOSTILE.values(), ids=HOSTILE)
async def test_an_answer_that_nobody_can_read_is_looked_up_and_nothing_is_paid_twice(
    store: Store, remote: Replicate, far: Far, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]
) -> None:
    if "drip" in how:
        monkeypatch.setattr(replicate_api, "ANSWER", 0.3)
    desk = Desk(store, remote, grace=30.0)
    far.goes_wrong(CREATE, status=201, after_effect=True, **how)
    run = await desk.submit()
    assert run is not None
    assert (run.id, far.paid(), len(desk.intents)) == (far.world.created[0].id, 1, 1)
    assert far.asked("GET", "/v1/account") == far.asked("POST", "/v1/account") == 0


async def test_a_run_that_cannot_be_named_is_not_paid_again(desk: Desk, far: Far) -> None:
    evil = {"id": "../../v1/account?x=", "status": "succeeded"}
    far.goes_wrong(CREATE, status=201, after_effect=True, body=evil)
    far.goes_wrong(LIST, status=200, body={"results": [evil]}, times=99)
    with pytest.raises(RemoteUnclear):
        await desk.submit()
    assert (far.paid(), len(desk.intents)) == (1, 1)
