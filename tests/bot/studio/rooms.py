"""The use cases on a real store; what they start is noted and not run."""

import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import aiohttp

from bot.app import wire
from bot.domain.entities import Actor, FineTune, JobState
from bot.domain.policy import Budgets, Policy
from bot.flows.engine import Engine
from bot.flows.services import Services
from bot.outside.downloads import Downloads
from bot.replicate_api import Replicate
from bot.store import Store
from bot.studio import Studio
from bot.studio.drafts import WAITS
from tests.bot.app import settings_of
from tests.bot.things import NOW, RICH, accept_training, dataset, fine_tune, keep_waiting, plan, training


@dataclass
class Started:
    """In the engine's place: notes which flows were to start."""

    flows: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def start(self, name: str, job_id: str) -> None:
        self.flows.append((name, job_id))


@dataclass
class Rooms:
    """A studio, what it has started, and ways to furnish it."""

    store: Store
    services: Services
    studio: Studio
    started: Started

    async def furnish(
        self, actor: Actor, name: str, *, trigger: str = "ZIKI", versions: int = 1, shared: bool = False
    ) -> FineTune:
        """Have a fine-tune with so many versions."""
        for number in range(1, max(versions, 1) + 1):
            job_id = f"{actor.guild_id}-{actor.user_id}-{name}-{number}"
            wish = training(job_id, actor, plan=plan(name=name, trigger_word=trigger))
            await keep_waiting(self.store, dataset(job_id, actor, plan=wish.plan))
            entry = fine_tune(actor, name, trigger_word=trigger, shared=shared, destination=f"atelier-demo/{name}")
            job, _ = await accept_training(self.store, wish, entry, RICH)
            await self.store.trainings.end(job_id, JobState.SUCCEEDED, 0, NOW)
            await self.store.trainings.update(job_id, delivered="message")
            if versions:
                remote = f"atelier-demo/{name}:{number:064x}"
                await self.store.fine_tunes.add_version(job, remote, NOW)
        return next(f for f in await self.store.fine_tunes.usable(actor) if f.name == name)

    async def a_day_later(self) -> None:
        """Have another process go on with what is there, a day later."""
        self.services.now = lambda: NOW + WAITS + 1
        self.studio.drafts._made.clear()
        await self.studio.drafts.sweep()


def rooms(
    store: Store, data: Path, remote: Replicate, downloads: object = None, budgets: Budgets = RICH, **more: Any
) -> Rooms:
    """Open a studio; the account that owns the models is known to it already."""
    started = Started()
    nobody = cast(aiohttp.ClientSession, None)
    services = replace(
        wire(settings_of(data, ATELIER_ENRICH_MODEL=""), store, remote, nobody),
        engine=cast(Engine, started),
        downloads=cast(Downloads, downloads),
        policy=Policy(budgets),
        dice=random.Random(1),
        now=lambda: NOW,
        owner="atelier-demo",
        **more,
    )
    return Rooms(store, services, Studio(services), started)
