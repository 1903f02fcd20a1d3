"""Enrichments: a language model is asked, and its answer held against the prompt."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.domain import outcomes
from bot.domain.entities import Enrichment, JobState
from bot.domain.prompting import enriching
from bot.errors import RemoteRefused, RemoteThrottled
from bot.flows import costs
from bot.flows.engine import retrying
from bot.flows.kind import Kind
from bot.replicate_api import Run, RunState
from bot.store import Store
from bot.views.outcomes import Enriched

logger = logging.getLogger(__name__)

HOLD = 5  # seconds that Replicate may keep the answer to a creation back
DEADLINE = 120  # seconds from submitting to the end, a cold start included; nobody waits longer for a sentence


class EnrichmentKind(Kind[Enrichment]):
    """One prompt that is made prose."""

    name = "enrich"
    entity = Enrichment
    cost = staticmethod(costs.of_enrichment)
    is_listed = False

    @staticmethod
    async def outcome(store: Store, data: Path, job: Enrichment) -> Enriched:
        """Give the new prompt, which its row has."""
        return Enriched(enrichment=job)

    @staticmethod
    def is_of(job: Enrichment, run: Run) -> bool:
        """Recognise it by the fields that the run itself says its model takes."""
        return _is_of(job, enriching.model_input(job, {name: {} for name in run.input}), run)

    async def work(self, job_id: str) -> None:
        """Write: one step, as the job's own row says how far it is."""
        await retrying(self._attempt, job_id)

    async def _attempt(self, job_id: str) -> None:
        """Ask, and read the answer."""
        job = await self.jobs.get(job_id)
        if job.state.is_over or not (job.remote_id or await self._ask(job)):
            return
        await self._collect(await self.jobs.get(job_id))

    async def _ask(self, job: Enrichment) -> bool:
        """Have it at Replicate; tells whether it is there."""
        fields = await self._fields(job)
        if not fields:
            return False
        asked = enriching.model_input(job, fields)
        run = await self.submit(
            job,
            lambda: self.services.remote.create_prediction(job.model, asked, hold=HOLD, cancel_after=DEADLINE),
            lambda run: _is_of(job, asked, run) or self.is_of(job, run),  # its schema may have changed meanwhile
        )
        return run is not None

    async def _fields(self, job: Enrichment) -> Mapping[str, Any]:
        """Ask what the language model takes; empty when that is nothing we could use, and the job is over then."""
        try:
            fields = await self.services.remote.input_fields(job.model)
        except RemoteThrottled:
            raise  # the step comes again later
        except RemoteRefused as error:
            await self.end_broken(job.id, outcomes.refusal(error.status, error.detail))
            return {}
        wanted = {name: rules for name, rules in fields.items() if name in enriching.FIELDS}
        if "prompt" not in wanted:
            await self.end_broken(job.id, outcomes.NO_LANGUAGE_MODEL)
            return {}
        return wanted

    async def _collect(self, job: Enrichment) -> None:
        """Wait for the answer, hold it against the prompt, and settle; without an answer a preset stands in."""
        if job.state.is_over:
            return
        run = await self.follow(job, DEADLINE)
        charged = self.charge(job, run)
        if run.state is not RunState.SUCCEEDED:
            await self.end(job, JobState.FAILED, charged, outcomes.WORDLESS)
            return
        answer = enriching.read_answer("".join(run.outputs), job.prompt, job.trigger_words)
        if answer.fault:
            logger.info("job %s: the language model's answer is not used: %s", job.id, answer.fault.code)
            await self.end(job, JobState.FAILED, charged, answer.fault)
            return
        await self.jobs.update(job.id, answer=answer.prompt)
        await self.end(job, JobState.SUCCEEDED, charged)


def _is_of(job: Enrichment, asked: Mapping[str, object], run: Run) -> bool:
    """Recognise a job's run among all others: by its model and prompt, and by its seed where the model takes one."""
    told = [name for name in ("prompt", "system_prompt", "seed") if name in asked]
    return bool(told) and run.model in (job.model, "") and all(run.input.get(name) == asked[name] for name in told)
