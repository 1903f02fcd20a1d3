"""Rows L1 to L8 of the fault matrix: the machine, its disk, its clock and its network have a bad day."""

import asyncio
import os
import re
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.domain import catalog
from bot.domain.entities import Generation, Recipe
from bot.domain.policy import Budgets
from bot.store import Store
from sandbox.bot_process import BotExitedError, BotProcess
from sandbox.discord import Exchange
from sandbox.replicate_world import Fault
from sandbox.visitor import Visitor, check_pictures, check_text
from sandbox.world import World
from tests.bot.things import accept_one
from tests.e2e.stage import FAST, PLENTY, zipped
from tests.faults.skewed import JUMP
from tests.faults.trial import BOT, TRAINED, Trial, only, open_trial, results
from tests.shared import FOREVER

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
CREATE = "POST */predictions"
DAY = 86_400.0
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets one process limit or look into another")


class WallClock:
    """What the bot takes for the time of day."""

    def __init__(self, file: Path) -> None:
        self.file, self._days = file, 0

    def jump(self, days: int) -> None:
        """Set it forward, or back."""
        self._days += days
        new = self.file.with_suffix(".new")
        new.write_text(str(self._days * DAY))
        new.replace(self.file)  # the bot reads it at any moment, and an empty file is no number

    def be_right(self) -> None:
        """Set it right."""
        self.jump(-self._days)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> WallClock:
    return WallClock(tmp_path_factory.mktemp("clock") / "jump")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trial(tmp_path_factory: pytest.TempPathFactory, clock: WallClock) -> AsyncGenerator[Trial]:
    directory, command = tmp_path_factory.mktemp("local"), ("-m", "tests.faults.skewed")
    async with open_trial(directory, command, environment={JUMP: str(clock.file)}) as opened:
        yield opened


@contextmanager
def full_disk(trial: Trial) -> Generator[None]:
    """Let no file of the bot grow: every write fails, its log's too."""
    assert trial.bot.pid is not None
    trial.breaks = True
    resource.prlimit(trial.bot.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(trial.bot.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@LINUX
async def test_l1_a_full_disk_is_told_and_takes_nothing(trial: Trial, member: Visitor):
    with full_disk(trial):
        refusals = [await member.hands_in(zipped(3), "full", "ZIKFULL"), await member.imagines("a boat on a full disk")]
    for refusal in refusals:
        assert refusal.ephemeral
        check_text(refusal, "Try again")
    assert not trial.created()
    check_pictures(await member.imagines("a boat with room"), 1)
    check_text(await member.hands_in(zipped(3), "full", "ZIKFULL"), "3 pictures to train on")


@LINUX
async def test_l1_a_disk_that_fills_meanwhile_delays_the_result(trial: Trial, member: Visitor):
    with trial.slowly(0.5):
        answer = await member.person.slash(member.channel, "imagine", prompt="a boat on a filling disk")
        await trial.until(trial.created, "Replicate is at work")
    with full_disk(trial):
        (made,) = trial.created()
        await trial.until(lambda: trial.world.replicate.state.jobs[made.id].done, "Replicate is ready")
        check_text(await member.imagines("a boat too many"), "Try again")
    check_pictures(await member.gets(answer), 1)
    only(member, "a boat on a filling disk")
    assert len(trial.created()) == 1


async def test_l2_a_second_process_refuses_to_start(trial: Trial, member: Visitor):
    second = BotProcess(trial.world.discord, trial.bot.directory, trial.bot.settings, command=BOT)
    with pytest.raises(BotExitedError, match="Another Atelier is running with"):
        await second.start()
    check_pictures(await member.imagines("a boat with one captain"), 1)


async def test_l2_a_locked_database_delays_what_runs(trial: Trial, member: Visitor):
    trial.breaks = True
    with trial.slowly(0.5):
        answer = await member.person.slash(member.channel, "imagine", prompt="a boat behind a lock")
        await trial.until(lambda: [job for job in trial.jobs() if job["intent_at"]], "Replicate is asked")
    with closing(sqlite3.connect(trial.bot.directory / "atelier.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        check_text(await member.imagines("a boat outside the lock"), "Try again")  # the bot has waited for the lock
        other.execute("ROLLBACK")
    check_pictures(await member.gets(answer), 1)
    only(member, "a boat behind a lock")
    assert len(trial.created()) == 1


async def test_l3_a_clock_that_jumps_by_days_ends_nothing(trial: Trial, member: Visitor, clock: WallClock):
    draft = await member.hands_in(zipped(3), "patient", "ZIKPATIENT")
    report = await member.hands_in(zipped(3), "timeless", "ZIKTIME")
    with trial.slowly(8.0):
        status = await member.starts(report)
        painting = await member.person.slash(member.channel, "imagine", prompt="a boat through time")
        await trial.at_work()
        for days in (-1, 2):
            clock.jump(days)
            check_pictures(await member.imagines(f"a boat after a jump of {days} days"), 1)
        check_text(await member.hands_in(zipped(2), "sweeper", "ZIKSWEEP"), "2 pictures to train on")
    check_pictures(await member.is_told(status), 1)
    check_pictures(await member.gets(painting), 1)
    await member.changes(draft, "Cancel", "The pictures are deleted")  # it had not expired
    clock.be_right()
    await trial.bot.restart()
    check_pictures(await member.imagines("a boat of today"), 1)
    only(member, "Your fine-tune is ready")
    assert len(trial.created()) == TRAINED + 4


async def test_l4_an_end_in_good_order_keeps_what_runs(trial: Trial, member: Visitor):
    trial.world.replicate.faults.append(Fault(match=CREATE, hang=True, after_effect=True))
    answer = await member.person.slash(member.channel, "imagine", prompt="a boat that is put down")
    await trial.until(trial.created, "Replicate is at work")
    assert await trial.bot.stop() == 0  # killed after ten seconds it would be -9
    await trial.bot.start()
    check_pictures(await member.gets(answer), 1)
    only(member, "a boat that is put down")
    assert len(trial.created()) == 1


async def is_killed_at(trial: Trial, method: str, path: str) -> None:
    """Kill the bot as soon as this request of its has taken effect at Discord, before it hears of it."""
    process = trial.bot.pid
    assert process is not None
    killed = asyncio.get_running_loop().create_future()

    def kill(exchange: Exchange) -> None:
        if exchange.method == method and re.search(path, exchange.path) and not killed.done():
            os.killpg(process, signal.SIGKILL)
            killed.set_result(None)

    trial.world.discord.rest.recorders.append(kill)
    await asyncio.wait_for(killed, FOREVER)
    trial.world.discord.rest.recorders.remove(kill)
    assert await trial.bot.wait() == -signal.SIGKILL
    await trial.bot.start()


@pytest.mark.parametrize("edit", ["status", "result"])
async def test_l5_a_kill_while_a_picture_is_told_leaves_one_result(trial: Trial, member: Visitor, edit: str):
    prompt = f"a boat killed at its {edit}"
    if edit == "result":
        with trial.slowly(0.5):
            await member.person.slash(member.channel, "imagine", prompt=prompt)
            await trial.until(trial.created, "Replicate is at work")
        await is_killed_at(trial, "PATCH", "/messages/")
    else:
        asking = asyncio.create_task(member.person.slash(member.channel, "imagine", prompt=prompt))
        await is_killed_at(trial, "PATCH", "/messages/")
        await asking
    check_pictures(await member.sees("the picture", lambda m: prompt in m.text and m.pictures), 1)
    await trial.settled()
    check_pictures(only(member, prompt), 1)
    assert len(trial.created()) == 1


@pytest.mark.parametrize("match", ["POST */trainings", CREATE])
async def test_l5_a_kill_before_replicates_answer_is_heard_pays_once(trial: Trial, member: Visitor, match: str):
    report = await member.hands_in(zipped(3), "killed", "ZIKKILL")
    fault = Fault(match=match, hang=True, after_effect=True)
    trial.world.replicate.faults.append(fault)
    status = await member.starts(report)
    await trial.until(lambda: fault.met, "the request has arrived")
    await trial.bot.kill()
    await trial.bot.start()
    check_pictures(await member.is_told(status), 1)
    await trial.settled()
    only(member, "Your fine-tune is ready")
    assert len(results(member, "### Training killed")) == 1
    assert len(trial.created()) == TRAINED


async def test_l5_a_kill_while_a_training_is_told_leaves_one_card(trial: Trial, member: Visitor):
    await member.starts(await member.hands_in(zipped(3), "told", "ZIKTOLD"))
    await is_killed_at(trial, "POST", f"/channels/{member.channel.id}/messages$")
    check_pictures(await member.sees("the card", lambda m: member.person.id in m.pinged), 1)
    await trial.settled()
    only(member, "Your fine-tune is ready")
    assert len(results(member, "### Training told")) == 1
    assert len(trial.created()) == TRAINED


def workers(trial: Trial) -> list[int]:
    """List the processes that vet uploads for the bot."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = entry.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            words = entry.joinpath("cmdline").read_text()
        except OSError:  # it has just ended
            continue
        if parent == str(trial.bot.pid) and "bot.dataset.worker" in words:
            found.append(int(entry.name))
    return found


@LINUX
async def test_l6_a_killed_worker_costs_one_upload(trial: Trial, member: Visitor):
    handing_in = asyncio.create_task(member.hands_in(zipped(12), "unlucky", "ZIKUNLUCKY"))
    await trial.until(lambda: workers(trial), "a worker is there")
    os.kill(workers(trial)[0], signal.SIGKILL)
    check_text(await handing_in, "could not be processed", "try again")
    check_text(await member.hands_in(zipped(12), "lucky", "ZIKLUCKY"), "12 pictures to train on")
    assert list(trial.bot.directory.joinpath("datasets").glob("*.part")) == []


@pytest.mark.parametrize("breakage", ["refuse", "reset", "tls"])
async def test_l7_a_network_that_fails_delays_and_no_more(trial: Trial, member: Visitor, breakage: Any):
    internet = trial.world.internet

    def cut(host: str) -> None:
        internet.broken[host] = breakage
        internet.hang_up(host)

    cut("api.replicate.com")
    answer = await member.person.slash(member.channel, "imagine", prompt="a boat in the fog")
    await trial.until(lambda: re.search("WARNING .* Replicate", trial.log()), "Replicate is missed")
    trial.mend()
    check_pictures(await member.gets(answer), 1)
    with trial.slowly(0.5):
        answer = await member.person.slash(member.channel, "imagine", prompt="a boat in the dark")
        await trial.until(lambda: len(trial.created()) == 2, "Replicate is at work")
    cut("discord.com")
    await trial.until(lambda: "Discord gave no answer" in trial.log(), "Discord is missed")
    trial.mend()
    check_pictures(await member.gets(answer), 1)
    await trial.settled()
    for boat in ("fog", "dark"):
        check_pictures(only(member, f"a boat in the {boat}"), 1)
    assert len(trial.created()) == 2


async def test_l7_a_gateway_that_breaks_off_is_found_again(trial: Trial, member: Visitor):
    gateway = trial.world.discord.gateway
    trial.world.internet.broken["gateway.discord.gg"] = "refuse"
    trial.world.internet.hang_up("gateway.discord.gg")
    await trial.until(lambda: "not connected to Discord (" in trial.log(), "the gateway is missed")
    trial.mend()
    await member.until(lambda: gateway.connected, "the gateway again")
    check_pictures(await member.imagines("a boat on the line"), 1)


async def test_l8_hundreds_of_open_jobs_are_resumed_without_a_stampede(tmp_path: Path):
    jobs, channels = 200, 40
    async with World(tmp_path, speed=FAST) as world:
        world.replicate.predictor.detail = "once"  # the bot is measured, not the painter
        places = [world.discord.channel(world.guild, f"crowd-{number}") for number in range(channels)]
        bot = world.bot(None, **(PLENTY | {"ATELIER_SUBMIT_GRACE": "1"}))
        bot.directory.mkdir()
        async with Store(bot.directory / "atelier.db") as store:
            for number in range(jobs):
                row = waiting(world, places[number % channels].id, number)
                await accept_one(store, row, Budgets(member=10**12, guild=10**12))
        seen: list[Exchange] = []
        world.discord.rest.recorders.append(seen.append)
        trial = Trial(world, bot)
        await bot.start()
        await trial.until(lambda: len(world.replicate.created) >= jobs // 3, "a third is under way")
        await bot.kill()
        await bot.start()
        untold = "SELECT id FROM generations WHERE delivered = ''"
        await trial.until(lambda: not trial.query(untold), "everybody is told")
        shown = [sum(bool(m.pictures) for m in world.bob.messages(place)) for place in places]
        assert shown == [jobs // channels] * channels
        assert len({made.input["seed"] for made in world.replicate.created}) == len(world.replicate.created) == jobs
        # A creation that is held back is answered, and noted, later than it came.
        moments = [made.at.timestamp() for made in world.replicate.created]
        moments += [one.at for one in world.replicate.exchanges if one.method == "GET"]
        # The bot sends 38 a second and 10 at once. A sandbox that is kept waiting for two seconds notes theirs with the
        # next; without the pace there are over 300.
        assert max(sum(start <= moment < start + 3 for moment in moments) for start in moments) <= 38 * (3 + 2) + 10
        assert not [one for one in world.replicate.exchanges if one.status == 429]
        # What is on its way when Discord's limit is reached is refused with it; a stampede would be refused for ever.
        assert sum(one.status == 429 for one in seen) < len(seen) / 3
        assert await bot.stop() == 0
        assert "Traceback" not in bot.log_file.read_text()


def waiting(world: World, channel_id: int, number: int) -> Generation:
    """Build a generation that was accepted before the bot ended."""
    model = catalog.SCHNELL
    settings = model.choose({})
    recipe = Recipe(prompt=f"boat {number}", model=model.key, remote=model.remote, seed=number, settings=settings)
    return Generation(
        id=f"crowd{number}",
        guild_id=world.guild.id,
        owner_id=world.bob.id,
        channel_id=channel_id,
        estimate=3_000,
        created_at=time.time(),
        recipe=recipe,
    )
