"""Discord is away when the bot starts: what passes is waited for, and nothing that Replicate made is lost meanwhile."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from sandbox.discord import Fault
from sandbox.visitor import Visitor, check_pictures
from tests.faults.trial import HURRIED, Trial, only, open_trial

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PASSING = (
    Fault("GET /users/@me", 2, status=503),
    Fault("GET /users/@me", status=429, retry_after=0.1),  # in Discord's name
    Fault("GET /users/@me", status=429, retry_after=1, cloudflare=True),
    Fault("GET /oauth2/applications/@me", status=503),
    Fault("GET /applications/*/commands", status=503),  # which keeps nothing waiting
    Fault("GET /gateway/bot", status=503),
    Fault("CONNECT /gateway", status=500, retry_after=0),
    Fault("CONNECT /gateway", status=503, retry_after=0),
    Fault("CONNECT /gateway", lost=True),
    Fault("CONNECT /gateway", code=4000),
    Fault("IDENTIFY /gateway", 2, code=4000),
)
WAITS = 2 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 2


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Trial]:
    async with open_trial(tmp_path_factory.mktemp("connecting"), command=HURRIED) as opened:
        yield opened


async def test_a_wrong_token_ends_the_start_and_a_bad_day_of_discords_only_delays_it(trial: Trial, member: Visitor):
    discord = trial.world.discord
    await trial.bot.stop()
    discord.faults.append(Fault("GET /users/@me", status=401))
    await trial.bot.launch()
    assert await trial.bot.wait() == 1
    (line,) = [line for line in trial.log().splitlines() if " CRITICAL " in line]
    assert "Reset it in the developer portal" in line
    left = discord.starts.left
    discord.faults.extend(PASSING)
    await trial.bot.start()
    assert [fault.match for fault in discord.faults] == []
    check_pictures(await member.imagines("a patient boat"), 1)
    waits = [line for line in trial.log().splitlines() if "not connected to Discord (" in line]
    assert len(waits) == WAITS, waits
    assert left - discord.starts.left == 3  # those that were closed count, too
    assert trial.log().count("the commands are not registered yet: Discord answered 503") == 1


async def test_what_replicate_made_is_kept_while_discord_is_away(trial: Trial, member: Visitor):
    discord, broken = trial.world.discord, trial.world.internet.broken
    with trial.slowly(0.5):
        answer = await member.person.slash(member.channel, "imagine", prompt="an unheard boat")
        status = await member.settled(answer, "/imagine")
        await trial.until(lambda: trial.ordered("an unheard boat"), "Replicate is at work")
        await trial.bot.kill()
    broken |= dict.fromkeys(("discord.com", "gateway.discord.gg"), "refuse")
    await trial.bot.launch()
    await trial.until(lambda: [job for job in trial.jobs() if job["state"] == "succeeded"], "the picture is kept")
    assert not status.pictures
    assert await trial.bot.stop() == 0  # while it waits
    tried = trial.log().count("(the proxy answered 502)")
    await trial.bot.launch()
    await trial.until(lambda: trial.log().count("(the proxy answered 502)") > tried, "it has tried")
    before = discord.gateway.identified
    del broken["discord.com"]
    picture = await member.sees("the picture", lambda m: "an unheard boat" in m.text and m.pictures)
    check_pictures(picture, 1)
    assert discord.gateway.identified == before  # the gateway is still away
    del broken["gateway.discord.gg"]
    await member.until(lambda: discord.gateway.connected, "the gateway again")
    check_pictures(await member.imagines("a boat that is heard of"), 1)
    only(member, "an unheard boat")
