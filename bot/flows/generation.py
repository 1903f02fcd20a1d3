"""Generations: pictures that begin with are uploaded, then one prediction, whose pictures are kept."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.domain import catalog, outcomes
from bot.domain.entities import Generation, JobState, Recipe
from bot.errors import RemoteRefused, RemoteThrottled
from bot.flows import costs, gathering
from bot.flows.engine import retrying
from bot.flows.kind import Kind
from bot.replicate_api import Run, RunState
from bot.store import Store
from bot.views.outcomes import Painted

HOLD = 5  # seconds that Replicate may keep the answer to a creation back, so that a quick picture comes with it
DEADLINE = 900  # seconds from submitting to the end, a cold start included


class GenerationKind(Kind[Generation]):
    """One request for pictures, of a member or of another job."""

    name = "generate"
    entity = Generation
    cost = staticmethod(costs.of_generation)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._held: dict[str, Run] = {}
        """Answers that came with everything, until they are collected."""

    @staticmethod
    async def outcome(store: Store, data: Path, job: Generation) -> Painted:
        """Gather its pictures."""
        return await gathering.painted(store, data, job)

    async def told(self, job: Generation) -> Painted:
        """Gather its pictures; what was taken from the folder by hand cannot be shown, all else is."""
        found = await self.outcome(self.services.store, self.services.data, job)
        return replace(found, pictures=[(picture, path) for picture, path in found.pictures if path.exists()])

    @staticmethod
    def is_of(job: Generation, run: Run) -> bool:
        """Recognise it by its model, and its prompt and seed, or the pictures it begins with.

        On a sheet, runs differ in nothing but their LoRA scale.
        """
        recipe = job.recipe
        name, _, digest = recipe.remote.partition(":")
        if run.model not in (name, "") or (digest and run.version not in (digest, "")):
            return False
        sent = catalog.model_input(recipe, job.uploads)
        telling = [key for key in ("prompt", "seed", "lora_scale", *job.uploads) if key in sent]
        return bool(telling) and all(run.input.get(key) == sent[key] for key in telling)

    @staticmethod
    def deleted(_: Generation) -> str:
        """Say that its pictures are gone."""
        return "These pictures are deleted. Press *Again* below their message, or run /imagine anew."

    async def work(self, job_id: str) -> None:
        """Paint: one step, as the job's own row says how far it is."""
        await retrying(self._attempt, job_id)

    async def _attempt(self, job_id: str) -> None:
        """Upload what it begins with, submit, and keep what comes."""
        job = await self.jobs.get(job_id)
        if job.state.is_over or (job.recipe.sources and not (job := await self._upload(job))):
            return
        if await self._submit(job):
            await self._collect(job_id)

    async def _upload(self, job: Generation) -> Generation | None:
        """Have the pictures that it begins with at Replicate; None when that cannot be, and the job is over then."""
        services = self.services
        try:
            for field, paths in job.recipe.sources.items():
                if field not in job.uploads:
                    files = [services.data / path for path in paths]
                    addresses = [await services.remote.upload(file, file.name) for file in files]
                    job = await self.jobs.update(job.id, uploads={**job.uploads, field: addresses})
        except RemoteThrottled:
            raise  # the step comes again later
        except RemoteRefused as error:
            await self.end(job, JobState.FAILED, 0, outcomes.refusal(error.status, error.detail))
            return None
        except FileNotFoundError:
            await self.end(job, JobState.FAILED, 0, outcomes.SOURCE_GONE)
            return None
        return job

    async def _submit(self, job: Generation) -> bool:
        """Have it at Replicate; tells whether it is there."""
        recipe = job.recipe
        run = await self.submit(
            job,
            lambda: self.services.remote.create_prediction(
                recipe.remote, catalog.model_input(recipe, job.uploads), hold=HOLD, cancel_after=DEADLINE
            ),
        )
        if run is None:
            return False
        if self._is_complete(recipe, run):
            run = replace(run, state=RunState.SUCCEEDED)  # as it will say a moment later
        if run.state.is_over:
            self._held[job.id] = run
        return True

    async def _collect(self, job_id: str) -> None:
        """Wait for the end, keep what came, and settle."""
        job = await self.jobs.get(job_id)
        if job.state.is_over:
            return
        run = self._held.pop(job_id, None) or await self.follow(job, DEADLINE)
        if run.state is RunState.SUCCEEDED:
            await self._succeed(job, run)
        elif run.state is RunState.FAILED:
            await self.end(job, JobState.FAILED, self.charge(job, run), outcomes.picture_failure(run.error))
        else:
            await self.end_canceled(job, self.charge(job, run))

    async def _succeed(self, job: Generation, run: Run) -> None:
        pictures = await self.services.keeper.keep(job.id, run.outputs[: job.recipe.count])
        cost = self.charge(job, run)
        if not pictures:
            await self.end(job, JobState.FAILED, cost, outcomes.LOST)
            return
        held = job.recipe.count - costs.made(job, run)
        note = (*job.note, outcomes.held_back(held)) if held > 0 else job.note
        at = self.services.now()
        self.note_end(await self.services.store.generations.succeed(job.id, pictures, cost, at, note), at)

    def _is_complete(self, recipe: Recipe, run: Run) -> bool:
        """Tell whether there is nothing left to wait for: a held answer has the pictures before the run is over."""
        by_picture = not self.services.prices.of(recipe.model).per_second
        return not run.state.is_over and by_picture and len(run.outputs) >= recipe.count
