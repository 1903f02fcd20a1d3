"""The composition root: builds the house from its settings, opens it, and closes it in order."""

import asyncio
import logging
import random
import secrets
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import discord

from bot.client import AtelierClient
from bot.dataset.limits import Limits
from bot.dataset.workshop import Workshop
from bot.downloads import Downloads
from bot.errors import AtelierError
from bot.flows.engine import Engine, Flow
from bot.flows.forget import ForgetFlow
from bot.flows.generate import GenerateFlow
from bot.flows.keeping import Keeper
from bot.flows.submitting import Submitter
from bot.flows.tools import Tools
from bot.flows.train import HuggingFace, TrainFlow
from bot.follow import Follower
from bot.lock import sole_owner
from bot.pictures import shrink
from bot.replicate_api import Replicate
from bot.settings import Settings
from bot.store import Budgets, Store
from bot.store.database import copy
from bot.studio import Context, Studio

logger = logging.getLogger(__name__)

DATABASES = ("atelier.db", "jobs.db")
COGS = ("cogs.announcer", "cogs.train", "cogs.imagine", "cogs.models", "cogs.jobs", "cogs.help")


async def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; returns the exit status."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with sole_owner(settings.data_dir):
        async with house(settings) as client:
            stop_on_signals(client)
            return await stay(client, settings.discord_token)


async def stay(client: AtelierClient, token: str) -> int:
    """Stay connected; what Discord will never accept ends in one clear line."""
    try:
        await client.start(token)
    except discord.LoginFailure:
        logger.critical("Discord does not accept DISCORD_TOKEN. Reset it in the developer portal and put it into .env.")
        return 1
    except discord.ConnectionClosed as error:
        logger.critical("Discord closed the connection for good (code %s). Run `python -m bot doctor`.", error.code)
        return 1
    return 0


def stop_on_signals(client: AtelierClient) -> None:
    """Close in good order when the system or Ctrl-C asks for it."""
    loop = asyncio.get_running_loop()
    closing: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform != "win32":
            loop.add_signal_handler(number, lambda: closing.add(loop.create_task(client.close(), name="closing")))


async def sync(settings: Settings) -> int:
    """Register the commands where they changed, without running anything else; returns the exit status."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with house(settings, working=False) as client:
        await client.login(settings.discord_token)
    return 0


def backup(settings: Settings, folder: Path) -> int:
    """Copy everything the bot keeps into a new folder, while it may be running; returns the exit status."""
    if folder.exists():
        raise AtelierError(f"{folder} exists already. Name a folder that does not.")
    folder.mkdir(parents=True)
    for name in DATABASES:
        if (settings.data_dir / name).exists():
            copy(settings.data_dir / name, folder / name)
    for name in ("pictures", "datasets"):
        if (settings.data_dir / name).exists():
            shutil.copytree(settings.data_dir / name, folder / name)
    logger.info("everything is in %s; to restore it, stop the bot and put its contents into the data directory", folder)
    return 0


@asynccontextmanager
async def house(settings: Settings, *, working: bool = True) -> AsyncGenerator[AtelierClient]:
    """Open everything the bot works with, in the order in which one thing needs another; jobs run if it is working."""
    boot = secrets.token_hex(8)
    remote = Replicate(settings.replicate_api_token, base_url=settings.replicate_base_url, proxy=settings.proxy)
    async with (
        Store(settings.data_dir / DATABASES[0]) as store,
        aiohttp.ClientSession(proxy=settings.proxy) as session,
    ):
        follower = Follower(remote)
        downloads = Downloads(session)
        tools = Tools(
            store=store,
            remote=remote,
            follower=follower,
            submitter=Submitter(remote, boot=boot, grace=settings.submit_grace),
            keeper=Keeper(downloads, settings.data_dir),
            data=settings.data_dir,
            boot=boot,
        )
        engine = Engine(settings.data_dir / DATABASES[1])
        context = Context(
            store=store,
            remote=remote,
            engine=engine,
            follower=follower,
            downloads=downloads,
            workshop=Workshop(Limits(min_side=settings.min_side)),
            budgets=Budgets(member=settings.member_budget, guild=settings.guild_budget),
            trainer=settings.trainer,
            data=settings.data_dir,
        )

        async def on_setup() -> None:
            if not working:
                return
            engine.launch(build_flows(settings, tools, client))
            await resume(store, engine)

        async def on_close() -> None:
            engine.close()

        client = AtelierClient(
            studio=Studio(context, dice=random.SystemRandom(), progress=tools.progress.copy),
            extensions=COGS,
            data_dir=settings.data_dir,
            shrink=shrink,
            guild_id=settings.guild_id,
            proxy=settings.proxy,
            on_setup=on_setup,
            on_close=on_close,
        )
        try:
            async with client:
                yield client
        finally:
            await remote.close()


def build_flows(settings: Settings, tools: Tools, client: AtelierClient) -> Mapping[str, Flow]:
    """Give every flow what it works with."""
    painter = GenerateFlow(tools, client.announcer)
    hugging_face = None
    if settings.hf_token and settings.hf_namespace:
        hugging_face = HuggingFace(settings.hf_namespace, settings.hf_token)
    return {
        "generate": painter,
        "train": TrainFlow(tools, client.announcer, painter, settings.trainer, hugging_face),
        "forget": ForgetFlow(tools),
    }


async def resume(store: Store, engine: Engine) -> None:
    """Start the flows of jobs that were accepted or not yet told when the last process ended."""
    for training in await store.trainings.unfinished():
        await engine.start("train", training.id)
    for generation in await store.generations.unfinished():
        if generation.training_id is None:  # samples are painted by their training's flow
            await engine.start("generate", generation.id)
    for fine_tune_id in await store.fine_tunes.hidden():
        await engine.start("forget", str(fine_tune_id))
