"""The house without Discord: the real store, engine, flows and use cases, and somebody who notes what is announced."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dataset.workshop import Workshop
from bot.domain import catalog
from bot.domain.copies import Copy
from bot.domain.entities import Enrichment, FineTune, Job, JobState, Progress, Training
from bot.domain.money import PriceList
from bot.downloads import Downloads
from bot.flows.announcing import Compared, Delivery, Painted, Trained
from bot.flows.compare import CompareFlow
from bot.flows.engine import Engine, Flow
from bot.flows.enrich import EnrichFlow
from bot.flows.forget import ForgetFlow
from bot.flows.generate import GenerateFlow
from bot.flows.keeping import Keeper
from bot.flows.submitting import Submitter
from bot.flows.tools import Tools
from bot.flows.train import TrainFlow
from bot.follow import Follower
from bot.house import resume
from bot.hugging_face import Hub
from bot.replicate_api import Replicate
from bot.store import Store
from bot.studio import Context, Studio
from tests.bot.things import RICH
from tests.shared import FOREVER


@dataclass
class Noted:
    """An announcer that notes everything and posts nothing."""

    trouble: list[Exception] = field(default_factory=list[Exception])
    """What the next announcements of an end fail with."""
    painted: list[Painted] = field(default_factory=list[Painted])
    trained: list[Trained] = field(default_factory=list[Trained])
    compared: list[Compared] = field(default_factory=list[Compared])
    enriched: list[Enrichment] = field(default_factory=list[Enrichment])
    statuses: list[tuple[str, Progress | None]] = field(default_factory=list[tuple[str, Progress | None]])
    looks: list[bool] = field(default_factory=list[bool])
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def training_status(self, training: Training, progress: Progress | None, *, look_first: bool) -> int | None:
        self.statuses.append((training.id, progress))
        return 555

    async def training_over(self, outcome: Trained, *, look_first: bool) -> Delivery:
        await self._note(look_first)
        self.trained.append(outcome)
        return Delivery("message", 777)

    async def generation_over(self, outcome: Painted, *, look_first: bool) -> Delivery:
        await self._note(look_first)
        self.painted.append(outcome)
        return Delivery("message", 777)

    async def comparison_over(self, outcome: Compared, *, look_first: bool) -> Delivery:
        await self._note(look_first)
        self.compared.append(outcome)
        return Delivery("message", 777)

    async def enrichment_over(self, enrichment: Enrichment) -> Delivery:
        await self._note(False)
        self.enriched.append(enrichment)
        return Delivery("message")

    async def _note(self, look_first: bool) -> None:
        self.looks.append(look_first)
        if self.trouble:
            raise self.trouble.pop(0)


@dataclass
class House:
    """One process's worth of Atelier, or several, one after the other, on the same data."""

    data: Path
    store: Store
    remote: Replicate
    downloads: Downloads
    announcer: Noted = field(default_factory=Noted)
    trainer: str = catalog.TRAINER
    enrich_model: str = "meta/meta-llama-3-8b-instruct"
    copies: Sequence[Copy] = ()
    grace: float = 0.15
    boots: int = 0
    tools: Tools = field(init=False)
    engine: Engine = field(init=False)
    studio: Studio = field(init=False)

    async def open(self) -> None:
        """Start a process."""
        self.boots += 1
        boot = f"boot {self.boots}"
        self.tools = Tools(
            store=self.store,
            remote=self.remote,
            follower=Follower(self.remote),
            submitter=Submitter(self.remote, boot=boot, grace=self.grace),
            downloads=self.downloads,
            keeper=Keeper(self.downloads, self.data),
            data=self.data,
            prices=PriceList(),
            boot=boot,
            hub=Hub(self.downloads._session, "hf_marked_secret"),
        )
        self.engine = Engine(self.data / "jobs.db")
        context = Context(
            store=self.store,
            remote=self.remote,
            engine=self.engine,
            follower=self.tools.follower,
            downloads=self.downloads,
            workshop=Workshop(),
            budgets=RICH,
            prices=self.tools.prices,
            trainer=self.trainer,
            copies=self.copies,
            data=self.data,
            enrich_model=self.enrich_model,
        )
        self.studio = Studio(context, dice=random.Random(1), progress=self.tools.progress.copy)
        self.engine.launch(self.flows())
        await resume(self.store, self.engine)

    def flows(self) -> Mapping[str, Flow]:
        painter = GenerateFlow(self.tools, self.announcer)
        train = TrainFlow(self.tools, self.announcer, painter, self.trainer, self.copies)
        enrich = EnrichFlow(self.tools, self.announcer)
        compare = CompareFlow(self.tools, self.announcer, painter)
        return {
            "generate": painter,
            "train": train,
            "forget": ForgetFlow(self.tools),
            "enrich": enrich,
            "compare": compare,
        }

    async def killed(self) -> None:
        """End the process in the middle of whatever it does, and start the next."""
        await self.engine.close()
        # The engine took the loop's threads with it, which the sandbox shares with it here and nowhere else.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
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
            store = self.store
            found = [
                await jobs.get(job_id)
                for jobs in (store.generations, store.trainings, store.comparisons, store.enrichments)
            ]
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
    data: Path, store: Store, remote: Replicate, downloads: Downloads, **more: Any
) -> AsyncIterator[House]:
    """Open a house and close it."""
    house = House(data, store, remote, downloads, **more)
    await house.open()
    try:
        yield house
    finally:
        await house.engine.close()


def just_now() -> float:
    return time.time()
