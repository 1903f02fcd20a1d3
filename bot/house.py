"""The composition root: builds the house from its settings, opens it, and closes it in order."""

import asyncio
import gc
import logging
import math
import random
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from bot.client import AtelierClient
from bot.data_folder import DATABASES
from bot.dataset.limits import Limits
from bot.dataset.workshop import Workshop
from bot.disk import Disk
from bot.downloads import Downloads
from bot.flows.announcing import Announcer
from bot.flows.compare import CompareFlow
from bot.flows.engine import Engine, Flow
from bot.flows.enrich import EnrichFlow
from bot.flows.forget import ForgetFlow
from bot.flows.generate import GenerateFlow
from bot.flows.keeping import Keeper
from bot.flows.reconciling import Reconciler
from bot.flows.services import Services
from bot.flows.submitting import Submitter
from bot.flows.train import TrainFlow
from bot.follow import BURST, REQUESTS_PER_SECOND, Follower
from bot.hugging_face import Hub
from bot.metrics import watch_loop
from bot.pace import Pace
from bot.pictures import shrink
from bot.replicate_api import Replicate
from bot.settings import Settings
from bot.store import Budgets, Store
from bot.studio import Studio
from bot.tidy import tidy, tidy_pictures
from bot.vocabulary import Vocabulary
from bot.web import Web

logger = logging.getLogger(__name__)

CARRY_ON = 10.0  # seconds between two looks for jobs that nobody works on
SWEEP = 3600.0  # seconds between two looks for what nobody has decided upon within a day
COGS = (
    "cogs.announcer",
    "cogs.train",
    "cogs.imagine",
    "cogs.pictures",
    "cogs.afterwards",
    "cogs.menus",
    "cogs.batches",
    "cogs.compare",
    "cogs.enrich",
    "cogs.models",
    "cogs.votes",
    "cogs.jobs",
    "cogs.gallery",
    "cogs.help",
)


@asynccontextmanager
async def house(settings: Settings, *, working: bool = True) -> AsyncGenerator[AtelierClient]:
    """Open everything the bot works with, in the order in which one thing needs another.

    With `working`, the jobs that were left go on as soon as the client is set up.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(settings.data_dir / DATABASES[0]))
        session = await stack.enter_async_context(aiohttp.ClientSession(proxy=settings.proxy))
        remote = Replicate(
            settings.replicate_api_token,
            base_url=settings.replicate_base_url,
            proxy=settings.proxy,
            webhook_url=settings.webhook_url,
            secrets=settings.secrets,
        )
        stack.push_async_callback(remote.close)
        engine = Engine(settings.data_dir / DATABASES[1])
        services = wire(settings, store, remote, session, engine)
        web = Web(remote, services.follower, lambda: client.is_connected)

        watches = [asyncio.create_task(watch_loop(), name="pulse")]

        async def on_setup() -> None:
            if not working:
                return
            await tidy(store, settings.data_dir)
            engine.launch(build_flows(services, client.announcer))
            gc.freeze()  # else each full collection goes through all that was imported, and the loop stands for 70 ms
            watches.append(asyncio.create_task(carry_on(store, engine), name="carry on"))
            watches.append(asyncio.create_task(keep_tidy(studio, store, settings.data_dir), name="keep tidy"))
            watches.append(asyncio.create_task(Reconciler(services).keep_looking(), name="late runs"))
            await web.start(settings.listen, settings.metrics_listen)

        async def on_close() -> None:
            for watch in watches:
                watch.cancel()
            await web.stop()
            await engine.close()

        studio = Studio(services)
        client = AtelierClient(
            studio=studio,
            extensions=COGS,
            data_dir=settings.data_dir,
            shrink=shrink,
            guild_id=settings.guild_id,
            proxy=settings.proxy,
            on_setup=on_setup,
            on_close=on_close,
        )
        yield await stack.enter_async_context(client)


def wire(
    settings: Settings, store: Store, remote: Replicate, session: aiohttp.ClientSession, engine: Engine
) -> Services:
    """Put together what flows and use cases work with; nothing begins yet."""
    boot = secrets.token_hex(8)
    downloads = Downloads(session)
    pace = Pace(REQUESTS_PER_SECOND, BURST)
    return Services(
        store=store,
        remote=remote,
        engine=engine,
        follower=Follower(remote, pace),
        submitter=Submitter(remote, boot=boot, grace=settings.submit_grace, pace=pace),
        downloads=downloads,
        keeper=Keeper(downloads, settings.data_dir),
        hub=Hub(session, settings.hf_token or ""),
        workshop=Workshop(Limits(min_side=settings.min_side)),
        disk=Disk(settings.data_dir),
        vocabulary=Vocabulary(),
        data=settings.data_dir,
        prices=settings.prices,
        budgets=Budgets(member=settings.member_budget, guild=settings.guild_budget),
        trainer=settings.trainer,
        copies=settings.copies,
        enrich_model=settings.enrich_model or "",
        boot=boot,
        dice=random.SystemRandom(),
    )


def build_flows(services: Services, announcer: Announcer) -> Mapping[str, Flow]:
    """Give every flow what it works with."""
    painter = GenerateFlow(services, announcer)
    return {
        "generate": painter,
        "train": TrainFlow(services, announcer, painter),
        "compare": CompareFlow(services, announcer, painter),
        "enrich": EnrichFlow(services, announcer),
        "forget": ForgetFlow(services),
    }


async def resume(store: Store, engine: Engine, *, before: float = math.inf) -> None:
    """Start the flows of jobs that were accepted before a time, and whose end nobody was told, unless they run."""
    for training in await store.trainings.unfinished():
        if training.created_at < before:
            await engine.resume("train", training.id)
    for generation in await store.generations.unfinished():
        # What belongs to another job is painted by that job's flow.
        if generation.parent_id is None and generation.created_at < before:
            await engine.resume("generate", generation.id)
    for comparison in await store.comparisons.unfinished():
        if comparison.created_at < before:
            await engine.resume("compare", comparison.id)
    for enrichment in await store.enrichments.unfinished():
        if enrichment.created_at < before:
            await engine.resume("enrich", enrichment.id)
    for fine_tune_id in await store.fine_tunes.hidden():
        await engine.resume("forget", str(fine_tune_id))


async def carry_on(store: Store, engine: Engine) -> None:
    """Look, beside the first commands and then now and again, for jobs that nobody works on.

    Later there are some because a disk was full when their flow began or ended.
    """
    before = time.time()
    while True:
        try:
            await resume(store, engine, before=before)
        except Exception:  # whatever stands in the way now may not do so at the next look
            logger.exception("unfinished jobs could not be looked for; the next try is in %.0f s", CARRY_ON)
        await asyncio.sleep(CARRY_ON)
        before = time.time() - CARRY_ON


async def keep_tidy(studio: Studio, store: Store, data: Path) -> None:
    """Compare the kept pictures with their rows, once, then forget now and again what nobody decided upon."""
    try:
        await tidy_pictures(store, data)
    except OSError:  # a disk that cannot be read does not stop what can be done without it
        logger.exception("the pictures could not be compared with their rows; the next start tries again")
    while True:
        try:
            await studio.drafts.sweep()
        except Exception:  # whatever stands in the way now may not do so at the next look
            logger.exception("old drafts could not be forgotten; the next try is in %.0f s", SWEEP)
        await asyncio.sleep(SWEEP)
