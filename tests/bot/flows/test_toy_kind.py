"""A kind of job that the bot does not know, added by what is here and one row of the registry."""

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import sqlite_utils

from bot.domain import outcomes, sentences
from bot.domain.entities import Job, JobState
from bot.domain.money import PriceList
from bot.flows.engine import retrying
from bot.flows.kind import Kind
from bot.flows.reconciling import Reconciler
from bot.flows.registry import KINDS
from bot.replicate_api import Replicate, Run, RunState
from bot.store import Store
from bot.store.migrations.first_release import JOB
from cogs.layouts.jobs import listing
from cogs.layouts.results import shown
from tests.bot.app import App, opened
from tests.bot.conftest import Far, until
from tests.bot.things import ANNA, BEN, accept_one
from tests.cogs.seen import buttons, check, text

CREATE = "POST /v1/models/*/predictions"
MODEL = "meta/meta-llama-3-8b-instruct"
DEADLINE = 120  # seconds
COST = 700  # micro-dollars, less than its estimate, so that the two cannot be mistaken for each other
BEGAN = 3.0  # dates of its own are of no interest


# The kind: its entity, how it is done and how it is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Motto(Job):
    """A motto for a team, which a language model writes."""

    table = "mottos"
    team: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Coined:
    """A motto that is over."""

    job: Motto

    @property
    def is_whole(self) -> bool:
        """Tell whether there is a motto."""
        return bool(self.job.answer)


class MottoKind(Kind[Motto]):
    """Asks a language model once."""

    name = "motto"
    entity = Motto

    @staticmethod
    async def outcome(store: Store, data: Path, job: Motto) -> Coined:
        return Coined(job)

    @staticmethod
    def is_of(job: Motto, run: Run) -> bool:
        return run.input.get("prompt") == _asked(job)["prompt"]

    @staticmethod
    def cost(_: PriceList, job: Motto, run: Run) -> int:
        return COST

    async def work(self, job_id: str) -> None:
        await retrying(self._attempt, job_id)

    async def _attempt(self, job_id: str) -> None:
        job = await self.jobs.get(job_id)
        if job.state.is_over or await self.submit(job, lambda: self._ask(job)) is None:
            return
        job = await self.jobs.get(job_id)
        run = await self.follow(job, DEADLINE)
        cost = self.charge(job, run)
        if run.state is RunState.SUCCEEDED:
            await self.jobs.update(job_id, answer="".join(run.outputs))
            await self.end(job, JobState.SUCCEEDED, cost)
        elif run.state is RunState.FAILED:
            await self.end(job, JobState.FAILED, cost, outcomes.WORDLESS)
        else:
            await self.end_canceled(job, cost)

    async def _ask(self, job: Motto) -> Run:
        return await self.services.remote.create_prediction(MODEL, _asked(job), hold=1, cancel_after=DEADLINE)


def _asked(job: Motto) -> dict[str, object]:
    return {"prompt": f"A motto for <prompt>{job.team}</prompt> ({job.id})"}


# What the bot makes of it


@pytest.fixture
async def app(tmp_path: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession) -> AsyncIterator[App]:
    """The bot with one row more in its registry, and one table more in its file, as a migration would make it."""
    with closing(sqlite_utils.Database(tmp_path / "atelier.db")) as db:
        columns = {**JOB, "watch_until": float, "team": str, "answer": str}
        db.table("mottos").create(columns, pk="id", strict=True)
    KINDS.append(MottoKind)
    try:
        async with opened(tmp_path, store, remote, session) as it:
            yield it
    finally:
        KINDS.remove(MottoKind)


async def begun(app: App) -> None:
    """Accept a motto of Anna's, with its money, and begin it."""
    job = Motto(
        id="m1",
        guild_id=ANNA.guild_id,
        owner_id=ANNA.user_id,
        channel_id=ANNA.channel_id,
        estimate=1_000,
        created_at=app.services.now() - BEGAN,
        team="MOPS",
    )
    await accept_one(app.store, job)
    app.engine.start(MottoKind.name, job.id)


async def told(app: App) -> Motto:
    """Wait for its end, of which people are told once."""
    await app.told("m1")
    [outcome] = app.announcer.others
    assert isinstance(outcome, Coined)
    return outcome.job


async def spent(app: App) -> int:
    return (await app.studio.spending.allowance(ANNA)).member_spent


async def listed(app: App) -> str:
    """Read what /jobs shows of it to its owner."""
    return text(check(listing(await app.studio.jobs.running(ANNA), app.services.now())))


async def test_it_runs_is_charged_and_told_once(app: App, far: Far) -> None:
    await begun(app)
    assert await spent(app) == 1_000  # set aside
    job = await told(app)
    assert job.state is JobState.SUCCEEDED
    assert job.answer
    assert (far.paid(), job.cost, await spent(app)) == (1, COST, COST)
    kept = await app.store.jobs(Motto).get("m1")
    assert (kept.delivered, kept.message_id) == ("message", 777)


async def test_jobs_lists_it_to_its_owner_alone_and_shows_its_end_again(app: App, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await begun(app)
    await app.runs("m1")
    running = await listed(app)
    assert "Your jobs: 1 running" in running
    assert "Motto" in running
    assert await app.studio.jobs.running(BEN) == []
    await app.studio.jobs.cancel(ANNA, "m1")
    await told(app)
    assert "cancelled" in await listed(app)
    again = shown(await app.studio.jobs.outcome(ANNA, "m1"))
    assert "Your motto was cancelled." in text(check(again))


async def test_a_layout_of_its_own_is_not_needed(app: App) -> None:
    await begun(app)
    await told(app)
    post = check(listing(await app.studio.jobs.running(ANNA), app.services.now()))
    assert buttons(post) == {"Show": "show:m1", "see it": ""} or buttons(post) == {"Show": "show:m1"}
    assert "Your motto is done." in text(check(shown(await app.studio.jobs.outcome(ANNA, "m1"))))


async def test_who_cancels_it_is_told_so_and_pays_what_ran(app: App, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await begun(app)
    await app.runs("m1")
    await app.studio.jobs.cancel(ANNA, "m1")
    job = await told(app)
    assert job.state is JobState.CANCELED
    assert sentences.of(job.error) == "Cancelled. What had run until then is charged; nothing else."
    assert await spent(app) == job.cost == COST


async def test_a_run_that_fails_says_why(app: App, far: Far) -> None:
    far.world.habits.fail_with = "E9828"
    await begun(app)
    job = await told(app)
    assert (job.state, job.error) == (JobState.FAILED, outcomes.WORDLESS)
    assert await spent(app) == job.cost


async def test_a_refusal_costs_nothing(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, status=402, body={"detail": "Because of this."}, times=9)
    await begun(app)
    job = await told(app)
    assert "no credit left" in sentences.of(job.error)
    assert (far.paid(), await spent(app)) == (0, 0)


async def test_a_flow_that_breaks_ends_its_run_and_gives_its_owner_an_id(
    app: App, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.world.habits.stuck = "processing"

    async def broken(*_: object) -> Run:
        raise LookupError("of our own making")

    monkeypatch.setattr(MottoKind, "follow", broken)
    await begun(app)
    job = await told(app)
    assert job.state is JobState.FAILED
    assert "Something went wrong on our side" in sentences.of(job.error)
    assert [run.status for run in far.world.state.jobs.values()] == ["canceled"]
    assert await spent(app) == job.cost == COST


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_process_killed_while_it_asks_pays_once(app: App, far: Far, took_effect: bool) -> None:
    hang = far.goes_wrong(CREATE, hang=True, after_effect=took_effect)
    await begun(app)
    await until(lambda: hang.met == 1)
    if took_effect:
        await until(lambda: far.paid() == 1)
    await app.killed()
    job = await told(app)
    assert job.state is JobState.SUCCEEDED
    assert (far.paid(), await spent(app)) == (1, COST)


async def test_a_process_killed_while_it_runs_leaves_it_to_the_next(app: App, far: Far) -> None:
    far.world.habits.stuck = "processing"
    await begun(app)
    await app.runs("m1")
    await app.killed()
    assert app.announcer.others == []
    await app.studio.jobs.cancel(ANNA, "m1")
    assert (await told(app)).state is JobState.CANCELED
    assert far.paid() == 1


async def test_a_run_of_it_that_comes_late_is_ended_and_booked(app: App, far: Far) -> None:
    far.goes_wrong(CREATE, status=500, times=99)
    await begun(app)
    job = await told(app)
    assert "will not risk paying twice" in sentences.of(job.error)
    assert await spent(app) == 1_000  # the estimate, as it may have run
    far.world.faults.clear()
    far.world.habits.stuck = "processing"
    await app.remote.create_prediction(MODEL, _asked(job), hold=1, cancel_after=DEADLINE)
    await Reconciler(app.services).look()
    assert [run.status for run in far.world.state.jobs.values()] == ["canceled"]
    assert await spent(app) == COST
