"""The flow of an enrichment: ask a language model, hold its answer against the prompt, settle the money, tell."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bot.domain import outcomes
from bot.domain.entities import Enrichment, JobState
from bot.domain.prompting import enriching
from bot.errors import RemoteRefused, RemoteThrottled
from bot.flows import costs
from bot.flows.announcing import Announcer
from bot.flows.engine import Step
from bot.flows.services import Services
from bot.flows.submitting import Order
from bot.replicate_api import Run, RunState
from bot.store.jobs import Jobs

logger = logging.getLogger(__name__)

HOLD = 5  # seconds that Replicate may keep the answer to a creation back
DEADLINE = 120  # seconds from submitting to the end, a cold start included; nobody waits longer for a sentence


class EnrichFlow:
    """Brings enrichments to their end."""

    def __init__(self, services: Services, announcer: Announcer) -> None:
        self._services = services
        self._announcer = announcer

    async def run(self, step: Step, job_id: str) -> None:
        """Ask, read the answer, and tell."""
        fields = await step("look up", self._look_up, job_id)
        if await step("submit", self._submit, job_id, fields):
            await step("collect", self._collect, job_id, fields)
        await step("announce", self._announce, job_id)

    async def fail(self, job_id: str, error_id: str) -> None:
        """End an enrichment whose flow broke, and tell."""
        job = await self._jobs.read(job_id)
        if not job.state.is_over:
            charged = await self._services.charge_broken("predictions", self._jobs, job, self._measure(job))
            await self._conclude(job, charged, outcomes.BROKEN.format(id=error_id))
        await self._announce(job_id)

    async def _look_up(self, job_id: str) -> Mapping[str, Any]:
        """Ask what the language model takes; empty when that is nothing we could use, and the job is over then."""
        job = await self._jobs.read(job_id)
        if job.state.is_over:
            return {}
        try:
            fields = await self._services.remote.input_fields(job.model)
        except RemoteThrottled:
            raise  # the step comes again later
        except RemoteRefused as error:
            await self._conclude(job, 0, outcomes.refusal(error.status, error.detail))
            return {}
        wanted = {name: rules for name, rules in fields.items() if name in enriching.FIELDS}
        if "prompt" not in wanted:
            await self._conclude(job, 0, outcomes.NO_LANGUAGE_MODEL)
            return {}
        return wanted

    async def _submit(self, job_id: str, fields: Mapping[str, Any]) -> bool:
        """Have it at Replicate; tells whether it is there."""
        job = await self._jobs.read(job_id)
        if job.state.is_over:
            return False
        asked = enriching.model_input(job, fields)
        order = Order(
            kind="predictions",
            jobs=self._jobs,
            job_id=job_id,
            send=lambda: self._services.remote.create_prediction(job.model, asked, hold=HOLD, cancel_after=DEADLINE),
            recognise=lambda run: _is_of(job, asked, run),
            measure=self._measure(job),
        )
        return await self._services.submit(order) is not None

    async def _collect(self, job_id: str, fields: Mapping[str, Any]) -> None:
        """Wait for the answer, hold it against the prompt, and settle."""
        job = await self._jobs.read(job_id)
        if job.remote_id is None and await self._submit(job_id, fields):
            job = await self._jobs.read(job_id)  # an older version had given its run to another job as well
        if job.state.is_over:
            return
        run = await self._services.follower.follow("predictions", job.remote_id or "", within=DEADLINE)
        charged = costs.charge(job, run, self._measure(job))
        if run.state is not RunState.SUCCEEDED:
            await self._conclude(job, charged, outcomes.WORDLESS)
            return
        answer = enriching.read_answer("".join(run.outputs), job.prompt, job.trigger_words)
        if answer.fault:
            logger.info("job %s: the language model %s", job_id, answer.fault)
            await self._conclude(job, charged, f"The language model {answer.fault}, so its answer is not used.")
            return
        await self._jobs.update(job_id, answer=answer.prompt)
        await self._services.conclude(self._jobs, job_id, JobState.SUCCEEDED, charged)

    async def _announce(self, job_id: str) -> None:
        job = await self._jobs.read(job_id)
        if not job.delivered:
            delivery = await self._announcer.enrichment_over(job)
            await self._jobs.update(job_id, delivered=delivery.place)

    async def _conclude(self, job: Enrichment, charged: int, why: str) -> None:
        """End it without an answer; a preset stands in."""
        await self._services.conclude(self._jobs, job.id, JobState.FAILED, charged, why)

    def _measure(self, job: Enrichment) -> Callable[[Run], int]:
        return partial(costs.of_enrichment, self._services.prices, job)

    @property
    def _jobs(self) -> Jobs[Enrichment]:
        return self._services.store.enrichments


def is_of(job: Enrichment, run: Run) -> bool:
    """Recognise a job's run among all others, by the fields that the run itself says its model takes."""
    return _is_of(job, enriching.model_input(job, {name: {} for name in run.input}), run)


def _is_of(job: Enrichment, asked: Mapping[str, object], run: Run) -> bool:
    """Recognise a job's run among all others: by its model and prompt, and by its seed where the model takes one."""
    told = [name for name in ("prompt", "system_prompt", "seed") if name in asked]
    return bool(told) and run.model in (job.model, "") and all(run.input.get(name) == asked[name] for name in told)
