"""The flow of a generation: submit, follow, keep the pictures, settle the money, tell."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from bot.domain import catalog, outcomes
from bot.domain.entities import Generation, JobState, Recipe
from bot.errors import RemoteRefused, RemoteThrottled
from bot.flows import costs
from bot.flows.announcing import Announcer
from bot.flows.engine import Step
from bot.flows.gathering import painted
from bot.flows.services import Services, note_end
from bot.flows.submitting import Order
from bot.replicate_api import Run, RunState
from bot.store.jobs import Jobs

logger = logging.getLogger(__name__)

HOLD = 5  # seconds that Replicate may keep the answer to a creation back, so that a quick picture comes with it
DEADLINE = 900  # seconds from submitting to the end, a cold start included
AT_ONCE = 4  # pictures of one sheet that are painted at the same time


class GenerateFlow:
    """Brings generations to their end."""

    def __init__(self, services: Services, announcer: Announcer) -> None:
        self._services = services
        self._announcer = announcer
        self._held: dict[str, Run] = {}
        """Answers that came with everything, until they are collected."""
        self._told: set[str] = set()

    async def run(self, step: Step, job_id: str) -> None:
        """Paint, and tell: one step, of which the job's own row says how far it is, so that the engine need not."""
        await step("generate", self._generate, job_id, recorded=False)

    async def _generate(self, job_id: str) -> None:
        await self._paint(job_id)
        await self._announce(job_id)

    async def _paint(self, job_id: str) -> None:
        job = await self._jobs.read(job_id)
        if job.state.is_over or (job.recipe.sources and not (job := await self._upload(job))):
            return
        if await self._submit(job):
            await self._collect(job_id)

    async def paint_all(self, job_ids: Sequence[str]) -> None:
        """Paint several at a time without telling: one step, safe to be run again as each of them knows how far it is.

        All are brought as far as they go before the first error is raised.
        """
        free = asyncio.Semaphore(AT_ONCE)

        async def paint(job_id: str) -> None:
            async with free:
                await self._paint(job_id)

        for outcome in await asyncio.gather(*map(paint, job_ids), return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def fail(self, job_id: str, error_id: str) -> None:
        """End a generation whose flow broke, and tell."""
        await self.end_broken(job_id, outcomes.BROKEN.format(id=error_id))
        await self._announce(job_id)

    async def end_broken(self, job_id: str, why: str | None = None) -> None:
        """End a generation whose flow broke, and its run; one that is over stays as it is."""
        job = await self._jobs.read(job_id)
        if not job.state.is_over:
            charged = await self._services.charge_broken("predictions", self._jobs, job, self._measure(job))
            await self._conclude(job_id, JobState.FAILED, charged, why)

    async def _upload(self, job: Generation) -> Generation | None:
        """Have the pictures that it begins with at Replicate; None when that cannot be, and the job is over then."""
        try:
            for field, paths in job.recipe.sources.items():
                if field not in job.uploads:
                    files = [self._services.data / path for path in paths]
                    addresses = [await self._services.remote.upload(file, file.name) for file in files]
                    job = await self._jobs.update(job.id, uploads={**job.uploads, field: addresses})
        except RemoteThrottled:
            raise  # the step comes again later
        except RemoteRefused as error:
            await self._conclude(job.id, JobState.FAILED, 0, outcomes.refusal(error.status, error.detail))
            return None
        except FileNotFoundError:
            await self._conclude(job.id, JobState.FAILED, 0, outcomes.SOURCE_GONE)
            return None
        return job

    async def _submit(self, job: Generation) -> bool:
        """Have it at Replicate; tells whether it is there."""
        recipe = job.recipe
        order = Order(
            kind="predictions",
            jobs=self._jobs,
            job_id=job.id,
            send=lambda: self._services.remote.create_prediction(
                recipe.remote, catalog.model_input(recipe, job.uploads), hold=HOLD, cancel_after=DEADLINE
            ),
            recognise=lambda run: is_of(job, run),
            measure=self._measure(job),
        )
        run = await self._services.submit(order)
        if run is None:
            return False
        if self._is_complete(recipe, run):
            run = replace(run, state=RunState.SUCCEEDED)  # as it will say a moment later
        if run.state.is_over:
            self._held[job.id] = run
        return True

    async def _collect(self, job_id: str) -> None:
        """Wait for the end, keep what came, and settle."""
        job = await self._jobs.read(job_id)
        if job.state.is_over:
            return
        run = self._held.pop(job_id, None) or await self._services.follower.follow(
            "predictions", job.remote_id or "", within=DEADLINE, cancel=job.cancel_requested
        )
        if run.state is RunState.SUCCEEDED:
            await self._succeed(job, run)
        else:
            await self._end_without(job, run)

    async def _succeed(self, job: Generation, run: Run) -> None:
        pictures = await self._services.keeper.keep(job.id, run.outputs[: job.recipe.count])
        cost = costs.charge(job, run, self._measure(job))
        if not pictures:
            await self._conclude(job.id, JobState.FAILED, cost, outcomes.LOST)
            return
        held = job.recipe.count - costs.made(job, run)
        note = f"{job.note} {outcomes.held_back(held)}".strip() if held > 0 else job.note
        at = self._services.now()
        note_end(await self._services.store.complete(job.id, pictures, cost, at, note), at)

    async def _end_without(self, job: Generation, run: Run) -> None:
        charged = costs.charge(job, run, self._measure(job))
        if run.state is RunState.FAILED:
            await self._conclude(job.id, JobState.FAILED, charged, outcomes.picture_failure(run.error))
        else:
            wanted = (await self._jobs.read(job.id)).cancel_requested
            await self._conclude(job.id, JobState.CANCELED, charged, outcomes.CANCELED if wanted else outcomes.ENDED)

    def _measure(self, job: Generation) -> Callable[[Run], int]:
        return partial(costs.of_generation, self._services.prices, job)

    async def _announce(self, job_id: str) -> None:
        job = await self._jobs.read(job_id)
        if job.delivered:
            return
        again = job.intent_boot != self._services.boot or job_id in self._told
        self._told.add(job_id)
        outcome = await painted(self._services.store, self._services.data, job)
        # What was taken from the folder by hand cannot be shown; all else is.
        outcome = replace(outcome, pictures=[(picture, path) for picture, path in outcome.pictures if path.exists()])
        delivery = await self._announcer.generation_over(outcome, look_first=again)
        await self._jobs.update(job_id, delivered=delivery.place, message_id=delivery.message_id)
        logger.info("job %s is delivered: %s", job_id, delivery.place)
        self._told.discard(job_id)

    def _is_complete(self, recipe: Recipe, run: Run) -> bool:
        """Tell whether there is nothing left to wait for: a held answer has the pictures before the run is over."""
        by_picture = not self._services.prices.of(recipe.model).per_second
        return not run.state.is_over and by_picture and len(run.outputs) >= recipe.count

    async def _conclude(self, job_id: str, state: JobState, cost: int, error: str | None) -> None:
        await self._services.conclude(self._jobs, job_id, state, cost, error)

    @property
    def _jobs(self) -> Jobs[Generation]:
        return self._services.store.generations


def is_of(job: Generation, run: Run) -> bool:
    """Recognise a job's run among all others: by its model, and its prompt and seed, or the pictures it begins with.

    On a sheet, runs differ in nothing but their LoRA scale.
    """
    recipe = job.recipe
    name, _, digest = recipe.remote.partition(":")
    if run.model not in (name, "") or (digest and run.version not in (digest, "")):
        return False
    sent = catalog.model_input(recipe, job.uploads)
    telling = [key for key in ("prompt", "seed", "lora_scale", *job.uploads) if key in sent]
    return bool(telling) and all(run.input.get(key) == sent[key] for key in telling)
