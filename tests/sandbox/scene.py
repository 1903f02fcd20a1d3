"""A Discord on a small internet, with a far bot in it; every exchange is held against Discord's contract."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox.bot_process import BotProcess
from sandbox.discord import Channel, Discord, Guild, Person
from sandbox.internet import Internet
from tests.contract.discord_schema import DiscordContract
from tests.shared import SHARED

FAR_BOT = Path(__file__).parent / "far_bot.py"
CONTRACT = SHARED / "contracts" / "discord-openapi.json"


@dataclass
class Scene:
    internet: Internet
    discord: Discord
    guild: Guild
    studio: Channel
    alice: Person
    bob: Person
    bot: BotProcess
    contract: DiscordContract | None


@cache
def contract() -> DiscordContract | None:
    return DiscordContract(CONTRACT) if CONTRACT.exists() else None


@asynccontextmanager
async def open_scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    internet, discord = Internet(tmp_path), Discord(tmp_path)
    guild = discord.guild("Team")
    studio = discord.channel(guild, "studio")
    alice, bob = discord.person("alice", guild, lead=True), discord.person("bob", guild)
    for host, app in discord.apps().items():
        internet.serve(host, app)
    judge = contract()
    if judge is not None:
        discord.rest.recorders.append(judge)
    await discord.start()
    await internet.start()
    bot = BotProcess(discord, tmp_path / "bot", internet.environment(), command=(str(FAR_BOT),))
    await bot.start()
    yield Scene(internet, discord, guild, studio, alice, bob, bot, judge)
    if bot.pid is not None:
        await bot.kill()
    await internet.stop()
    await discord.stop()
    assert not discord.rest.gaps, f"{discord.rest.gaps}\n{bot.log_tail()}"
    if judge is not None:
        problems, judge.problems = judge.problems, []
        assert not problems, "\n".join(sorted(set(problems)))
