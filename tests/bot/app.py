"""Atelier without Discord: the real store, engine, flows and use cases, and somebody who notes what is announced."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bot.app import wire
from bot.domain.entities import Enrichment, FineTune, Job, JobState, Progress, Training
from bot.flows.announcing import Delivery
from bot.flows.engine import Engine, Flow
from bot.flows.registry import KINDS, flows
from bot.flows.services import Services
from bot.replicate_api import Replicate
from bot.settings import Settings
from bot.store import Store
from bot.studio import Studio
from bot.views.outcomes import Compared, Enriched, Outcome, Painted, Trained
from tests.shared import FOREVER

USUAL = {
    "DISCORD_TOKEN": "unused",
    "REPLICATE_API_TOKEN": "unused",
    "HF_TOKEN": "hf_marked_secret",
    "ATELIER_SUBMIT_GRACE": "0.15",
    "ATELIER_ENRICH_MODEL": "meta/meta-llama-3-8b-instruct",
    "ATELIER_MEMBER_BUDGET": "9999999",
    "ATELIER_GUILD_BUDGET": "9999999",
}


@dataclass
class Noted:
    """An announcer that notes everything and posts nothing."""

    trouble: list[Exception] = field(default_factory=list[Exception])
    """What the next announcements of an end fail with."""
    painted: list[Painted] = field(default_factory=list[Painted])
    trained: list[Trained] = field(default_factory=list[Trained])
    compared: list[Compared] = field(default_factory=list[Compared])
    enriched: list[Enrichment] = field(default_factory=list[Enrichment])
    others: list[Outcome] = field(default_factory=list[Outcome])
    statuses: list[tuple[str, Progress | None]] = field(default_factory=list[tuple[str, Progress | None]])
    looks: list[bool] = field(default_factory=list[bool])
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def training_status(self, training: Training, progress: Progress | None, *, look_first: bool) -> int | None:
        self.statuses.append((training.id, progress))
        return 555

    async def over(self, outcome: Outcome, *, look_first: bool) -> Delivery:
        await self._note(look_first)
        match outcome:
            case Trained():
                self.trained.append(outcome)
            case Painted():
                self.painted.append(outcome)
            case Compared():
                self.compared.append(outcome)
            case Enriched():
                self.enriched.append(outcome.enrichment)
                return Delivery("message")
            case _:
                self.others.append(outcome)
        return Delivery("message", 777)

    async def _note(self, look_first: bool) -> None:
        self.looks.append(look_first)
        if self.trouble:
            raise self.trouble.pop(0)


@dataclass
class App:
    """One process's worth of Atelier, or several, one after the other, on the same data."""

    settings: Settings
    store: Store
    remote: Replicate
    session: aiohttp.ClientSession
    announcer: Noted = field(default_factory=Noted)
    services: Services = field(init=False)
    studio: Studio = field(init=False)
    flows: Mapping[str, Flow] = field(init=False)

    async def open(self) -> None:
        """Start a process."""
        self.services = wire(self.settings, self.store, self.remote, self.session)
        self.studio = Studio(self.services)
        self.flows = flows(self.services, self.announcer)
        await self.engine.launch(self.flows)

    @property
    def engine(self) -> Engine:
        return self.services.engine

    @property
    def data(self) -> Path:
        return self.settings.data_dir

    async def killed(self) -> None:
        """End the process in the middle of whatever it does, and start the next."""
        await self.engine.close()
        await self.open()

    async def told(self, job_id: str) -> None:
        """Wait until the end of a job has been told, and noted as told."""
        await self.becomes(job_id, lambda job: bool(job.delivered))

    async def runs(self, job_id: str) -> None:
        """Wait until Replicate has a job."""
        await self.becomes(job_id, lambda job: job.state is JobState.RUNNING)

    async def becomes(self, job_id: str, wanted: Callable[[Job], bool]) -> None:
        """Wait until a job is as wanted."""

        async def met() -> bool:
            found = [await self.store.jobs(kind.entity).find(job_id) for kind in KINDS]
            job = next((job for job in found if job), None)
            return job is not None and wanted(job)

        await eventually(met)

    async def forgets(self, fine_tune: FineTune) -> None:
        """Wait until nothing is left of a fine-tune."""

        async def met() -> bool:
            return await self.store.fine_tunes.by_id(fine_tune.id) is None

        await eventually(met)


async def eventually(met: Callable[[], Awaitable[bool]]) -> None:
    """Let everything else go on until what the database says is as wanted."""
    async with asyncio.timeout(FOREVER):
        while not await met():  # noqa: ASYNC110 - what is waited for is a row
            await asyncio.sleep(0.002)


@asynccontextmanager
async def opened(
    data: Path, store: Store, remote: Replicate, session: aiohttp.ClientSession, **env: str
) -> AsyncIterator[App]:
    """Open the bot, with some variables of the operator's, and close it."""
    app = App(settings_of(data, **env), store, remote, session)
    await app.open()
    try:
        yield app
    finally:
        await app.engine.close()


def settings_of(data: Path, **env: str) -> Settings:
    """Read the settings of an operator who spares no money."""
    return Settings.from_env(USUAL | {"ATELIER_DATA_DIR": str(data)} | env)


def just_now() -> float:
    return time.time()
