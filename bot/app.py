"""The composition root: builds the application from its settings, opens it, and closes it in order."""

import asyncio
import gc
import logging
import random
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp

from bot.dataset.limits import Limits
from bot.dataset.workshop import Workshop
from bot.discord_client.client import AtelierClient
from bot.domain import catalog
from bot.domain.policy import Budgets, Policy
from bot.files.data_folder import DATABASE
from bot.files.disk import Disk
from bot.files.pictures import shrink
from bot.flows.engine import Engine
from bot.flows.following import BURST, REQUESTS_PER_SECOND, Follower
from bot.flows.keeping import Keeper
from bot.flows.orphans import remove_orphan_pictures, remove_orphans
from bot.flows.reconciling import Reconciler
from bot.flows.registry import flows
from bot.flows.services import Services
from bot.flows.submitting import Submitter
from bot.flows.training import MOST_DATA
from bot.metrics import watch_loop
from bot.outside.downloads import Downloads
from bot.outside.hugging_face import Hub
from bot.replicate_api import Replicate
from bot.replicate_api.rate_limit import RateLimit
from bot.settings import Settings
from bot.store import Store
from bot.studio import Studio
from bot.vocabulary import Vocabulary
from bot.web import Web

logger = logging.getLogger(__name__)

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
    "cogs.fine_tunes",
    "cogs.votes",
    "cogs.jobs",
    "cogs.gallery",
    "cogs.team",
    "cogs.help",
)


@asynccontextmanager
async def application(settings: Settings, *, working: bool = True) -> AsyncGenerator[AtelierClient]:
    """Open everything the bot works with, in the order in which one thing needs another.

    With `working`, the jobs that were left go on as soon as the client is set up.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store(settings.data_dir / DATABASE))
        session = await stack.enter_async_context(aiohttp.ClientSession(proxy=settings.proxy))
        remote = Replicate(
            settings.replicate_api_token,
            base_url=settings.replicate_base_url,
            proxy=settings.proxy,
            webhook_url=settings.webhook_url,
            secrets=settings.secrets,
        )
        stack.push_async_callback(remote.close)
        services = wire(settings, store, remote, session)
        web = Web(remote, services.follower, lambda: client.is_connected)

        watches = [asyncio.create_task(watch_loop(), name="pulse")]

        async def on_setup() -> None:
            if not working:
                return
            await remove_orphans(store, settings.data_dir)
            await services.engine.launch(flows(services, client.shared.announcer))
            gc.freeze()  # else each full collection goes through all that was imported, and the loop stands for 70 ms
            watches.append(asyncio.create_task(keep_clean(studio, store, settings.data_dir), name="keep clean"))
            watches.append(asyncio.create_task(Reconciler(services).keep_looking(), name="late runs"))
            await web.start(settings.listen, settings.metrics_listen)

        async def on_close() -> None:
            for watch in watches:
                watch.cancel()
            await web.stop()
            await services.engine.close()

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


def wire(settings: Settings, store: Store, remote: Replicate, session: aiohttp.ClientSession) -> Services:
    """Put together what flows and use cases work with; nothing begins yet."""
    boot = secrets.token_hex(8)
    downloads = Downloads(session)
    rate_limit = RateLimit(REQUESTS_PER_SECOND, BURST)
    return Services(
        store=store,
        remote=remote,
        engine=Engine(),
        follower=Follower(remote, rate_limit),
        submitter=Submitter(remote, boot=boot, grace=settings.submit_grace, rate_limit=rate_limit),
        downloads=downloads,
        keeper=Keeper(downloads, settings.data_dir),
        hub=Hub(session, settings.hf_token or ""),
        workshop=Workshop(_limits(settings)),
        disk=Disk(settings.data_dir),
        vocabulary=Vocabulary(),
        data=settings.data_dir,
        prices=settings.prices,
        policy=Policy(Budgets(member=settings.member_budget, guild=settings.guild_budget)),
        trainer=settings.trainer,
        copies=settings.copies,
        enrich_model=settings.enrich_model or "",
        boot=boot,
        dice=random.SystemRandom(),
    )


def _limits(settings: Settings) -> Limits:
    """Say what an upload may have, and what is made of it: less where the photos go into the request itself."""
    limits = Limits(min_side=settings.min_side)
    if not catalog.find_trainer(settings.trainer).needs_zip_name:
        return limits
    return replace(limits, output_bytes=MOST_DATA)


async def keep_clean(studio: Studio, store: Store, data: Path) -> None:
    """Compare the kept pictures with their rows, once, then forget now and again what nobody decided upon."""
    try:
        await remove_orphan_pictures(store, data)
    except OSError:  # a disk that cannot be read does not stop what can be done without it
        logger.exception("the pictures could not be compared with their rows; the next start tries again")
    while True:
        try:
            await studio.drafts.sweep()
        except Exception:  # whatever stands in the way now may not do so at the next look
            logger.exception("old drafts could not be forgotten; the next try is in %.0f s", SWEEP)
        await asyncio.sleep(SWEEP)
